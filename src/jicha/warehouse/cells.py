"""What written text means to the spreadsheet that opens it."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

SHEET_ROWS = 1_048_575  # of a worksheet, below its header

_FORMULA = r"^[=+\-@\t\r]"
_LITERAL = r'^="[^"]*"$'  # how exports keep leading zeros: runs, but to nothing else than its own text


def harmless(column: pa.Array) -> pa.Array:
    """Put ' before text that a spreadsheet would run as a formula."""
    if not pa.types.is_string(column.type):
        return column
    runs = pc.and_not(pc.match_substring_regex(column, _FORMULA), pc.match_substring_regex(column, _LITERAL))
    return pc.if_else(runs, pc.binary_join_element_wise("'", column, ""), column)
