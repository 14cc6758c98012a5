"""From source files to validated tables: decode, recognise, parse, check, reconcile, merge."""
