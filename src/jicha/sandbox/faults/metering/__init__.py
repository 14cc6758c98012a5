"""Faults of metering, MT001 to MT023."""

from jicha.sandbox.faults.metering import assets, modes, ratios, verification
from jicha.sandbox.faults.metering.modes import settle_modes

__all__ = ["AFTERWARDS", "assets", "modes", "ratios", "verification"]

AFTERWARDS = [settle_modes]
