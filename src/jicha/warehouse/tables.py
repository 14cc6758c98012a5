"""The stored form of one canonical table: a Delta table, the large ones split by month."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any, Literal

import pyarrow as pa
from deltalake import DeltaTable, PostCommitHookProperties, WriterProperties, write_deltalake
from deltalake.exceptions import DeltaError, TableNotFoundError

from jicha.catalog.schema import Table
from jicha.errors import BadInput, MachineFailure
from jicha.language import Text
from jicha.warehouse.checksums import NAME as CHECKSUMS
from jicha.warehouse.checksums import crc32_of, known_sums
from jicha.warehouse.machine import first_line

# Delta would drop log entries of more than 30 days, by the machine's clock: versions that manifests name
_KEEP_LOG = PostCommitHookProperties(create_checkpoint=True, cleanup_expired_logs=False)
# Row groups: the engine's threads share those of a file; with the writer's million rows in a group one read them all.
# Dictionaries: keys differ in nearly every row, and a dictionary of some of them is dear to write and to join by: it
# ends early, with room for units, prices and the points of a month of days.
_STORED_AS = WriterProperties(compression="LZ4_RAW", max_row_group_size=262_144, dictionary_page_size_limit=262_144)
MONTH = "month_"  # hidden stored column: first day of the month of the partition column


def partition_column(table: Table) -> str | None:
    """Return the stored column by which the table's files are split."""
    if table.partition is None:
        return None
    return "period" if table.partition == "period" else MONTH


def month_sql(table: Table, alias: str = "") -> str:
    """Return an expression for the month (DATE, its first day) that decides a row's partition; NULL when unsplit."""
    if table.partition is None:
        return "CAST(NULL AS DATE)"
    return f"CAST(date_trunc('month', {alias}{table.partition}) AS DATE)"


def stored_columns_sql(table: Table, alias: str = "") -> str:
    """Return the select list of what is stored: the canonical columns and, where it is hidden, the month."""
    columns = [f"{alias}{name}" for name in table.columns]
    if partition_column(table) == MONTH:
        columns.append(f"{month_sql(table, alias)} AS {MONTH}")
    return ", ".join(columns)


def quoted(text: str) -> str:
    """Return a string as an SQL literal."""
    return "'" + text.replace("'", "''") + "'"


def files_sql(files: Sequence[str | Path]) -> str:
    """Return a list of files as an SQL literal."""
    return "[" + ", ".join(quoted(str(file)) for file in files) + "]"


def check_folder_name(data: Path) -> None:
    """Refuse a data folder whose path the table format cannot address."""
    found = sorted({c for c in str(data.absolute()) if c in "[]*?%#|<>\"'\\" and not (c == "\\" and data.drive)})
    if found:
        characters = " ".join(found)
        raise BadInput(
            zh=f"数据目录 {data} 的路径含有不支持的字符 {characters}。请换一个目录名。",
            en=f"the path of the data folder {data} contains {characters}, which cannot be used; choose another name",
        )
    if any("\ud800" <= c <= "\udfff" for c in str(data.absolute())):  # bytes that are no UTF-8
        raise BadInput(
            zh=f"数据目录 {data} 的路径不是 UTF-8。请换一个目录名。",
            en=f"the path of the data folder {data} is not UTF-8; choose another name",
        )


class TableFiles:
    """The files and columns of one version of a stored table."""

    def __init__(self, folder: Path, version: int) -> None:
        """Open a version; MachineFailure names what is missing or damaged and how to mend it."""
        self.folder = folder
        try:
            delta = DeltaTable(str(folder), version=version)
            actions = pa.table(delta.get_add_actions(flatten=True))
        except (DeltaError, TableNotFoundError, OSError) as error:
            raise damaged(folder, folder / "_delta_log", first_line(error)) from error
        self.table_id = str(delta.metadata().id)
        self.columns = frozenset(item.name for item in delta.schema().fields)
        # file_uris() percent-encodes blanks and Chinese characters of the path; the log's own relative paths do not
        self.files = [folder / name for name in actions.column("path").to_pylist()]
        self.rows = sum(actions.column("num_records").to_pylist())
        self._actions = actions
        for file, size in zip(self.files, actions.column("size_bytes").to_pylist(), strict=True):
            try:
                actual = file.stat().st_size
            except OSError as error:
                raise damaged(folder, file, error.strerror or str(error)) from error
            if actual != size:
                raise damaged(
                    folder, file, Text(f"{actual} 字节，应为 {size} 字节", f"{actual} bytes instead of {size}")
                )
        self._whole: set[Path] = set()  # files whose content was compared with its checksum

    def verify(self, files: Collection[Path]) -> None:
        """Compare the content of files with their checksums; MachineFailure names the first that is not as stored."""
        try:
            sums = known_sums(self.folder)
        except (OSError, ValueError) as error:
            raise damaged(self.folder, self.folder / CHECKSUMS, first_line(error)) from error
        expected = {file: sums.get(file.relative_to(self.folder).as_posix()) for file in files}
        asked = [file for file in files if expected[file] is not None and file not in self._whole]
        for file, found in zip(asked, crc32_of(asked), strict=True):
            if isinstance(found, OSError):
                raise damaged(self.folder, file, found.strerror or str(found)) from found
            if found != expected[file]:
                what = f"{found:08x}", f"{expected[file]:08x}"
                raise damaged(
                    self.folder,
                    file,
                    Text(f"校验和 {what[0]}，应为 {what[1]}", f"checksum {what[0]} instead of {what[1]}"),
                )
            self._whole.add(file)

    def of_months(self, table: Table, months: Collection[str] | None) -> list[Path]:
        """Return the files of some months (ISO first days), all for None or an unsplit table."""
        split = partition_column(table)
        if months is None or split is None:
            return self.files
        names = {f"{split}={month}" for month in months}
        return [file for file in self.files if file.parent.name in names]

    def may_exceed(self, column: str, day: date) -> bool:
        """Say whether a row may have a later day in a date or timestamp column, by what the log keeps of each file."""
        named = f"max.{column}"
        if named not in self._actions.column_names:
            return True
        empty = self._actions.column(f"null_count.{column}").to_pylist()
        for latest, nulls, rows in zip(
            self._actions.column(named).to_pylist(), empty, self._actions.column("num_records").to_pylist(), strict=True
        ):
            if latest is None:
                if nulls != rows:
                    return True
            elif (latest.date() if isinstance(latest, datetime) else latest) > day:
                return True
        return False

    def months(self, table: Table) -> list[str]:
        """Return the months (ISO first days) that the table has files of; empty when unsplit."""
        split = partition_column(table)
        return sorted({file.parent.name.partition("=")[2] for file in self.files}) if split else []


