"""Merging, replacing, repeating and splitting loads; duplicates, warnings, unknown columns."""

from __future__ import annotations

import shutil
import tempfile
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jicha.catalog.schema import schema
from jicha.errors import BadInput
from jicha.warehouse import Warehouse

from .bench import Bench, full_row, row


def payments(numbers: range, month: int, **values: Any) -> list[dict[str, Any]]:
    return [row("payment", n, received_at=f"2026-{month:02d}-10 08:00:00", **values) for n in numbers]


def test_every_table_keeps_every_column(bench: Bench) -> None:
    for table in schema().tables.values():
        bench.rows(f"{table.name}.csv", table.name, [full_row(table.name, n) for n in range(1, 4)])
    result = bench.load()
    assert result.rejected == 0
    assert set(result.tables) == set(schema().tables)
    for name in schema().tables:
        assert all(None not in cells for cells in bench.table(name)), name


def test_loading_twice_changes_nothing(bench: Bench) -> None:
    for name in ("customer", "bill", "payment"):
        bench.rows(f"{name}.csv", name, [full_row(name, n) for n in range(40)])
    bench.load()
    before, state = Warehouse(bench.data).manifest(), bench.state()
    for replace in ("none", "table"):
        result = bench.load(replace=replace)
        after = Warehouse(bench.data).manifest()
        assert (after.fingerprint, bench.state()) == (before.fingerprint, state)
        assert [(table.new, table.updated, table.removed) for table in result.tables.values()] == [(0, 0, 0)] * 3


def test_later_load_wins_in_the_columns_it_delivers(bench: Bench) -> None:
    bench.rows("customer.csv", "customer", [row("customer", 1, name="甲", phone="1"), row("customer", 2, name="乙")])
    bench.load()
    bench.rows("customer.csv", "customer", [row("customer", 1, phone="2"), row("customer", 3, phone="3")])
    result = bench.load()
    assert bench.table("customer", "customer_id, name, phone") == [
        ("C1", "甲", "2"),
        ("C2", "乙", None),
        ("C3", None, "3"),
    ]
    assert (result.tables["customer"].new, result.tables["customer"].updated, result.tables["customer"].rows) == (
        1,
        1,
        3,
    )


def test_an_empty_value_that_is_delivered_wins(bench: Bench) -> None:
    bench.rows("customer.csv", "customer", [row("customer", 1, name="甲")])
    bench.load()
    bench.rows("customer.csv", "customer", [row("customer", 1, name=None)])
    bench.load()
    assert bench.table("customer", "name") == [(None,)]


def test_files_with_different_columns_in_one_load(bench: Bench) -> None:
    bench.rows("customer.csv", "customer", [row("customer", n, name="甲", phone="9") for n in (1, 2)])
    bench.load()
    bench.rows("customer_a.csv", "customer", [row("customer", 1, name="乙")])
    bench.rows("customer_b.csv", "customer", [row("customer", 2, phone="8")])
    bench.load(bench.source / "customer_a.csv", bench.source / "customer_b.csv")
    assert bench.table("customer", "name, phone") == [("乙", "9"), ("甲", "8")]


def test_a_row_that_moves_to_another_month(bench: Bench) -> None:
    bench.rows("bill.csv", "bill", [row("bill", n, period="2026-01-01") for n in range(3)])
    bench.load()
    bench.rows("bill.csv", "bill", [row("bill", 1, period="2026-02-01")])
    result = bench.load()
    assert result.tables["bill"].updated == 1
    assert bench.table("bill", "bill_id, period") == [
        ("B0", date(2026, 1, 1)), ("B1", date(2026, 2, 1)), ("B2", date(2026, 1, 1))
    ]  # fmt: skip
    found = Warehouse(bench.data).manifest().tables["bill"]
    assert (found.first_period, found.last_period, found.rows) == ("2026-01-01", "2026-02-01", 3)


