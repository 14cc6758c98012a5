"""SQL that takes a typed Parquet value as a canonical type, without a detour over text."""

from __future__ import annotations

from jicha.catalog.schema import Column
from jicha.ingest.values import ValueSql, decimal_of_double, plausible

_WHOLE = {"TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT"}


def value_of_typed(column: Column, kind: str, *, source: str, value: str, rounded: bool = False) -> ValueSql | None:
    """Return how a value of a Parquet type (as DuckDB names it) is taken; None where it has to be read as text.

    source, value: the names under which the source value and the value taken stand in the query.
    """
    if column.decimal is not None:
        return _decimal(column.decimal, kind, source, value, rounded)
    if kind == "DATE" or (kind.startswith("TIMESTAMP") and "TIME ZONE" not in kind):
        return _time(column, source, value)
    if column.type == "double" and (kind in _WHOLE or kind == "DOUBLE" or kind.startswith("DECIMAL")):
        cast = f"CAST({source} AS DOUBLE)"
        return _direct(f"CASE WHEN isfinite({cast}) THEN {cast} END", source, value, "'number'")
    if column.type == "int" and kind in _WHOLE:
        return _direct(f"TRY_CAST({source} AS INTEGER)", source, value, "'range'")
    if column.type == "bool" and kind == "BOOLEAN":
        return _direct(source, source, value, "'bool'")
    return None


def _direct(read: str, source: str, value: str, wrong: str) -> ValueSql:
    return ValueSql(read, f"CASE WHEN {value} IS NULL AND {source} IS NOT NULL THEN {wrong} END")


def _decimal(form: tuple[int, int], kind: str, source: str, value: str, rounded: bool) -> ValueSql | None:
    precision, scale = form
    cast = f"TRY_CAST({source} AS DECIMAL({precision},{scale}))"
    if kind in _WHOLE or kind.startswith("DECIMAL"):
        read = cast if rounded or kind in _WHOLE else f"CASE WHEN {cast} = {source} THEN {cast} END"
        return _direct(read, source, value, f"CASE WHEN {cast} IS NULL THEN 'range' ELSE 'decimals' END")
    if kind != "DOUBLE":
        return None
    wrong = f"CASE WHEN {cast} IS NOT NULL THEN 'decimals' WHEN isfinite({source}) THEN 'range' ELSE 'number' END"
    return _direct(decimal_of_double(source, precision, scale, rounded=rounded), source, value, wrong)


def _time(column: Column, source: str, value: str) -> ValueSql | None:
    if column.type == "timestamp":
        return _direct(plausible(f"TRY_CAST({source} AS TIMESTAMP)", "TIMESTAMP"), source, value, "'timestamp'")
    if column.type != "date":
        return None
    day = plausible(f"TRY_CAST({source} AS DATE)", "DATE")
    if column.name != "period":
        return _direct(day, source, value, "'date'")
    first = _direct(f"CAST(date_trunc('month', {day}) AS DATE)", source, value, "'period'")
    return ValueSql(first.value, first.problem, f"day({day}) <> 1")