def damaged(folder: Path, file: Path, problem: str | Text) -> MachineFailure:
    """Return the error for a stored table that cannot be read."""
    table = folder.name
    why = Text(problem, problem) if isinstance(problem, str) else problem
    return MachineFailure(
        zh=f"表 {table} 的存储文件 {file} 缺失或损坏（{why.zh}）。请从备份恢复该文件，"
        f"或用 jicha load 数据目录 来源 --replace table 重新导入表 {table}。",
        en=f"the stored file {file} of table {table} is missing or damaged ({why.en}); restore it from a backup, or "
        f"load the table again with `jicha load DATA SOURCE --replace table`",
    )


def relation_sql(
    table: Table, stored: TableFiles | None, months: Collection[str] | None = None, *, verify: bool = True
) -> str:
    """Return a SELECT that gives exactly the canonical columns with their types; typed and empty without files.

    months: only the files of these months (ISO first days). verify: MachineFailure when a file of them is not as it was
    stored.
    """
    files = [] if stored is None else stored.of_months(table, months)
    if stored is not None and verify:
        stored.verify(files)
    if stored is None or not files:
        columns = ", ".join(f"CAST(NULL AS {c.sql_type}) AS {c.name}" for c in table.columns.values())
        return f"SELECT {columns} WHERE false"
    columns = ", ".join(
        f"CAST({name} AS {column.sql_type}) AS {name}"
        if name in stored.columns
        else f"CAST(NULL AS {column.sql_type}) AS {name}"  # a column that the schema gained after the table was stored
        for name, column in table.columns.items()
    )
    options = ", union_by_name = true"
    split = partition_column(table)
    if split is not None:
        options += f", hive_partitioning = true, hive_types = {{'{split}': 'DATE'}}"
    return f"SELECT {columns} FROM read_parquet({files_sql(files)}{options})"


def roll_back(folder: Path, version: int | None) -> None:
    """Bring a Delta table to the version that the manifest names: a killed load may have left a later one.

    Version None: no manifest names the table, so whatever stands there is removed.
    """
    if version is None:
        shutil.rmtree(folder, ignore_errors=True)
        return
    latest = DeltaTable(str(folder))
    if latest.version() != version:
        latest.restore(version, post_commithook_properties=_KEEP_LOG)


@contextlib.contextmanager
def _without_panics() -> Iterator[None]:
    """Keep Delta's background threads from printing stack traces when a disk is full: the error comes as an error."""
    try:
        kept = os.dup(2)
    except OSError:  # the process has no standard error
        yield
        return
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)


def write_table(
    table: Table,
    folder: Path,
    batches: pa.RecordBatchReader,
    *,
    months: Iterable[str] | None,
    append: bool = False,
) -> int:
    """Replace months (ISO first days) of a stored table, or all of it when `months` is None; return the new version.

    `batches` has the columns of `stored_columns_sql`; with `months`, only rows of those months. append: add to what the
    call before wrote, instead of replacing.
    """
    split = partition_column(table)
    options: dict[str, Any] = {"post_commithook_properties": _KEEP_LOG, "writer_properties": _STORED_AS}
    exists = (folder / "_delta_log").exists()
    if months is not None and split is not None and exists and not append:
        options["predicate"] = f"{split} IN ({', '.join(quoted(month) for month in sorted(months))})"
    if exists:
        options["schema_mode"] = "merge"
    with _without_panics():
        mode: Literal["append", "overwrite"] = "append" if append else "overwrite"
        write_deltalake(str(folder), batches, mode=mode, partition_by=[split] if split else None, **options)
    return DeltaTable(str(folder)).version()
