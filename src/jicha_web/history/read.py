"""Reading history, and telling whether it is whole: rows, links, objects, stored files, seals."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.db import connection, transaction

from jicha_web.core import Text
from jicha_web.history.models import Entry, Recorded, Seal, rows_at_once
from jicha_web.history.record import FIRST, entry_content
from jicha_web.history.values import digest

BATCH = 2000
Extra = Callable[[int | None], Iterable["Damage"]]
_extra: dict[str, list[Extra]] = {}


@dataclass(frozen=True)
class Damage:
    """One thing that is not as it was recorded.

    kind: entry, link, missing, unrecorded, state, object, seal; rows (of a part of the object), answer (to a point of
    the checklist), said, said_missing, run_missing (of what a run said of findings), file, file_missing.
    `what`: the field of a file or finding, the point of a checklist.
    """

    kind: str
    object_type: str
    object_id: int
    number: int
    what: str = ""


def register_check(object_type: str, function: Extra) -> None:
    """Add what only the part itself can check of its objects; called with one id, or None for all."""
    _extra.setdefault(object_type, []).append(function)


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


def check(object_type: str | None = None, object_id: int | None = None, *, files: bool = True) -> Iterator[Damage]:
    """Go through all chains, or those of one kind or object: every row and link, that each object is as its last row
    left it, that each stored file has the content that its row names; without a kind, the seals over all of it.

    Memory does not grow with the number of objects: chains and objects are read side by side, in order of their ids.
    """
    kinds = recorded_models()
    asked = {object_type} if object_type is not None else set(kinds) | _kinds_with_entries()
    for kind in sorted(asked):
        model = kinds.get(kind)
        suspects = list(dict.fromkeys(d.object_id for d in _kind_damage(kind, model, object_id)))
        for pk in suspects:
            yield from _certain(kind, model, pk)
        if model is not None and files and model.STORED_FILES:
            yield from _file_damage(kind, model, object_id)
        for function in _extra.get(kind, ()):
            yield from function(object_id)
    if object_type is None:
        yield from seal_damage()


def _kinds_with_entries() -> set[str]:
    return set(Entry.objects.order_by().values_list("object_type", flat=True).distinct())


def _kind_damage(kind: str, model: type[Recorded] | None, object_id: int | None) -> Iterator[Damage]:
    rows = Entry.objects.filter(object_type=kind).order_by("object_id", "number")
    objects: Iterator[Recorded] = iter(())
    if object_id is not None:
        rows = rows.filter(object_id=object_id)
    if model is not None:
        found = model._base_manager.order_by("pk").prefetch_related(*rows_at_once(model))
        if model.MADE_UNTOLD:
            found = found.filter(version__gt=0)
        objects = (found if object_id is None else found.filter(pk=object_id)).iterator(chunk_size=BATCH)
    chains = groupby(rows.iterator(chunk_size=BATCH), key=lambda r: r.object_id)
    object_ = next(objects, None)
    for pk, chain in chains:
        last: list[Entry] = []
        yield from chain_damage(_keep_last(chain, last))
        while object_ is not None and object_.pk < pk:
            yield _without_chain(kind, object_)
            object_ = next(objects, None)
        if object_ is None or object_.pk != pk:
            yield Damage("object", kind, pk, last[0].number)
            continue
        if last[0].number != object_.version:
            yield Damage("missing", kind, pk, max(last[0].number, object_.version))
        elif digest(object_.history_state()) != last[0].state_hash:
            yield Damage("state", kind, pk, last[0].number)
        object_ = next(objects, None)
    while object_ is not None:
        yield _without_chain(kind, object_)
        object_ = next(objects, None)


def _without_chain(kind: str, object_: Recorded) -> Damage:
    """Tell of an object whose whole chain is gone, or that somebody put into the database: verbs make none without."""
    return Damage("missing" if object_.version else "unrecorded", kind, object_.pk, object_.version)


def _certain(kind: str, model: type[Recorded] | None, object_id: int) -> list[Damage]:
    """Look again at one object: someone at work between the reading of rows and object looks like damage, once."""
    first = list(_kind_damage(kind, model, object_id))
    return [d for d in _kind_damage(kind, model, object_id) if d in first] if first else []


def _keep_last(chain: Iterable[Entry], last: list[Entry]) -> Iterator[Entry]:
    for row in chain:
        last[:] = [row]
        yield row


def file_sum(path: Path) -> str | None:
    """Return the SHA-256 of a stored file; None when it is not there."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return None


