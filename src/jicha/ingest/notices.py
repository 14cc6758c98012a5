"""Warnings: what lands all the same, but somebody should look at."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from jicha.catalog.schema import Table
from jicha.ingest.model import Piece
from jicha.ingest.scratch import Scratch, quote
from jicha.ingest.stage import place_sql
from jicha.language import Text
from jicha.warehouse.tables import files_sql, quoted

_PIECE = 1 << 40


def _places(pieces: Sequence[Piece]) -> str:
    return " UNION ALL ".join(f"SELECT {piece.number} AS number, {place_sql(piece)}" for piece in pieces)


def _write(scratch: Scratch, table: str, column: str, /, *, kind: str, rows: str, places: str, text: Text) -> int:
    """Write warnings: `rows` gives value, rows, first_ (piece and line of the first)."""
    target = scratch.path("warnings")
    scratch.copy(
        f"""SELECT {quoted(table)} AS "table", {quoted(column)} AS "column", {quoted(kind)} AS kind, w.value,
            CAST(w.rows AS BIGINT) AS rows, p.file, p.sheet, w.first_ % {_PIECE} AS line,
            {quoted(text.zh)} AS reason, {quoted(text.en)} AS reason_en
        FROM ({rows}) AS w INNER JOIN ({places}) AS p ON p.number = w.first_ // {_PIECE}""",
        target,
    )
    (count,) = scratch.row(f"SELECT count(*) FROM read_parquet({files_sql([target])})")
    if count == 0:
        target.unlink()
    return int(count)


def warn_of_references(
    table: Table, pieces: Sequence[Piece], rows: str, target_relation: Callable[[str], str | None], scratch: Scratch
) -> int:
    """List references to rows that do not exist, once per value; return how many.

    rows: the load's rows of the table. target_relation: the rows of another table after the load, None when it was
    never delivered: then one warning says that its references were not checked.
    """
    count = 0
    delivered = {name for piece in pieces for name in piece.target.bindings}
    for column, other, key in table.references:
        if column.name not in delivered:
            continue
        values = (
            f"SELECT CAST({column.name} AS VARCHAR) AS value, count(*) AS rows, min(ord_) AS first_ FROM ({rows}) "
            f"WHERE {column.name} IS NOT NULL GROUP BY {column.name}"
        )
        target = target_relation(other)
        if target is None:
            any_row = (
                f"SELECT {quoted(other)} AS value, sum(rows) AS rows, min(first_) AS first_ FROM ({values}) "
                "HAVING count(*) > 0"
            )
            count += _write(
                scratch,
                table.name,
                column.name,
                kind="reference_unchecked",
                rows=any_row,
                places=_places(pieces),
                text=Text(
                    f"表 {other} 从未导入，未检查 {column.name} 是否存在于 {other}.{key}",
                    f"the table {other} was never loaded; {column.name} was not checked against {other}.{key}",
                ),
            )
            continue
        lost = (
            f"SELECT v.* FROM ({values}) AS v WHERE NOT EXISTS (SELECT 1 FROM ({target}) AS t WHERE t.{key} = v.value)"
        )
        count += _write(
            scratch,
            table.name,
            column.name,
            kind="reference",
            rows=lost,
            places=_places(pieces),
            text=Text(
                f"{other}.{key} 中没有这个值；数据已导入，请核对",
                f"there is no such {other}.{key}; the rows were loaded, check them",
            ),
        )
    return count


def warn_of_periods(table: Table, pieces: Sequence[Piece], scratch: Scratch) -> int:
    """List how many periods did not name the first day of their month and were cut to it."""
    having = [piece for piece in pieces if "period" in piece.target.bindings and piece.staged is not None]
    if not having:
        return 0
    files = files_sql([piece.staged for piece in having if piece.staged is not None])
    rows = (
        "SELECT CAST(period AS VARCHAR) AS value, count(*) AS rows, "
        f"min(CAST(piece_ AS BIGINT) * {_PIECE} + line_) AS first_ "
        f"FROM read_parquet({files}, union_by_name = true) WHERE class_ = 0 AND w_period GROUP BY period"
    )
    text = Text("不是当月第一天，已按当月第一天保存", "not the first day of a month; stored as the first")
    return _write(scratch, table.name, "period", kind="period", rows=rows, places=_places(having), text=text)


def warn_of_unknown_columns(table: Table, pieces: Sequence[Piece], scratch: Scratch) -> int:
    """List the source columns that nothing uses; they are kept aside."""
    firsts: dict[str, tuple[int, int]] = {}  # name -> (rows, first)
    for piece in pieces:
        for position in piece.target.unknown:
            name = piece.raw.header[position] if piece.raw else ""
            rows, first = firsts.get(name, (0, piece.number * _PIECE + (piece.raw.header_lines if piece.raw else 0)))
            firsts[name] = (rows + piece.accepted, first)
    if not firsts:
        return 0
    values = ", ".join(f"({quoted(name)}, {rows}, {first})" for name, (rows, first) in firsts.items())
    return _write(
        scratch,
        table.name,
        "",
        kind="unknown_column",
        rows=f"SELECT * FROM (VALUES {values}) AS v(value, rows, first_)",
        places=_places(pieces),
        text=Text(
            f"表 {table.name} 没有这一列；其内容另存于 aside/{table.name}.parquet",
            f"{table.name} has no such column; its values are kept in aside/{table.name}.parquet",
        ),
    )


def aside_sql(table: Table, pieces: Sequence[Piece], accepted: str) -> str | None:
    """Return the key and the unknown columns of the accepted rows; None where there are no unknown columns."""
    parts = []
    for piece in pieces:
        if not piece.target.unknown or piece.raw is None or piece.staged is None:
            continue
        names: dict[str, int] = {}
        for position in piece.target.unknown:
            names.setdefault(piece.raw.header[position], position)
        keys = ", ".join(f"s.{quote(key)}" for key in table.key)
        unknown = ", ".join(f"s.u{position} AS {quote(name)}" for name, position in names.items())
        parts.append(
            f"SELECT {keys}, {unknown} FROM read_parquet({files_sql([piece.staged])}) AS s WHERE s.class_ = 0 "
            f"AND EXISTS (SELECT 1 FROM ({accepted}) AS a WHERE a.ord_ = {piece.number * _PIECE} + s.line_)"
        )
    return " UNION ALL BY NAME ".join(parts) if parts else None
