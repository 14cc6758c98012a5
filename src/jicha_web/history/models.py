"""The history of objects: rows that can be added and never changed, each holding the hash of the one before it."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models


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


class Recorded(models.Model):
    """An object with a history: changed only by `history.record`, which counts `version` up with each entry."""

    HISTORY_FIELDS: ClassVar[tuple[str, ...]] = ()  # attnames whose values the history proves
    STORED_FILES: ClassVar[tuple[tuple[str, str], ...]] = ()  # (field: path below files/, field: its SHA-256)
    version = models.PositiveIntegerField(default=0)  # number of the latest entry

    class Meta:
        abstract = True

    @classmethod
    def history_type(cls) -> str:
        """Return the name of the kind of object."""
        return cls._meta.model_name or ""

    def history_state(self) -> dict[str, Any]:
        """Return the recorded fields as JSON values."""
        from jicha_web.history.record import plain  # noqa: PLC0415 (it needs this module)

        return {name: plain(getattr(self, name)) for name in self.HISTORY_FIELDS}

    def history_unit_id(self) -> int | None:
        """Return the unit that the object lies with: who sees its history; None: those who see all units."""
        place = self if hasattr(self, "organisation_id") else getattr(self, "case", None)
        unit_id: int | None = getattr(place, "organisation_id", None)
        return unit_id
