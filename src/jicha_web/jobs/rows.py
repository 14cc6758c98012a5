"""Many rows read by a job that writes its progress meanwhile."""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from typing import TypeVar

from django.db import models
from django.db.models import QuerySet

M = TypeVar("M", bound=models.Model)


def in_chunks(rows: QuerySet[M], size: int = 2000) -> Iterator[M]:
    """Yield the rows in their order, read by their keys, `size` at a time; eight bytes of memory for each row.

    No cursor stays open: SQLite refuses to write beside one ("database is locked") once somebody else has written, so
    that a long export would fail as soon as people work. A row that leaves the list meanwhile is left out.
    """
    keys = array("q", rows.values_list("pk", flat=True))
    for start in range(0, len(keys), size):
        chunk = keys[start : start + size]
        known = {row.pk: row for row in rows.order_by().filter(pk__in=chunk)}
        yield from (known[key] for key in chunk if key in known)
