"""Pages of a list. The count stops at a bound: a list of a million rows answers as quickly as one of a hundred."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connections
from django.db.models import F, QuerySet, Value
from django.db.models.expressions import OrderBy
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
        counted = len(found) if all_here else count_of(rows, COUNTED + 1)
    more_than = total is None and counted > COUNTED
    return Page(found[:size], number, size, min(counted, COUNTED) if more_than else counted, more_than, has_next)


def count_of(rows: QuerySet[Any], most: int) -> int:
    """Return how many rows a list has, up to `most`.

    Of no column, so that an index which has the conditions alone will do: Django's own count asks for the key, which
    PostgreSQL's indexes hold only where it was put in.
    """
    try:
        sql, params = rows.order_by().values_list(Value(1))[:most].query.sql_with_params()
    except EmptyResultSet:
        return 0
    with connections[rows.db].cursor() as cursor:
        cursor.execute(f"SELECT COUNT(*) FROM ({sql}) AS counted", params)
        return int(cursor.fetchone()[0])


def _by_keys(rows: QuerySet[Any], asked_for: slice) -> list[Any]:
    keys = keys_of(rows, asked_for)
    known = {row.pk: row for row in rows.order_by().filter(pk__in=keys)}
    return [known[key] for key in keys if key in known]


def keys_of(rows: QuerySet[Any], asked_for: slice) -> list[Any]:
    """Return the keys of some rows of a list.

    Upwards with nothing at the end is the order of no index from either end: what has a value is then asked first, in
    an order that the index of the opposite gives, and what has none afterwards.
    """
    first, *rest = rows.query.order_by
    name = _upwards(first)
    downwards = (order for index in rows.model._meta.indexes for order in index.fields_orders)
    if not name or (name, "DESC") not in downwards:
        return list(rows.values_list("pk", flat=True)[asked_for])
    ordered = rows.order_by(F(name).asc(nulls_first=True), *rest)  # of both, so that the same index gives them
    with_value = ordered.filter(**{f"{name}__isnull": False})
    keys = list(with_value.values_list("pk", flat=True)[asked_for])
    start, stop = asked_for.start, asked_for.stop
    if start + len(keys) < stop:
        before = start + len(keys) if keys else with_value.order_by().count()
        without = ordered.filter(**{f"{name}__isnull": True}).values_list("pk", flat=True)
        keys += without[max(start - before, 0) : stop - before]
    return keys


def _upwards(order: object) -> str:
    """Return the column of an order that goes upwards with nothing at the end; "" for any other."""
    if not isinstance(order, OrderBy) or order.descending or not order.nulls_last:
        return ""
    return str(vars(order.expression).get("name", ""))
