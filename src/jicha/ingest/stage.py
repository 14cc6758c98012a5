"""Reading all columns of one delivery: source values to typed rows, and the rejects among them.

A row's class: 0 accepted so far, 1 rejected, 2 a totals row, 3 left out by the mapping's `where`.
"""

from __future__ import annotations

from collections.abc import Sequence

from jicha.ingest.messages import VALUE_PROBLEMS, code_of, value_reason
from jicha.ingest.model import Binding, Piece, Raw
from jicha.ingest.scratch import Scratch, quote, source_names
from jicha.ingest.typed import value_of_typed
from jicha.ingest.values import (
    ValueSql,
    clean_text,
    half_width,
    number_text,
    prepared,
    trimmed,
    unwrapped,
    value_of_text,
)
from jicha.warehouse.tables import quoted

_TOTALS = r"(本页|本月|本期|本年)?(合计|总计|小计|共计|累计|总和)(\(.*\))?|(grand)?total|subtotal|sum"
ACCEPTED, REJECTED, TOTALS, FILTERED = range(4)
_EXACT_UP_TO = {"DOUBLE": 1 << 53, "FLOAT": 1 << 24}  # up to here a type holds every whole number


def _input(binding: Binding, raw: Raw) -> str:
    """Return the source value of a column, before it is read; text unless it is taken as it stands."""
    if binding.expression is not None:
        value = f"CAST(({binding.expression}) AS VARCHAR)"
    elif binding.constant is not None:
        value = f"CAST({quoted(binding.constant)} AS VARCHAR)"
    else:
        value = f"c{binding.source}"
        if raw.kinds[binding.source or 0] != "VARCHAR" and _typed(binding, raw) is None:
            value = as_text(value, raw.kinds[binding.source or 0])
    for form in reversed(binding.formats):
        value = f"coalesce(CAST(TRY_STRPTIME({unwrapped(trimmed(value))}, {quoted(form)}) AS VARCHAR), {value})"
    if binding.codes or binding.others is not None:
        cases = " ".join(
            f"WHEN {quoted(source)} THEN {'NULL' if code is None else quoted(code)}"
            for source, code in binding.codes.items()
        )
        other = value if binding.others is None else "NULL" if binding.others[0] is None else quoted(binding.others[0])
        value = f"CASE {unwrapped(trimmed(value))} {cases} ELSE {other} END" if cases else other
    if binding.factor is not None:
        number = f"TRY_CAST({number_text(half_width(value))} AS DECIMAL(28,10))"
        value = f"coalesce(CAST({number} * {binding.factor:f} AS VARCHAR), {value})"
    return value


def as_text(value: str, kind: str) -> str:
    """Return a typed value as text; whole floats without `.0`: identifiers often come as floats.

    One too large for its type to hold every whole number is written with an exponent, which tells lost digits.
    """
    if kind not in _EXACT_UP_TO:
        return f"CAST({value} AS VARCHAR)"
    whole = f"{value} = trunc({value}) AND abs({value})"
    exact = f"{whole} <= {_EXACT_UP_TO[kind]} THEN CAST(CAST({value} AS BIGINT) AS VARCHAR)"
    large = f"{whole} < 1e300 THEN printf('%.16e', CAST({value} AS DOUBLE))"
    return f"CASE WHEN {exact} WHEN {large} ELSE CAST({value} AS VARCHAR) END"


def _typed(binding: Binding, raw: Raw) -> ValueSql | None:
    """Return how a typed Parquet column is taken without a detour over text, where it can be."""
    if binding.source is None or binding.codes or binding.others is not None or binding.formats or binding.factor:
        return None
    name = binding.column.name
    kind = raw.kinds[binding.source]
    return value_of_typed(binding.column, kind, source=quote(f"v_{name}"), value=quote(name), rounded=binding.rounded)


def _reading(binding: Binding, raw: Raw) -> ValueSql:
    name = binding.column.name
    found = _typed(binding, raw) or value_of_text(
        binding.column, text=quote(f"h_{name}"), value=quote(name), ready=quote(f"n_{name}"), rounded=binding.rounded
    )
    if not binding.column.required:
        return found
    problem = f"CASE WHEN {quote(name)} IS NULL THEN coalesce({found.problem}, 'required') END"
    return ValueSql(found.value, problem, found.warning)


def _totals(piece: Piece, raw: Raw) -> str:
    """Return a condition: the row is a totals row (a totals word first, and no full key)."""
    if not raw.is_text:
        return "false"
    table = piece.target.table
    cells = ", ".join(f"nullif({trimmed(f'c{i}')}, '')" for i in range(len(raw.kinds)))

    def word(value: str) -> str:
        # a cheap look first: this is asked of every row
        hint = f"contains({value}, '计') OR contains({value}, '总和') OR regexp_matches({value}, '(?i)total|sum')"
        plain = rf"regexp_replace(lower({half_width(value)}), '[\s:]+', '', 'g')"
        return f"CASE WHEN {hint} THEN regexp_full_match({plain}, '{_TOTALS}') ELSE false END"

    keys = [name for name in table.key if piece.target.bindings[name].source is not None]
    if not keys:
        return "false"
    no_key = " OR ".join(f"{quote(name)} IS NULL OR {word(quote(f'v_{name}'))}" for name in keys)
    return f"CASE WHEN {no_key} THEN {word(f'coalesce({cells})')} ELSE false END"


