"""Pages of findings, customers and rules."""
