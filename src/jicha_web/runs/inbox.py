"""The watched folder DATA/inbox: complete files are loaded; what is loaded goes to done/, what failed to failed/.

A file counts as complete when its size and time stood still between two looks. Names that begin with a dot or end in
.part, .tmp, .crdownload are not looked at: senders write under such a name and rename. Links are not followed: who may
put files here may read no others.
"""

from __future__ import annotations

import fnmatch
import shutil
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from jicha_web import core, notices
from jicha_web.core import Text, loads
from jicha_web.history import record as history
from jicha_web.jobs.models import Job
from jicha_web.jobs.schedule import every
from jicha_web.jobs.work import Running, enqueue, work
from jicha_web.organisation.models import Person
from jicha_web.organisation.rights import people_with, require
from jicha_web.organisation.tree import unit_above_all
from jicha_web.runs.models import Delivery, ExpectedDelivery
from jicha_web.runs.screening import in_language, root

_UNFINISHED = (".part", ".tmp", ".crdownload", ".filepart")
_OWN = ("done", "failed", "loading")
EXPECTED_FIELDS = ("name", "pattern", "every", "by_time", "by_day", "mapping", "is_active")


def inbox() -> Path:
    """Return the watched folder."""
    return Path(settings.DATA) / "inbox"


def arrived() -> dict[str, tuple[int, int]]:
    """Return the files that lie in the watched folder: path below it → (bytes, time of change)."""
    folder = inbox()
    found = {}
    for path in sorted(folder.rglob("*")) if folder.is_dir() else ():
        name = path.relative_to(folder)
        hidden = any(part.startswith(".") for part in name.parts)
        if hidden or name.parts[0] in _OWN or path.suffix.lower() in _UNFINISHED:
            continue
        if path.is_symlink() or not path.is_file():
            continue
        state = path.stat()
        found[name.as_posix()] = (state.st_size, state.st_mtime_ns)
    return found


_seen: dict[str, tuple[int, int]] = {}  # what the look before saw; a worker that starts anew waits one look longer


@every("inbox", minutes=1)
def look(at: datetime) -> None:
    """Take the files that stood still since the look before, and load them, one job per mapping."""
    _bring_back()
    now = arrived()
    still = [name for name, state in now.items() if _seen.get(name) == state and state[0] > 0]
    _seen.clear()
    _seen.update(now)
    if not still or Delivery.objects.filter(state__in=("arrived", "loading"), job__state__in=("queued", "running")):
        return
    by_mapping: dict[str, list[str]] = {}
    expected = list(ExpectedDelivery.objects.filter(is_active=True))
    for name in still:
        matching = [one for one in expected if fnmatch.fnmatch(name, one.pattern)]
        by_mapping.setdefault(next((one.mapping for one in matching if one.mapping), ""), []).append(name)
        ExpectedDelivery.objects.filter(pk__in=[one.pk for one in matching]).update(last_arrived_at=at)
    for mapping, names in by_mapping.items():
        take(names, mapping=mapping, at=at)


def _bring_back() -> None:
    """Put back files that were moved aside by a worker that was killed before it noted the delivery."""
    for aside in sorted((inbox() / "loading").glob("*")):
        known = aside.name.isdecimal() and Delivery.objects.filter(pk=int(aside.name)).exists()
        if not known:
            _move(aside, inbox())


def take(names: Sequence[str], *, mapping: str, at: datetime) -> Delivery:
    """Move files aside and ask for their load; what lies aside is loaded by this delivery and no other."""
    with transaction.atomic():
        delivery = Delivery.objects.create(arrived_at=at, files=list(names))
        aside = inbox() / "loading" / str(delivery.pk)
        for name in names:
            target = aside / name
            target.parent.mkdir(parents=True, exist_ok=True)
            (inbox() / name).replace(target)
        delivery.job = enqueue("load_delivery", by=None, at=at, delivery=delivery.pk, mapping=mapping)
        delivery.save(update_fields=["job"])
    return delivery


@work("load_delivery")
def load_delivery(job: Running, *, delivery: int, mapping: str, **_later: Any) -> None:
    """Load the files of a delivery; then they lie in done/LOAD, or in failed/NUMBER with the message beside."""
    row = Delivery.objects.get(pk=delivery)
    aside = inbox() / "loading" / str(row.pk)
    Delivery.objects.filter(pk=row.pk).update(state="loading")
    try:
        result = loads.load_files(
            settings.DATA, [aside], mapping=mapping, now=job.at, user="inbox",
            watch=lambda text, done, total: job.progress(done, total, in_language(text)),
        )  # fmt: skip
    except BaseException as error:
        _put_by(row, aside, error)
        raise
    load_id = result.load_id or f"nothing-new-{row.pk}"
    _move(aside, inbox() / "done" / load_id)
    row.state = "rejects" if result.rejected or result.unrecognised else "loaded"
    row.load_id, row.rows, row.rejects = result.load_id, result.accepted, result.rejected
    row.message = _unrecognised(result.unrecognised)
    row.save(update_fields=["state", "load_id", "rows", "rejects", "message"])
    job.result(delivery=row.pk)
    if "organization" in result.tables or "staff" in result.tables:
        from jicha_web.organisation.synchronise import synchronise  # noqa: PLC0415

        synchronise(by=None, at=job.at)


