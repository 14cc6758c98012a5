"""Suspected problems: list, detail, dismissal, white list; rules and their parameters."""
