"""The bounds beyond which a value came broken are the same in SQL and in Python."""

from __future__ import annotations

from decimal import Decimal
from importlib.resources import files

import duckdb
import pytest

from jicha.billing import measure

BOUNDS = {
    "kwh": measure.MOST_KWH, "adjustment": measure._MOST_ADJUSTED, "size": measure._MOST_SIZE,
    "share": measure.MOST_SHARE, "price": measure._MOST_PRICE, "size_price": measure._MOST_SIZE_PRICE,
    "yuan": measure._MOST_YUAN,
}  # fmt: skip


@pytest.mark.parametrize("name", BOUNDS)
def test_sql_and_python_draw_the_same_line(name: str) -> None:
    engine = duckdb.connect()
    engine.execute((files("jicha_catalog") / "macros" / "measure.sql").read_text(encoding="utf-8"))
    bound = BOUNDS[name]
    for value in (bound, -bound, bound - Decimal("0.01"), Decimal("0.01") - bound):
        said = engine.execute(f"SELECT is_beyond_{name}(CAST({value} AS DECIMAL(18, 4)))").fetchall()
        assert said == [(measure.is_beyond(value, bound),)], value