def _file_damage(kind: str, model: type[Recorded], object_id: int | None) -> Iterator[Damage]:
    root = Path(settings.MEDIA_ROOT)
    names = [name for pair in model.STORED_FILES for name in pair]
    rows = model._base_manager.order_by("pk")
    if object_id is not None:
        rows = rows.filter(pk=object_id)
    for row in rows.only("pk", "version", *names).iterator(chunk_size=BATCH):
        for name, sum_name in model.STORED_FILES:
            stored: str = getattr(row, name)
            if not stored:
                continue
            found = file_sum(root / stored)
            if found is None:
                yield Damage("file_missing", kind, row.pk, row.version, name)
            elif found != getattr(row, sum_name):
                yield Damage("file", kind, row.pk, row.version, name)


def _wait_for_writers() -> None:
    """Let no row with a smaller number appear later: PostgreSQL numbers before it commits; SQLite has one writer."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f"LOCK TABLE {Entry._meta.db_table} IN SHARE MODE")


def _seal_hash(one: Seal) -> str:
    return digest([one.last_entry_id, one.entries, one.heads_hash, one.previous_hash])


def seal(at: datetime) -> Seal | None:
    """Seal all entries there are; None when the last seal covers them. It goes on from there, reading new rows only."""
    with transaction.atomic():
        _wait_for_writers()
        newest = Entry.objects.order_by("-pk").values_list("pk", flat=True).first()
        before = Seal.objects.order_by("-pk").first()
        if newest is None or (before is not None and before.last_entry_id >= newest):
            return None
        first, count, running = (
            (0, 0, FIRST) if before is None else (before.last_entry_id, before.entries, before.heads_hash)
        )
        rows = Entry.objects.filter(pk__gt=first, pk__lte=newest).order_by("pk").values_list("pk", "hash")
        for pk, hash_ in rows.iterator(chunk_size=BATCH):
            running = digest([running, pk, hash_])
            count += 1
        made = Seal(at=at, last_entry_id=newest, entries=count, heads_hash=running)
        made.previous_hash = FIRST if before is None else before.hash
        made.hash = _seal_hash(made)
        made.save(force_insert=True)
        return made


def seal_damage() -> Iterator[Damage]:
    """Tell which seals no longer hold: an entry below them was changed, added or taken away. One pass over all rows."""
    rows = Entry.objects.order_by("pk").values_list("pk", "hash").iterator(chunk_size=BATCH)
    row = next(rows, None)
    previous, running, count, broken = FIRST, FIRST, 0, False
    for one in Seal.objects.order_by("pk").iterator(chunk_size=BATCH):
        while row is not None and row[0] <= one.last_entry_id:
            running = digest([running, *row])
            count += 1
            row = next(rows, None)
        holds = (count, running) == (one.entries, one.heads_hash)
        # once a row is wrong all later seals are: the first says since when
        if one.hash != _seal_hash(one) or one.previous_hash != previous or (not holds and not broken):
            yield Damage("seal", "seal", one.pk, one.entries)
        broken = broken or not holds
        previous = one.hash


_WORDS = {
    "entry": Text("第{number}条历史记录被改动", "history row {number} was changed"),
    "link": Text("第{number}条历史记录与前一条不衔接", "history row {number} does not follow the one before"),
    "missing": Text("历史记录缺失（应至第{number}条）", "history rows are gone (there should be {number})"),
    "unrecorded": Text(
        "没有任何历史记录：不是经本系统登记的", "it has no history at all: no part of the application made it"
    ),
    "state": Text("数据库内容与最后一条历史记录不一致", "the database does not hold what the last history row left"),
    "object": Text("有历史记录但数据库中已无此对象", "there is history, but the object is gone from the database"),
    "rows": Text("附属数据（示数、封印、定位等）被改动", "what belongs to it was changed (readings, seals, positions)"),
    "answer": Text("核查项 {what} 的答复被改动", "the answer to {what} of the checklist was changed"),
    "said": Text("不是筛查所得：{what}", "this is not what the run said: {what}"),
    "said_missing": Text("筛查所得疑点已不在库中：{what}", "the run found it, the database has it no more: {what}"),
    "run_missing": Text(
        "筛查结果文件缺失，无法核对疑点：{what}", "the run's file is gone, findings cannot be compared: {what}"
    ),
    "file": Text("存储文件被改动：{what}", "the stored file was changed: {what}"),
    "file_missing": Text("存储文件缺失：{what}", "the stored file is gone: {what}"),
    "seal": Text(
        "封存不再成立：其覆盖的前{number}条记录有增删改", "the seal over the first {number} rows does not hold"
    ),
}


def in_words(damage: Damage) -> Text:
    """Say what is wrong."""
    text = _WORDS[damage.kind]
    values = {"number": damage.number, "what": damage.what}
    return Text(text.zh.format(**values), text.en.format(**values))
