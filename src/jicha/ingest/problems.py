"""Rejects and warnings of a load that is only a check: counted by reason, with a first example of each."""

from __future__ import annotations

from typing import Any

from jicha.catalog.schema import Schema
from jicha.ingest.scratch import REJECTS, WARNINGS, Scratch, quote

_MOST = 100  # reasons
_WHOLE_LINES = {"structure", "encoding"}  # their value is a line, which may hold personal data
_NAMES = ("table", "file", "sheet", "column", "code", "reason", "reason_en", "errors", "line", "value")


def counted_problems(scratch: Scratch, schema: Schema) -> list[dict[str, Any]]:
    """Return the reasons for rejects, then the warnings, most frequent first; personal values are left out."""
    found = []
    for kind, names, errors in (("reject", REJECTS, "count(*)"), ("warning", WARNINGS, "CAST(sum(rows) AS BIGINT)")):
        code = "code" if kind == "reject" else "kind"
        columns = ", ".join(quote(name) for name in ("table", "file", "sheet", "column", code, "reason", "reason_en"))
        rows = scratch.rows(
            f"SELECT {columns}, {errors} AS n, min(line), min_by(value, line) "
            f"FROM ({scratch.collected(f'{kind}s', names)}) GROUP BY {columns} ORDER BY n DESC, {columns} LIMIT {_MOST}"
        )
        for row in rows:
            item = dict(zip(_NAMES, row, strict=True))
            if not may_be_shown(schema, item["table"], item["column"], item["code"]):
                item["value"] = None
            found.append({"kind": kind} | item)
    return found


def may_be_shown(schema: Schema, table: str, column: str | None, code: str) -> bool:
    """Say whether the value of a reject or warning may be shown without a reason: it is nobody's personal data."""
    known = schema[table].columns.get(column or "") if table in schema else None
    return code not in _WHOLE_LINES and not (known is not None and known.personal)
