"""Qualifications, trainings and tools of a unit: who may still check on site, and with what."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cache

from django.utils import timezone

from jicha_web import core
from jicha_web.history import record as history
from jicha_web.organisation.models import Organisation, Person, Qualification, Tool, Training
from jicha_web.organisation.rights import require


@cache
def kinds() -> dict[str, core.Text]:
    """Return the labels of certificates by code."""
    return {k: core.Text(v["zh"], v["en"]) for k, v in core.application_file("qualifications")["kinds"].items()}


def label_of(kind: str) -> core.Text:
    """Return the label of a certificate; what was entered elsewhere stands for itself."""
    return kinds().get(kind, core.Text(kind, kind))


@dataclass(frozen=True)
class Validity:
    """How long something holds: `code` is valid, soon, expired or unknown."""

    code: str
    days: int | None  # left; negative: past


def validity(until: date | None, today: date, *, calibration: bool = False) -> Validity:
    """Tell how long a certificate, or a tool's calibration, holds on."""
    if until is None:
        return Validity("unknown", None)
    days = (until - today).days
    warn = core.application_file("qualifications")["calibration_warn_days" if calibration else "warn_days"]
    return Validity("expired" if days < 0 else "soon" if days <= warn else "valid", days)


def warn_until(today: date) -> date:
    """Return the last day up to which a certificate counts as running out."""
    days: int = core.application_file("qualifications")["warn_days"]
    return today + timedelta(days=days)


def add_qualification(
    *, person: Person, kind: str, number: str, valid_from: date | None, valid_until: date | None,
    by: Person, at: datetime,
) -> Qualification:  # fmt: skip
    """Enter a certificate of a person."""
    require(by, "people_edit", timezone.localdate(at), person.organisation)
    made = Qualification(person=person, organisation=person.organisation, kind=kind, number=number,
                         valid_from=valid_from, valid_until=valid_until)  # fmt: skip
    history.create(made, verb="qualification_added", by=by, at=at)
    return made


def extend_qualification(*, qualification: Qualification, until: date, by: Person, at: datetime, note: str) -> None:
    """Set another last day: renewed, corrected or withdrawn; the note says which."""
    require(by, "people_edit", timezone.localdate(at), qualification.person.organisation)
    changes = {"valid_until": until}
    history.record(qualification, verb="qualification_changed", by=by, at=at, note=note, changes=changes)


def add_training(
    *, person: Person, topic: str, held_on: date, hours: Decimal, result: str, by: Person, at: datetime
) -> Training:
    """Enter a training that a person took part in."""
    require(by, "people_edit", timezone.localdate(at), person.organisation)
    made = Training(person=person, organisation=person.organisation, topic=topic, held_on=held_on, hours=hours,
                    result=result)  # fmt: skip
    history.create(made, verb="training_added", by=by, at=at)
    return made


def add_tool(
    *, organisation: Organisation, kind: str, number: str, calibrated_until: date | None, by: Person, at: datetime
) -> Tool:
    """Enter a tool of a unit."""
    require(by, "people_edit", timezone.localdate(at), organisation)
    made = Tool(organisation=organisation, kind=kind, number=number, calibrated_until=calibrated_until)
    history.create(made, verb="tool_added", by=by, at=at)
    return made


def change_tool(
    *, tool: Tool, state: str, holder: Person | None, calibrated_until: date | None, by: Person, at: datetime,
    note: str = "",
) -> None:  # fmt: skip
    """Lend a tool, take it back, send it to repair, enter its calibration, retire it."""
    require(by, "people_edit", timezone.localdate(at), tool.organisation)
    changes = {"state": state, "holder": holder if state == "lent" else None, "calibrated_until": calibrated_until}
    history.record(tool, verb="tool_changed", by=by, at=at, note=note, changes=changes)
