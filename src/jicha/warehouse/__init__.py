"""The stored tables: Delta Lake tables under one manifest per data-set version."""
