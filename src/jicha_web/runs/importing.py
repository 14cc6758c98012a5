"""A run's findings become rows that people work with: in chunks, resumed where a killed worker left off."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from datetime import datetime

from django.conf import settings
from django.utils import timezone
from filelock import FileLock, Timeout

from jicha_web import core, notices
from jicha_web.core import Text, screening
from jicha_web.organisation.models import Organisation
from jicha_web.organisation.rights import people_with
from jicha_web.organisation.scope import EVERYTHING, scoped
from jicha_web.organisation.tree import unit_above_all
from jicha_web.runs import events
from jicha_web.runs.models import Run

Progress = Callable[[int, int, Text], None]
_MOST_NOTICES = 50


def adopt(run_id: str, *, at: datetime, by_name: str = "", trigger: str = "command") -> Run:
    """Return the row of a run of the core, made where it is not known yet."""
    record = screening.read_run(settings.DATA, run_id)
    known, _ = Run.objects.get_or_create(
        run_id=run_id,
        defaults={"as_of": record.as_of, "asked_at": at, "trigger": trigger, "by_name": by_name or record.user,
                  "state": "importing"},
    )  # fmt: skip
    return known


def describe(run: Run, record: screening.Run) -> None:
    """Keep with the row what lists and pages show of the run's record."""
    run.run_id = record.run_id
    run.as_of, run.period = record.as_of, record.p0
    run.data_version = str(record.data_version)
    if run.organisation_id is None and record.org:
        run.organisation = Organisation.objects.filter(code=record.org).first()
    run.rules = {
        code: {
            "name": dict(rule.name), "group": rule.group, "outcome": rule.outcome, "status": rule.status,
            "version": rule.fingerprint, "findings": rule.findings, "not_judged": rule.not_judged,
            "seconds": rule.seconds, "missing": list(rule.missing), "detail": dict(rule.detail),
        }
        for code, rule in record.rules.items()
    }  # fmt: skip
    run.counts = dict(record.states)
    run.save()


def newest_imported() -> Run | None:
    """Return the run whose word the findings show."""
    done = Run.objects.filter(imported_at__isnull=False).defer("rules")
    return max(done, key=_order, default=None)


def _order(run: Run) -> tuple[object, ...]:
    number = (run.run_id or "").rpartition("-")[2]
    return run.as_of, int(number) if number.isdecimal() else 0


def import_run(run: Run, *, at: datetime, progress: Progress) -> None:
    """Take a run's findings in and call those who wait for it; may be repeated, and goes on where it stopped.

    A run of an earlier day than the one shown is kept to compare and changes no finding. progress may raise to give up.
    MachineFailure: another import is at work.
    """
    record = screening.read_run(settings.DATA, run.run_id)
    settings.STORE.mkdir(parents=True, exist_ok=True)
    lock = FileLock(settings.STORE / "import.lock")
    try:
        held = lock.acquire(timeout=0)
    except Timeout:
        raise core.MachineFailure(
            zh="另一次导入正在进行，请等它结束后重试。", en="another import is at work; try again when it has ended"
        ) from None
    with held, scoped(EVERYTHING):  # a ledger holds the findings of all units
        describe(run, record)
        newest = newest_imported()
        if newest is not None and newest.pk != run.pk and _order(newest) > _order(run):
            name = newest.run_id
            earlier = Text(f"早于已导入的运行 {name}，仅供比较", f"earlier than {name}: kept to compare")
            _finish(run, at, [earlier._asdict()], imported=False)
            return
        Run.objects.filter(pk=run.pk).update(state="importing", error="")
        # what another run wrote is written over from here on: should its turn come again, it begins at its first row
        Run.objects.exclude(pk=run.pk).filter(imported_rows__gt=0).update(imported_rows=0)
        taking = events.intake(run, record)
        word = Text("导入疑点", "Importing findings")
        with closing(taking.batches(run.imported_rows)) as batches:  # giving up ends it at once
            for rows in batches:
                Run.objects.filter(pk=run.pk).update(imported_rows=rows)
                progress(rows, taking.total, word)
        events.taken_in(run, at)
        told = _unknown_units(taking.taken.unknown_units)
        _tell(run, told, at)
        problems = [Text(f"后续处理失败：{p}", f"what follows an import failed: {p}") for p in events.imported(run, at)]
        _finish(run, at, [text._asdict() for text in [*told, *problems]], imported=True)


def _finish(run: Run, at: datetime, notes: list[dict[str, str]], *, imported: bool) -> None:
    run.refresh_from_db()
    run.state, run.finished_at, run.imported_at = "done", at, at if imported else None
    run.notices = notes
    run.save(update_fields=["state", "finished_at", "imported_at", "notices"])


def _unknown_units(units: dict[str, int]) -> list[Text]:
    root = unit_above_all()
    name = root.name if root else ""
    texts = [
        Text(
            f"单位 {code or '（空）'} 不在组织机构中，其 {count} 条疑点暂归 {name}；请同步单位后重新导入。",
            f"unit {code or '(none)'} is not known: its {count} findings lie with {name}; synchronise the units and "
            "import again",
        )
        for code, count in sorted(units.items())
    ]
    if len(texts) > _MOST_NOTICES:
        more = len(texts) - _MOST_NOTICES
        texts = [*texts[:_MOST_NOTICES], Text(f"另有 {more} 个未知单位。", f"{more} more unknown units.")]
    return texts


def _tell(run: Run, texts: list[Text], at: datetime) -> None:
    root = unit_above_all()
    if texts and root is not None:
        first = texts[0] if len(texts) == 1 else Text(f"{texts[0].zh} 等", f"{texts[0].en} and others")
        people = people_with("run_start", root, timezone.localdate(at))
        notices.notify(
            people=people, kind="run_unknown_units", text=first, url=f"/runs/{run.pk}/", once=f"units-{run.pk}", at=at
        )  # fmt: skip


def again(run: Run) -> None:
    """Have the next import of a run begin at its first row: units or settings have changed."""
    Run.objects.filter(pk=run.pk).update(imported_rows=0)


def import_latest(*, at: datetime, progress: Progress) -> Run | None:
    """Import the newest run of the data folder unless its findings are in; for the start of the application.

    A run says nothing of rules and units that it leaves out, so those made meanwhile come first: from the one that
    covers most, the latest of such, on.
    """
    if not settings.DATA.is_dir() or not (known := screening.run_ids(settings.DATA)):
        return None
    newest = newest_imported()
    after = known.index(newest.run_id) + 1 if newest is not None and newest.run_id in known else 0
    coming = [screening.read_run(settings.DATA, run_id) for run_id in known[after:]]
    reach = [(record.org is None, len(record.rules), place) for place, record in enumerate(coming)]
    for record in coming[max(reach, default=(False, 0, 0))[2] :]:
        run = adopt(record.run_id, at=at)
        if run.imported_at is None:
            import_run(run, at=at, progress=progress)
    return adopt(known[-1], at=at)
