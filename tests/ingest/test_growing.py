"""A folder that grows: `--changed` reads what is new or changed, and nothing else."""

from __future__ import annotations

import importlib
import json
import os
import shutil
import sqlite3
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import xlsxwriter
from typer.testing import CliRunner

from jicha.catalog.schema import schema
from jicha.cli import application
from jicha.errors import BadInput, MachineFailure
from jicha.ingest import LoadResult, Replace, commit, delivered, deliveries, load
from jicha.ingest.delivered import reader_digest
from jicha.ingest.mapping import read_mapping
from jicha.warehouse import Warehouse

from .bench import NOW, Bench, csv_text, full_row, row

LOAD = importlib.import_module("jicha.ingest.load")  # the package has a function of that name
MAPPING = """
tables:
  customer:
    files: ["YH*"]
    columns: {customer_id: 户号, org_id: {constant: S1}, usage_class: {constant: residential},
              status: {constant: active}, opened_on: {constant: "2020-01-01"}, name: %s}
"""


def customers(*numbers: int, name: str = "N") -> list[dict[str, Any]]:
    return [row("customer", number, name=name) for number in numbers]


def grow(bench: Bench, *sources: Path | str, **options: Any) -> LoadResult:
    given: Sequence[Path | str] = sources or [bench.source]
    settings: dict[str, Any] = {"now": NOW, "changed": True}
    return load(bench.data, given, **(settings | options))


def outcomes(result: LoadResult) -> dict[str, str]:
    return {item["file"]: item["outcome"] for item in result.deliveries}


def names(bench: Bench) -> dict[str, str]:
    return dict(bench.table("customer", "customer_id, name"))


def version(bench: Bench) -> int:
    return Warehouse(bench.data).manifest().version


def test_only_new_files_are_read(bench: Bench) -> None:
    bench.rows("customer_1.csv", "customer", customers(1, 2))
    first = grow(bench)
    bench.rows("customer_2.csv", "customer", customers(3))
    second = grow(bench)
    assert outcomes(second) == {"customer_1.csv": "skipped", "customer_2.csv": "read"}
    assert [item["load_id"] for item in second.deliveries] == [first.load_id, second.load_id]
    assert [item["tables"] for item in second.deliveries] == [["customer"], ["customer"]]
    assert (second.accepted, second.tables["customer"].files, len(names(bench))) == (1, 1, 3)


def test_what_a_load_without_the_option_read_is_known(bench: Bench) -> None:
    bench.rows("customer.csv", "customer", customers(1))
    bench.load()
    assert outcomes(grow(bench)) == {"customer.csv": "skipped"}
    assert bench.load().accepted == 1  # without it everything is read, as ever


def test_nothing_new_makes_no_version_and_is_no_failure(bench: Bench) -> None:
    bench.rows("customer.csv", "customer", customers(1))
    grow(bench)
    before = sorted(bench.data.rglob("*"))
    result = grow(bench)
    assert (result.nothing_new, result.exit_code, result.version) == (True, 0, 1)
    assert (version(bench), sorted(bench.data.rglob("*"))) == (1, before)


def test_the_command_says_what_became_of_each_file(bench: Bench) -> None:
    def run(*options: str) -> tuple[int, str]:
        arguments = ["load", str(bench.data), str(bench.source), "--changed", *options]
        result = CliRunner().invoke(application(), arguments, catch_exceptions=False)
        return result.exit_code, result.output

    bench.rows("customer_1.csv", "customer", customers(1))
    assert run()[0] == 0
    assert run()[0] == 0
    assert "没有新内容" in run()[1]
    assert "Nothing new; the data are still version 1" in run("--lang", "en")[1]
    bench.rows("customer_2.csv", "customer", customers(2))
    bench.write("notes.txt", "a,b\n1,2\n")
    code, text = run("--lang", "en", "--check")
    assert code == 1  # one file is not recognised
    assert [word in text for word in ("left out", "read", "not recognised")] == [True, True, True]
    code, text = run("--json")
    found = json.loads(text)
    assert {item["file"]: item["outcome"] for item in found["deliveries"]} == {
        "customer_1.csv": "skipped",
        "customer_2.csv": "read",
        "notes.txt": "unrecognised",
    }
    code, text = run("--json")
    assert json.loads(text)["nothing_new"] is True
    assert code == 1  # the file that is not recognised is still there, and still said


