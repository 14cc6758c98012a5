"""The commands around a load: status, rejects, export tables."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import duckdb
import pytest
from typer.testing import CliRunner

from jicha.cli import application
from jicha.errors import BadInput
from jicha.ingest import load
from jicha.ingest.rejects import export_rejects, find_rejects

from .bench import NOW, Bench, row


def run(*arguments: object) -> str:
    result = CliRunner().invoke(application(), [str(item) for item in arguments], catch_exceptions=False)
    return result.output


@pytest.fixture
def loaded(bench: Bench) -> Bench:
    lines = [row("customer", 1, voltage_v="22O", phone="13800000000"), row("customer", 2, voltage_v="380", phone="1")]
    bench.rows("用电客户.csv", "customer", lines)
    bench.rows("bill_1.csv", "bill", [row("bill", n, period=f"2026-0{n}") for n in (1, 3)])
    bench.load()
    return bench


def test_status(loaded: Bench) -> None:
    found = json.loads(run("status", loaded.data, "--json"))
    assert found["version"] == 1
    assert found["tables"]["bill"]["rows"] == 2
    assert (found["tables"]["bill"]["first_period"], found["tables"]["bill"]["last_period"]) == (
        "2026-01-01",
        "2026-03-01",
    )
    assert found["loads"][0]["user"] == "tester"
    assert {rule["outcome"] for rule in found["rules"]} >= {"table_missing"}
    assert "电费账单" in run("status", loaded.data)
    assert "data-set version 1" in " ".join(run("status", loaded.data, "--lang", "en").split())


def test_status_lists_the_files_that_are_left_out_while_they_stay(loaded: Bench) -> None:
    loaded.rows("bill_2.csv", "bill", [row("bill", 5, period="2026-05")])
    load(loaded.data, [loaded.source], now=NOW, changed=True)
    found = json.loads(run("status", loaded.data, "--json"))
    loads = [item["load_id"] for item in found["loads"]]
    shown = {item["file"]: (item["tables"], item["accepted"], item["rejected"]) for item in found["files"]}
    assert shown == {
        "bill_1.csv": (["bill"], 2, 0), "用电客户.csv": (["customer"], 1, 1), "bill_2.csv": (["bill"], 1, 0),
    }  # fmt: skip
    assert [(item["load_id"], item["read_at"][:10]) for item in found["files"]] == [
        (one, "2026-10-15") for one in (loads[0], loads[0], loads[1])
    ]
    again = load(loaded.data, [loaded.source], now=NOW, changed=True)
    assert {item["file"]: item["outcome"] for item in again.deliveries} == dict.fromkeys(shown, "skipped")
    assert "用电客户.csv" in run("status", loaded.data)


def test_status_of_nothing(tmp_path: Path) -> None:
    assert "还没有数据" in run("status", tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_status_of_a_folder_that_is_not_there_is_an_error_that_names_it(tmp_path: Path) -> None:
    for more in ([], ["--json"]):
        with pytest.raises(BadInput) as refused:
            run("status", tmp_path / "城市数劇", *more)
        assert f"文件夹 {tmp_path / '城市数劇'} 不存在" in refused.value.text.zh
        assert f"there is no folder {tmp_path / '城市数劇'}" in refused.value.text.en
    assert not (tmp_path / "城市数劇").exists()


@pytest.mark.parametrize("suffix", [".csv", ".xlsx", ".parquet"])
def test_rejects_can_be_mended_and_delivered_again(loaded: Bench, tmp_path: Path, suffix: str) -> None:
    out = tmp_path / f"用电客户{suffix}"
    run("rejects", loaded.data, "--out", out, "--table", "customer")
    if suffix == ".csv":
        with out.open(encoding="utf-8-sig", newline="") as file:
            (line,) = csv.DictReader(file)
        assert (line["line"], line["column"], line["value"], line["供电电压(V)"]) == ("2", "voltage_v", "22O", "22O")
        out.write_text(out.read_text(encoding="utf-8-sig").replace("22O", "220"), encoding="utf-8")
        loaded.load(out)
        assert loaded.table("customer", "customer_id, voltage_v, phone") == [
            ("C1", 220, "13800000000"),
            ("C2", 380, "1"),
        ]
    else:
        assert loaded.load(out, check=True).rejected == 1


def test_rejects_on_the_screen(loaded: Bench) -> None:
    assert "应为数字" in run("rejects", loaded.data)
    found = json.loads(run("rejects", loaded.data, "--json"))
    assert found["groups"] == [
        {"table": "customer", "file": "用电客户.csv", "code": "type", "column": "voltage_v", "errors": 1}
    ]
    assert "没有被拒绝的行" in run("rejects", loaded.data, "--table", "bill")


def test_a_check_says_what_does_not_fit(bench: Bench) -> None:
    lines = [row("customer", n, voltage_v="22O", id_number="6.1E+17") for n in (1, 2)]
    bench.rows("用电客户.csv", "customer", [*lines, row("customer", 3)])
    shown = "".join(run("load", bench.data, bench.source, "--check").split())
    assert "应为数字" in shown
    assert "22O" in shown
    assert "末尾几位可能已丢失" in shown
    assert "6.1E+17" not in shown  # personal
    assert "从未导入" in shown  # the reference to units
    assert not bench.data.exists()
    found = json.loads(run("load", bench.data, bench.source, "--check", "--json"))["problems"]
    assert [(item["kind"], item["column"], item["errors"], item["line"]) for item in found] == [
        ("reject", "id_number", 2, 2), ("reject", "voltage_v", 2, 2), ("warning", "org_id", 1, 4),
    ]  # fmt: skip


def test_warnings_on_the_screen_and_in_a_file(loaded: Bench, tmp_path: Path) -> None:
    shown = run("rejects", loaded.data, "--warnings", "--lang", "en")
    assert "was never loaded" in " ".join(shown.split())
    found = json.loads(run("rejects", loaded.data, "--warnings", "--json"))
    assert found["warnings"] == len(found["first"]) > 0
    assert {type(item["rows"]) for item in found["first"]} == {int}
    assert "没有警告" in run("rejects", loaded.data, "--warnings", "--table", "tariff")
    run("rejects", loaded.data, "--warnings", "--out", tmp_path / "w.csv")
    with (tmp_path / "w.csv").open(encoding="utf-8-sig", newline="") as file:
        assert len(list(csv.DictReader(file))) == found["warnings"]


def test_rejects_of_several_tables_keep_the_source_as_json(bench: Bench, tmp_path: Path) -> None:
    bench.rows("customer.csv", "customer", [row("customer", 1, voltage_v="x")])
    bench.rows("bill.csv", "bill", [row("bill", 1, days="x")])
    bench.load()
    assert export_rejects(find_rejects(bench.data), tmp_path / "all.csv") == 2
    with (tmp_path / "all.csv").open(encoding="utf-8-sig", newline="") as file:
        assert [json.loads(line["source"])["用户编号"] for line in csv.DictReader(file)] == ["C1", "C1"]


def test_rejects_run_no_formula_in_a_spreadsheet(bench: Bench, tmp_path: Path) -> None:
    """What a source's text would do to the one who opens the file; it is delivered again without harm."""
    texts = {'=HYPERLINK("http://x","y")': "'=", "@SUM(A1)": "'@", '="0012"': '="0012"', "-12.50": "'-12.50"}
    for number, text in enumerate(texts):
        bench.rows(f"customer_{number}.csv", "customer", [row("customer", number, name=text, voltage_v="x")])
    bench.load()
    export_rejects(find_rejects(bench.data), tmp_path / "r.csv")
    with (tmp_path / "r.csv").open(encoding="utf-8-sig", newline="") as file:
        written = list(dict.fromkeys(line["用户名称"] for line in csv.DictReader(file)))  # a line an error
    assert [name for name in written if name[:1] in "=+-@"] == ['="0012"']
    assert [name[: len(start)] for name, start in zip(written, texts.values(), strict=True)] == list(texts.values())


