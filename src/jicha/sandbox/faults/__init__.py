"""Planted faults and near misses, one module per specialty."""

from __future__ import annotations

from jicha.sandbox.district import District
from jicha.sandbox.faults.truth import Truth


def plant_faults(district: District) -> list[Truth]:
    """Plant every registered fault into a district and return what was planted."""
    return []