def test_many_files_left_out_are_counted(bench: Bench) -> None:
    for number in range(25):
        bench.rows(f"customer_{number:02d}.csv", "customer", customers(number))
    grow(bench)
    arguments = ["load", str(bench.data), str(bench.source), "--changed", "--lang", "en"]
    text = CliRunner().invoke(application(), arguments, catch_exceptions=False).output
    assert "5 more left out" in text
    assert "customer_24.csv" in text and "customer_04.csv" not in text


def test_a_renamed_moved_or_touched_file_is_known(bench: Bench) -> None:
    bench.rows("customer_1.csv", "customer", customers(1))
    bench.rows("customer_2.csv", "customer", customers(2))
    bench.rows("customer_3.csv", "customer", customers(3))
    grow(bench)
    (bench.source / "customer_1.csv").rename(bench.source / "customer_9.csv")
    (bench.source / "old").mkdir()
    (bench.source / "customer_2.csv").rename(bench.source / "old" / "customer_2.csv")
    os.utime(bench.source / "customer_3.csv")
    result = grow(bench)
    assert set(outcomes(result).values()) == {"skipped"}
    assert {item["file"]: item["same_as"] for item in result.deliveries}["customer_9.csv"] == "customer_1.csv"


def test_a_folder_that_was_moved_as_a_whole_is_known(bench: Bench) -> None:
    bench.rows("customer_1.csv", "customer", customers(1, name="A"))
    grow(bench)
    bench.rows("customer_2.csv", "customer", customers(1, name="B"))
    grow(bench)
    elsewhere = bench.source.rename(bench.source.with_name("elsewhere"))
    assert grow(bench, elsewhere).nothing_new
    assert names(bench) == {"C1": "B"}


def test_a_file_renamed_after_another_table_is_read(bench: Bench) -> None:
    bench.rows("metering_point.csv", "metering_point", [full_row("metering_point", 1)])
    assert list(grow(bench).tables) == ["metering_point"]
    (bench.source / "metering_point.csv").rename(bench.source / "customer.csv")
    assert "customer.csv" not in {
        item["file"] for item in _result_or_error(bench) if item["outcome"] == "skipped"
    }  # what its name says is not what was read


def _result_or_error(bench: Bench) -> list[dict[str, Any]]:
    try:
        return grow(bench).deliveries
    except BadInput:  # read, and found to lack columns
        return []


def test_a_changed_file_is_read_again(bench: Bench) -> None:
    bench.rows("customer_1.csv", "customer", customers(1, name="A"))
    bench.rows("customer_2.csv", "customer", customers(2))
    grow(bench)
    bench.rows("customer_1.csv", "customer", customers(1, name="B"))
    assert outcomes(grow(bench)) == {"customer_1.csv": "read", "customer_2.csv": "skipped"}
    assert names(bench) == {"C1": "B", "C2": "N"}


def test_content_that_comes_back_is_read_again(bench: Bench) -> None:
    for name in "ABA":
        bench.rows("customer.csv", "customer", customers(1, name=name))
        assert outcomes(grow(bench)) == {"customer.csv": "read"}
    assert names(bench) == {"C1": "A"}


def test_content_that_comes_back_in_a_new_file_is_read(bench: Bench) -> None:
    for number, name in enumerate("ABA"):
        bench.rows(f"customer_{number}.csv", "customer", customers(1, name=name))
        result = grow(bench)
    assert outcomes(result) == {"customer_0.csv": "skipped", "customer_1.csv": "skipped", "customer_2.csv": "read"}
    assert names(bench) == {"C1": "A"}


def test_a_copy_of_what_was_loaded_last_is_known(bench: Bench) -> None:
    source = bench.rows("customer_1.csv", "customer", customers(1))
    grow(bench)
    shutil.copyfile(source, bench.source / "customer_1 (2).csv")
    assert grow(bench).nothing_new


def test_of_equal_new_files_one_is_read(bench: Bench) -> None:
    for name in ("customer_1.csv", "customer_3.csv"):
        bench.rows(name, "customer", customers(1, name="A"))
    bench.rows("customer_2.csv", "customer", customers(1, name="B"))
    result = grow(bench)
    assert outcomes(result) == {"customer_1.csv": "skipped", "customer_2.csv": "read", "customer_3.csv": "read"}
    assert result.deliveries[0]["tables"] == ["customer"]
    assert names(bench) == {"C1": "A"}  # the last of all files counts
    assert grow(bench).nothing_new


