"""Parquet files: opening, and the relation that the engine reads."""

from __future__ import annotations

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from jicha.errors import BadInput
from jicha.ingest.model import Place, Raw
from jicha.ingest.scratch import Scratch, quote
from jicha.warehouse.tables import quoted


def open_parquet(place: Place, scratch: Scratch) -> Raw:
    """Read the columns and row count; BadInput when the file is damaged.

    Values that stand in the path (`period=2026-01-01/part-0.parquet`) are columns too. Line numbers are row numbers.
    """
    try:
        rows = pq.read_metadata(place.path).num_rows
        source = f"read_parquet({quoted(_escaped(str(place.path)))}, file_row_number = true, hive_partitioning = false)"
        described = scratch.rows(f"DESCRIBE SELECT * EXCLUDE (file_row_number) FROM {source}")
    except (pa.ArrowException, duckdb.Error, OSError) as error:
        zh, en = place.text
        problem = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise BadInput(
            zh=f"{zh}不是完整的 Parquet 文件（{problem}）：可能被截断。请重新导出或重新复制。",
            en=f"{en} is no complete Parquet file ({problem}); it may be truncated: export or copy it again",
        ) from error
    header = [name for name, *_ in described]
    kinds = [str(kind) for _, kind, *_ in described]
    columns = [f"{quote(name)} AS c{i}" for i, name in enumerate(header)]
    for part in place.path.parts[:-1]:
        name, found, value = part.partition("=")
        if found and name and name not in header:
            columns.append(f"{quoted(value)} AS c{len(header)}")
            header.append(name)
            kinds.append("VARCHAR")
    return Raw(
        relation=f"SELECT file_row_number + 1 AS line_, {', '.join(columns)} FROM {source}",
        kinds=kinds,
        header=header,
        records=rows,
        lines=rows,
        record_lines=rows,
        is_text=False,
        encoding="Parquet",
    )


def _escaped(path: str) -> str:
    """Return a path in which brackets and asterisks are not taken for a pattern."""
    return "".join(f"[{c}]" if c in "*?[" else c for c in path)
