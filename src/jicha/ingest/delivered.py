"""Which files were delivered before: their content, what read them, and in which load.

A file is known by the SHA-256 of its content together with what decides how that content is read: mapping file, schema,
and what its path says (table, months in folder names). Only loads that a manifest names count, so what a refused or
killed load read is not known.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from jicha.catalog.schema import Schema
from jicha.errors import BadInput
from jicha.ingest.mapping import SourceMapping
from jicha.ingest.model import Place
from jicha.ingest.rejects import read_load
from jicha.ingest.sources import kind_of

READ, SKIPPED, UNRECOGNISED = "read", "skipped", "unrecognised"
# A file written again within one tick of its file system's clock keeps its times; FAT ticks every two seconds.
_TICK_SECONDS = 10
_BLOCK = 1 << 20  # bytes

Key = tuple[str, str, tuple[str, ...]]  # content, reader, what the path says


@dataclass(frozen=True)
class Stamp:
    """What the file system says of a file; equal stamps that are old enough, equal content."""

    size: int  # bytes
    mtime_ns: int
    ctime_ns: int  # on POSIX it moves with every change, also where mtime is set back
    inode: int

    @classmethod
    def of(cls, path: Path) -> Stamp:
        """Return the stamp of a file; OSError when it is gone."""
        found = path.stat()
        return cls(found.st_size, found.st_mtime_ns, found.st_ctime_ns, found.st_ino)


@dataclass(frozen=True)
class SourceFile:
    """A file of a load, before it is opened."""

    place: Place
    stamp: Stamp
    sha256: str
    reader: str  # digest of mapping file and schema
    read_as: tuple[str, ...]  # what its path says: tables, mapping entries, values in folder names
    hashed: bool = True  # False: taken from an earlier load because the stamps are equal

    @property
    def path(self) -> str:
        """The absolute path, by which later loads know the file."""
        return str(self.place.path.absolute())

    @property
    def key(self) -> Key:
        """Equal keys: reading either gives the same rows."""
        return (self.sha256, self.reader, self.read_as)

    def record(self) -> dict[str, Any]:
        """Return the file for load.json."""
        about = {"file": self.place.file, "path": self.path, "sha256": self.sha256, "mapping_sha256": self.reader}
        return about | asdict(self.stamp) | {"read_as": list(self.read_as)}


@dataclass(frozen=True)
class Delivered:
    """A file as an earlier load recorded it."""

    file: str
    path: str
    stamp: Stamp
    key: Key
    load_id: str  # the load that read it
    tables: tuple[str, ...]
    settled: bool  # the stamp was old when it was taken


@dataclass
class Known:
    """All files that loads of a data-set version read: of each path the latest content."""

    by_path: dict[str, Delivered] = field(default_factory=dict)
    feeders: dict[str, Key | None] = field(default_factory=dict)  # table -> what was loaded into it last

    def of(self, key: Key) -> list[Delivered]:
        """Return the files that were read with a key, latest first."""
        return [item for item in reversed(self.by_path.values()) if item.key == key]


def known_files(data: Path, loads: tuple[str, ...]) -> Known:
    """Return what the loads of a data-set version recorded; files of a record that is gone are not known."""
    known = Known()
    for load_id in loads:
        content = read_load(data, load_id)
        if not content:
            known.feeders.clear()  # it may have fed any table
        known.feeders |= dict.fromkeys(content.get("tables", ()))
        for item in content.get("deliveries", ()):
            found = _delivered(item, str(content["created_at"]))
            if found is not None:
                known.by_path.pop(found.path, None)  # so that the latest stand last
                known.by_path[found.path] = found
            if item["outcome"] == READ:
                known.feeders |= dict.fromkeys(item["tables"], found.key if found else None)
    return known


@dataclass(frozen=True)
class ReadFile:
    """A file that loads know, for the reader: the latest content of its path."""

    file: str  # as the load named it
    path: str
    tables: tuple[str, ...]
    accepted: int | None  # rows; None: the record of the load that read it does not say
    rejected: int | None  # lines
    read_at: str | None  # UTC, when the load that read it ended
    load_id: str  # the load that read it


def read_files(data: Path, loads: tuple[str, ...]) -> list[ReadFile]:
    """Return the files that `load --changed` leaves out as long as they stay as they are, first read first."""
    records = {load_id: read_load(data, load_id) for load_id in loads}
    found = []
    for item in known_files(data, loads).by_path.values():
        record = records.get(item.load_id, {})
        lines = [part for part in record.get("files", ()) if part["file"] == item.file]
        counts = [sum(part[name] for part in lines) if lines else None for name in ("accepted", "rejected")]
        found.append(
            ReadFile(item.file, item.path, item.tables, counts[0], counts[1], record.get("created_at"), item.load_id)
        )
    return sorted(found, key=lambda file: (file.load_id, file.file))


def _delivered(item: Mapping[str, Any], created_at: str) -> Delivered | None:
    if item["outcome"] == UNRECOGNISED or "sha256" not in item:  # a database is asked anew every time
        return None
    stamp = Stamp(item["size"], item["mtime_ns"], item["ctime_ns"], item["inode"])
    loaded_at = datetime.fromisoformat(created_at).replace(tzinfo=UTC).timestamp()
    return Delivered(
        file=item["file"],
        path=item["path"],
        stamp=stamp,
        key=(item["sha256"], item["mapping_sha256"], tuple(item["read_as"])),
        load_id=item["load_id"],
        tables=tuple(item["tables"]),
        settled=max(stamp.mtime_ns, stamp.ctime_ns) / 1e9 + _TICK_SECONDS <= loaded_at,
    )


def reader_digest(schema: Schema, mapping: SourceMapping | None) -> str:
    """Return the digest of all that decides how content is read: when it changes, files are read again."""
    tables = [
        [
            name,
            table.zh,
            table.key,
            [[c.name, c.type, c.zh, c.required, dict(c.labels)] for c in table.columns.values()],
        ]
        for name, table in schema.tables.items()
    ]
    return hashlib.sha256(repr([tables, mapping.content if mapping else None]).encode()).hexdigest()


def folder_values(place: Place) -> tuple[str, ...]:
    """Return the values in a Parquet file's folder names (`period=2026-01-01`), which are columns of it."""
    return tuple(part for part in place.path.parts[:-1] if "=" in part) if kind_of(place) == "parquet" else ()


