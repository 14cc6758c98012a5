"""The working place of one load: a folder, a DuckDB connection with a memory limit, the rejects found so far."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from jicha.ingest.model import Place
from jicha.warehouse.tables import quoted

REJECTS = pa.schema(
    [
        ("table", pa.string()),
        ("file", pa.string()),
        ("sheet", pa.string()),
        ("line", pa.int64()),
        ("column", pa.string()),
        ("value", pa.string()),
        ("code", pa.string()),
        ("reason", pa.string()),
        ("reason_en", pa.string()),
        ("source", pa.string()),
    ]
)
WARNINGS = pa.schema(
    [
        ("table", pa.string()),
        ("column", pa.string()),
        ("kind", pa.string()),
        ("value", pa.string()),
        ("rows", pa.int64()),
        ("file", pa.string()),
        ("sheet", pa.string()),
        ("line", pa.int64()),
        ("reason", pa.string()),
        ("reason_en", pa.string()),
    ]
)


@dataclass(frozen=True)
class Reject:
    """One error of one line."""

    line: int
    column: str | None
    value: str
    code: str  # type, required, code, duplicate, structure, encoding
    reason: str
    reason_en: str
    source: str  # the source's own columns as a JSON object


def source_json(header: Sequence[str], fields: Sequence[str]) -> str:
    """Return the source's own columns as a JSON object; fields beyond the header are named by position."""
    names = source_names(header)
    names += [f"column_{i + 1}" for i in range(len(names), len(fields))]
    return json.dumps(dict(zip(names, fields, strict=False)), ensure_ascii=False)


def source_names(header: Sequence[str]) -> list[str]:
    """Return the header's names made unique; nameless columns are named by position."""
    names: list[str] = []
    for index, cell in enumerate(header):
        name = cell or f"column_{index + 1}"
        names.append(name if name not in names else f"{name}_{index + 1}")
    return names


class Scratch:
    """A folder and connection that end with the load."""

    def __init__(self, folder: Path, memory: str) -> None:
        """Make the folder and connect.

        memory: limit of the engine, such as `4GB`; what needs more spills to the folder.
        """
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self.connection = duckdb.connect()
        settings = {
            "memory_limit": memory,
            "temp_directory": str(folder / "spill"),
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
            "enable_progress_bar": "false",
            "preserve_insertion_order": "false",
            # a list of words becomes a join otherwise, which looks at every row even where a CASE would not
            "disabled_optimizers": "in_clause",
            "TimeZone": "Asia/Shanghai",  # of times with a zone in Parquet files; the tables hold local time
        }
        for name, value in settings.items():
            self.connection.execute(f"SET {name} = {quoted(value)}")
        self._count = 0

    def close(self) -> None:
        """Close the connection; the caller removes the folder."""
        self.connection.close()

    def path(self, kind: str, suffix: str = "parquet") -> Path:
        """Return a new file name."""
        self._count += 1
        return self.folder / f"{kind}-{self._count:05d}.{suffix}"

    def execute(self, sql: str) -> None:
        """Run a statement."""
        self.connection.execute(sql)

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """Return the rows of a query."""
        return self.connection.execute(sql).fetchall()

    def row(self, sql: str) -> tuple[Any, ...]:
        """Return the only row of a query."""
        (row,) = self.rows(sql)
        return row

    def copy(self, sql: str, path: Path) -> None:
        """Write a query's rows to a Parquet file."""
        self.execute(f"COPY ({sql}) TO {quoted(str(path))} (FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1)")

    def reject(self, table: str, place: Place, rejects: Iterable[Reject]) -> None:
        """Keep rejects that were found outside the engine."""
        found = [
            {
                "table": table,
                "file": place.file,
                "sheet": place.sheet,
                "line": item.line,
                "column": item.column,
                "value": item.value,
                "code": item.code,
                "reason": item.reason,
                "reason_en": item.reason_en,
                "source": item.source,
            }
            for item in rejects
        ]
        if found:
            pq.write_table(pa.Table.from_pylist(found, schema=REJECTS), self.path("rejects"))

    def collected(self, kind: str, schema: pa.Schema) -> str:
        """Return a SELECT over all files of a kind, empty and typed where there are none."""
        if not any(self.folder.glob(f"{kind}-*.parquet")):
            nulls = ", ".join(
                f"CAST(NULL AS {'BIGINT' if field.type == pa.int64() else 'VARCHAR'}) AS {quote(field.name)}"
                for field in schema
            )
            return f"SELECT {nulls} WHERE false"
        names = ", ".join(quote(field.name) for field in schema)
        return f"SELECT {names} FROM read_parquet({quoted(str(self.folder / f'{kind}-*.parquet'))})"


def quote(name: str) -> str:
    """Return a name as a quoted SQL identifier."""
    return '"' + name.replace('"', '""') + '"'
