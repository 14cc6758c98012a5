"""Faults of metering, MT001 to MT023."""

from jicha.sandbox.faults.metering import assets, events, modes, ratios, recovery, verification
from jicha.sandbox.faults.metering.modes import settle_modes

__all__ = ["AFTERWARDS", "assets", "events", "modes", "ratios", "recovery", "verification"]

AFTERWARDS = [settle_modes]
