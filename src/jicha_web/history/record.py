"""Writing history: the change, its row and the count go together, or none does.

Two people who change the same object at once: the second is told (ChangedMeanwhile), on SQLite as on PostgreSQL, by
comparing `version` in the UPDATE itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from django.db import connection, transaction
from django.db.models import Case, F, Q, Value, When, prefetch_related_objects
from django.db.models.functions import Cast
from django.utils.translation import gettext_lazy as _

from jicha_web.history.models import Entry, Recorded, many_rows, rows_at_once, rows_attribute, value_of
from jicha_web.history.values import digest, plain

FIRST = "0" * 64
CHUNK = 500  # objects that are changed by one UPDATE: each names its own values


class Author(Protocol):
    """Who did it: a person."""

    pk: Any
    name: str


class ChangedMeanwhile(Exception):
    """Someone else changed the object after it was read."""

    def __init__(self, object_: Recorded) -> None:
        self.object = object_
        super().__init__(str(_("Someone else has changed this meanwhile: reload the page and try again.")))


def entry_content(entry: Entry) -> dict[str, Any]:
    """Return what the hash of an entry covers: note and data by their own hashes, so that they can be withheld."""
    return {
        "object_type": entry.object_type, "object_id": entry.object_id, "number": entry.number,
        "at": plain(entry.at), "by_id": entry.by_id, "by_name": entry.by_name, "verb": entry.verb,
        "note_hash": digest(entry.note), "data_hash": digest(entry.data), "unit_id": entry.unit_id,
        "state_hash": entry.state_hash, "previous_hash": entry.previous_hash,
    }  # fmt: skip


def record(
    object_: Recorded,
    *,
    verb: str,
    by: Author | None,
    at: datetime,
    note: str = "",
    changes: Mapping[str, Any] | None = None,
    data: Mapping[str, Any] | None = None,
) -> Entry:
    """Set fields of an object and add the row that tells it, in one transaction.

    changes: field name → new value (a foreign key by its attribute, `assignee_id` or `assignee`). Of a personal one the
    row tells under `also` that it was changed, not what it is.
    data: what else belongs to the row; JSON values, dates and decimals are taken as text.
    Raises ChangedMeanwhile when the object's version is no longer the one that was read.
    """
    with transaction.atomic():
        content, values = _set(object_, changes or {}, data or {})
        read = object_.version
        changed = type(object_)._base_manager.filter(pk=object_.pk, version=read).update(**values, version=read + 1)
        if not changed:
            raise ChangedMeanwhile(object_)
        object_.version = read + 1
        entry = _entry(Change(object_, verb, note), by, at, content, _heads([object_])[object_.pk])
        entry.save(force_insert=True)
    return entry


@dataclass(frozen=True)
class Change:
    """What happens to one of many objects: `record_many`; the fields are those of `record`."""

    object: Recorded
    verb: str
    note: str = ""
    changes: Mapping[str, Any] = field(default_factory=dict)
    data: Mapping[str, Any] = field(default_factory=dict)


def record_many(given: Iterable[Change], *, by: Author | None, at: datetime) -> list[Entry]:
    """Do what `record` does to many objects of one kind, each named once, in one transaction: all of it or nothing.

    Statements do not grow with the objects but by their chunks. Raises ChangedMeanwhile with the first object whose
    version is no longer the one that was read.
    """
    entries: list[Entry] = []
    changes = list(given)
    try:
        with transaction.atomic():
            for start in range(0, len(changes), CHUNK):
                entries += _record_chunk(changes[start : start + CHUNK], by, at)
    except _Stale as stale:  # asked after the rollback: before it those that were written look changed as well
        objects = stale.objects
        now = dict(type(objects[0])._base_manager.filter(pk__in=[o.pk for o in objects]).values_list("pk", "version"))
        raise ChangedMeanwhile(next((o for o in objects if now.get(o.pk) != o.version), objects[0])) from None
    return entries


class _Stale(Exception):
    """Some of the objects are no longer as they were read."""

    def __init__(self, objects: Sequence[Recorded]) -> None:
        self.objects = objects


def _record_chunk(chunk: Sequence[Change], by: Author | None, at: datetime) -> list[Entry]:
    objects = [one.object for one in chunk]
    if len({(type(o), o.pk) for o in objects}) < len(objects) or len({type(o) for o in objects}) > 1:
        raise ValueError("of one kind, each named once")
    told = [_set(one.object, one.changes, one.data) for one in chunk]
    _update(objects, [values for _content, values in told])
    for object_ in objects:
        object_.version += 1
    heads, entries = _heads(objects), []
    with _rows_together(objects):
        for one, (content, _values) in zip(chunk, told, strict=True):
            entries.append(_entry(one, by, at, content, heads[one.object.pk]))
    Entry.objects.bulk_create(entries)
    return entries


def _update(objects: Sequence[Recorded], values: Sequence[Mapping[str, Any]]) -> None:
    """Write the columns of many objects and count their versions, comparing these in the UPDATE itself."""
    model, by_version = type(objects[0]), dict[int, list[Any]]()
    for object_ in objects:
        by_version.setdefault(object_.version, []).append(object_.pk)
    as_read = Q(pk__in=[])
    for version, keys in by_version.items():
        as_read |= Q(version=version, pk__in=keys)
    columns: dict[str, Any] = {
        name: _by_key(
            model, name, [(o.pk, v[name]) for o, v in zip(objects, values, strict=True) if name in v], objects
        )
        for name in dict.fromkeys(name for one in values for name in one)
    }
    changed = model._base_manager.filter(as_read).update(**columns, version=F("version") + 1)
    if changed < len(objects):
        raise _Stale(objects)


def _by_key(model: type[Recorded], name: str, pairs: Sequence[tuple[Any, Any]], objects: Sequence[Recorded]) -> Any:
    """Return what a column becomes: one value where all objects get the same, else each its own by its key."""
    column: Any = model._meta.get_field(name)
    if len(pairs) == len(objects) and all(value == pairs[0][1] for _pk, value in pairs):
        return pairs[0][1]
    own = Case(
        *(When(pk=pk, then=Value(value, output_field=column)) for pk, value in pairs),
        default=F(name), output_field=column,
    )  # fmt: skip
    return Cast(own, output_field=column) if connection.features.requires_casted_case_in_updates else own


@contextmanager
def _rows_together(objects: Sequence[Recorded]) -> Iterator[None]:
    """Read what belongs to many objects in one go for each kind of row; forgotten afterwards, since it changes."""
    names = [rows_attribute(one) for one in many_rows(type(objects[0]))]

    def forget() -> None:
        for object_ in objects:
            for name in names:
                object_.__dict__.pop(name, None)

    forget()
    if names:
        prefetch_related_objects(list(objects), *rows_at_once(type(objects[0])))
    try:
        yield
    finally:
        forget()


def _set(
    object_: Recorded, changes: Mapping[str, Any], data: Mapping[str, Any]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Set fields of an object; return what its row tells, and the columns with their new values."""
    content, values = dict(data), dict[str, Any]()
    for name, value in changes.items():
        column = object_._meta.get_field(name)
        attname = getattr(column, "attname", name)
        before = plain(getattr(object_, attname))
        setattr(object_, name, value)
        values[attname] = getattr(object_, attname)
        after = plain(values[attname])
        if before != after and attname not in object_.PERSONAL_FIELDS:
            content[attname] = [before, after]
        elif before != after:
            content.setdefault("also", []).append(attname)
    return content, values