def identify(place: Place, *, reader: str, read_as: tuple[str, ...], known: Known | None) -> SourceFile:
    """Return what a file is, reading all of it unless its stamp is that of a known file.

    BadInput when it changes meanwhile; OSError when it cannot be read. Equal stamps only count where they were old when
    they were recorded: a file can be written twice within a tick of the file system's clock.
    """
    stamp = Stamp.of(place.path)
    before = known.by_path.get(str(place.path.absolute())) if known else None
    if before is not None and before.settled and before.stamp == stamp:
        return SourceFile(place, stamp, before.key[0], reader, read_as, hashed=False)
    found = SourceFile(place, stamp, sha256_of(place.path), reader, read_as)
    if Stamp.of(place.path) != stamp:
        raise _changed(found, Stamp.of(place.path).size)
    return found


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file's content."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()


def changed_since(file: SourceFile) -> BadInput | None:
    """Return the error of a file that is not what it was when the load began; None when it is."""
    try:
        stamp = Stamp.of(file.place.path)
        if stamp == file.stamp or (stamp.size == file.stamp.size and sha256_of(file.place.path) == file.sha256):
            return None
        return _changed(file, stamp.size)
    except OSError as error:
        zh, en = file.place.text
        return BadInput(
            zh=f"{zh}在导入期间消失或读不了（{error.strerror}）。没有导入任何数据；请检查后重新导入。",
            en=f"{en} is gone or cannot be read any more ({error.strerror}); nothing was loaded: check and load again",
        )


def _changed(file: SourceFile, size: int) -> BadInput:
    zh, en = file.place.text
    before = file.stamp.size
    return BadInput(
        zh=f"{zh}在导入期间被改动（{before:,} → {size:,} 字节），可能还在复制。"
        "没有导入任何数据；请等复制完成后重新导入。",
        en=f"{en} changed during the load ({before:,} → {size:,} bytes) and may still be being copied; nothing was "
        "loaded: load again when the copying has ended",
    )
