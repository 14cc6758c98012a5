"""Open findings outside a rule's window are judged again: an earlier period by that period, a past event by its day."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from jicha.screening.request import Request
from jicha.screening.run import screen

Rows = Mapping[str, Sequence[Mapping[str, Any]]]
Store = Callable[[Path, Rows], None]
HEAD = """\
/*---
code: ZZ00N
name: {zh: 甲, en: A}
group: CF
subject: SUBJECT
class: fee
severity: low
status: active
frequency: monthly
proof: PROOF
tables: [TABLE]
key: [KEY]
reason: {zh: 甲, en: a}
basis: [{regulation: 营业规则, article: null}]
remedy: {zh: 乙, en: b}
---*/
"""
BILL = HEAD.replace("ZZ00N", "ZZ001").replace("SUBJECT", "metering_point").replace("PROOF", "recompute").replace(
    "TABLE", "bill"
).replace("KEY", "point_id, period") + (
    "SELECT b.point_id, b.period FROM bill AS b WHERE b.period = $p0 GROUP BY b.point_id, b.period "
    "HAVING SUM(b.total_yuan) < 0\n"
)
EVENT = HEAD.replace("ZZ00N", "ZZ002").replace("SUBJECT", "ticket").replace("PROOF", "event").replace(
    "TABLE", "ticket"
).replace("KEY", "ticket_id") + (
    "SELECT t.ticket_id FROM ticket AS t WHERE t.satisfaction = 1 "
    "AND date_diff('day', CAST(t.created_at AS DATE), $as_of) BETWEEN 0 AND 30\n"
)


def bill(number: int, period: str, yuan: str, issued_on: str, **values: object) -> dict[str, object]:
    base = {"bill_id": f"B{number}", "customer_id": "C1", "point_id": f"P{number % 10}", "period": period}
    return {**base, "total_yuan": yuan, "issued_on": issued_on, **values}


def tickets(satisfaction: int = 1) -> list[dict[str, object]]:
    row = {"ticket_id": "T1", "kind": "complaint", "created_at": "2026-10-01 08:00:00", "satisfaction": satisfaction}
    return [row, {**row, "ticket_id": "T2", "satisfaction": 5}]


POINTS = [{"point_id": f"P{n}", "purpose": "settlement"} for n in range(3)]
BASE: Rows = {
    "organization": [{"org_id": "city", "name": "市", "level": "city"}],
    "metering_point": POINTS,
    "bill": [bill(1, "2026-09-01", "-5", "2026-10-05"), bill(2, "2026-09-01", "-7", "2026-10-05")],
    "ticket": tickets(),
}


@pytest.fixture
def data(tmp_path: Path, store: Store) -> Path:
    store(tmp_path, BASE)
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "ZZ001_bill.sql").write_text(BILL, encoding="utf-8")
    (tmp_path / "rules" / "ZZ002_event.sql").write_text(EVENT, encoding="utf-8")
    return tmp_path


def states(data: Path, as_of: date, rule: str) -> dict[str, str]:
    result = screen(Request(data, as_of, rules=(rule,)), now=datetime(2026, 12, 1), user="t")
    assert result.failed == []
    with duckdb.connect() as connection:
        path = str(result.folder / "findings.parquet")
        found = connection.execute("SELECT subject_id, state FROM read_parquet(?)", [path]).fetchall()
    return dict(found)


def test_earlier_period_stays_open_until_it_is_clean(data: Path, store: Store) -> None:
    assert states(data, date(2026, 10, 15), "ZZ001") == {"P1": "new", "P2": "new"}
    assert states(data, date(2026, 11, 15), "ZZ001") == {"P1": "open", "P2": "open"}  # P0 is now October
    offset = bill(11, "2026-09-01", "6", "2026-11-20", kind="supplementary")
    store(data, {"bill": [*BASE["bill"], offset]})
    assert states(data, date(2026, 11, 19), "ZZ001") == {"P1": "open", "P2": "open"}  # issued later: not seen
    assert states(data, date(2026, 11, 20), "ZZ001") == {"P1": "cleared", "P2": "open"}


def test_event_that_left_the_window_is_expired_not_cleared(data: Path) -> None:
    assert states(data, date(2026, 10, 15), "ZZ002") == {"T1": "new"}
    assert states(data, date(2026, 10, 31), "ZZ002") == {"T1": "open"}
    assert states(data, date(2026, 11, 1), "ZZ002") == {"T1": "expired"}


def test_event_that_was_corrected_is_cleared(data: Path, store: Store) -> None:
    assert states(data, date(2026, 10, 15), "ZZ002") == {"T1": "new"}
    store(data, {"ticket": tickets(satisfaction=4)})
    assert states(data, date(2026, 11, 15), "ZZ002") == {"T1": "cleared"}


CLOSED_USE: Rows = {
    "customer": [{"customer_id": "C1", "org_id": "city", "name": "甲", "status": "closed", "closed_on": "2026-08-01"}],
    "metering_point": [{"point_id": "P1", "customer_id": "C1", "purpose": "settlement"}],
    "daily_energy": [{"point_id": "P1", "day": "2026-10-12", "energy_kwh": 20}],
}


def test_energy_after_closing_is_cleared_by_days_without_energy_never_by_the_calendar(data: Path, store: Store) -> None:
    store(data, CLOSED_USE)
    assert states(data, date(2026, 10, 15), "UI008") == {"C1": "new"}
    assert states(data, date(2027, 2, 1), "UI008") == {"C1": "expired"}  # 90 days later: nobody mended anything
    store(
        data, {"daily_energy": [*CLOSED_USE["daily_energy"], {"point_id": "P1", "day": "2027-01-31", "energy_kwh": 0}]}
    )
    assert states(data, date(2027, 2, 2), "UI008") == {"C1": "cleared"}


def test_a_corrected_past_is_cleared_also_out_of_its_window(data: Path, store: Store) -> None:
    store(data, CLOSED_USE)
    assert states(data, date(2026, 10, 15), "UI008") == {"C1": "new"}
    store(data, {"daily_energy": [{"point_id": "P1", "day": "2026-10-12", "energy_kwh": 0}]})
    assert states(data, date(2027, 2, 1), "UI008") == {"C1": "cleared"}
