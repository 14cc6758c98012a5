"""The figures of a data-set version, computed by hand; trend, masking, empty data, errors; terminal, page, workbook."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from python_calamine import CalamineWorkbook

from jicha.cli import main
from jicha.errors import BadInput, MachineFailure
from jicha.ingest.load import load
from jicha.language import Language
from jicha.quality import measure
from jicha.quality.coverage import cover, following
from jicha.quality.figures import ColumnFigures, Lost, Periods
from jicha.quality.judge import Problem
from jicha.quality.settings import Settings, settings
from jicha.quality.store import Book, quality_path
from jicha.quality.view import judged, measure_after_load
from jicha.quality.words import PROBLEMS, WORDS, describe, percent
from jicha.report.quality import quality_page

Store = Callable[..., None]
NAME, PHONE = "欧阳清风", "13912340077"


def customer(number: int, **more: Any) -> dict[str, Any]:
    return {"customer_id": f"C{number}", "name": NAME, "phone": PHONE, "org_id": "S1", "status": "active",
            "usage_class": "residential"} | more  # fmt: skip


def bills(*counts: tuple[str, int], customer_id: str = "C1") -> list[dict[str, Any]]:
    return [
        {"bill_id": f"{month}-{i}", "customer_id": customer_id, "point_id": "P", "period": f"{month}-01", "days": 30}
        for month, count in counts
        for i in range(count)
    ]


@pytest.fixture
def data(tmp_path: Path, store: Store) -> Path:
    """Two customers of five without a phone, one of a unit that does not exist; bills without March, few in April."""
    folder = tmp_path / "data"
    store(
        folder,
        {
            "organization": [{"org_id": "S1", "name": "河滨供电所", "level": "station"}],
            "customer": [
                customer(1),
                customer(2, phone=None, voltage_v=220),
                customer(3, phone=None, voltage_v=380, org_id="S9"),
                customer(4, phone="021", voltage_v=10000, latitude=99.5),
                customer(5, status="closed"),
            ],
            "bill": bills(("2026-01", 30), ("2026-02", 30), ("2026-04", 10), ("2026-05", 30)),
        },
    )
    return folder


def test_figures_of_columns_are_those_counted_by_hand(data: Path) -> None:
    quality = Book(data).of()
    table = quality.tables["customer"]
    assert (quality.version, table.rows, quality.rows) == (1, 5, 106)
    assert table.columns["phone"] == ColumnFigures(2, 2, 3, 11)
    assert table.columns["voltage_v"] == ColumnFigures(2, 3, 220, 10000)
    assert table.columns["status"] == ColumnFigures(0, 2, codes={"active": 4, "closed": 1})
    assert table.columns["latitude"] == ColumnFigures(4, 1, 99.5, 99.5)
    assert table.columns["closed_on"] == ColumnFigures(5, 0)
    assert table.lost == {"org_id": Lost(1, 1), "reader_id": None}  # staff was never delivered
    assert quality.lost == 1 + 0
    assert quality.tables["bill"].lost["customer_id"] == Lost(0, 0)


def test_missing_and_thin_periods(data: Path) -> None:
    found = judged(Book(data))
    periods = found.quality.tables["bill"].periods
    assert periods == Periods(
        "period", "month", {"2026-01-01": 30, "2026-02-01": 30, "2026-04-01": 10, "2026-05-01": 30}
    )
    covered = found.coverage["bill"]
    assert [(gap.first.isoformat(), gap.last.isoformat(), gap.periods) for gap in covered.gaps] == [
        ("2026-03-01", "2026-03-01", 1)
    ]
    assert covered.thin == {"2026-04-01": 10}
    kinds = {(problem.kind, problem.level) for problem in found.of("bill") if problem.column is None}
    assert kinds == {("gap", "bad"), ("thin", "watch")}
    texts = [describe(problem, Language.ZH) for problem in found.of("bill")]
    assert "缺 1 个月：2026-03" in texts and any("33.3%" in text for text in texts)


def test_days_missing_over_the_end_of_a_year() -> None:
    rows = {f"2025-12-{day:02}": 40 for day in range(20, 31)} | {"2026-01-03": 40}
    covered = cover(Periods("day", "day", rows), settings())
    assert covered is not None and covered.missing == 3
    assert covered.gaps[0].first.isoformat() == "2025-12-31" and covered.gaps[0].last.isoformat() == "2026-01-02"
    assert following(covered.first.replace(month=12, day=1), "month").isoformat() == "2026-01-01"


def test_gaps_of_a_table_with_few_rows_are_no_problem(tmp_path: Path, store: Store) -> None:
    store(tmp_path, {"bill": bills(("2026-01", 2), ("2026-06", 3))})
    found = judged(Book(tmp_path))
    assert found.coverage["bill"].sparse and found.coverage["bill"].missing == 4
    assert not [problem for problem in found.problems if problem.kind in {"gap", "thin"}]


def test_what_is_held_against_columns(data: Path) -> None:
    found = judged(Book(data))
    kinds = {(p.column, p.kind): p for p in found.of("customer")}
    assert kinds["org_id", "lost"].share == 0.2 and kinds["org_id", "lost"].level == "bad"
    assert kinds["phone", "nulls"].share == 0.4 and kinds["phone", "nulls"].level == "bad"
    assert ("latitude", "too_high") in kinds and ("closed_on", "no_value") not in kinds
    assert describe(kinds["org_id", "lost"], Language.EN) == "rows that refer to no Organization: 1 (values: 1)"
    absent = next(p for p in found.problems if p.table == "metering_point")
    assert absent.kind == "absent" and absent.level == "bad" and absent.values["rules"] > 0
    assert "area_membership" not in {p.table for p in found.problems}  # may be absent


def test_two_versions_have_a_trend_and_unchanged_tables_are_not_read_again(
    data: Path, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    Book(data).of()
    store(data, {"customer": [customer(1, phone=None), customer(2, phone=None), customer(3, phone=None)]})
    scanned: list[str] = []
    real = measure.scan

    def scan(connection: Any, snapshot: Any, table: Any, found: Settings) -> Any:
        scanned.append(table.name)
        return real(connection, snapshot, table, found)

    monkeypatch.setattr("jicha.quality.store.scan", scan)
    found = judged(Book(data))
    assert scanned == ["customer"]
    assert [quality.version for quality in found.trend] == [1, 2]
    kinds = {(p.column, p.kind): p for p in found.of("customer")}
    assert kinds[None, "shrunk"].share == pytest.approx(0.4) and kinds[None, "shrunk"].level == "bad"
    assert kinds["phone", "null_rise"].values["before"] == pytest.approx(0.4)
    assert found.quality.tables["bill"].lost["customer_id"] == Lost(0, 0)  # checked again: customers changed
    scanned.clear()
    assert judged(Book(data)).quality == found.quality and scanned == []
    assert judged(Book(data), 1).quality.tables["customer"].rows == 5


def test_what_a_load_rejected_is_counted_by_column(tmp_path: Path) -> None:
    data, source = tmp_path / "data", tmp_path / "customer.csv"
    head = "customer_id,name,org_id,status,usage_class,opened_on"
    last = ["residential,zz", "residential,2020-01-01", "residential,2020-01-01", "xx,2020-01-01"]
    lines = [f"C{i},{NAME},S1,active,{end}" for i, end in enumerate(last)]
    source.write_text("\n".join([head, *lines]), encoding="utf-8")
    load(data, [source], now=datetime(2026, 10, 16), user="t")
    book = Book(data)
    assert measure_after_load(book, 2) and quality_path(data, 1).exists()
    delivery = book.of().deliveries["customer"]
    assert (delivery.accepted, delivery.rejected) == (2, 2) and book.of().rejected == 2
    assert (delivery.count("code", "usage_class"), delivery.count("type", "opened_on"), delivery.count("code")) == (
        1,
        1,
        1,
    )
    kinds = {(p.column, p.kind): p.share for p in judged(book).of("customer")}
    assert kinds["usage_class", "rejected_code"] == 0.25 and kinds[None, "rejected"] == 0.5


def test_a_load_that_would_read_far_more_than_it_brought_is_measured_later(data: Path) -> None:
    assert Book(data).rows_to_read() == 106 + 0 + 5 // 4 + 100 // 4
    assert not measure_after_load(Book(data), 10) and not quality_path(data, 1).exists()


def test_no_personal_value_is_kept_or_shown(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = judged(Book(data))
    pages = [quality_page(found, language, data=str(data)) for language in Language]
    book = data / "q.xlsx"
    for arguments in (["--table", "customer"], ["--json"], [], ["--lang", "en"], ["--out", str(book)]):
        with pytest.raises(SystemExit) as ended:
            main(["quality", str(data), *arguments])
        assert ended.value.code == 0
    cells = [CalamineWorkbook.from_path(str(book)).get_sheet_by_index(i).to_python() for i in range(5)]
    everything = "".join([*pages, quality_path(data, 1).read_text(), capsys.readouterr().out, str(cells)])
    assert NAME not in everything and PHONE not in everything and "河滨" not in str(cells)


def test_the_page_asks_nothing_of_the_outside_and_opens_the_table_asked_for(data: Path) -> None:
    html = quality_page(judged(Book(data)), Language.ZH, data="<b>", table="bill")
    assert "http://" not in html and "https://" not in html and "url(" not in html and "<script" not in html
    assert "<b>" not in html.partition("</header>")[0].partition("<dl")[2]
    assert '<details class="qtable" id="bill" open>' in html and "cell missing" in html


def test_damaged_or_foreign_figures_are_measured_again(data: Path) -> None:
    quality = Book(data).of()
    path = quality_path(data, 1)
    for broken in ("", "[]", '{"format": 1}', path.read_text().replace('"load_id":"test"', '"load_id":"x"')):
        path.write_text(broken)
        assert Book(data).of().tables == quality.tables
        assert json.loads(path.read_text())["load_id"] == "test"


def test_nothing_loaded_no_such_version_table_or_format(data: Path, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="holds no data yet"):
        Book(tmp_path / "none").of()
    assert not (tmp_path / "none").exists()
    with pytest.raises(BadInput, match="no data-set version 7"):
        Book(data).of(7)
    for arguments in (["--table", "nothing"], ["--table", "payment"], ["--version", "7"], ["--out", "x.pdf"]):
        with pytest.raises(SystemExit) as stopped:
            main(["quality", str(data), *arguments])
        assert stopped.value.code == 2


def test_a_table_that_is_gone_says_what_to_do_and_an_old_version_does_not_stop_the_trend(
    data: Path, store: Store
) -> None:
    old = [*(data / "tables" / "bill").rglob("*.parquet")]
    store(data, {"bill": bills(("2026-01", 30))})
    for file in old:
        file.unlink()
    assert [quality.version for quality in judged(Book(data)).trend] == [2]
    with pytest.raises(MachineFailure, match="restore it from a backup"):
        Book(data).of(1)


def test_a_table_without_rows(tmp_path: Path, store: Store) -> None:
    store(tmp_path, {"bill": [], "customer": []})
    found = judged(Book(tmp_path))
    assert {p.table for p in found.problems if p.kind == "empty"} == {"bill", "customer"}
    assert found.quality.tables["bill"].columns["days"] == ColumnFigures(0, 0)
    for language in Language:
        assert quality_page(found, language, data="d")


def test_words_exist_in_both_languages_and_shares_are_honest() -> None:
    for text in [*WORDS.values(), *PROBLEMS.values()]:
        assert text.zh.strip() and text.en.strip()
    assert [percent(n) for n in (0, 0.00001, 0.005, 0.5, 0.9999, 1)] == [
        "0%", "<0.01%", "0.50%", "50.0%", ">99.9%", "100%"
    ]  # fmt: skip
    assert describe(Problem("bad", "nulls", "bill", "days", 0.5, {"rows": 1200}), Language.EN).startswith("1,200")