@pytest.mark.parametrize(
    ("load", "table", "words"), [("nope", None, "there is no load nope"), (None, "nope", "there is no table nope")]
)
def test_rejects_of_something_unknown(loaded: Bench, load: str | None, table: str | None, words: str) -> None:
    with pytest.raises(BadInput, match=words):
        find_rejects(loaded.data, load, table)


def test_rejects_of_an_empty_folder_and_unknown_formats(loaded: Bench, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="nothing was loaded"):
        find_rejects(tmp_path / "x")
    with pytest.raises(BadInput, match="is not supported"):
        export_rejects(find_rejects(loaded.data), tmp_path / "x.pdf")


def test_export_tables(loaded: Bench, tmp_path: Path) -> None:
    run("export", "tables", loaded.data, "--out", tmp_path / "out")
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["bill.parquet", "customer.parquet"]
    with duckdb.connect() as connection:
        assert connection.execute(f"SELECT bill_id FROM '{tmp_path}/out/bill.parquet'").fetchall() == [("B1",), ("B3",)]
    with pytest.raises(BadInput, match="nothing to export of meter"):
        run("export", "tables", loaded.data, "--out", tmp_path / "out", "--table", "meter")


@pytest.mark.parametrize("given", ["lots", "-5GB", "0GB", "4"])
def test_a_memory_limit_that_is_none(loaded: Bench, given: str) -> None:
    with pytest.raises(BadInput, match="is no memory limit"):
        run("load", loaded.data, loaded.source, "--memory", given)


def test_folders_that_are_not_there(loaded: Bench, tmp_path: Path) -> None:
    nowhere = tmp_path / "nowhere"
    with pytest.raises(BadInput, match="there is no folder"):
        run("screen", loaded.data, "--as-of", "2026-10-15", "--inputs", nowhere)
    for command in (["explain", nowhere, "C1", "2026-09"], ["recompute", nowhere]):
        with pytest.raises(BadInput, match="does not exist or holds no data yet"):
            run("bill", *command)
    assert not nowhere.exists()
    with pytest.raises(BadInput, match="exchange --from and --to"):
        run("bill", "recompute", loaded.data, "--from", "2026-03", "--to", "2026-01")
