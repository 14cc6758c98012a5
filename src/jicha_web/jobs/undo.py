"""A job with many objects is taken back: each as it stood before, while it stands as the job left it.

    undo.register("dispatch_cases", lambda job: Undoing(…))

What a job did is read from the history, by who asked and the instant, so a job that was killed half way can be taken
back as well. An object that anybody changed since is named and left alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Max, QuerySet
from django.utils import timezone
from django.utils.translation import gettext

from jicha_web.core import Text
from jicha_web.history import record as history
from jicha_web.history.models import Entry, Recorded
from jicha_web.history.telling import verb_of
from jicha_web.jobs.many import many
from jicha_web.jobs.models import Job
from jicha_web.jobs.work import Running, enqueue, work
from jicha_web.organisation.models import Organisation, Person
from jicha_web.organisation.rights import narrow, scope_of
from jicha_web.organisation.scope import scoped
from jicha_web.pages.tags import moment, words

UNDONE = "undone"  # the verb of the row in the history
KIND = "undo_job"
_BATCH = 500
_SHOWN = 20


class UnableToUndo(Exception):
    """A job, or one object of it, is not taken back; `text` says why."""

    def __init__(self, text: Text) -> None:
        super().__init__(text.en)
        self.text = text


@dataclass(frozen=True)
class Undoing:
    """How a job is taken back.

    verbs: of the entries by which it changed an object each; rows: the objects in sight of who asks;
    take_back(object, entry, by, at): checks the right that the job needed, and puts back what the entry changed.
    """

    object_type: str
    verbs: frozenset[str]
    actions: tuple[str, ...]
    rows: Callable[[], QuerySet[Any]]
    label: Callable[[Any], str]
    take_back: Callable[[Any, Entry, Person, datetime], None]


@dataclass(frozen=True)
class Standing:
    """What can be taken back of a job now. changed: label and what happened to it since; `running`: a job at it."""

    standing: int
    undone: int
    changed: int
    named: tuple[tuple[str, str], ...]
    running: Job | None


_ways: dict[str, Callable[[Job], Undoing | None]] = {}


def register(kind: str, way: Callable[[Job], Undoing | None]) -> None:
    """Say how jobs of a kind are taken back; called by an app's `ready`."""
    _ways[kind] = way


def way_of(job: Job) -> Undoing | None:
    """Return how a job is taken back; None for one that cannot be, or is not over."""
    if job.kind not in _ways or job.state in {"queued", "running"}:
        return None
    return _ways[job.kind](job)


def standing_of(job: Job, way: Undoing) -> Standing:
    """Return how many objects stand as a job left them, and which do not."""
    counts = {"standing": 0, "undone": 0, "changed": 0}
    named: list[tuple[str, str]] = []
    for entries in _batches(_entries(job, way)):
        left = _left(way, entries)
        versions = dict(way.rows().filter(pk__in=left).values_list("pk", "version"))
        moved = [e for e in entries if versions.get(e.object_id) != left[e.object_id]]
        since = _next(way, left) if moved else {}
        counts["standing"] += len(entries) - len(moved)
        undone = [e for e in moved if (after := since.get(e.object_id)) and after.verb == UNDONE]
        counts["undone"] += len(undone)
        changed = [e for e in moved if e not in undone]
        counts["changed"] += len(changed)
        wanted = changed[: _SHOWN - len(named)]
        seen = way.rows().in_bulk([e.object_id for e in wanted])
        named += [_named(way, e, seen.get(e.object_id), since.get(e.object_id)) for e in wanted]
    return Standing(**counts, named=tuple(named), running=running(job))


def require(job: Job, allowed: Callable[[str], bool]) -> Standing:
    """Return what can be taken back of a job. UnableToUndo says why nothing can, PermissionDenied who may not.

    allowed: whether who asks holds a right.
    """
    way = way_of(job)
    if way is None:
        raise UnableToUndo(Text("该任务不能收回。", "This job cannot be taken back."))
    if not any(map(allowed, way.actions)):
        raise PermissionDenied(way.actions[0])
    left = standing_of(job, way)
    if left.running is not None:
        raise UnableToUndo(Text("正在收回中。", "It is being taken back already."))
    if not left.standing:
        raise UnableToUndo(Text("没有仍为该任务所留状态的对象。", "Nothing stands as this job left it."))
    return left


def ask(*, job: Job, by: Person, at: datetime, allowed: Callable[[str], bool], within: int | None = None) -> Job:
    """Have a job taken back in the background; return the job that does. Raises as `require` does.

    within: the unit that a machine's token is narrowed to.
    """
    require(job, allowed)
    return enqueue(KIND, by=by, at=at, undoes=job.pk, within=within)


