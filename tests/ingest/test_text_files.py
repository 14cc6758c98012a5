"""Encodings, delimiters, line ends, quotes, headers of text files; every line is accounted for."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from jicha.cli import application
from jicha.errors import BadInput
from jicha.ingest import csv_file, deliveries
from jicha.ingest.model import Raw

from .bench import Bench, csv_text, row

ROWS = [row("customer", i, name=f"张三{i}", address="城东路，1号") for i in range(30)]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "gbk", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_encodings_and_line_ends(bench: Bench, encoding: str, end: str) -> None:
    bench.write("用电客户.csv", csv_text("customer", ROWS, end=end), encoding)
    assert bench.load().exit_code == 0
    assert sorted(bench.table("customer", "customer_id, name")) == sorted((f"C{i}", f"张三{i}") for i in range(30))


@pytest.mark.parametrize("delimiter", [",", "\t", ";", "|"])
@pytest.mark.parametrize("zh", [True, False])
def test_delimiters(bench: Bench, delimiter: str, zh: bool) -> None:
    bench.write("customer.txt", csv_text("customer", ROWS, delimiter=delimiter, zh=zh), "gb18030")
    assert bench.load().accepted == 30


def test_last_line_may_lack_its_end(bench: Bench) -> None:
    bench.write("customer.csv", csv_text("customer", ROWS).rstrip("\n"))
    assert bench.load().accepted == 30


def test_gb18030_is_seen_late_in_a_long_ascii_file(bench: Bench) -> None:
    rows = [row("organization", i) for i in range(60_000)]
    rows[-1]["name"] = "城东供电所"
    bench.write("organization.csv", csv_text("organization", rows, zh=False), "gb18030")
    bench.load()
    assert ("城东供电所",) in bench.table("organization", "name")


def test_bad_bytes_reject_their_line_only(bench: Bench) -> None:
    lines = csv_text("customer", ROWS).encode().split(b"\n")
    lines[5] = lines[5].replace("张".encode(), b"\xff\xfe")
    bench.write("customer.csv", b"\n".join(lines))
    result = bench.load()
    assert (result.accepted, result.rejected) == (29, 1)
    ((line, code, value, reason),) = bench.record("rejects", "line, code, value, reason")
    assert (line, code) == (6, "encoding")
    assert "\\xff\\xfe" in value
    assert "UTF-8" in reason


def test_bad_bytes_in_gb18030(bench: Bench) -> None:
    lines = csv_text("customer", ROWS).encode("gb18030").split(b"\n")
    lines[5] = lines[5] + b"\xff"
    bench.write("customer.csv", b"\n".join(lines))
    assert (bench.load().accepted, [error[0] for error in bench.errors()]) == (29, [6])


def test_header_below_titles_and_blank_lines(bench: Bench) -> None:
    bench.write("customer.csv", "用电客户清单,,,\n导出时间,2026-10-15,,\n\n" + csv_text("customer", ROWS) + "\n\n")
    result = bench.load()
    file = result.files[0]
    assert (file["header"], file["blank"], file["accepted"], file["lines"]) == (4, 2, 30, 36)


def test_totals_rows_are_skipped_and_counted(bench: Bench) -> None:
    text = csv_text("customer", ROWS)
    width = text.split("\n")[0].count(",")
    bench.write(
        "customer.csv", text + "".join(f"{word}{',' * width}\n" for word in ["合 计：", "小计", "Total", "合计（元）"])
    )
    result = bench.load()
    assert (result.accepted, result.rejected, result.files[0]["totals"]) == (30, 0, 4)
    assert (result.lines_apart("totals"), result.lines_apart("filtered")) == ((4, "customer.csv"), (0, ""))


def test_what_is_taken_for_a_total_is_said(tmp_path: Path) -> None:
    """A real record whose first cell reads like a total is left out too: who loads it must see that."""
    text = csv_text("tariff", [row("tariff", 1), row("tariff", 2, tariff_code="SUM")])
    (tmp_path / "tariff.csv").write_text(text, encoding="utf-8")
    done = CliRunner().invoke(application(), ["load", str(tmp_path / "data"), str(tmp_path / "tariff.csv")])
    assert ("另有合计行 1 行" in done.output, "tariff.csv" in done.output) == (True, True), done.output


def test_quoted_line_ends_are_one_record(bench: Bench) -> None:
    rows = [row("customer", 1, address='第一行\n第二行,"引号"\r\n第三行'), row("customer", 2, address="x")]
    bench.write("customer.csv", csv_text("customer", rows))
    result = bench.load()
    assert (result.accepted, result.files[0]["lines"]) == (2, 5)
    assert bench.table("customer", "address")[1][0] == '第一行\n第二行,"引号"\n第三行'


def test_unclosed_quote_in_the_middle_swallows_nothing(bench: Bench) -> None:
    lines = csv_text("customer", [row("customer", i, name=f"张{i}") for i in range(1000)]).split("\n")
    lines[500] = lines[500].replace("张", '"张')
    bench.write("customer.csv", "\n".join(lines))
    result = bench.load()
    assert (result.accepted, result.rejected) == (999, 1)
    ((line, code, reason, en),) = bench.record("rejects", "line, code, reason, reason_en")
    assert (line, code) == (501, "structure")
    assert "引号未闭合" in reason
    assert "not closed" in en


def test_two_unclosed_quotes_far_apart(bench: Bench) -> None:
    lines = csv_text("customer", [row("customer", i, name=f"张{i}") for i in range(1000)]).split("\n")
    for number in (300, 310):
        lines[number] = lines[number].replace("张", '"张')
    bench.write("customer.csv", "\n".join(lines))
    assert (bench.load().accepted, [error[0] for error in bench.errors()]) == (998, [301, 311])


def test_quotes_that_stay_open_on_line_after_line_swallow_nothing(bench: Bench) -> None:
    lines = [csv_text("customer", [row("customer", n)]).splitlines() for n in range(1, 7)]
    text = "\n".join([lines[0][0] + ",联系电话", *(f'{line},"a' for _, line in lines[:5]), lines[5][1] + ",b", ""])
    bench.write("customer.csv", text)
    bench.load()
    assert bench.table("customer", "phone") == [("b",)]
    assert [(line, code) for line, _, code, _ in bench.errors()] == [(n, "structure") for n in range(2, 7)]


def test_a_quote_inside_plain_text_is_text(bench: Bench) -> None:
    bench.rows("customer.csv", "customer", ROWS)
    text = csv_text("customer", [row("customer", 1, name="管5寸")]).replace("管5寸", '5" 管')
    bench.write("customer.csv", text)
    bench.load()
    assert bench.table("customer", "name") == [('5" 管',)]


def test_wrong_number_of_fields(bench: Bench) -> None:
    lines = csv_text("customer", ROWS).split("\n")
    lines[3] += ",多余"
    lines[4] = "只有,两个"
    bench.write("customer.csv", "\n".join(lines))
    result = bench.load()
    assert (result.accepted, result.rejected) == (28, 2)
    assert [(line, code) for line, _, code, _ in bench.errors()] == [(4, "structure"), (5, "structure")]
    assert any("实际 2 个" in reason for (reason,) in bench.record("rejects", "reason"))


def test_trailing_delimiters_and_lines_of_delimiters(bench: Bench) -> None:
    text = csv_text("customer", ROWS).replace("\n", ",\n")
    width = text.split("\n")[0].count(",")
    bench.write("customer.csv", text + "," * width + "\n")
    result = bench.load()
    assert (result.accepted, result.rejected, result.files[0]["blank"]) == (30, 0, 1)


def test_control_characters(bench: Bench) -> None:
    bench.rows("customer.csv", "customer", [*ROWS, row("customer", 99, name="a\x1fb")])
    assert (bench.load().accepted, [error[2] for error in bench.errors()]) == (30, ["structure"])


def test_empty_file_and_file_without_header_are_reported_together(bench: Bench) -> None:
    bench.write("customer.csv", b"")
    bench.write("area.csv", "1,2,3\n4,5,6\n")
    bench.write("meter.parquet", b"PAR1 truncated")
    bench.write("feeder.xlsx", b"PK\x03\x04 truncated")
    bench.write("staff.csv", "工号,姓名\n1,甲\n")
    bench.rows("organization.csv", "organization", [row("organization", 1)])
    with pytest.raises(BadInput) as caught:
        bench.load()
    zh, en = caught.value.text
    for name, words in {
        "customer.csv": "0 字节", "area.csv": "没有找到表头", "meter.parquet": "不是完整的 Parquet",
        "feeder.xlsx": "打不开",
        "staff.csv": "单位编码",
    }.items():  # fmt: skip
        assert any(name in part and words in part for part in zh.split("\n")), (name, zh)
    assert "5 files" in en
    assert not list(bench.data.rglob("*.parquet"))


def test_a_lost_line_fails_the_load(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """The engine is made to miss a record: the counts no longer add up, and nothing is committed."""
    bench.rows("customer.csv", "customer", ROWS)
    whole = csv_file.stage_csv

    def without_one(*arguments: Any) -> Raw:
        raw = whole(*arguments)
        return replace(raw, relation=raw.relation + " LIMIT 29")

    monkeypatch.setattr(deliveries, "stage_csv", without_one)
    with pytest.raises(BadInput, match="the line count does not add up: 31 lines, 31 placed; 30 records, 29 judged"):
        bench.load()
    assert not (bench.data / "manifest.json").exists()
