"""The history of objects: rows that can be added and never changed, each holding the hash of the one before it."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any, ClassVar, NamedTuple

from django.db import models

from jicha_web.history.values import digest, plain


class Entry(models.Model):
    """What happened to one object; `number` counts per object from 1. Triggers refuse changes and deletions."""

    object_type = models.CharField(max_length=32)
    object_id = models.BigIntegerField()
    number = models.PositiveIntegerField()
    at = models.DateTimeField()
    by_id = models.BigIntegerField(null=True)  # no foreign key: the row outlives everything; null: the system
    by_name = models.CharField(max_length=100)
    verb = models.CharField(max_length=48)
    note = models.TextField(blank=True)
    data = models.JSONField(default=dict)  # column → [before, after], and what the verb adds
    unit_id = models.BigIntegerField(null=True)  # of the unit that the object lay with after it; null: of none
    state_hash = models.CharField(max_length=64)  # of the object's recorded fields after it
    previous_hash = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["object_type", "object_id", "number"], name="history_number"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["at", "id"]),
            models.Index(fields=["by_id", "id"]),
            models.Index(fields=["unit_id", "id"]),
            models.Index(fields=["verb", "id"]),
        ]


class Seal(models.Model):
    """A hash over all chains up to an entry, chained to the seal before: a chain that is cut off or gone is found."""

    at = models.DateTimeField()
    last_entry_id = models.BigIntegerField()
    entries = models.BigIntegerField()
    heads_hash = models.CharField(max_length=64)
    previous_hash = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)


class Rows(NamedTuple):
    """Rows of another model that belong to an object and have no history of their own: its state holds their hash.

    related: the name by which the object reaches them. columns: attnames, all but their key and the object's.
    personal: their hash is salted, because so little stands in them that it could be guessed.
    """

    related: str
    columns: tuple[str, ...]
    personal: bool = False


class Recorded(models.Model):
    """An object with a history: changed only by `history.record`, which counts `version` up with each entry.

    The history proves every column of it but those of UNPROVED: a column that is added is proved, until someone gives
    a reason why not.
    """

    UNPROVED: ClassVar[Mapping[str, str]] = {}  # attname → why the history does not prove it
    PERSONAL_FIELDS: ClassVar[tuple[str, ...]] = ()  # proved by a salted hash: the history never tells what they are
    HISTORY_ROWS: ClassVar[tuple[Rows, ...]] = ()
    STORED_FILES: ClassVar[tuple[tuple[str, str], ...]] = ()  # (field: path below files/, field: its SHA-256)
    MADE_UNTOLD: ClassVar[bool] = (
        False  # rows come without history until people handle them; something else proves them
    )
    version = models.PositiveIntegerField(default=0)  # number of the latest entry

    class Meta:
        abstract = True

    @classmethod
    def history_type(cls) -> str:
        """Return the name of the kind of object."""
        return cls._meta.model_name or ""

    @classmethod
    def history_fields(cls) -> tuple[str, ...]:
        """Return the attnames of the columns whose values stand in the state as they are."""
        elsewhere = {"version", "salt", *cls.UNPROVED, *cls.PERSONAL_FIELDS}
        return tuple(
            f.attname
            for f in cls._meta.concrete_fields
            if not f.primary_key and not isinstance(f, models.GeneratedField) and f.attname not in elsewhere
        )

    def history_rows(self) -> dict[str, list[dict[str, Any]]]:
        """Return what belongs to the object in rows of its own, as JSON values in the order they were made."""
        return {
            one.related: [{name: plain(value_of(row, name)) for name in one.columns} for row in self._rows(one)]
            for one in self.HISTORY_ROWS
        }

    def _rows(self, one: Rows) -> list[models.Model]:
        if self.pk is None:
            return []
        fetched: list[models.Model] | None = self.__dict__.get(rows_attribute(one))  # by the check, for many at once
        if fetched is None:
            fetched = list(rows_of(type(self), one).filter(**{key_of(type(self), one): self.pk}))
        return fetched

    def history_state(self) -> dict[str, Any]:
        """Return what the history proves, as JSON values: columns, and hashes of what is personal and of rows."""
        state: dict[str, Any] = {name: plain(value_of(self, name)) for name in self.history_fields()}
        salt = getattr(self, "salt", "")
        if self.PERSONAL_FIELDS:
            state["personal"] = {name: digest([salt, plain(value_of(self, name))]) for name in self.PERSONAL_FIELDS}
        if self.HISTORY_ROWS:
            rows, salted = self.history_rows(), {one.related for one in self.HISTORY_ROWS if one.personal}
            state["rows"] = {
                name: digest([salt, content] if name in salted else content) if content else ""
                for name, content in rows.items()
            }
        return state

    def history_unit_id(self) -> int | None:
        """Return the unit that the object lies with: who sees its history; None: those who see all units."""
        place = self if hasattr(self, "organisation_id") else getattr(self, "case", None)
        unit_id: int | None = getattr(place, "organisation_id", None)
        return unit_id


def value_of(row: models.Model, name: str) -> Any:
    """Return the value of a column as the database gives it back: 0.0 of a float, also where the code said 0."""
    value, column = getattr(row, name), row._meta.get_field(name)
    return value if column.is_relation else column.to_python(value)  # type: ignore[union-attr]


def rows_attribute(one: Rows) -> str:
    """Return the attribute under which rows that were fetched beforehand lie."""
    return f"_history_{one.related}"


def rows_of(model: type[models.Model], one: Rows) -> models.QuerySet[Any]:
    """Return all rows of a kind that belongs to a model, oldest first."""
    relation: Any = model._meta.get_field(one.related)
    found: models.QuerySet[Any] = relation.related_model._base_manager.order_by("pk")
    return found


def many_rows(model: type[models.Model]) -> list[Rows]:
    """Return the rows of a model that can be fetched for many objects; a single one is read where it is needed."""
    kinds: tuple[Rows, ...] = getattr(model, "HISTORY_ROWS", ())
    return [one for one in kinds if model._meta.get_field(one.related).one_to_many]


def rows_at_once(model: type[models.Model]) -> list[models.Prefetch[Any]]:
    """Return how the rows of many objects are fetched together, for their states (`rows_attribute`)."""
    return [
        models.Prefetch(one.related, rows_of(model, one), to_attr=rows_attribute(one)) for one in many_rows(model)
    ]  # fmt: skip


def key_of(model: type[models.Model], one: Rows) -> str:
    """Return the column by which such rows belong to an object."""
    relation: Any = model._meta.get_field(one.related)
    return str(relation.field.attname)


def new_salt() -> str:
    """Return what makes the hash of a personal value impossible to guess."""
    return secrets.token_hex(16)


class RecordedPrivately(Recorded):
    """An object with personal columns: `salt` never leaves with what is masked."""

    salt = models.CharField(max_length=32, default=new_salt, editable=False)

    class Meta:
        abstract = True
