"""Faults of tariffs and charges, TC001 to TC025."""

from jicha.sandbox.faults.tariffs_and_charges import bills, classes

__all__ = ["bills", "classes"]
