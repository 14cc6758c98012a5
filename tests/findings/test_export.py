from __future__ import annotations

import csv
import io
import json
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from types import ModuleType
from typing import Any

import pyarrow.parquet as pq
import pytest
from python_calamine import CalamineWorkbook

from jicha.errors import BadInput, MachineFailure
from jicha.findings.audit import audit_path, broken_line, check_reason, record_unmask
from jicha.findings.export import SCHEMA, export_findings
from jicha.findings.read import COLUMNS, Filter, Ledger
from jicha.findings.run import read_run
from jicha.findings.words import WORDS
from jicha.language import Language

HOSTILE = "=HYPERLINK(1)"


@pytest.fixture
def ledger(tmp_path: Path, folders: ModuleType) -> Ledger:
    rows = [
        folders.finding(
            "CF007",
            {"name": "张三丰", "closed_on": date(2026, 3, 1), "billed_months": n},
            customer_id=f"00{n}",
            org_id="S1",
            amount_yuan=Decimal("-12345678901.07") * n,
            energy_kwh=Decimal("0.10"),
            state="new",
            period=date(2026, 9, 1),
        )
        for n in range(1, 4)
    ]
    rows[0]["reason_zh"] = HOSTILE
    return Ledger(read_run_of(tmp_path, folders, rows), folders.Tables(tmp_path))


def read_run_of(data: Path, folders: ModuleType, rows: list[dict[str, Any]]) -> Any:
    folders.write_run(data, rows, [("001", "张三丰", "S1")])
    return read_run(data)


def as_text(value: object, kind: str) -> str:
    if value is None or value == "":
        return ""
    if kind.startswith("decimal"):
        return str(Decimal(str(value)).quantize(Decimal("0.01")))
    if isinstance(value, datetime):
        return value.date().isoformat()
    return str(value)


def test_the_three_formats_say_the_same(tmp_path: Path, ledger: Ledger) -> None:
    for ending in ("parquet", "csv", "xlsx"):
        assert export_findings(ledger, Filter(), tmp_path / f"f.{ending}", language=Language.ZH) == 3
    kinds = [str(field.type) for field in SCHEMA]
    table = pq.read_table(tmp_path / "f.parquet")
    assert tuple(table.column_names) == COLUMNS
    assert table.schema.field("amount_yuan").type == SCHEMA.field("amount_yuan").type
    expected = [[as_text(v, k) for v, k in zip(row.values(), kinds, strict=True)] for row in table.to_pylist()]
    raw = (tmp_path / "f.csv").read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    head, *lines = csv.reader(io.StringIO(raw.decode("utf-8-sig")))
    assert tuple(head) == COLUMNS
    harmless = [[cell.removeprefix("'") for cell in line] for line in lines]
    assert [[as_text(v, k) for v, k in zip(line, kinds, strict=True)] for line in harmless] == expected
    book = CalamineWorkbook.from_path(str(tmp_path / "f.xlsx"))
    assert book.sheet_names == ["问题清单", "运行说明"]
    names, *cells = book.get_sheet_by_name("问题清单").to_python()
    assert tuple(names) == COLUMNS
    assert [[as_text(v, k) for v, k in zip(line, kinds, strict=True)] for line in cells] == expected
    about = {str(row[0]): row[1] for row in book.get_sheet_by_name("运行说明").to_python()}
    assert about["供电企业"] == "临江供电公司" and about["运行编号"] == "R1"


def test_text_never_becomes_a_formula(tmp_path: Path, ledger: Ledger) -> None:
    export_findings(ledger, Filter(), tmp_path / "f.csv", language=Language.ZH)
    assert f'"\'{HOSTILE}"' in (tmp_path / "f.csv").read_text(encoding="utf-8-sig")
    assert '"-' not in (tmp_path / "f.csv").read_text(encoding="utf-8-sig")


def test_what_is_hidden_and_what_is_not(tmp_path: Path, ledger: Ledger) -> None:
    export_findings(ledger, Filter(), tmp_path / "m.csv", language=Language.EN)
    export_findings(ledger, Filter(), tmp_path / "u.csv", language=Language.EN, unmasked=True)
    assert "张三丰" not in (tmp_path / "m.csv").read_text(encoding="utf-8-sig")
    assert "张三丰 closed on" in (tmp_path / "u.csv").read_text(encoding="utf-8-sig")


def test_nothing_found_is_a_file_with_a_head(tmp_path: Path, ledger: Ledger) -> None:
    for ending in ("parquet", "csv", "xlsx"):
        assert export_findings(ledger, Filter(rules=("CF001",)), tmp_path / f"f.{ending}", language=Language.ZH) == 0
    assert pq.read_table(tmp_path / "f.parquet").schema.names == list(COLUMNS)


def test_a_failed_export_leaves_what_was_there(tmp_path: Path, ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    out = tmp_path / "f.csv"
    out.write_text("before")

    def fail(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Ledger, "batches", fail)
    with pytest.raises(MachineFailure, match="is full"):
        export_findings(ledger, Filter(), out, language=Language.ZH)
    assert out.read_text() == "before"
    assert [path.name for path in tmp_path.iterdir() if path.name.endswith(".tmp")] == []


def test_an_unknown_ending_is_refused(tmp_path: Path, ledger: Ledger) -> None:
    with pytest.raises(BadInput, match=r"\.parquet, \.csv, \.xlsx"):
        export_findings(ledger, Filter(), tmp_path / "f.doc", language=Language.ZH)


def record(data: Path, reason: str) -> None:
    record_unmask(data, at=datetime.fromisoformat("2026-10-16"), user="陈敏", command="findings", reason=reason,
                  run_id="R1", filters=Filter(org="C1").as_record(), rows=3)  # fmt: skip


def test_who_saw_personal_data_is_recorded_in_a_chain(tmp_path: Path) -> None:
    for reason in ("现场核查", "电话核实", "复核补录"):
        record(tmp_path, reason)
    entries = [json.loads(line) for line in audit_path(tmp_path).read_text().splitlines()]
    assert [entry["reason"] for entry in entries] == ["现场核查", "电话核实", "复核补录"]
    assert entries[0]["filters"] == {"states": ["new", "open", "recurred"], "org": "C1"} and entries[0]["rows"] == 3
    assert broken_line(tmp_path) is None
    text = audit_path(tmp_path).read_text()
    audit_path(tmp_path).write_text(text.replace("电话核实", "电话核对"))
    assert broken_line(tmp_path) == 3


@pytest.mark.parametrize("reason", ["", "  ", "x", "看 看"])
def test_a_reason_must_say_something(tmp_path: Path, reason: str) -> None:
    with pytest.raises(BadInput, match="needs a reason"):
        check_reason(reason)


def test_all_words_exist_in_both_languages() -> None:
    assert [name for name, text in WORDS.items() if not text.zh.strip() or not text.en.strip()] == []
    for text in WORDS.values():
        assert set(_fields(text.zh)) == set(_fields(text.en))


def _fields(text: str) -> list[str]:
    return [part.partition("}")[0] for part in text.split("{")[1:]]
