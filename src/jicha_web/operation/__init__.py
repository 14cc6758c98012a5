"""What runs the application: preparing its store, the worker, accounts of a demonstration."""
