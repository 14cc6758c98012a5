"""DuckDB over one manifest: views, definitions, derived models, bound parameters."""
