"""What happened to every object, append-only and chained by hashes."""
