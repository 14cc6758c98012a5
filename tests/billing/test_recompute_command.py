"""`jicha bill recompute`: the same bills in every file, the sums of JSON and terminal, both languages, errors."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from python_calamine import CalamineWorkbook
from typer.testing import CliRunner

from jicha.cli import application
from tests.billing.harness import filled

Result = Any
FORMULA = "=1+1"  # a bill number that a spreadsheet would run
MONTHS = (date(2026, 8, 1), date(2026, 9, 1))


def bill(bill_id: str, period: date, point: str = "P1", **columns: object) -> dict[str, object]:
    return {"bill_id": bill_id, "period": period, "point_id": point, **columns}


@pytest.fixture
def data(tmp_path: Path, store: Callable[..., None]) -> Path:
    """Two months of 100 kWh at 0.5: right, 7.25 too much, 3.50 too little; one bill without a reading."""
    index = {MONTHS[0]: (0, 100), MONTHS[1]: (100, 200)}
    readings = [
        {"point_id": point, "period": month, "previous_index": start, "current_index": end}
        for point in ("P1", "P2")
        for month, (start, end) in index.items()
    ]
    tables = filled(
        {
            "metering_point": [{"point_id": "P1"}, {"point_id": "P2"}, {"point_id": "P3"}],
            "tariff": [{"energy_price": Decimal("0.5")}],
            "reading": readings,
            "bill": [
                bill("B1", MONTHS[0], energy_yuan=Decimal(50), total_yuan=Decimal(50)),
                bill("B2", MONTHS[1], energy_yuan=Decimal("57.25"), total_yuan=Decimal("57.25")),
                bill(FORMULA, MONTHS[1], "P2", energy_yuan=Decimal("46.50"), total_yuan=Decimal("46.50")),
                bill("B4", MONTHS[1], "P3", total_yuan=Decimal(9)),
            ],
        },
        MONTHS[1],
    )
    store(tmp_path / "data", tables)
    return tmp_path / "data"


def run(data: Path, *arguments: str) -> Result:
    return CliRunner().invoke(application(), ["bill", "recompute", str(data), "--as-of", "2026-10-15", *arguments])


def rows_of(path: Path) -> list[dict[str, Any]]:
    """The bills of a file, in its order, with the values that its format has."""
    if path.suffix == ".parquet":
        return list(pq.read_table(path).to_pylist())
    if path.suffix == ".csv":
        with path.open(encoding="utf-8-sig", newline="") as file:
            return list(csv.DictReader(file))
    head, *rows = CalamineWorkbook.from_path(str(path)).get_sheet_by_name("recomputed_bill").to_python()
    return [dict(zip(map(str, head), row, strict=True)) for row in rows]


@pytest.mark.parametrize("ending", [".parquet", ".csv", ".xlsx"])
def test_every_file_holds_the_same_bills(data: Path, tmp_path: Path, ending: str) -> None:
    out = tmp_path / f"bills{ending}"
    result = run(data, "--out", str(out), "--no-summary")
    assert result.exit_code == 0, result.output
    rows = rows_of(out)
    formula = f"'{FORMULA}" if ending == ".csv" else FORMULA
    assert [row["bill_id"] for row in rows] == ["B1", "B2", formula, "B4"]
    difference = [row["total_diff_yuan"] for row in rows]
    assert [Decimal(str(value)) if value not in (None, "") else None for value in difference] == [
        Decimal(0), Decimal("7.25"), Decimal("-3.50"), None,
    ]  # fmt: skip
    assert [row["reason"] or None for row in rows] == [None, None, None, "reading_missing"]
    assert str(rows[0]["period"])[:10] == "2026-08-01"
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_a_csv_says_its_encoding_to_a_spreadsheet(data: Path, tmp_path: Path) -> None:
    out = tmp_path / "bills.csv"
    assert run(data, "--out", str(out)).exit_code == 0
    assert out.read_bytes().startswith(b"\xef\xbb\xbf")


def test_json_sums_under_and_over_apart(data: Path) -> None:
    found = json.loads(run(data, "--json").stdout)
    assert [(item["period"], item["bills"], item["judged"], item["differing"]) for item in found] == [
        ("2026-08-01", 1, 1, 0), ("2026-09-01", 3, 2, 2),
    ]  # fmt: skip
    total = found[1]["components"]["total"]
    assert (total["bills"], Decimal(total["under_yuan"]), Decimal(total["over_yuan"])) == (
        2, Decimal("3.50"), Decimal("7.25"),
    )  # fmt: skip
    assert found[1]["reasons"] == {"reading_missing": 1}


@pytest.mark.parametrize(
    ("language", "words", "foreign"),
    [
        ("zh", ("重算汇总", "少收", "多收", "不能判定"), ("Recomputed bills", "under")),
        ("en", ("Recomputed bills (yuan)", "under", "over", "Bills not judged, by reason", "33"), ("重算", "少收")),
    ],
)
def test_the_terminal_speaks_the_language_asked_for(
    data: Path, language: str, words: tuple[str, ...], foreign: tuple[str, ...]
) -> None:
    shown = run(data, "--from", "2026-09", "--lang", language)
    assert shown.exit_code == 0, shown.output
    assert [word for word in (*words, "3.50", "7.25") if word not in shown.stdout] == []
    assert [word for word in foreign if word in shown.stdout] == []
    assert "2026-08" not in shown.stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--out", "bills.txt"), ".xlsx"),
        (("--from", "2027-01"), "2026-08 … 2026-09"),
    ],
)
def test_errors_say_what_is_there_and_write_nothing(
    data: Path, tmp_path: Path, arguments: tuple[str, ...], said: str
) -> None:
    out = tmp_path / "bills.xlsx"
    result = run(data, "--out", str(out), *arguments)
    assert result.exit_code != 0
    assert said in str(result.exception)
    assert not out.exists()