def _query(piece: Piece, raw: Raw, only: str = "") -> str:
    """Return the query that reads every row: inputs, digits of numbers, values, problems, one layer each."""
    bindings = piece.target.bindings
    inputs = [f"{_input(binding, raw)} AS {quote(f'v_{name}')}" for name, binding in bindings.items()]
    texts = {name: b.column for name, b in bindings.items() if _typed(b, raw) is None}
    clean = [f"{clean_text(column, quote(f'v_{name}'))} AS {quote(f'h_{name}')}" for name, column in texts.items()]
    forms = {name: prepared(column, quote(f"h_{name}")) for name, column in texts.items()}
    ready = [f"{form} AS {quote(f'n_{name}')}" for name, form in forms.items() if form is not None]
    readings = {name: _reading(binding, raw) for name, binding in bindings.items()}
    values = [f"{reading.value} AS {quote(name)}" for name, reading in readings.items()]
    problems = [f"{reading.problem} AS {quote(f'e_{name}')}" for name, reading in readings.items()]
    problems += [
        f"coalesce({reading.warning}, false) AS {quote(f'w_{name}')}"
        for name, reading in readings.items()
        if reading.warning
    ]
    where = f"({piece.target.where})" if piece.target.where else "true"
    cells = [f"c{i}" for i in range(len(raw.kinds))]
    first = f"SELECT line_, {where} IS TRUE AS taken_, {', '.join(cells + inputs)} FROM ({raw.relation}){only}"
    second = f"SELECT {', '.join(['*', *clean])} FROM ({first})"
    third = f"SELECT {', '.join(['*', *ready])} FROM ({second})"
    fourth = f"SELECT *, {', '.join(values)} FROM ({third})"
    return f"SELECT *, {', '.join(problems)}, {_totals(piece, raw)} AS totals_ FROM ({fourth})"


def stage_piece(piece: Piece, scratch: Scratch) -> None:
    """Write the typed rows of a delivery, and its rejects; fills the piece's counts."""
    raw = piece.raw
    assert raw is not None
    columns = list(piece.target.bindings)
    errors = ", ".join(quote(f"e_{name}") for name in columns)
    kept = [quote(name) for name in columns]
    kept += [f"CAST(c{i} AS VARCHAR) AS u{i}" for i in piece.target.unknown]
    if "period" in columns:
        kept.append("w_period")
    piece.staged = scratch.path("staged")
    scratch.copy(
        f"SELECT CAST({piece.number} AS INTEGER) AS piece_, line_, CAST(CASE WHEN NOT taken_ THEN {FILTERED} "
        f"WHEN totals_ THEN {TOTALS} WHEN coalesce({errors}) IS NOT NULL THEN {REJECTED} "
        f"ELSE {ACCEPTED} END AS TINYINT) AS class_, {', '.join(kept)} FROM ({_query(piece, raw)})",
        piece.staged,
    )
    staged = f"read_parquet({quoted(str(piece.staged))})"
    counts: dict[int, int] = dict(scratch.rows(f"SELECT class_, count(*) FROM {staged} GROUP BY class_"))
    piece.accepted = counts.get(ACCEPTED, 0)
    piece.totals = counts.get(TOTALS, 0)
    piece.filtered = counts.get(FILTERED, 0)
    piece.rejected_lines = counts.get(REJECTED, 0)
    if piece.rejected_lines:
        only = f" WHERE line_ IN (SELECT line_ FROM {staged} WHERE class_ = {REJECTED})"
        _write_rejects(piece, raw, scratch, _query(piece, raw, only))


def _write_rejects(piece: Piece, raw: Raw, scratch: Scratch, query: str) -> None:
    """Write one row per error of the rejected lines."""
    bindings = piece.target.bindings
    reasons = []
    for name, binding in bindings.items():
        source = raw.header[binding.source] if binding.source is not None else name
        for problem in VALUE_PROBLEMS:
            text = value_reason(problem, binding.column, source)
            if problem == "code" and not binding.column.labels:
                continue
            row = (name, problem, code_of(problem), text.zh, text.en)
            reasons.append("(" + ", ".join(quoted(item) for item in row) + ")")
    structs = ", ".join(
        f"{{'name': {quoted(name)}, 'problem': {quote(f'e_{name}')}, 'value': CAST({quote(f'v_{name}')} AS VARCHAR)}}"
        for name in bindings
    )
    errors = f"SELECT line_, {source_sql(raw)} AS source, unnest([{structs}]) AS x FROM ({query})"
    target = scratch.path("rejects")
    scratch.copy(
        f"""SELECT {quoted(piece.target.table.name)} AS "table", {place_sql(piece)}, line_ AS line, x.name AS "column",
            coalesce(x.value, '') AS value, r.code, r.zh AS reason, r.en AS reason_en, CAST(source AS VARCHAR) AS source
        FROM ({errors}) AS e
        INNER JOIN (VALUES {", ".join(reasons)}) AS r(name, problem, code, zh, en)
        ON x.name = r.name AND x.problem = r.problem""",
        target,
    )


def place_sql(piece: Piece) -> str:
    """Return the columns `file` and `sheet` of a delivery."""
    sheet = piece.place.sheet
    return f"{quoted(piece.place.file)} AS file, {'CAST(NULL AS VARCHAR)' if sheet is None else quoted(sheet)} AS sheet"


def source_sql(raw: Raw) -> str:
    """Return the source's own columns as a JSON object."""
    names = source_names(raw.header)
    pairs = []
    for index, name in enumerate(names):
        pairs += [quoted(name), f"CAST(c{index} AS VARCHAR)"]
    return f"json_object({', '.join(pairs)})"


def grouped(pieces: Sequence[Piece]) -> dict[tuple[str, ...], list[Piece]]:
    """Return the deliveries of a table by the columns that they deliver."""
    groups: dict[tuple[str, ...], list[Piece]] = {}
    for piece in pieces:
        groups.setdefault(tuple(piece.target.bindings), []).append(piece)
    return groups
