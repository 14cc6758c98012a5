"""One load, from source files to a new data-set version."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from pathlib import Path

import duckdb

from jicha.addresses import is_url
from jicha.catalog.schema import Table
from jicha.errors import BadInput, MachineFailure
from jicha.ingest.commit import Writer, clean_up
from jicha.ingest.database import Database
from jicha.ingest.delivered import SKIPPED, known_files, reader_digest
from jicha.ingest.deliveries import Deliveries, Opener, Watch, reconcile_all, stage_all
from jicha.ingest.duplicates import reject_duplicates
from jicha.ingest.guards import data_folder, machine_failures, scratch_folder
from jicha.ingest.mapping import find_mapping, read_mapping
from jicha.ingest.merge import Replace, Stored, plan_change
from jicha.ingest.model import Piece
from jicha.ingest.notices import aside_sql, warn_of_periods, warn_of_references, warn_of_unknown_columns
from jicha.ingest.problems import counted_problems
from jicha.ingest.recognise import Recogniser
from jicha.ingest.result import LoadResult, TableResult
from jicha.ingest.selection import Selection, select
from jicha.ingest.sources import find_sources
from jicha.ingest.stage import grouped
from jicha.language import Text
from jicha.warehouse import Snapshot, TableVersion, Warehouse
from jicha.warehouse.tables import TableFiles, relation_sql


def load(
    data: Path,
    sources: Sequence[Path | str],
    *,
    now: datetime,
    mapping: Path | None = None,
    replace: Replace = Replace.NONE,
    changed: bool = False,
    check: bool = False,
    user: str = "",
    watch: Watch = lambda _text, _done, _total: None,
    wait_seconds: float = 0,
    on_wait: Callable[[Text], None] | None = None,
    memory: str = "4GB",
) -> LoadResult:
    """Load source files and databases into a data folder, which is made where it does not exist.

    sources: files, folders, and addresses of databases as texts. mapping: a file, or the name of a shipped one.
    changed: leave out files whose content earlier loads read with the same mapping; databases are always asked.
    now: the time of the load, UTC without zone. check: do everything except committing. wait_seconds: how long to wait
    for another load [s]; Busy after that. memory: limit of the engine; what needs more spills to the data folder.
    BadInput: nothing was changed, and the message names every broken file.
    """
    started = time.perf_counter()
    if changed and replace is not Replace.NONE:
        raise _skipping_and_replacing(replace)
    warehouse = Warehouse(data)
    source_mapping = read_mapping(find_mapping(mapping), warehouse.schema) if mapping else None
    databases = [Database(str(source)) for source in sources if is_url(source)]
    paths = [Path(source) for source in sources if not is_url(source)]
    places = find_sources(paths, source_mapping.ignore if source_mapping else ())
    if not places and not databases:
        raise BadInput(
            zh=f"来源 {'、'.join(map(str, paths))} 中没有文件。请检查路径。",
            en=f"there are no files in {', '.join(map(str, paths))}; check the path",
        )
    about = {
        "created_at": now.isoformat(),
        "user": user,
        "sources": [*(str(path.absolute()) for path in paths), *(database.shown for database in databases)],
        "mapping": str(mapping) if mapping else None,
        "replace": replace.value,
    }
    with (
        data_folder(warehouse.data, check=check),
        machine_failures(warehouse.data, memory),
        warehouse.lock(wait_seconds=wait_seconds, on_wait=on_wait),
    ):
        manifest = warehouse.manifest()
        clean_up(warehouse.data, manifest)
        load_id = f"{now:%Y%m%dT%H%M%S}-{manifest.version + 1:06d}"
        with scratch_folder(warehouse.data / "tmp" / load_id, memory) as scratch:
            selection = select(
                places,
                Recogniser(warehouse.schema, source_mapping),
                reader=reader_digest(warehouse.schema, source_mapping),
                known=known_files(warehouse.data, manifest.loads) if changed else None,
                load_id=load_id,
                watch=watch,
            )
            opener = Opener(warehouse.schema, source_mapping, scratch, watch)
            opener.errors += selection.errors
            deliveries = opener.open_all([file.place for file in selection.read], databases)
            if not deliveries.pieces:
                if not selection.skipped:
                    raise _nothing_recognised(deliveries)
                return _nothing_new(selection, deliveries, manifest.version, check=check, started=started)
            run = _Run(Writer(warehouse, manifest, load_id, now, scratch), deliveries, replace, check, watch)
            run.tables(selection)
            run.result.deliveries = selection.outcomes(deliveries.pieces, databases, load_id)
            run.result.seconds = round(time.perf_counter() - started, 3)
            if not check:
                run.finish(about)
            return run.result


class _Run:
    """The steps of one load after its files were opened."""

    def __init__(self, writer: Writer, deliveries: Deliveries, replace: Replace, check: bool, watch: Watch) -> None:
        self.writer = writer
        self.scratch = writer.scratch
        self.schema = writer.warehouse.schema
        self.deliveries = deliveries
        self.replace = replace
        self.check = check
        self.watch = watch
        self.before = Snapshot(writer.warehouse.data, writer.manifest, self.schema)
        self.changed: dict[str, TableVersion] = {}
        self.rows: dict[str, str] = {}  # table -> relation of the load's accepted rows
        version = writer.manifest.version + (not check)
        self.result = LoadResult(load_id=writer.load_id, version=version, check=check)

    def tables(self, selection: Selection) -> None:
        """Read all rows, merge them table by table, and gather the warnings."""
        try:
            stage_all(self.deliveries, self.scratch, self.watch)
        except (duckdb.Error, OSError):
            selection.check_unchanged()  # says more than what the engine made of it
            raise
        found: dict[str, list[Piece]] = {}
        for piece in self.deliveries.pieces:
            found.setdefault(piece.target.table.name, []).append(piece)
        by_table = {name: found[name] for name in self.schema.tables if name in found}
        if self.replace is Replace.PERIOD:
            self._check_periods(by_table)
        for name, pieces in by_table.items():
            self.watch(Text(f"查重 {name}", f"looking for repeated keys in {name}"), 0, 1)
            self.rows[name] = reject_duplicates(self.schema[name], pieces, self.scratch)
        selection.check_unchanged()  # the sources are read; from here on only their staged rows are
        reconcile_all(self.deliveries)
        for number, (name, pieces) in enumerate(by_table.items()):
            self.watch(Text(f"合并 {name}", f"merging {name}"), number, len(by_table))
            self.result.tables[name] = self._merge(self.schema[name], pieces)
        for number, (name, pieces) in enumerate(by_table.items()):
            self.watch(Text(f"核对引用 {name}", f"checking references of {name}"), number, len(by_table))
            self.result.tables[name].warnings = self._warn(self.schema[name], pieces)
        self.result.files = [piece.summary() for piece in self.deliveries.pieces]
        self.result.unrecognised = _unrecognised(self.deliveries)
        if self.check:  # nothing is left to look it up in
            self.result.problems = counted_problems(self.scratch, self.schema)

    def _check_periods(self, by_table: Collection[str]) -> None:
        unsplit = [name for name in by_table if self.schema[name].partition is None]
        if unsplit:
            split = [table.name for table in self.schema.tables.values() if table.partition]
            raise BadInput(
                zh=f"表 {'、'.join(unsplit)} 不按月存储，不能用 --replace period；可按月替换的表：{'、'.join(split)}。"
                "请分开导入，或改用 --replace table。",
                en=f"{', '.join(unsplit)} are not stored by month, so --replace period cannot be used; those that are: "
                f"{', '.join(split)}; load them apart, or use --replace table",
            )

    def _merge(self, table: Table, pieces: Sequence[Piece]) -> TableResult:
        name = table.name
        accepted = sum(piece.accepted for piece in pieces)
        stored, stored_rows = self._stored(table)
        change = plan_change(
            table,
            incoming=self.rows[name],
            incoming_rows=accepted,
            groups=list(grouped(pieces)),
            stored=stored,
            stored_rows=stored_rows,
            replace=self.replace,
            scratch=self.scratch,
        )
        if change.content is not None and not self.check:
            self.changed[name] = self.writer.table(table, change)
        return TableResult(
            files=len({piece.place.path for piece in pieces}),
            accepted=accepted,
            rejected=sum(piece.rejected_lines for piece in pieces)
            + sum({id(piece.raw): piece.raw.fault_lines for piece in pieces if piece.raw}.values()),
            new=change.new,
            updated=change.updated,
            removed=change.removed,
            rows=change.rows,
        )

    def _stored(self, table: Table) -> tuple[Stored | None, int]:
        """Return what is stored of a table and how many rows; a damaged table can still be replaced as a whole."""
        if not self.before.has(table.name):
            return None, 0
        try:
            self.before.relation_sql(table.name, None if self.replace is Replace.TABLE else ())
        except MachineFailure:
            if self.replace is Replace.TABLE:
                return None, 0
            raise
        return (lambda months: self.before.relation_sql(table.name, months)), self.before.rows(table.name)

    def _after(self, name: str) -> str | None:
        """Return the rows of a table after the load; None when it was never delivered."""
        table = self.schema[name]
        if name in self.changed:
            folder = self.writer.warehouse.data / "tables" / name
            return relation_sql(table, TableFiles(folder, self.changed[name].delta_version))
        before = self.before.relation_sql(name) if self.before.has(name) else None
        if not self.check or name not in self.rows:
            return before
        columns = ", ".join(table.key)
        incoming = f"SELECT {columns} FROM ({self.rows[name]})"
        if before is None or self.replace is Replace.TABLE:
            return incoming
        return f"SELECT {columns} FROM ({before}) UNION ALL {incoming}"

    def _warn(self, table: Table, pieces: Sequence[Piece]) -> int:
        return (
            warn_of_references(table, pieces, self.rows[table.name], self._after, self.scratch)
            + warn_of_periods(table, pieces, self.scratch)
            + warn_of_unknown_columns(table, pieces, self.scratch)
        )

    def finish(self, about: Mapping[str, object]) -> None:
        """Write the load's folder and make the new data-set version the current one."""
        aside = {}
        for name, rows in self.rows.items():
            pieces = [piece for piece in self.deliveries.pieces if piece.target.table.name == name]
            sql = aside_sql(self.schema[name], pieces, rows)
            if sql is not None:
                aside[name] = sql
        content = self.result.to_json() | dict(about)
        # a file that its stamp alone told to be known is recorded already
        kept = [item for item in self.result.deliveries if item["outcome"] != SKIPPED or item["hashed"]]
        self.writer.records(content | {"deliveries": kept}, aside)
        self.writer.commit(self.changed)


