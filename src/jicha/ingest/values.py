"""SQL that reads one source value as one canonical type.

Everything is written for columns of text and costs little for values in the usual form: each expression tries that
first, and the many other accepted forms only where it fails. DuckDB's casts round silently (`12.345` to `12.35`, `1.6`
to `2`), so digits that do not fit are looked for here.
"""

from __future__ import annotations

from dataclasses import dataclass

from jicha.catalog.schema import Column
from jicha.ingest.names import normal
from jicha.warehouse.tables import quoted

_FULL = "".join(chr(code) for code in range(0xFF01, 0xFF5F)) + "\u3000\xa0−￥"
_HALF = "".join(chr(code) for code in range(0x21, 0x7F)) + "  -¥"
_BLANKS = "' \t\r\n\u3000\xa0\ufeff\u200b'"
_NOTHING = ("null", "n/a", "\\n", "无", "-", "--", "—", "——", "空")  # in lower case: no value
_NOTHING_IN_TEXT = ("NULL", "null", "Null", "N/A", "n/a", "\\N")
_NOTHING_BUT_PERSONAL = ("无", "-", "--", "—", "——", "空")
_TRUE = ("是", "true", "1", "1.0", "y", "yes", "t", "√", "有", "真")
_FALSE = ("否", "false", "0", "0.0", "n", "no", "f", "×", "无", "假")
_DAY = r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?"
_TIME = r"(\d{1,2})(?:[:时点](\d{1,2})(?:[:分](\d{1,2}(?:\.\d+)?))?)?[时分秒]?(?:\+08(?::?00)?)?"
_EXCEL_SERIAL = r"\d{5}(\.\d+)?"  # 10000 is 1927-05-18
_EXPONENT = r"[-+]?\d(\.\d+)?[eE]\+\d{2,}"  # what a spreadsheet makes of a long identifier: its last digits are lost
_SHEET_ERRORS = ("#N/A", "#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#NUM!", "#NULL!")


@dataclass(frozen=True)
class ValueSql:
    """The value of a column (NULL where there is none or it is wrong), and the name of its problem (NULL: none)."""

    value: str
    problem: str
    warning: str | None = None  # a condition under which the value was changed


def _list(words: tuple[str, ...]) -> str:
    return "(" + ", ".join(quoted(word) for word in words) + ")"


def trimmed(text: str) -> str:
    """Return text without blanks at both ends, ideographic ones included."""
    return f"trim({text}, {_BLANKS})"


def half_width(text: str) -> str:
    """Return trimmed text with full-width forms as half-width ones.

    `translate` is slow, so only text that has such forms goes through it.
    """
    wide = rf"regexp_matches({text}, '[\x{{FF01}}-\x{{FF5E}}\x{{3000}}\x{{A0}}\x{{2212}}\x{{FFE5}}]')"
    return trimmed(
        f"CASE WHEN strlen({text}) = length({text}) THEN {text} "
        f"WHEN {wide} THEN translate({text}, {quoted(_FULL)}, {quoted(_HALF)}) ELSE {text} END"
    )


def is_nothing(text: str) -> str:
    """Return a condition: the clean text stands for no value."""
    return f"({text} IS NULL OR {text} = '' OR lower({text}) IN {_list(_NOTHING)})"


def clean_text(column: Column, text: str) -> str:
    """Return a source value as the other functions here want it: trimmed, and half-width unless it is a string."""
    other = unwrapped(trimmed(text) if _is_string(column) else half_width(text))
    # most values are ASCII without blanks around them, and `trim` with a set of characters is slow
    plain = f"strlen({text}) = length({text}) AND {text}[1] > ' ' AND {text}[-1] > ' ' AND {text}[1] NOT IN ('=', '''')"
    return f"CASE WHEN {plain} THEN {text} ELSE {other} END"


def unwrapped(text: str) -> str:
    """Return trimmed text without what exports put around digits so that sheets keep them: `="0012"`, `'0012`."""
    formula = f'CASE WHEN regexp_full_match({text}, \'="[^"]*"\') THEN {text}[3:-2] ELSE {text} END'
    mark = rf"CASE WHEN regexp_full_match({text}, '''[-+]?\d[\w.,:/ -]*') THEN {text}[2:] ELSE {text} END"
    return f"CASE {text}[1] WHEN '=' THEN {trimmed(formula)} WHEN '''' THEN {mark} ELSE {text} END"


