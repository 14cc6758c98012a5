"""Loading delivered files into the data folder."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path

from jicha.catalog.files import catalog_path
from jicha.errors import BadInput
from jicha.ingest import LoadResult, load
from jicha.ingest.rejects import read_load
from jicha.language import Text
from jicha.quality.store import Book
from jicha.quality.view import measure_after_load
from jicha.warehouse.manifest import read_manifest

__all__ = ["LoadResult", "delivered_at", "load_files", "mapping_file"]


def mapping_file(data: Path, name: str) -> Path | None:
    """Return the mapping of a name: a file of DATA/mappings, or a shipped one; None without a name.

    BadInput for anything else. A name comes from a page, and what is wrong in a file is told there with its words: a
    path would let whoever may write it ask what other files of the server are, and read parts of them.
    """
    if not name:
        return None
    own, shipped = (data / "mappings").resolve(), catalog_path("mappings")
    known = {path.stem: path for path in shipped.glob("*.yaml")}
    if own.is_dir():
        known |= {path.relative_to(own).as_posix(): path for path in own.rglob("*.y*ml") if path.is_file()}
        known |= {Path(given).with_suffix("").as_posix(): path for given, path in known.items() if path.suffix in given}
    found = known.get(name)
    if found is None or not (found.parent == shipped or found.resolve().is_relative_to(own)):
        names = sorted(given for given, path in known.items() if path.suffix not in given)
        raise BadInput(
            zh=f"没有映射 {name!r}：应为内置映射或 {data.name}/mappings 中文件的名称（{'、'.join(names)}）。",
            en=f"there is no mapping {name!r}; expected the name of a shipped one or of a file in {data.name}/mappings "
            f"({', '.join(names)})",
        )
    return found


def load_files(
    data: Path, files: Sequence[Path], *, mapping: str, now: datetime, user: str,
    watch: Callable[[Text, int, int], None],
) -> LoadResult:  # fmt: skip
    """Load files and measure the quality of what they brought; an exception of `watch` gives the load up.

    mapping: a name that `mapping_file` knows; nothing: none.
    """
    result = load(
        data, files, mapping=mapping_file(data, mapping), now=now.astimezone(UTC).replace(tzinfo=None),
        user=user, watch=watch, wait_seconds=600,
    )  # fmt: skip
    if not result.nothing_new:
        measure_after_load(Book(data), result.accepted)
    return result


def delivered_at(data: Path, tables: frozenset[str], version: int) -> datetime | None:
    """Return when the newest delivery of any of some tables that a data version holds was loaded; None: nobody knows.

    A delivery counts also where it changed no row: it says that the source stands as it stood.
    BadInput, MachineFailure: there is no such version, or its manifest is gone.
    """
    return _newest(data, tables, read_manifest(data, version).loads)


@lru_cache(maxsize=256)  # asked for every finding of every case that waits
def _newest(data: Path, tables: frozenset[str], loads: tuple[str, ...]) -> datetime | None:
    for load_id in reversed(loads):
        told = read_load(data, load_id)  # empty where the folder of an old load is gone
        if tables & set(told.get("tables", ())):
            return datetime.fromisoformat(told["created_at"]).replace(tzinfo=UTC)
    return None