def test_a_changed_mapping_reads_again_what_it_read(bench: Bench, tmp_path: Path) -> None:
    bench.write("YH1.csv", "户号,户名,别名\n0001,A,B\n")
    mapping = tmp_path / "m.yaml"
    mapping.write_text(MAPPING % "户名", encoding="utf-8")
    grow(bench, mapping=mapping)
    assert names(bench) == {"0001": "A"}
    assert grow(bench, mapping=mapping).nothing_new
    mapping.write_text("# only a remark\nignore: ['*.log']\n" + MAPPING % "户名", encoding="utf-8")
    assert grow(bench, mapping=mapping).nothing_new
    mapping.write_text(MAPPING % "别名", encoding="utf-8")
    assert outcomes(grow(bench, mapping=mapping)) == {"YH1.csv": "read"}
    assert names(bench) == {"0001": "B"}


def test_a_schema_that_grew_reads_again(tmp_path: Path) -> None:
    path = tmp_path / "m.yaml"
    path.write_text(MAPPING % "户名", encoding="utf-8")
    mapping = read_mapping(path, schema())
    digests = {reader_digest(schema(), None), reader_digest(schema(), mapping)}
    grown = type(schema())(schema().version, {k: v for k, v in schema().tables.items() if k != "bill"})
    assert len(digests | {reader_digest(grown, None), reader_digest(grown, mapping)}) == 4


def test_what_a_refused_load_read_is_read_again(bench: Bench) -> None:
    bench.rows("customer.csv", "customer", customers(1))
    bench.write("area.csv", b"")
    with pytest.raises(BadInput, match="is empty"):
        grow(bench)
    (bench.source / "area.csv").unlink()
    assert outcomes(grow(bench)) == {"customer.csv": "read"}