def _is_string(column: Column) -> bool:
    return column.type == "string"


def prepared(column: Column, text: str) -> str | None:
    """Return clean text in the form that casts understand, NULL where it has none; None for types without casts."""
    if is_numeric(column):
        return number_text(text)
    if column.type == "date":
        usual = rf"regexp_full_match({text}, '\d{{4}}[-/]\d{{1,2}}[-/]\d{{1,2}}')"
        return f"CASE WHEN {usual} THEN {text} ELSE {_day_text(text, month_only=column.name == 'period')} END"
    if column.type == "timestamp":
        time = r"([ T]\d{1,2}:\d{1,2}(:\d{1,2}(\.\d+)?)?)?"
        usual = rf"regexp_full_match({text}, '\d{{4}}-\d{{1,2}}-\d{{1,2}}{time}')"
        return f"CASE WHEN {usual} THEN {text} ELSE {_time_text(text)} END"
    return None


def number_text(text: str) -> str:
    """Return the digits of a number written in any accepted form, or NULL."""
    clean = rf"regexp_replace({text}, '^([-+]?)\s*¥?\s*([-+]?)', '\1\2')"
    grouped = (
        rf"CASE WHEN regexp_full_match({clean}, '[-+]?\d{{1,3}}(,\d{{3}})+(\.\d*)?') THEN replace({clean}, ',', '') "
        rf"ELSE {clean} END"
    )
    checked = rf"regexp_extract({grouped}, '^\+?(-?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d{{1,3}})?)$', 1)"
    return rf"CASE WHEN regexp_full_match({text}, '-?\d+(\.\d+)?') THEN {text} ELSE nullif({checked}, '') END"


def _decimals(digits: str) -> str:
    return f"(CASE WHEN strpos({digits}, '.') = 0 THEN 0 ELSE length({digits}) - strpos({digits}, '.') END)"


def _exponent(digits: str) -> str:
    return f"(contains({digits}, 'e') OR contains({digits}, 'E'))"


def decimal_of_double(number: str, precision: int, scale: int, *, rounded: bool) -> str:
    """Return a double as a decimal, or NULL where its first 15 significant digits need more decimals."""
    cast = f"TRY_CAST({number} AS DECIMAL({precision},{scale}))"
    if rounded:
        return cast
    return (
        f"CASE WHEN {number} = 0 THEN {cast} WHEN isfinite({number}) AND abs({number} - CAST({cast} AS DOUBLE)) "
        f"<= 0.5 * pow(10, floor(log10(abs({number}))) - 14) THEN {cast} END"
    )


def _problem(text: str, value: str, wrong: str, *, nothing: str) -> str:
    """Return the problem of a value: none where it was read or the text stands for nothing."""
    return f"CASE WHEN {value} IS NOT NULL OR {text} IS NULL THEN NULL WHEN {nothing} THEN NULL ELSE {wrong} END"


def _decimal(column: Column, text: str, value: str, digits: str, rounded: bool) -> ValueSql:
    precision, scale = column.decimal or (18, 2)
    cast = f"TRY_CAST({digits} AS DECIMAL({precision},{scale}))"
    double = f"TRY_CAST({digits} AS DOUBLE)"
    short = f"rtrim({digits}, '0')"
    allowed = "true" if rounded else f"{_decimals(short)} <= {scale}"
    read = (
        f"CASE WHEN {digits} IS NULL THEN NULL "
        f"WHEN {_exponent(digits)} THEN {decimal_of_double(double, precision, scale, rounded=rounded)} "
        f"WHEN {_decimals(digits)} <= {scale} OR {allowed} THEN {cast} END"
    )
    limit = f"1e{precision - scale}"
    wrong = (
        f"CASE WHEN {digits} IS NULL THEN 'number' WHEN abs({double}) < {limit} AND isfinite({double}) "
        f"THEN 'decimals' ELSE 'range' END"
    )
    return ValueSql(read, _problem(text, value, wrong, nothing=is_nothing(text)))


