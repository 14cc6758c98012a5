"""What the data say of the registers that an inspector reads on site."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.conf import settings

from jicha_web.cases.models import Case
from jicha_web.core import BadInput, MachineFailure, Text
from jicha_web.core.customers import customer_view, value_text

REGISTERS = (
    "total", "tip", "peak", "flat", "valley", "deep_valley", "reactive", "reactive_lead", "demand", "reverse_total",
)  # fmt: skip


@dataclass(frozen=True)
class LastReading:
    """The latest index of one register that the data hold up to a day."""

    meter_id: str
    register: str
    label: Text
    index_kwh: Decimal | None
    read_on: date | None
    multiplier: float | None


def label_of(register: str) -> Text:
    """Return the name of a register; what was typed stands for itself."""
    if register not in REGISTERS:
        return Text(register, register)
    return value_text("reading", "register", {"register": register})


def last_readings(case: Case, day: date) -> list[LastReading]:
    """Return the latest reading of each register of the customer of a case; empty without a customer or data."""
    if not case.customer_id:
        return []
    try:
        # the case is in sight, and with it what its customer's meters showed
        rows = customer_view(settings.DATA, case.customer_id, as_of=day, orgs=None).readings().tables["reading"]
    except (BadInput, MachineFailure, OSError):  # no data, or the customer is not in them: nothing to compare with
        return []
    latest: dict[tuple[str, str], Mapping[str, Any]] = {}
    for row in rows:
        key = (row["meter_id"] or row["point_id"], row["register"])
        if row["current_index"] is not None and (key not in latest or _when(row) > _when(latest[key])):
            latest[key] = row
    return [
        LastReading(meter, register, label_of(register), row["current_index"], _when(row), row["multiplier"])
        for (meter, register), row in sorted(latest.items(), key=lambda p: (p[0][0], _rank(p[0][1])))
    ]


def _when(row: Mapping[str, Any]) -> date:
    read_at: datetime | None = row["read_at"]
    period: date = row["period"]
    return read_at.date() if read_at is not None else period


def _rank(register: str) -> int:
    return REGISTERS.index(register) if register in REGISTERS else len(REGISTERS)
