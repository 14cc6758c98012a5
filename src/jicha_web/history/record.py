"""Writing history: the change, its row and the count go together, or none does.

Two people who change the same object at once: the second is told (ChangedMeanwhile), on SQLite as on PostgreSQL, by
comparing `version` in the UPDATE itself.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Protocol

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from jicha_web.history.models import Entry, Recorded, value_of
from jicha_web.history.values import digest, plain

FIRST = "0" * 64


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
    content = dict(data or {})
    with transaction.atomic():
        values: dict[str, Any] = {}
        for name, value in (changes or {}).items():
            field = object_._meta.get_field(name)
            attname = getattr(field, "attname", name)
            before = plain(getattr(object_, attname))
            setattr(object_, name, value)
            values[attname] = getattr(object_, attname)
            after = plain(values[attname])
            if before != after and attname not in object_.PERSONAL_FIELDS:
                content[attname] = [before, after]
            elif before != after:
                content.setdefault("also", []).append(attname)
        read = object_.version
        changed = type(object_)._base_manager.filter(pk=object_.pk, version=read).update(**values, version=read + 1)
        if not changed:
            raise ChangedMeanwhile(object_)
        object_.version = read + 1
        entry = Entry(
            object_type=object_.history_type(),
            object_id=object_.pk,
            number=read + 1,
            at=at,
            by_id=None if by is None else by.pk,
            by_name="" if by is None else by.name,
            verb=verb,
            note=note,
            data=plain(content),
            unit_id=object_.history_unit_id(),
            state_hash=digest(object_.history_state()),
            previous_hash=_head(object_, read),
        )
        entry.hash = digest(entry_content(entry))
        entry.save(force_insert=True)
    return entry


def _head(object_: Recorded, number: int) -> str:
    if number == 0:
        return FIRST
    found = Entry.objects.filter(object_type=object_.history_type(), object_id=object_.pk, number=number)
    return found.values_list("hash", flat=True).get()


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


def _created(object_: Recorded) -> dict[str, Any]:
    """Return the columns of a new object as its first row tells them; hashes stand in the state alone."""
    return {name: plain(value_of(object_, name)) for name in object_.history_fields()}