def _unrecognised(deliveries: Deliveries) -> list[dict[str, str | None]]:
    return [
        {"file": place.file, "sheet": place.sheet, "reason": reason.zh, "reason_en": reason.en}
        for place, reason in deliveries.unrecognised
    ]


def _nothing_new(
    selection: Selection, deliveries: Deliveries, version: int, *, check: bool, started: float
) -> LoadResult:
    """Return the result of a load whose files were all loaded before: nothing is written, not even a record."""
    result = LoadResult(load_id="", version=version, check=check)
    result.unrecognised = _unrecognised(deliveries)
    result.deliveries = selection.outcomes([], [], "")
    result.seconds = round(time.perf_counter() - started, 3)
    return result


def _skipping_and_replacing(replace: Replace) -> BadInput:
    return BadInput(
        zh=f"--changed 与 --replace {replace.value} 不能同时使用：被跳过的文件的行会因替换而丢失。"
        f"整体替换请去掉 --changed，只读新文件请去掉 --replace {replace.value}。",
        en=f"--changed and --replace {replace.value} exclude each other: the rows of the files left out would be "
        f"replaced by nothing; leave out --changed to replace, or --replace {replace.value} to read only new files",
    )


def _nothing_recognised(deliveries: Deliveries) -> BadInput:
    places = deliveries.unrecognised
    return BadInput(
        zh="没有认出任何文件：\n" + "\n".join(f"- {place.text.zh}：{reason.zh}" for place, reason in places),
        en="no file was recognised:\n" + "\n".join(f"- {place.text.en}: {reason.en}" for place, reason in places),
    )
