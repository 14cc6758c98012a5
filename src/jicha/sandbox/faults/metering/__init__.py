"""Faults of metering, MT001 to MT023."""

from jicha.sandbox.faults.metering import assets, currents, events, modes, ratios, recovery, running, verification
from jicha.sandbox.faults.metering.modes import settle_modes

__all__ = ["AFTERWARDS", "assets", "currents", "events", "modes", "ratios", "recovery", "running", "verification"]

AFTERWARDS = [settle_modes]
