"""Which tone a code is shown in: one place, so that the same state looks the same on every page."""

from __future__ import annotations

_TONES = {
    "bad": (
        "high failed refused disproved broken missing forged theft overdue problem lost rejects expired_on recurred "
        "true"
    ),
    "warn": (
        "medium asked submitted draft snoozed unjudged not_yet running screening importing loading "
        "rectifying approving awaiting_proof assessing returned breach metering_fault started lent repair "
        "not_possible unclear shadow seen"
    ),
    "good": (
        "confirmed closed cleared approved accepted proved done ready loaded settled ok intact active collected "
        "untrue taken"
    ),
    "info": "new proposed registered county_pending station_pending checking county_review city_review in_case open",
}
_BY_CODE = {code: tone for tone, codes in _TONES.items() for code in codes.split()}


def tone_of(code: str) -> str:
    """Return bad, warn, good, info or calm."""
    return _BY_CODE.get(code, "calm")
