"""Days as addresses and forms give them."""

from __future__ import annotations

from datetime import date

# an instant of these days is one in every zone of time, and so are those of the days beside them
FIRST, LAST = date(1900, 1, 1), date(2999, 12, 31)


def day_of(text: str) -> date | None:
    """Return the day of a text like 2026-10-15; None when it is none, or none that anything here is of."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if FIRST <= day <= LAST else None
