"""When runs start by themselves."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from jicha_web import core
from jicha_web.core import rules
from jicha_web.core import screening as door
from jicha_web.history import record as history
from jicha_web.jobs.schedule import every
from jicha_web.organisation.models import Person
from jicha_web.organisation.rights import require
from jicha_web.runs.importing import newest_imported
from jicha_web.runs.models import Run, RunSchedule
from jicha_web.runs.screening import root, start_run

FIELDS = ("name", "kind", "at_time", "day", "rules", "organisation", "is_active")


def save_schedule(schedule: RunSchedule | None, *, values: Mapping[str, Any], by: Person, at: datetime) -> RunSchedule:
    """Make a schedule or change one. values: by FIELDS. BadInput says which value does not fit its kind."""
    require(by, "run_start", timezone.localdate(at), values.get("organisation") or root())
    if schedule is not None:
        require(by, "run_start", timezone.localdate(at), schedule.organisation or root())
    checked = {name: values.get(name) for name in FIELDS}
    kind, day = checked["kind"], checked["day"]
    if kind != "new_data" and checked["at_time"] is None:
        raise core.BadInput(zh="请填写开始时间。", en="give the time of day at which it starts")
    if (kind == "weekly" and day not in range(1, 8)) or (kind == "monthly" and day not in range(1, 29)):
        raise core.BadInput(
            zh="日期：每周为 1–7（周一为 1），每月为 1–28。", en="the day is 1–7 of a week (Monday 1), 1–28 of a month"
        )
    door.select_rules(rules.rule_book(settings.DATA).rules, list(checked["rules"] or ()))
    checked["rules"] = list(checked["rules"] or ())
    if schedule is None:
        made = RunSchedule(**checked, since=at, last_data_version=_screened_version())
        history.create(made, verb="scheduled", by=by, at=at)
        return made
    history.record(schedule, verb="schedule_changed", by=by, at=at, changes=checked)
    return schedule


def _screened_version() -> int:
    """Return the data version of the run that the findings show: what was screened is not new to a new schedule."""
    newest = newest_imported()
    return int(newest.data_version) if newest is not None and newest.data_version.isdecimal() else 0


def due_since(schedule: RunSchedule, at: datetime) -> datetime | None:
    """Return the latest instant up to `at` at which a schedule should have started; None for those on new data."""
    if schedule.kind == "new_data" or schedule.at_time is None:
        return None
    local = timezone.localtime(at)
    day = local.date()
    if schedule.kind == "weekly":
        day -= timedelta(days=(day.isoweekday() - (schedule.day or 1)) % 7)
    elif schedule.kind == "monthly":
        day = day.replace(day=schedule.day or 1) if day.day >= (schedule.day or 1) else _month_before(day, schedule.day)
    due = _instant(day, schedule.at_time, local)
    if due <= at:
        return due
    step = {"daily": timedelta(days=1), "weekly": timedelta(days=7)}.get(schedule.kind)
    before = day - step if step else _month_before(day, schedule.day)
    return _instant(before, schedule.at_time, local)


def _month_before(day: date, of_month: int | None) -> date:
    return (day.replace(day=1) - timedelta(days=1)).replace(day=of_month or 1)


def _instant(day: date, at_time: time, local: datetime) -> datetime:
    return datetime.combine(day, at_time, local.tzinfo)


@every("run_schedules", minutes=1)
def start_due(at: datetime) -> None:
    """Start the runs that are due; one that was missed while nothing worked starts once."""
    for schedule in RunSchedule.objects.filter(is_active=True).exclude(kind="new_data").order_by("pk"):
        due = due_since(schedule, at)
        began = max(filter(None, (schedule.last_started_at, schedule.since)), default=None)
        if due is not None and (began is None or began < due):
            _start(schedule, at)


@every("run_on_new_data", minutes=2)
def start_on_new_data(at: datetime) -> None:
    """Start the runs that wait for new data, once per data version."""
    waiting = list(RunSchedule.objects.filter(is_active=True, kind="new_data").order_by("pk"))
    if not waiting:
        return
    version = door.data_version(settings.DATA)
    if version == 0 or Run.objects.filter(state__in=("queued", "screening")).exists():
        return
    for schedule in waiting:
        if schedule.last_data_version < version:
            _start(schedule, at)


def _start(schedule: RunSchedule, at: datetime) -> None:
    version = door.data_version(settings.DATA)
    with transaction.atomic():
        claimed = RunSchedule.objects.filter(pk=schedule.pk, last_started_at=schedule.last_started_at).update(
            last_started_at=at, last_data_version=version
        )
        if claimed:
            start_run(
                by=None, at=at, as_of=timezone.localdate(at), chosen=schedule.rules,
                organisation=schedule.organisation, trigger="new_data" if schedule.kind == "new_data" else "schedule",
            )  # fmt: skip
