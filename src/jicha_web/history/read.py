"""Reading history, and telling whether it is whole."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from django.apps import apps
from django.db import connection, transaction

from jicha_web.history.models import Entry, Recorded, Seal
from jicha_web.history.record import FIRST, digest, entry_content


@dataclass(frozen=True)
class Damage:
    """One thing that is not as it was recorded. `kind`: entry, link, missing, state, object, seal."""

    kind: str
    object_type: str
    object_id: int
    number: int


def entries_of(object_: Recorded) -> list[Entry]:
    """Return the history of one object, oldest first."""
    return list(
        Entry.objects.filter(object_type=object_.history_type(), object_id=object_.pk).order_by("number")
    )  # fmt: skip


def chain_damage(rows: Iterable[Entry]) -> Iterator[Damage]:
    """Tell what is wrong with the rows of one object, given in order of their number."""
    previous, expected = FIRST, 1
    for row in rows:
        where = (row.object_type, row.object_id, row.number)
        if row.number != expected:
            yield Damage("missing", *where)
        elif row.previous_hash != previous:
            yield Damage("link", *where)
        if digest(entry_content(row)) != row.hash:
            yield Damage("entry", *where)
        previous, expected = row.hash, row.number + 1


def recorded_models() -> dict[str, type[Recorded]]:
    """Return all kinds of objects with a history, by their name in it."""
    return {m.history_type(): m for m in apps.get_models() if issubclass(m, Recorded)}


def check(object_type: str | None = None, object_id: int | None = None) -> Iterator[Damage]:
    """Go through all chains, or one: every row, every link, and that each object is as its last row left it."""
    rows = Entry.objects.order_by("object_type", "object_id", "number")
    if object_type is not None:
        rows = rows.filter(object_type=object_type)
    if object_id is not None:
        rows = rows.filter(object_id=object_id)
    kinds = recorded_models()
    seen: dict[str, dict[int, tuple[int, str]]] = {}
    for (kind, pk), chain in groupby(rows.iterator(chunk_size=2000), key=lambda r: (r.object_type, r.object_id)):
        last: list[Entry] = []
        yield from chain_damage(_keep_last(chain, last))
        seen.setdefault(kind, {})[pk] = (last[0].number, last[0].state_hash)
    for kind, model in kinds.items():
        if object_type not in {None, kind}:
            continue
        yield from _object_damage(kind, model, seen.get(kind, {}), object_id)
    if object_type is None:
        yield from seal_damage()


def _keep_last(chain: Iterable[Entry], last: list[Entry]) -> Iterator[Entry]:
    for row in chain:
        last[:] = [row]
        yield row


def _object_damage(
    kind: str, model: type[Recorded], heads: dict[int, tuple[int, str]], object_id: int | None
) -> Iterator[Damage]:
    objects = model._base_manager.filter(version__gt=0)
    if object_id is not None:
        objects = objects.filter(pk=object_id)
    left = dict(heads)
    for object_ in objects.order_by("pk").iterator(chunk_size=2000):
        number, state = left.pop(object_.pk, (0, ""))
        if number != object_.version:
            yield Damage("missing", kind, object_.pk, max(number, object_.version))
        elif digest(object_.history_state()) != state:
            yield Damage("state", kind, object_.pk, number)
    for pk, (number, _state) in sorted(left.items()):
        yield Damage("object", kind, pk, number)


def _heads_hash(last_entry_id: int) -> tuple[int, str]:
    entries = Entry.objects.filter(pk__lte=last_entry_id).order_by("pk").values_list("pk", "hash")
    count, running = 0, FIRST
    for pk, hash_ in entries.iterator(chunk_size=5000):
        running = digest([running, pk, hash_])
        count += 1
    return count, running


def _wait_for_writers() -> None:
    """Let no row with a smaller number appear later: PostgreSQL numbers rows before they are committed."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f"LOCK TABLE {Entry._meta.db_table} IN SHARE MODE")


def seal(at: datetime) -> Seal | None:
    """Seal all entries there are; None when the last seal covers them."""
    with transaction.atomic():
        _wait_for_writers()
        newest = Entry.objects.order_by("-pk").values_list("pk", flat=True).first()
        before = Seal.objects.order_by("-pk").first()
        if newest is None or (before is not None and before.last_entry_id >= newest):
            return None
        count, heads = _heads_hash(newest)
        made = Seal(at=at, last_entry_id=newest, entries=count, heads_hash=heads)
        made.previous_hash = FIRST if before is None else before.hash
        made.hash = digest([newest, count, heads, made.previous_hash])
        made.save(force_insert=True)
        return made


def seal_damage() -> Iterator[Damage]:
    """Tell which seals no longer hold: an entry below them was changed, added or taken away."""
    previous = FIRST
    seals = list(Seal.objects.order_by("pk"))
    for one in seals:
        expected = digest([one.last_entry_id, one.entries, one.heads_hash, one.previous_hash])
        if one.hash != expected or one.previous_hash != previous:
            yield Damage("seal", "seal", one.pk, one.entries)
        previous = one.hash
    if seals and _heads_hash(seals[-1].last_entry_id) != (seals[-1].entries, seals[-1].heads_hash):
        yield Damage("seal", "seal", seals[-1].pk, seals[-1].entries)
