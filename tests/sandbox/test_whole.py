"""What only the whole city can say of a planted fault."""

from __future__ import annotations

from datetime import date

import pytest

from jicha.sandbox.audit.whole import Changed, Whole
from jicha.sandbox.faults.truth import HIT, NEAR_MISS, Truth
from jicha.sandbox.layout import build_layout


@pytest.mark.parametrize(("points", "kind"), [(10, NEAR_MISS), (11, HIT)])
@pytest.mark.parametrize("otherwise", [False, True])
def test_a_planted_move_of_a_fifth_of_a_prices_points_is_policy(points: int, kind: str, otherwise: bool) -> None:
    whole = Whole()
    for at in range(points):
        whole.compare("FJ01", "JM01" if at < 2 else "FJ01")
    whole.changed = [Changed("{P0}", ("FJ01", "JM01"), otherwise)]
    (truth,) = whole.judge(build_layout(500, date(2026, 10, 15), 1), [Truth("TC015", "{P0}", HIT, "电价码变化无工单")])
    assert truth.kind == (HIT if otherwise else kind)