def test_only_touched_months_are_rewritten(bench: Bench) -> None:
    bench.rows("payment.csv", "payment", [*payments(range(5), 1), *payments(range(5, 9), 2)])
    bench.load()
    before = set(Warehouse(bench.data).snapshot().files("payment"))
    bench.rows("payment.csv", "payment", payments(range(20, 22), 2))
    bench.load()
    after = set(Warehouse(bench.data).snapshot().files("payment"))
    assert {path.parent.name for path in before & after} == {"month_=2026-01-01"}
    assert len(bench.table("payment")) == 11


def test_replace_period(bench: Bench) -> None:
    bench.rows("payment.csv", "payment", [*payments(range(5), 1, method="cash"), *payments(range(5, 9), 2)])
    bench.load()
    # P6 moves from February to January, which the load replaces; the other rows of February stay
    bench.rows("payment.csv", "payment", [*payments(range(1, 3), 1), *payments(range(6, 7), 1)])
    result = bench.load(replace="period")
    assert bench.table("payment", "payment_id, method") == [(f"P{n}", None) for n in (1, 2, 5, 6, 7, 8)]
    table = result.tables["payment"]
    assert (table.new, table.updated, table.removed, table.rows) == (0, 3, 3, 6)
    fingerprint = Warehouse(bench.data).manifest().fingerprint
    bench.load(replace="period")
    assert Warehouse(bench.data).manifest().fingerprint == fingerprint


def test_replace_table(bench: Bench) -> None:
    bench.rows("payment.csv", "payment", [*payments(range(5), 1, method="cash"), *payments(range(5, 9), 2)])
    bench.load()
    bench.rows("payment.csv", "payment", payments(range(1, 2), 1))
    assert bench.load(replace="table").tables["payment"].removed == 8
    assert bench.table("payment", "payment_id, method") == [("P1", None)]


def test_replace_period_needs_tables_by_month(bench: Bench) -> None:
    bench.rows("customer.csv", "customer", [row("customer", 1)])
    with pytest.raises(BadInput, match="not stored by month") as caught:
        bench.load(replace="period")
    assert "--replace table" in caught.value.text.zh


def test_all_but_the_last_of_a_repeated_key(bench: Bench) -> None:
    bench.rows("customer_1.csv", "customer", [row("customer", 1, name="a"), row("customer", 2, name="b")])
    bench.rows("customer_2.csv", "customer", [row("customer", 1, name="c"), row("customer", 1, name="d")])
    result = bench.load()
    assert bench.table("customer", "customer_id, name") == [("C1", "d"), ("C2", "b")]
    assert (result.accepted, result.rejected) == (2, 2)
    found = bench.record("rejects", 'file, line, "column", value, code, reason_en')
    assert [item[:5] for item in found] == [
        ("customer_1.csv", 2, "customer_id", "C1", "duplicate"),
        ("customer_2.csv", 2, "customer_id", "C1", "duplicate"),
    ]
    assert "customer_2.csv, line 3" in found[0][5]


def test_a_wrong_row_does_not_repeat_a_key(bench: Bench) -> None:
    bench.rows("customer.csv", "customer", [row("customer", 1, voltage_v="220"), row("customer", 1, voltage_v="x")])
    bench.load()
    assert bench.table("customer", "voltage_v") == [(220,)]


def test_references_to_nowhere_land_and_are_listed_once(bench: Bench) -> None:
    bench.rows("organization.csv", "organization", [row("organization", 1, parent_id="X9")])
    lost = [row("customer", n, org_id="S404") for n in range(3)]
    bench.rows("customer.csv", "customer", [row("customer", 9, org_id="O1"), *lost])
    for check in (True, False):
        result = bench.load(check=check)
        assert {name: table.warnings for name, table in result.tables.items()} == {"customer": 1, "organization": 1}
    assert result.exit_code == 0
    assert bench.record("warnings", '"table", "column", kind, value, rows, file, line')[0] == (
        "customer", "org_id", "reference", "S404", 3, "customer.csv", 3,
    )  # fmt: skip
    assert len(bench.table("customer")) == 4


def test_unknown_columns_are_kept_aside(bench: Bench) -> None:
    bench.rows("customer.csv", "customer", [row("customer", n, 备注=f"注{n}") for n in range(3)])
    bench.load()
    ((_, value, rows),) = [
        item for item in bench.record("warnings", "kind, value, rows") if item[0] == "unknown_column"
    ]
    assert (value, rows) == ("备注", 3)
    load_id = Warehouse(bench.data).manifest().loads[-1]
    assert (bench.data / "loads" / load_id / "aside" / "customer.parquet").exists()