def _double(text: str, value: str, digits: str) -> ValueSql:
    cast = f"TRY_CAST({digits} AS DOUBLE)"
    wrong = f"CASE WHEN {digits} IS NULL THEN 'number' ELSE 'range' END"
    return ValueSql(
        f"CASE WHEN isfinite({cast}) THEN {cast} END", _problem(text, value, wrong, nothing=is_nothing(text))
    )


def _int(text: str, value: str, digits: str) -> ValueSql:
    double = f"TRY_CAST({digits} AS DOUBLE)"
    read = (
        f"CASE WHEN {digits} IS NULL THEN NULL WHEN NOT contains({digits}, '.') AND NOT {_exponent(digits)} "
        f"THEN TRY_CAST({digits} AS INTEGER) WHEN {double} = trunc({double}) THEN TRY_CAST({double} AS INTEGER) END"
    )
    wrong = f"CASE WHEN {digits} IS NULL THEN 'number' WHEN {double} <> trunc({double}) THEN 'whole' ELSE 'range' END"
    return ValueSql(read, _problem(text, value, wrong, nothing=is_nothing(text)))


def plausible(value: str, kind: str) -> str:
    """Return a date or time only within years 1900 to 9999: casts also take `0026-01-05` and `infinity`."""
    last = "9999-12-31" if kind == "DATE" else "9999-12-31 23:59:59.999999"
    return f"CASE WHEN {value} BETWEEN {kind} '1900-01-01' AND {kind} '{last}' THEN {value} END"


def _day_text(text: str, *, month_only: bool) -> str:
    """Return ISO text of a day written in any accepted form, or NULL."""
    clean = text
    serial = f"CAST(DATE '1899-12-30' + CAST(floor(CAST({clean} AS DOUBLE)) AS INTEGER) AS VARCHAR)"
    forms = [
        (r"\d{8}|\d{14}", f"substr({clean}, 1, 4) || '-' || substr({clean}, 5, 2) || '-' || substr({clean}, 7, 2)"),
        (rf"{_DAY}(?:[ T]*{_TIME})?", rf"regexp_replace({clean}, '^{_DAY}.*$', '\1-\2-\3')"),
        (_EXCEL_SERIAL, serial),
    ]
    if month_only:
        month = r"(\d{4})[-/.年](\d{1,2})月?"
        forms += [
            (r"\d{6}", f"substr({clean}, 1, 4) || '-' || substr({clean}, 5, 2) || '-01'"),
            (month, rf"regexp_replace({clean}, '^{month}$', '\1-\2-01')"),
        ]
    cases = " ".join(f"WHEN regexp_full_match({clean}, '{pattern}') THEN {result}" for pattern, result in forms)
    return f"CASE {cases} END"


def _date(column: Column, text: str, value: str, iso: str) -> ValueSql:
    is_period = column.name == "period"
    day = plausible(f"TRY_CAST({iso} AS DATE)", "DATE")
    problem = _problem(text, value, "'period'" if is_period else "'date'", nothing=is_nothing(text))
    if not is_period:
        return ValueSql(day, problem)
    first = f"CAST(date_trunc('month', {day}) AS DATE)"
    return ValueSql(first, problem, f"TRY_CAST({iso} AS DATE) <> {value}")


def _time_text(text: str) -> str:
    """Return ISO text of a time written in any accepted form, or NULL."""
    clean = text
    pattern = f"^{_DAY}(?:[ T]*{_TIME})?$"
    parts = f"regexp_extract({clean}, '{pattern}', ['y', 'm', 'd', 'h', 'i', 's'])"

    def part(name: str) -> str:
        return f"CASE WHEN {parts}.{name} = '' THEN '0' ELSE {parts}.{name} END"

    words = (
        f"{parts}.y || '-' || {parts}.m || '-' || {parts}.d || ' ' || "
        f"{part('h')} || ':' || {part('i')} || ':' || {part('s')}"
    )
    digits = (
        f"substr({clean}, 1, 4) || '-' || substr({clean}, 5, 2) || '-' || substr({clean}, 7, 2) || ' ' || "
        f"rpad(substr({clean}, 9, 2), 2, '0') || ':' || rpad(substr({clean}, 11, 2), 2, '0') || ':' || "
        f"rpad(substr({clean}, 13), 2, '0')"
    )
    milliseconds = f"CAST(round(CAST({clean} AS DOUBLE) * 86400000) AS BIGINT)"
    serial = f"CAST(TIMESTAMP '1899-12-30' + to_milliseconds({milliseconds}) AS VARCHAR)"
    return (
        rf"CASE WHEN regexp_full_match({clean}, '\d{{14}}(\.\d+)?|\d{{12}}|\d{{8}}') THEN {digits} "
        f"WHEN regexp_full_match({clean}, '{pattern}') THEN {words} "
        f"WHEN regexp_full_match({clean}, '{_EXCEL_SERIAL}') THEN {serial} END"
    )