def _unrecognised(items: Sequence[Mapping[str, Any]]) -> str:
    return "\n".join(f"{item['file']}: {in_language(Text(item['reason'], item['reason_en']))}" for item in items)


def _put_by(row: Delivery, aside: Path, error: BaseException) -> None:
    text = error.text if isinstance(error, core.BadInput | core.MachineFailure) else Text(str(error), str(error))
    target = inbox() / "failed" / str(row.pk)
    _move(aside, target)
    target.mkdir(parents=True, exist_ok=True)
    (target / "MESSAGE.txt").write_text(f"{text.zh}\n\n{text.en}\n", encoding="utf-8")
    row.state, row.message = "failed", in_language(text) or type(error).__name__
    row.save(update_fields=["state", "message"])
    root_unit = unit_above_all()
    if root_unit is not None:
        people = people_with("run_start", root_unit, timezone.localdate(row.arrived_at))
        notices.notify(
            people=people, kind="delivery_failed", url="/deliveries/", once=f"delivery-{row.pk}", at=row.arrived_at,
            text=Text(f"数据装载失败：{text.zh}", f"a delivery could not be loaded: {text.en}"),
        )  # fmt: skip


def _move(source: Path, target: Path) -> None:
    if source.is_dir() and not source.is_symlink():
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copytree(source, target, symlinks=True, dirs_exist_ok=True)
        shutil.rmtree(source)


@every("deliveries_left", minutes=5)
def take_up(at: datetime) -> None:
    """Load again what a killed worker left; loading twice changes nothing, rows merge by key."""
    left = Delivery.objects.filter(state__in=("arrived", "loading")).exclude(job__state__in=("queued", "running"))
    for row in left.select_related("job"):
        if row.job is not None and Job.objects.filter(kind="load_delivery", arguments__delivery=row.pk).count() < 3:
            mapping = row.job.arguments.get("mapping", "")
            row.job = enqueue("load_delivery", by=None, at=at, delivery=row.pk, mapping=mapping)
            row.save(update_fields=["job"])
        else:
            gone = core.MachineFailure(zh="装载多次中断", en="the load was interrupted several times")
            _put_by(row, inbox() / "loading" / str(row.pk), gone)


# --- what should arrive


def save_expected(
    expected: ExpectedDelivery | None, *, values: Mapping[str, Any], by: Person, at: datetime
) -> ExpectedDelivery:
    """Say what is delivered by when, or change it. BadInput names what does not fit."""
    require(by, "run_start", timezone.localdate(at), unit_above_all() or root())
    checked = {name: values.get(name) for name in EXPECTED_FIELDS}
    mapping = str(checked["mapping"] or "").strip()
    loads.mapping_file(settings.DATA, mapping)
    checked["mapping"] = mapping
    if checked["every"] == "month" and checked["by_day"] not in range(1, 29):
        raise core.BadInput(zh="每月的截止日期为 1–28。", en="the day of the month is 1–28")
    if expected is None:
        made = ExpectedDelivery(**checked, first_due_on=timezone.localdate(at))
        history.create(made, verb="expected", by=by, at=at)
        return made
    history.record(expected, verb="expectation_changed", by=by, at=at, changes=checked)
    return expected


def late_for(expected: ExpectedDelivery, at: datetime) -> date | None:
    """Return the day or month (its first day) whose delivery is late at an instant; None when nothing is late."""
    local = timezone.localtime(at)
    by_time = expected.by_time or datetime.max.time()
    if expected.every == "day":
        span = local.date() if local.time() >= by_time else local.date() - timedelta(days=1)
        start = datetime.combine(span, datetime.min.time(), local.tzinfo)
    else:
        due = datetime.combine(local.date().replace(day=expected.by_day or 1), by_time, local.tzinfo)
        span = local.date().replace(day=1)
        if local < due:
            span = (span - timedelta(days=1)).replace(day=1)
        start = datetime.combine(span, datetime.min.time(), local.tzinfo)
    came = expected.last_arrived_at
    before = expected.first_due_on is not None and span < expected.first_due_on
    return None if before or (came is not None and came >= start) else span


@every("deliveries_late", minutes=10)
def tell_late(at: datetime) -> None:
    """Tell once, per day or month, that a delivery has not come."""
    root_unit = unit_above_all()
    if root_unit is None:
        return
    for expected in ExpectedDelivery.objects.filter(is_active=True):
        span = late_for(expected, at)
        if span is None or expected.alerted_for == span:
            continue
        row = ExpectedDelivery.objects.filter(pk=expected.pk, alerted_for=expected.alerted_for)
        if not row.update(alerted_for=span):
            continue
        shown = span.isoformat() if expected.every == "day" else span.isoformat()[:7]
        people = people_with("run_start", root_unit, timezone.localdate(at))
        notices.notify(
            people=people, kind="delivery_missing", url="/deliveries/",
            text=Text(f"未按时收到数据：{expected.name}（{shown}）", f"delivery missing: {expected.name} ({shown})"),
            once=f"late-{expected.pk}-{span.isoformat()}", at=at,
        )  # fmt: skip
