"""Faults of the specialty customer files, CF001 to CF015."""

from jicha.sandbox.faults.customer_files import grid, identity, numbers, sources, status, supply, transformers
from jicha.sandbox.faults.customer_files.grid import whole_areas

__all__ = ["AFTERWARDS", "grid", "identity", "numbers", "sources", "status", "supply", "transformers"]

AFTERWARDS = [whole_areas]  # need to know what else was planted
