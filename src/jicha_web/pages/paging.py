"""Pages of a list. The count stops at a bound: a list of a million rows answers as quickly as one of a hundred."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest

SIZES = (20, 50, 100, 200)
COUNTED = 10_000  # rows counted at most; beyond it the page says "more than"
DEEPEST = 100_000  # rows skipped at most: narrower filters are the way to what lies deeper


@dataclass(frozen=True)
class Page:
    """Some rows of a list and where they stand."""

    rows: list[Any]
    number: int
    size: int
    total: int
    more_than: bool  # there are more than `total`
    has_next: bool

    @property
    def has_previous(self) -> bool:
        """Whether there is a page before."""
        return self.number > 1

    @property
    def first(self) -> int:
        """Number of the first row shown, from 1; 0 when there is none."""
        return (self.number - 1) * self.size + 1 if self.rows else 0

    @property
    def last(self) -> int:
        """Number of the last row shown."""
        return self.first + len(self.rows) - 1 if self.rows else 0

    @property
    def previous(self) -> int:
        """Number of the page before."""
        return self.number - 1

    @property
    def next(self) -> int:
        """Number of the page after."""
        return self.number + 1

    @property
    def pages(self) -> int:
        """How many pages there are, as far as was counted."""
        return max(1, -(-self.total // self.size))


def page_of(
    rows: QuerySet[Any], request: HttpRequest, *, size: int = 50, total: int | None = None, keys_first: bool = False
) -> Page:
    """Return the page that the address asks for (`page`, `size`). `rows` must be in a full order.

    total: the number of rows when it is known; otherwise they are counted up to COUNTED.
    keys_first: for an order that no index gives: which rows, then the rows. Sorting keys alone is many times quicker.
    """

    def asked(name: str, default: int, top: int) -> int:
        text = request.GET.get(name, "")
        return min(max(int(text), 1), top) if text.isascii() and text.isdigit() and len(text) < 10 else default

    size = asked("size", size, max(SIZES))
    number = asked("page", 1, DEEPEST // size)
    start = (number - 1) * size
    asked_for = slice(start, start + size + 1)
    found = _by_keys(rows, asked_for) if keys_first else list(rows[asked_for])
    has_next = len(found) > size
    counted = total
    if counted is None:
        all_here = start == 0 and not has_next
        counted = len(found) if all_here else rows.order_by().values("pk")[: COUNTED + 1].count()
    more_than = total is None and counted > COUNTED
    return Page(found[:size], number, size, min(counted, COUNTED) if more_than else counted, more_than, has_next)


def _by_keys(rows: QuerySet[Any], asked_for: slice) -> list[Any]:
    keys = list(rows.values_list("pk", flat=True)[asked_for])
    known = {row.pk: row for row in rows.order_by().filter(pk__in=keys)}
    return [known[key] for key in keys if key in known]