def _entry(one: Change, by: Author | None, at: datetime, content: Mapping[str, Any], head: str) -> Entry:
    """Return the row of an object whose version counts it already; head: the hash of the row before."""
    object_ = one.object
    entry = Entry(
        object_type=object_.history_type(),
        object_id=object_.pk,
        number=object_.version,
        at=at,
        by_id=None if by is None else by.pk,
        by_name="" if by is None else by.name,
        verb=one.verb,
        note=one.note,
        data=plain(content),
        unit_id=object_.history_unit_id(),
        state_hash=digest(object_.history_state()),
        previous_hash=head,
    )
    entry.hash = digest(entry_content(entry))
    return entry


def _heads(objects: Sequence[Recorded]) -> dict[Any, str]:
    """Return the hash of the row before the one that an object's version counts, by the object's key."""
    before = {o.pk: o.version - 1 for o in objects if o.version > 1}
    found = {o.pk: FIRST for o in objects if o.version == 1}
    if before:
        rows = Entry.objects.filter(
            object_type=objects[0].history_type(), object_id__in=list(before), number__in=sorted(set(before.values()))
        )  # fmt: skip
        known = rows.values_list("object_id", "number", "hash")
        found |= {pk: hash_ for pk, number, hash_ in known if before[pk] == number}
    if missing := {o.pk for o in objects} - set(found):
        raise Entry.DoesNotExist(f"{objects[0].history_type()} {min(missing)}: the row before is not there")
    return found


def create(
    object_: Recorded,
    *,
    verb: str,
    by: Author | None,
    at: datetime,
    note: str = "",
    data: Mapping[str, Any] | None = None,
    rows: Callable[[], object] | None = None,
) -> Entry:
    """Store a new object with its first row. rows: makes what belongs to it (HISTORY_ROWS), once it has its key."""
    with transaction.atomic():
        object_.version = 0
        object_.save(force_insert=True)
        if rows is not None:
            rows()
        return record(object_, verb=verb, by=by, at=at, note=note, data={"created": _created(object_), **(data or {})})


def create_many(
    objects: Sequence[Recorded],
    *,
    verbs: Sequence[str],
    by: Author | None,
    at: datetime,
    data: Sequence[Mapping[str, Any]],
    rows: Callable[[], object] | None = None,
) -> list[Entry]:
    """Store many new objects of one kind, each with its first row; verbs, data: of each. rows: as in `create`."""
    if not objects:
        return []
    with transaction.atomic():
        for object_ in objects:
            object_.version = 0
        type(objects[0])._base_manager.bulk_create(objects)
        if rows is not None:
            rows()
        given = (
            Change(object_, verb, data={"created": _created(object_), **more})
            for object_, verb, more in zip(objects, verbs, data, strict=True)
        )
        return record_many(given, by=by, at=at)


def _created(object_: Recorded) -> dict[str, Any]:
    """Return the columns of a new object as its first row tells them; hashes stand in the state alone."""
    return {name: plain(value_of(object_, name)) for name in object_.history_fields()}
