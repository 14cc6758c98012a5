"""A backtest finds at each month's end what a screening as of that day finds, and leaves nothing behind."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from jicha.cli import main
from jicha.errors import BadInput
from jicha.screening.backtest import Backtest, backtest, month_ends
from jicha.screening.edit import set_parameter
from jicha.screening.request import Request
from jicha.screening.run import screen

from .test_run import ORGS, RULE, customer, ledger, own_rule

Store = Callable[[Path, Mapping[str, Sequence[Mapping[str, Any]]]], None]
TODAY = date(2026, 10, 15)
BILLS = """\
/*---
code: ZZ001
name: {zh: 有账单, en: Has a bill}
group: AC
subject: customer
class: fee
severity: low
status: STATUS
frequency: monthly
proof: event
tables: [customer, bill]
key: [customer_id, period]
reason: {zh: "{period}", en: "{period}"}
amount: {zh: 账单金额, en: the bill}
basis: [{regulation: 营业规则, article: 第九条, verified: false}]
remedy: {zh: 核对, en: Check}
---*/
SELECT b.customer_id, b.period, CAST(b.total_yuan AS DECIMAL(18, 2)) AS amount_yuan
FROM bill AS b
WHERE b.period = $p0 AND b.total_yuan IS NOT NULL
/*--- not judged ---*/
SELECT b.customer_id, b.period, CAST('total_yuan' AS VARCHAR) AS missing FROM bill AS b
WHERE b.period = $p0 AND b.total_yuan IS NULL
"""


def bill(number: int, month: int, yuan: str | None) -> dict[str, object]:
    return {
        "bill_id": f"B{number}-{month}", "customer_id": f"C{number}", "point_id": f"P{number}", "kind": "regular",
        "period": date(2026, month, 1), "issued_on": date(2026, month + 1, 3),
        "total_yuan": None if yuan is None else Decimal(yuan),
    }  # fmt: skip


@pytest.fixture
def data(tmp_path: Path, store: Store) -> Path:
    folder = tmp_path / "data"
    bills = [bill(1, 4, "10.10"), bill(1, 5, "10.10"), bill(2, 5, "0.05"), bill(22, 5, None), bill(1, 7, "7.00")]
    customers = [customer(1), customer(2, "south"), customer(22, "south", name="甲")]
    store(folder, {"organization": ORGS, "customer": customers, "bill": bills})
    own_rule(folder, BILLS, "draft")
    return folder


def over(data: Path, rule: str = "ZZ001", first: int = 5, last: int = 9, **options: Any) -> Backtest:
    return backtest(data, rule, first=date(2026, first, 1), last=date(2026, last, 3), today=TODAY, **options)


def test_months_are_those_of_screenings_and_a_draft_is_judged(data: Path) -> None:
    found = over(data)
    assert [(m.as_of.isoformat(), m.p0.month, m.outcome, len(m.suspects), m.gained, len(m.not_judged), m.amount_yuan)
            for m in found.months] == [
        ("2026-05-31", 4, "done", 1, None, 0, Decimal("10.10")),
        ("2026-06-30", 5, "done", 2, 2, 1, Decimal("10.15")),
        ("2026-07-31", 6, "done", 0, 0, 0, Decimal(0)),  # a month without bills between months that have some
        ("2026-08-31", 7, "done", 1, 1, 0, Decimal("7.00")),
        ("2026-09-30", 8, "no_data", 0, None, 0, Decimal(0)),  # no bill is so late: never "none found"
    ]  # fmt: skip
    assert (found.different, found.customers) == (4, 2)
    assert not (data / "runs").exists()
    own_rule(data, BILLS, "active")
    for month in found.months[:4]:
        made = screen(Request(data, month.as_of, rules=("ZZ001",)), now=datetime(2026, 10, 15), user="t")
        report = made.content["rules"]["ZZ001"]
        assert (report["findings"], report["not_judged"]) == (len(month.suspects), len(month.not_judged))


def test_before_the_first_data_nothing_is_called_clean(data: Path) -> None:
    [early, later] = over(data, first=2, last=3).months
    assert (early.outcome, early.lacks) == ("no_data", ("bill",)) and "没有数据" in early.words.zh
    assert "电费账单" in early.words.zh or "bill" in early.words.en.lower()
    assert later.outcome == "no_data" and later.gained is None


def test_the_running_month_ends_today_and_none_lies_ahead() -> None:
    assert month_ends(date(2025, 12, 9), date(2026, 2, 1), today=TODAY) == [
        date(2025, 12, 31), date(2026, 1, 31), date(2026, 2, 28),
    ]  # fmt: skip
    assert month_ends(TODAY, TODAY, today=TODAY) == [TODAY]
    for first, last in ((date(2026, 5, 1), date(2026, 4, 1)), (TODAY, date(2026, 11, 1)), (date(2016, 1, 1), TODAY)):
        with pytest.raises(BadInput, match="none after this month"):
            month_ends(first, last, today=TODAY)


def test_a_file_that_lies_elsewhere_and_parameters_of_a_unit(data: Path, tmp_path: Path) -> None:
    (data / "rules" / "ZZ001_nameless.sql").unlink()
    file = tmp_path / "ZZ001_new.sql"
    file.write_text(RULE.replace("STATUS", "draft"), encoding="utf-8")
    whole = over(data, str(file), last=5)
    assert {json.loads(key)["customer_id"] for key in whole.months[0].suspects} == {"C1", "C2"}
    assert [len(m.suspects) for m in over(data, str(file), last=5, org="south").months] == [1]
    own_rule(data, RULE, "active")
    set_parameter(data, rule="ZZ001", name="least", value=9, org="south")
    assert [set(m.suspects) for m in over(data, last=5).months] == [{'{"customer_id": "C1"}'}]
    made = screen(Request(data, date(2026, 5, 31), rules=("ZZ001",)), now=datetime(2026, 10, 15), user="t")
    assert set(ledger(made)) == {"C1"}


def test_a_rule_that_fails_is_no_month_without_findings(data: Path) -> None:
    own_rule(data, BILLS.replace("b.period = $p0 AND b.total_yuan IS NOT NULL",
                                 "b.period = $p0 AND CAST(b.customer_id AS INTEGER) > 0"), "draft")  # fmt: skip
    months = over(data, first=6, last=7).months
    assert [m.outcome for m in months] == ["failed", "done"] and "C" in months[0].words.en
    assert not months[0].ran and months[1].gained is None


def test_what_was_asked_wrongly_is_named(data: Path) -> None:
    for rule, why in (("ZZ009", "no rule ZZ009"), ("nowhere.sql", "no rule file")):
        with pytest.raises(BadInput, match=why):
            over(data, rule)
    own_rule(data, BILLS.replace("SELECT b.customer_id, b.period, CAST(b.total", "SELECT *, CAST(b.total"), "draft")
    with pytest.raises(BadInput, match=r"SELECT \*|\*"):
        over(data)


def test_the_command_prints_each_month(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["rules", "backtest", "ZZ001", str(data), "--from", "2026-06", "--to", "2026-09"]
    with pytest.raises(SystemExit) as ended:
        main([*arguments, "--json"])
    assert ended.value.code == 0
    content = json.loads(capsys.readouterr().out)
    assert [(m["as_of"], m["findings"], m["not_judged"], m["amount_yuan"]) for m in content["months"]] == [
        ("2026-06-30", 2, 1, "10.15"), ("2026-07-31", 0, 0, None), ("2026-08-31", 1, 0, "7.00"),
        ("2026-09-30", None, None, None),
    ]  # fmt: skip
    with pytest.raises(SystemExit):
        main(arguments)
    told = capsys.readouterr()
    assert "10.15" in told.out and "没有数据" in told.out and "1 个月未能判定，不等于没有问题" in told.err