def _timestamp(text: str, value: str, iso: str) -> ValueSql:
    read = plausible(f"TRY_CAST({iso} AS TIMESTAMP)", "TIMESTAMP")
    return ValueSql(read, _problem(text, value, "'timestamp'", nothing=is_nothing(text)))


def _bool(text: str, value: str) -> ValueSql:
    clean = f"lower({text})"
    read = f"CASE WHEN {clean} IN {_list(_TRUE)} THEN true WHEN {clean} IN {_list(_FALSE)} THEN false END"
    return ValueSql(read, _problem(text, value, "'bool'", nothing=is_nothing(text)))


def _enum(column: Column, text: str, value: str) -> ValueSql:
    exact: dict[str, str] = {}
    loose: dict[str, str] = {}
    for code, labels in column.labels.items():
        for word in (code, labels["zh"], labels["en"]):
            exact.setdefault(word, code)
            loose.setdefault(normal(word), code)
    quick = " ".join(f"WHEN {quoted(word)} THEN {quoted(code)}" for word, code in exact.items())
    others = " ".join(f"WHEN {quoted(word)} THEN {quoted(code)}" for word, code in loose.items())
    stripped = rf"regexp_replace(lower({text}), '[\s_\-.:*]+', '', 'g')"
    read = f"coalesce(CASE {text} {quick} END, CASE {stripped} {others} END)"
    return ValueSql(read, _problem(text, value, "'code'", nothing=is_nothing(text)))


def _string(column: Column, text: str, value: str) -> ValueSql:
    words = ("", *_NOTHING_IN_TEXT, *(() if column.personal else _NOTHING_BUT_PERSONAL))
    longest = max(len(word.encode()) for word in words)
    is_error = f"({text} IN {_list(_SHEET_ERRORS)} OR {text}[1] = '=')"
    # a cheap look first: this is asked of every row
    damaged = (
        f"((contains({text}, '+') OR {text} BETWEEN '#' AND '$' OR {text} BETWEEN '=' AND '>') "
        f"AND ({is_error} OR regexp_full_match({text}, '{_EXPONENT}')))"
    )
    nothing = f"CASE WHEN {text} IN {_list(words)} THEN NULL ELSE {text} END"
    return ValueSql(
        f"CASE WHEN {damaged} THEN NULL WHEN strlen({text}) > {longest} THEN {text} ELSE {nothing} END",
        f"CASE WHEN {value} IS NULL AND {damaged} THEN CASE WHEN {is_error} THEN 'sheet_error' ELSE 'digits' END END",
    )


def is_numeric(column: Column) -> bool:
    """Say whether a column holds numbers."""
    return column.type in {"int", "double"} or column.decimal is not None


def value_of_text(column: Column, *, text: str, value: str, ready: str, rounded: bool = False) -> ValueSql:
    """Return how a text is read as a column's type.

    text, value, ready: the names under which the `clean_text`, the value read and the `prepared` text stand in the
    query. rounded: decimals beyond the column's scale are rounded instead of rejected.
    """
    if column.decimal is not None:
        return _decimal(column, text, value, ready, rounded)
    if column.labels:
        return _enum(column, text, value)
    return {
        "double": lambda: _double(text, value, ready),
        "int": lambda: _int(text, value, ready),
        "date": lambda: _date(column, text, value, ready),
        "timestamp": lambda: _timestamp(text, value, ready),
        "bool": lambda: _bool(text, value),
    }.get(column.type, lambda: _string(column, text, value))()
