"""What a case is and costs: outcome, calculations, documents, rectification, money."""
