"""Faults of tariffs and charges, TC001 to TC025."""

from jicha.sandbox.faults.tariffs_and_charges import bills, classes, look_alikes

__all__ = ["AFTERWARDS", "bills", "classes", "look_alikes"]

AFTERWARDS = [look_alikes.summed_feeders]  # needs to know what else was planted