def test_check_leaves_nothing(bench: Bench) -> None:
    bench.rows("customer.csv", "customer", [row("customer", 1, voltage_v="x"), row("customer", 2)])
    result = bench.load(check=True)
    assert (result.accepted, result.rejected, result.check) == (1, 1, True)
    assert not bench.data.exists()
    bench.load()
    before = sorted(bench.data.rglob("*"))
    bench.load(check=True)
    assert sorted(bench.data.rglob("*")) == before


def test_folders_ignored_hidden_and_unknown_files(bench: Bench) -> None:
    bench.rows("customer/part-0001.csv", "customer", [row("customer", 1)])
    bench.rows("customer/.hidden.csv", "customer", [row("customer", 2)])
    bench.rows("old/customer.csv", "customer", [row("customer", 3)])
    bench.write(".jichaignore", "# not these\nold\n*.log\n")
    bench.write("run.log", "x")
    bench.write("readme.md", "x")
    bench.write("notes.csv", "甲,乙\n1,2\n")
    result = bench.load()
    assert bench.table("customer", "customer_id") == [("C1",)]
    assert [item["file"] for item in result.unrecognised] == ["notes.csv", "readme.md"]
    assert result.exit_code == 1


def test_header_alone_tells_the_table_or_is_ambiguous(bench: Bench) -> None:
    bench.rows("导出20261015.csv", "customer", [row("customer", 1)])
    assert list(bench.load().tables) == ["customer"]
    bench.clear()
    bench.write("x.csv", "org_id,name,level,staff_id\nS1,甲,station,1\n")
    with pytest.raises(BadInput, match=r"fits organization, staff alike|required columns"):
        bench.load()


@pytest.mark.parametrize("examples", [3, pytest.param(20, marks=pytest.mark.slow)])
def test_loads_with_disjoint_keys_commute_and_split_freely(examples: int) -> None:
    drawn = settings(max_examples=examples, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    drawn(given(data=st.data())(_disjoint_loads_commute))()


def _disjoint_loads_commute(data: st.DataObject) -> None:
    numbers = data.draw(st.lists(st.integers(0, 400), min_size=1, max_size=25, unique=True))
    parts = data.draw(st.lists(st.integers(0, 3), min_size=len(numbers), max_size=len(numbers)))
    order = data.draw(st.permutations(sorted(set(parts))))
    states = []
    for loads in ([numbers], [[n for n, p in zip(numbers, parts, strict=True) if p == part] for part in order]):
        folder = Path(tempfile.mkdtemp())
        try:
            bench = Bench(folder)
            for chosen in loads:
                bench.clear()
                for table in ("bill", "customer"):
                    bench.rows(f"{table}.csv", table, [full_row(table, n) for n in chosen])
                bench.load()
            states.append(bench.state())
        finally:
            shutil.rmtree(folder)
    assert states[0] == states[1]


@pytest.mark.parametrize("replace", ["none", "period", "table"])
def test_what_memory_cannot_hold_is_written_month_by_month(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, replace: str
) -> None:
    bench.rows("bill.csv", "bill", [row("bill", n) for n in range(36)])
    bench.load()
    bench.rows("bill.csv", "bill", [row("bill", n, days=7) for n in range(24, 48)])
    whole = Bench.__new__(Bench)
    whole.source, whole.data = bench.source, bench.data.with_name("whole")
    shutil.copytree(bench.data, whole.data)
    whole.load(replace=replace)
    monkeypatch.setattr("jicha.ingest.commit._CELLS", 5 * len(schema()["bill"].columns))
    before = Warehouse(bench.data).manifest().tables["bill"].delta_version
    bench.load(replace=replace)
    after = Warehouse(bench.data).manifest().tables["bill"]
    assert after.delta_version > before + 5  # two months of four rows do not fit into five rows
    assert bench.state() == whole.state()
    bench.rows("bill.csv", "bill", [row("bill", 1)])
    bench.load()
