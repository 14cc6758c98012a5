"""Bills of the sandbox, made from its readings, files and prices by adding days."""

from jicha.sandbox.billing.issue import Bills, counted, issue, open_books

__all__ = ["Bills", "counted", "issue", "open_books"]
