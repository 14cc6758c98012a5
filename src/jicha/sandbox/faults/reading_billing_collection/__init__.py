"""Faults of reading, billing and collection, RC001 to RC021."""

from jicha.sandbox.faults.reading_billing_collection import collected, estimates

__all__ = ["collected", "estimates"]
