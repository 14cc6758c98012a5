"""All but the last row of a repeated key are rejected, among the otherwise valid rows of the whole load."""

from __future__ import annotations

from collections.abc import Sequence

from jicha.catalog.schema import Table
from jicha.errors import BadInput
from jicha.ingest.model import Piece
from jicha.ingest.scratch import Scratch, quote
from jicha.ingest.stage import grouped, place_sql, source_sql
from jicha.warehouse.tables import files_sql, quoted

_BUCKET = 8_000_000  # rows grouped at once: keys of that many rows fit the memory limit
_PIECE = 1 << 40  # line numbers are below it


def incoming_sql(table: Table, pieces: Sequence[Piece], *, columns: Sequence[str] | None = None) -> str:
    """Return the accepted rows of a table's deliveries: ord_, group_ and all columns, NULL where not delivered."""
    parts = []
    wanted = list(table.columns) if columns is None else columns
    for number, (delivered, members) in enumerate(grouped(pieces).items()):
        names = ", ".join(
            f"s.{quote(name)}"
            if name in delivered
            else f"CAST(NULL AS {table.columns[name].sql_type}) AS {quote(name)}"
            for name in wanted
        )
        files = files_sql([piece.staged for piece in members if piece.staged is not None])
        parts.append(
            f"SELECT CAST(s.piece_ AS BIGINT) * {_PIECE} + s.line_ AS ord_, {number} AS group_, {names} "
            f"FROM read_parquet({files}, union_by_name = true) AS s WHERE s.class_ = 0"
        )
    return " UNION ALL ".join(parts)


def reject_duplicates(table: Table, pieces: Sequence[Piece], scratch: Scratch) -> str:
    """Write the rejects of repeated keys and return the relation of the rows that remain."""
    total = sum(piece.accepted for piece in pieces)
    buckets = total // _BUCKET + 1
    keys = ", ".join(table.key)
    names = f"ord_, {keys}"
    everything = incoming_sql(table, pieces, columns=table.key)
    losers = f"losers_{table.name}"
    scratch.execute(f"CREATE TEMP TABLE {losers} (ord_ BIGINT PRIMARY KEY, winner_ BIGINT)")
    for bucket in range(buckets):
        part = f"SELECT {names} FROM ({everything})"
        if buckets > 1:
            part += f" WHERE hash({keys}) % {buckets} = {bucket}"
        same = " AND ".join(f"a.{key} = b.{key}" for key in table.key)
        repeated = f"SELECT {keys}, max(ord_) AS winner_ FROM ({part}) GROUP BY {keys} HAVING count(*) > 1"
        scratch.execute(
            f"INSERT INTO {losers} SELECT a.ord_, b.winner_ FROM ({part}) AS a INNER JOIN ({repeated}) AS b ON {same} "
            "WHERE a.ord_ < b.winner_"
        )
    all_rows = incoming_sql(table, pieces)
    if scratch.row(f"SELECT count(*) FROM {losers}") == (0,):
        return all_rows
    for piece in pieces:
        _write(table, piece, pieces, losers, scratch)
    return f"SELECT * FROM ({all_rows}) AS a WHERE NOT EXISTS (SELECT 1 FROM {losers} AS b WHERE a.ord_ = b.ord_)"


def _write(table: Table, piece: Piece, pieces: Sequence[Piece], losers: str, scratch: Scratch) -> None:
    raw = piece.raw
    if raw is None or piece.staged is None:
        return
    mine = (
        f"SELECT ord_ - {piece.number * _PIECE} AS line_, winner_ FROM {losers} WHERE ord_ // {_PIECE} = {piece.number}"
    )
    (count,) = scratch.row(f"SELECT count(*) FROM ({mine})")
    if not count:
        return
    places = ", ".join(
        f"({other.number}, {quoted(other.place.text.zh)}, {quoted(other.place.text.en)})" for other in pieces
    )
    value = " || ', ' || ".join(f"CAST(s.{quote(key)} AS VARCHAR)" for key in table.key)
    scratch.copy(
        f"""SELECT {quoted(table.name)} AS "table", {place_sql(piece)}, d.line_ AS line,
            {quoted(", ".join(table.key))} AS "column", {value} AS value, 'duplicate' AS code,
            '主键重复，以后出现的一行为准：' || p.zh || ' 第 ' || (d.winner_ % {_PIECE}) || ' 行' AS reason,
            'the key is repeated; the later row counts: ' || p.en || ', line ' || (d.winner_ % {_PIECE}) AS reason_en,
            CAST(r.source AS VARCHAR) AS source
        FROM ({mine}) AS d
        INNER JOIN read_parquet({quoted(str(piece.staged))}) AS s ON s.line_ = d.line_
        INNER JOIN (SELECT line_, {source_sql(raw)} AS source FROM ({raw.relation})) AS r ON r.line_ = d.line_
        INNER JOIN (VALUES {places}) AS p(number, zh, en) ON p.number = d.winner_ // {_PIECE}""",
        scratch.path("rejects"),
    )
    piece.accepted -= count
    piece.rejected_lines += count


def reconcile(piece: Piece) -> None:
    """Compare what was counted on the file with what became of its lines; BadInput when a line was lost.

    Physical lines = header + blank + records' lines + faulty lines, counted on the bytes and while splitting;
    records = accepted + rejected + totals + left out, counted while splitting and by the engine.
    """
    raw = piece.raw
    assert raw is not None
    placed = raw.header_lines + raw.blank + raw.record_lines + raw.fault_lines
    judged = piece.accepted + piece.rejected_lines + piece.totals + piece.filtered
    if placed != raw.lines or judged != raw.records:
        zh, en = piece.place.text
        raise BadInput(
            zh=f"{zh}：行数对不上：共 {raw.lines} 行，已归类 {placed} 行；{raw.records} 条记录，已判定 {judged} 条。"
            "请检查文件在导入时是否被改动；若没有，请报告此问题。",
            en=f"{en}: the line count does not add up: {raw.lines} lines, {placed} placed; {raw.records} records, "
            f"{judged} judged; check whether the file changed meanwhile; if not, report this",
        )
