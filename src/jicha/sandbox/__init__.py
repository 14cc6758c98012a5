"""A believable city with planted faults; shares no code with rules and billing."""

from jicha.sandbox.city import CitySummary, build_city

__all__ = ["CitySummary", "build_city"]