def test_what_a_load_that_died_read_is_read_again(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    def die(*_: object) -> None:
        raise KeyboardInterrupt

    bench.rows("customer.csv", "customer", customers(1))
    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(commit.Writer, "commit", die)  # after the load's record was written
        grow(bench)
    assert outcomes(grow(bench)) == {"customer.csv": "read"}
    assert len(names(bench)) == 1


def test_what_a_taken_back_version_read_is_read_again(bench: Bench) -> None:
    bench.rows("customer_1.csv", "customer", customers(1))
    grow(bench)
    bench.rows("customer_2.csv", "customer", customers(2))
    grow(bench)
    shutil.copyfile(bench.data / "manifests" / "000001.json", bench.data / "manifest.json")
    assert outcomes(grow(bench)) == {"customer_1.csv": "skipped", "customer_2.csv": "read"}
    assert len(names(bench)) == 2


def test_a_check_makes_nothing_known(bench: Bench) -> None:
    bench.rows("customer.csv", "customer", customers(1))
    assert outcomes(grow(bench, check=True)) == {"customer.csv": "read"}
    assert outcomes(grow(bench)) == {"customer.csv": "read"}
    assert grow(bench, check=True).nothing_new


def test_files_not_recognised_are_never_known(bench: Bench, tmp_path: Path) -> None:
    bench.rows("customer.csv", "customer", customers(1))
    bench.write("YH1.csv", "户号,户名\n0002,A\n")
    for _ in range(2):
        result = grow(bench)
        assert outcomes(result)["YH1.csv"] == "unrecognised"
        assert result.exit_code == 1
    mapping = tmp_path / "m.yaml"
    mapping.write_text(MAPPING % "户名", encoding="utf-8")
    assert outcomes(grow(bench, mapping=mapping))["YH1.csv"] == "read"


@pytest.mark.parametrize("replace", [Replace.TABLE, Replace.PERIOD])
def test_skipping_and_replacing_exclude_each_other(bench: Bench, replace: Replace) -> None:
    bench.rows("bill.csv", "bill", [row("bill", 1)])
    grow(bench)
    with pytest.raises(BadInput) as caught:
        grow(bench, replace=replace)
    assert f"--replace {replace.value}" in caught.value.text.zh
    assert "would be replaced by nothing" in caught.value.text.en
    assert len(bench.table("bill")) == 1


def test_databases_are_asked_every_time(bench: Bench, tmp_path: Path) -> None:
    source = tmp_path / "x.db"
    values = row("customer", 1)
    with sqlite3.connect(source) as database:
        database.execute(f"CREATE TABLE customer ({', '.join(values)})")
        database.execute(f"INSERT INTO customer VALUES ({', '.join('?' for _ in values)})", list(values.values()))
    database.close()
    bench.rows("area.csv", "area", [row("area", 1)])
    url = f"sqlite:///{source}"
    grow(bench, bench.source, url)
    result = grow(bench, bench.source, url)
    assert outcomes(result) == {"area.csv": "skipped", url: "read"}
    assert (result.accepted, result.version) == (1, 2)


def test_a_table_that_a_database_fed_since_makes_a_copy_worth_reading(bench: Bench) -> None:
    source = bench.rows("customer_1.csv", "customer", customers(1, name="A"))
    grow(bench)
    bench.load(bench.write("other/customer_7.csv", csv_text("customer", customers(1, name="B"))))
    shutil.rmtree(bench.source / "other")
    shutil.copyfile(source, bench.source / "customer_8.csv")
    assert outcomes(grow(bench))["customer_8.csv"] == "read"
    assert names(bench) == {"C1": "A"}


def settle(path: Path) -> None:
    """Make a file an hour old."""
    old = path.stat().st_mtime - 3600
    os.utime(path, (old, old))


def test_a_file_whose_stamp_is_old_and_equal_is_not_read_at_all(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    later = datetime.now(UTC).replace(tzinfo=None) + timedelta(minutes=1)
    path = bench.rows("customer.csv", "customer", customers(1))
    grow(bench, now=later)
    hashed: list[Path] = []
    sha256_of = delivered.sha256_of
    monkeypatch.setattr(delivered, "sha256_of", lambda file: hashed.append(file) or sha256_of(file))  # type: ignore[func-returns-value]
    assert grow(bench, now=later).nothing_new
    assert hashed == []
    settle(path)
    assert grow(bench, now=later).nothing_new
    assert hashed == [path]


def test_a_file_written_twice_within_a_tick_is_seen(bench: Bench) -> None:
    """Same size, same times: only a stamp that was old when it was taken is trusted."""
    now = datetime.now(UTC).replace(tzinfo=None)
    path = bench.rows("customer.csv", "customer", customers(1, name="A"))
    grow(bench, now=now)
    record = json.loads((bench.data / "loads" / Warehouse(bench.data).manifest().loads[0] / "load.json").read_text())
    path.write_bytes(path.read_bytes().replace(b",A", b",B"))
    (item,) = record["deliveries"]
    stamp = path.stat()  # as if the clock had not ticked: the record has the very stamp that the file has now
    item |= {"mtime_ns": stamp.st_mtime_ns, "ctime_ns": stamp.st_ctime_ns, "inode": stamp.st_ino}
    assert item["size"] == stamp.st_size
    target = bench.data / "loads" / record["load_id"] / "load.json"
    target.write_text(json.dumps(record), encoding="utf-8")
    assert outcomes(grow(bench, now=now)) == {"customer.csv": "read"}
    assert names(bench) == {"C1": "B"}


def test_a_file_restored_with_its_times_is_seen(bench: Bench) -> None:
    later = datetime.now(UTC).replace(tzinfo=None) + timedelta(minutes=1)
    path = bench.rows("customer.csv", "customer", customers(1, name="A"))
    grow(bench, now=later)
    stamp = path.stat()
    path.write_bytes(path.read_bytes().replace(b",A", b",B"))
    os.utime(path, ns=(stamp.st_atime_ns, stamp.st_mtime_ns))  # as `cp -p` and archives do
    assert (path.stat().st_size, path.stat().st_mtime_ns) == (stamp.st_size, stamp.st_mtime_ns)
    assert outcomes(grow(bench, now=later)) == {"customer.csv": "read"}


def test_a_touched_file_is_hashed_once_more_and_then_known_by_its_stamp(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    later = datetime.now(UTC).replace(tzinfo=None) + timedelta(minutes=1)
    path = bench.rows("customer_1.csv", "customer", customers(1))
    first = grow(bench, now=later)
    settle(path)
    bench.rows("customer_2.csv", "customer", customers(2))
    grow(bench, now=later)  # a load that is recorded
    monkeypatch.setattr(delivered, "sha256_of", lambda _: pytest.fail("hashed"))
    result = grow(bench, now=later)
    assert result.deliveries[0]["load_id"] == first.load_id


@pytest.mark.parametrize("moment", ["hashing", "reading"])
@pytest.mark.parametrize("option", [True, False])
def test_a_file_that_grows_during_the_load_is_noticed(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, moment: str, option: bool
) -> None:
    path = bench.rows("customer.csv", "customer", customers(1, 2))
    module, name = (delivered, "sha256_of") if moment == "hashing" else (deliveries, "stage_csv")
    step = getattr(module, name)

    def copied_meanwhile(*arguments: Any) -> Any:
        found = step(*arguments)
        with path.open("a", encoding="utf-8") as file:
            file.write(csv_text("customer", customers(3)).splitlines()[1] + "\n")
        return found

    with monkeypatch.context() as patch, pytest.raises(BadInput) as caught:
        patch.setattr(module, name, copied_meanwhile)
        grow(bench, changed=option)
    assert "customer.csv changed during the load" in caught.value.text.en
    assert "被改动" in caught.value.text.zh
    assert version(bench) == 0
    assert grow(bench).accepted >= 3


def test_a_parquet_file_replaced_during_the_load_is_noticed(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    path = bench.source / "customer.parquet"

    def write(count: int) -> None:
        pq.write_table(pa.Table.from_pylist(customers(*range(count))), path)

    write(10)
    stage_all = deliveries.stage_all

    def replaced(*arguments: Any) -> None:
        path.write_bytes(b"PAR1")
        stage_all(*arguments)

    monkeypatch.setattr(LOAD, "stage_all", replaced)
    with pytest.raises((BadInput, MachineFailure), match="changed during the load"):
        grow(bench)
    monkeypatch.undo()
    path.unlink()
    write(10)
    assert grow(bench).accepted == 10


def test_a_file_that_is_gone_after_reading_is_noticed(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    path = bench.rows("customer.csv", "customer", customers(1))
    stage_all = deliveries.stage_all

    def gone(*arguments: Any) -> None:
        stage_all(*arguments)
        path.unlink()

    monkeypatch.setattr(LOAD, "stage_all", gone)
    with pytest.raises(BadInput, match="is gone or cannot be read any more"):
        grow(bench)


def test_a_touch_during_the_load_is_no_change(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    path = bench.rows("customer.csv", "customer", customers(1))
    stage_all = deliveries.stage_all

    def touched(*arguments: Any) -> None:
        stage_all(*arguments)
        settle(path)

    monkeypatch.setattr(LOAD, "stage_all", touched)
    assert grow(bench).accepted == 1


def test_equal_parquet_files_of_two_months_are_two_deliveries(bench: Bench) -> None:
    rows = [{name: value for name, value in row("bill", 1).items() if name not in {"period", "bill_id"}}]
    for month in ("2026-01-01", "2026-02-01"):
        folder = bench.source / "bill" / f"period={month}" / f"bill_id={month}"
        folder.mkdir(parents=True)
        pq.write_table(pa.Table.from_pylist(rows), folder / "part-0.parquet")
        assert list(outcomes(grow(bench)).values())[-1] == "read"
    assert len(bench.table("bill")) == 2


def test_a_workbook_is_known_by_its_name_and_its_sheets(bench: Bench, tmp_path: Path) -> None:
    mapping = tmp_path / "m.yaml"
    mapping.write_text((MAPPING % "户名").replace('"YH*"', '"a*!S"'), encoding="utf-8")
    with xlsxwriter.Workbook(str(bench.source / "a1.xlsx")) as book:
        sheet = book.add_worksheet("S")
        sheet.write_row(0, 0, ["户号", "户名"])
        sheet.write_row(1, 0, ["1", "A"])
    assert outcomes(grow(bench, mapping=mapping)) == {"a1.xlsx": "read"}
    (bench.source / "a1.xlsx").rename(bench.source / "a2.xlsx")
    assert grow(bench, mapping=mapping).nothing_new
    (bench.source / "a2.xlsx").rename(bench.source / "b.xlsx")
    with pytest.raises(BadInput, match="no file was recognised"):
        grow(bench, mapping=mapping)


def test_a_load_whose_record_is_gone_is_read_again(bench: Bench) -> None:
    bench.rows("customer.csv", "customer", customers(1))
    result = grow(bench)
    (bench.data / "loads" / result.load_id / "load.json").unlink()
    assert outcomes(grow(bench)) == {"customer.csv": "read"}
