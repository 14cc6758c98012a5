"""The picture of a piece of the grid, an area or a feeder, on the current data."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from jicha.customer import AreaView, Change, Changes, FeederView, Gap, GridView, Loss, UnknownGrid
from jicha.customer.grid import BASE_DAYS, DAYS_SHOWN, GAP_DAYS, RECENT_DAYS, grid_of_meter, grid_of_point
from jicha.language import Text
from jicha_web.core.customers import reader_of

__all__ = [
    "BASE_DAYS", "DAYS_SHOWN", "GAP_DAYS", "KINDS", "RECENT_DAYS", "AreaView", "Change", "Changes", "FeederView", "Gap",
    "GridView", "Loss", "UnknownGrid", "grid_of", "grid_view", "limits",
]  # fmt: skip

KINDS: Mapping[str, type[AreaView] | type[FeederView]] = {"area": AreaView, "feeder": FeederView}


def grid_view(
    data: Path, kind: str, number: str, *, as_of: date, orgs: Collection[str] | None
) -> AreaView | FeederView:
    """Return the view of an area or a feeder; UnknownGrid where it lies in none of `orgs`."""
    return KINDS[kind](reader_of(data), number, as_of, orgs)


def grid_of(data: Path, subject: str, number: str) -> tuple[str, str] | None:
    """Return (kind, id) of the area or feeder that a subject is or belongs to; None: it has no place in the grid."""
    if subject in KINDS:
        return subject, number
    if subject == "metering_point":
        return grid_of_point(reader_of(data), number)
    return grid_of_meter(reader_of(data), number) if subject == "meter" else None


def limits(evidence: Mapping[str, Any]) -> list[tuple[Text, float]]:
    """Return the limits [%] that a finding of loss was judged by, by the names its evidence gives them.

    A jump is judged by what was usual give or take some points, a monthly loss by an upper and a lower limit.
    """

    def number(name: str) -> Decimal | None:
        try:
            return None if evidence.get(name) is None else Decimal(str(evidence[name]))
        except InvalidOperation:
            return None

    base, points, high, low = map(number, ("base_pct", "limit_points", "high_limit", "low_limit"))
    if base is not None and points is not None:
        high, low = base + points, base - points
    texts = ((Text("上限", "Upper limit"), high), (Text("下限", "Lower limit"), low))
    return [(text, float(value)) for text, value in texts if value is not None]