def running(job: Job) -> Job | None:
    """Return the job that is at taking another back."""
    found = Job.objects.filter(kind=KIND, by=job.by_id, state__in=("queued", "running"), arguments__undoes=job.pk)
    return found.order_by("pk").first()


def put_back(object_: Recorded, entry: Entry, *, by: Person, at: datetime, **beside: Any) -> None:
    """Give an object the values it had before an entry, with a row that says so.

    beside: columns that are set to something else than they were.
    """
    changes: dict[str, Any] = {}
    for name, value in entry.data.items():
        if isinstance(value, list) and len(value) == 2 and name in object_.history_fields():
            changes[name] = object_._meta.get_field(name).to_python(value[0])  # type: ignore[union-attr]
    history.record(object_, verb=UNDONE, by=by, at=at, changes=changes | beside)


def _entries(job: Job, way: Undoing) -> QuerySet[Entry]:
    # the instant at which a person asked is theirs and the job's alone
    told = Entry.objects.filter(at=job.asked_at, by_id=job.by_id, object_type=way.object_type, verb__in=way.verbs)
    return told.order_by("pk")


def _batches(rows: QuerySet[Entry]) -> Iterator[list[Entry]]:
    found = list(rows)  # as many as a form can ask for: no cursor stays open while others are written
    for start in range(0, len(found), _BATCH):
        yield found[start : start + _BATCH]


def _left(way: Undoing, entries: Sequence[Entry]) -> dict[int, int]:
    """Return the version at which a job left each object: what it set off, as a recurrence, has rows of its own."""
    ids, one = [e.object_id for e in entries], entries[0]
    same = Entry.objects.filter(object_type=way.object_type, object_id__in=ids, at=one.at, by_id=one.by_id)
    return dict(same.order_by().values_list("object_id").annotate(last=Max("number")))


def _next(way: Undoing, left: Mapping[int, int]) -> dict[int, Entry]:
    """Return what happened next to objects after the version at which a job left them."""
    later = Entry.objects.filter(object_type=way.object_type, object_id__in=left)
    found: dict[int, Entry] = {}
    for entry in later.filter(number__gt=1).order_by("number").defer("data"):
        if entry.number == left[entry.object_id] + 1:
            found[entry.object_id] = entry
    return found


def _named(way: Undoing, entry: Entry, object_: Any, since: Entry | None) -> tuple[str, str]:
    if object_ is None:
        return str(entry.object_id), gettext("not in sight any more")
    return way.label(object_), _changed(since)


def _changed(since: Entry | None) -> str:
    if since is None:
        return gettext("changed since")
    said = {"what": words(verb_of(since.verb)), "who": since.by_name or gettext("the system"), "at": moment(since.at)}
    return gettext("changed since: %(what)s, %(who)s, %(at)s") % said


def _refusal(way: Undoing, object_: Any, entry: Entry, job: Running) -> str:
    assert job.by is not None
    try:
        with transaction.atomic():
            way.take_back(object_, entry, job.by, job.at)
    except UnableToUndo as error:
        return words(error.text)
    except PermissionDenied:
        return gettext("not allowed for this unit")
    except history.ChangedMeanwhile as error:
        return str(error)
    return ""


@work(KIND)
def undo_job(job: Running, *, undoes: int, within: int | None = None, **_later: Any) -> None:
    """Take a job back, as who asked for both; what was taken back already is passed over.

    within: only what lies below a unit is in sight, and the rights are those for it.
    """
    before = Job.objects.get(pk=undoes, by=job.by)
    way = way_of(before)
    if way is None:
        raise PermissionDenied(KIND)
    if within is None:
        _take_all_back(job, before, way)
        return
    assert job.by is not None
    narrow(job.by, Organisation.objects.get(pk=within))
    with scoped(scope_of(job.by, timezone.localdate(job.at))):
        _take_all_back(job, before, way)


def _take_all_back(job: Running, before: Job, way: Undoing) -> None:
    entries = _entries(before, way)
    with many(job, total=entries.count()) as told:
        for some in _batches(entries):
            rows = way.rows().in_bulk([e.object_id for e in some])
            left = _left(way, some)
            since = _next(way, left)
            for entry in some:
                object_, after = rows.get(entry.object_id), since.get(entry.object_id)
                if after is not None and after.verb == UNDONE:
                    told.passed()
                elif object_ is None:
                    told.tell(str(entry.object_id), gettext("not in sight any more"))
                elif object_.version != left[entry.object_id]:
                    told.tell(way.label(object_), _changed(after))
                else:
                    told.tell(way.label(object_), _refusal(way, object_, entry, job))
