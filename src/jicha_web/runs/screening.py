"""Starting runs: by hand, by schedule, on new data; each is a job that people can watch and give up."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from django.conf import settings
from django.db import transaction
from django.utils import timezone, translation

from jicha_web import core, notices
from jicha_web.core import Text, rules
from jicha_web.core import screening as door
from jicha_web.jobs.models import Job
from jicha_web.jobs.schedule import every
from jicha_web.jobs.work import Cancelled, Running, enqueue, work
from jicha_web.organisation.models import Organisation, Person
from jicha_web.organisation.rights import people_with, require
from jicha_web.organisation.tree import unit_above_all
from jicha_web.runs.importing import adopt, import_run
from jicha_web.runs.models import Run

_ATTEMPTS = 3


def in_language(text: Text) -> str:
    """Return a text in the language in force."""
    return text.en if (translation.get_language() or "").startswith("en") else text.zh


def root() -> Organisation:
    """Return the unit at the top; BadInput when there are no units yet."""
    found = Organisation.objects.filter(parent=None).order_by("path").first()
    if found is None:
        raise core.BadInput(
            zh="还没有组织机构，请先同步单位与人员。", en="there are no units yet; bring in units and staff first"
        )
    return found


def start_run(
    *, by: Person | None, at: datetime, as_of: date, chosen: Sequence[str] = (),
    organisation: Organisation | None = None, trigger: str = "hand",
) -> Run:  # fmt: skip
    """Ask for a screening; it runs in the background.

    chosen: codes or groups of rules, all when empty. organisation: only its subtree; None: everything. by None: the
    system, by a schedule or new data. PermissionDenied: who may not start runs there. BadInput: an unknown rule, or a
    day ahead: its run would be the newest until then, and what runs before it find would not be shown.
    """
    if by is not None:
        require(by, "run_start", timezone.localdate(at), organisation or root())
    door.refuse_ahead(as_of, today=timezone.localdate(at))
    door.select_rules(rules.rule_book(settings.DATA).rules, list(chosen))
    with transaction.atomic():
        run = Run.objects.create(
            as_of=as_of, asked_at=at, by_name=by.name if by else "", trigger=trigger, organisation=organisation,
        )  # fmt: skip
        run.job = enqueue("screen", by=by, at=at, organisation=organisation, run_pk=run.pk, rules=list(chosen))
        run.save(update_fields=["job"])
    return run


@work("screen")
def screen_job(job: Running, *, run_pk: int, rules: list[str], **_later: object) -> None:
    """Screen, then import."""
    run = Run.objects.select_related("organisation").get(pk=run_pk)
    Run.objects.filter(pk=run_pk).update(state="screening", started_at=job.at)
    try:
        result = door.start_screening(
            settings.DATA, as_of=run.as_of, rules=rules, org=_only(run),
            now=job.at, user=run.by_name or "jicha",
            on_rule=lambda rule, done, total: job.progress(done, total, _name(rule)),
            on_wait=lambda text: job.progress(0, 0, in_language(text)),
        )  # fmt: skip
        run.run_id = result.run_id
        run.state = "importing"
        run.save(update_fields=["run_id", "state"])
        _import(job, run)
    except BaseException as error:
        _failed(job, run_pk, error)
        raise


def _only(run: Run) -> str | None:
    """Return the code of the unit that a run is limited to; None where it holds all that is here.

    Whoever may decide for the one city below a province may choose that city, not "everything": limited to it, a run
    would never judge what the data give to no known unit.
    """
    if run.organisation is None or run.organisation == unit_above_all():
        return None
    return run.organisation.code


def _name(rule: rules.Rule) -> str:
    return f"{rule.code} {in_language(Text(rule.name['zh'], rule.name['en']))}"


@work("import_run")
def import_job(job: Running, *, run_pk: int, **_later: object) -> None:
    """Import the findings of a run that is there; goes on where an import before it stopped."""
    try:
        _import(job, Run.objects.get(pk=run_pk))
    except BaseException as error:
        _failed(job, run_pk, error)
        raise


def _import(job: Running, run: Run) -> None:
    import_run(run, at=job.at, progress=lambda done, total, text: job.progress(done, total, in_language(text)))
    job.result(run=run.pk)
    _tell(job, run.pk, "run_done", Text("筛查完成", "the run is done"))


def _tell(job: Running, run_pk: int, kind: str, text: Text) -> None:
    """Tell who started a run how it ended; of one by schedule, and of each that failed, those who start runs there."""
    run = Run._base_manager.select_related("organisation").get(pk=run_pk)
    unit, people = run.organisation or unit_above_all(), [] if job.by is None else [job.by]
    if unit is not None and (kind == "run_failed" or not people):
        people += people_with("run_start", unit, timezone.localdate(job.at))
    shown = Text(f"{text.zh}：{run.as_of} {run.run_id or ''}", f"{text.en}: {run.as_of} {run.run_id or ''}")
    once = f"{kind}:{run.pk}:{job.job.pk}"
    notices.notify(people=people, kind=kind, text=shown, url=f"/runs/{run.pk}/", once=once, at=job.at)


def _failed(job: Running, run_pk: int, error: BaseException) -> None:
    if isinstance(error, core.BadInput | core.MachineFailure):
        text = in_language(error.text)
    else:
        text = str(error) or type(error).__name__
    Run.objects.filter(pk=run_pk).update(state="failed", error=text)
    if isinstance(error, Exception) and not isinstance(error, Cancelled):  # killed: nothing more can be written
        _tell(job, run_pk, "run_failed", Text("筛查失败", "the run failed"))


def ask_import(run: Run, *, by: Person | None, at: datetime) -> Job:
    """Ask for the import of a run again: after it failed, was given up, or units have changed."""
    if by is not None:
        require(by, "run_start", timezone.localdate(at), unit_above_all() or root())
    with transaction.atomic():
        Run.objects.filter(pk=run.pk).update(state="importing", error="")
        job = enqueue("import_run", by=by, at=at, run_pk=run.pk)
        Run.objects.filter(pk=run.pk).update(job=job)
    return job


@every("runs_of_the_core", minutes=2)
def take_up(at: datetime) -> None:
    """Import runs that the command line made; end or resume those whose worker was killed."""
    _resume(at)
    if not (settings.DATA / "runs").is_dir() or not Organisation.objects.exists():
        return
    known = set(Run.objects.filter(run_id__isnull=False).values_list("run_id", flat=True))
    busy = Run.objects.filter(state__in=("queued", "screening", "importing")).exists()
    for run_id in [] if busy else door.run_ids(settings.DATA):  # a run at work is about to name itself
        if run_id not in known:
            ask_import(adopt(run_id, at=at), by=None, at=at)


def _resume(at: datetime) -> None:
    left = Run.objects.filter(state__in=("queued", "screening", "importing")).select_related("job").defer("rules")
    for run in left:
        if run.job is not None and run.job.state in {"queued", "running"}:
            continue
        if run.state == "importing" and run.run_id and run.attempts < _ATTEMPTS:
            Run.objects.filter(pk=run.pk).update(attempts=run.attempts + 1)
            ask_import(run, by=None, at=at)
        else:
            text = run.job.message if run.job else ""
            Run.objects.filter(pk=run.pk).update(state="failed", error=text or "…", finished_at=at)
