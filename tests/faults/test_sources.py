"""Source files made to break a loader: refused or rejected by name, within bounded memory."""

from __future__ import annotations

import zipfile
from pathlib import Path

import duckdb
import pytest

from jicha.errors import BadInput
from jicha.ingest.archive import check_archive
from jicha.ingest.model import Place
from jicha.warehouse import Warehouse

from .desk import PEAK, Desk, Said

_SHEET = (
    b'<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
)


def load(desk: Desk, source: Path, *options: str) -> tuple[Said, int]:
    """Load and return what was said and the peak of memory [MB]."""
    said = desk.run("load", desk.data, source, *options, before=PEAK)
    return said, int(said.text.rpartition("PEAK ")[2]) // 1024


def bomb(source: Path, target: Path, part: str, unit: bytes, size: int) -> None:
    """Copy a workbook, one part of it replaced by `size` bytes that shrink to a thousandth."""
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for item in old.infolist():
            if item.filename != part:
                new.writestr(item.filename, old.read(item))
        with new.open(part, "w", force_zip64=True) as file:
            file.write(_SHEET)
            for _ in range(size // len(unit)):
                file.write(unit)


ROWS = b'<row><c t="inlineStr"><is><t>AAAAAAAAAAAAAAAA</t></is></c></row>' * 20_000
STRINGS = b"<si><t>AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA</t></si>" * 20_000


@pytest.mark.slow
@pytest.mark.parametrize(
    ("part", "unit"), [("xl/worksheets/sheet1.xml", ROWS), ("xl/sharedStrings.xml", STRINGS)], ids=["sheet", "strings"]
)
def test_a_zip_bomb(desk: Desk, tmp_path: Path, part: str, unit: bytes) -> None:
    target = tmp_path / "自备电源.xlsx"
    bomb(desk.source / target.name, target, part, unit, 2 << 30)
    assert target.stat().st_size < 10e6
    said, peak_mb = load(desk, target)
    assert said.code == 2 and "自备电源.xlsx" in said.text and "解压后" in said.text and "CSV" in said.text
    assert peak_mb < 400


def test_a_bomb_of_many_sheets_and_one_that_lies_about_its_size(tmp_path: Path) -> None:
    target = tmp_path / "many.xlsx"
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(30):
            archive.writestr(f"xl/worksheets/sheet{number}.xml", b"A" * (5 << 20))
    with pytest.raises(BadInput, match=r"unpacks to 0\.2 GB"):
        check_archive(Place(target, target.name))
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"A" * (300 << 20))
    content = target.read_bytes()
    target.write_bytes(content.replace((300 << 20).to_bytes(4, "little"), (1000).to_bytes(4, "little")))
    with zipfile.ZipFile(target) as archive:
        assert archive.infolist()[0].file_size == 1000
    with pytest.raises(BadInput, match="as made to fill memory"):
        check_archive(Place(target, target.name))


def test_a_damaged_part_does_not_hide_a_bomb(tmp_path: Path) -> None:
    target = tmp_path / "damaged.xlsx"
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(2):
            archive.writestr(f"xl/worksheets/sheet{number}.xml", b"A" * (300 << 20))
    size = (300 << 20).to_bytes(4, "little")
    content = bytearray(target.read_bytes().replace(size, (1000).to_bytes(4, "little")))  # both say 1,000 bytes
    content[60:64] = b"\xff" * 4  # the first is no deflated stream any more
    target.write_bytes(content)
    with pytest.raises(BadInput, match="unpacks to"):
        check_archive(Place(target, target.name))


def test_a_workbook_that_shrinks_well_is_none(tmp_path: Path) -> None:
    target = tmp_path / "plain.xlsx"
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"A" * (90 << 20))
    check_archive(Place(target, target.name))


@pytest.mark.parametrize(
    "content", [None, bytes.fromhex("d0cf11e0a1b11ae1") + bytes(4096), b"<html><table/></html>"],
    ids=["truncated", "encrypted", "html"],
)  # fmt: skip
def test_a_file_that_is_no_workbook(desk: Desk, tmp_path: Path, content: bytes | None) -> None:
    target = tmp_path / "自备电源.xlsx"
    target.write_bytes(content or (desk.source / target.name).read_bytes()[:5000])
    said = desk.load(source=target)
    assert said.code == 2 and "自备电源.xlsx打不开" in said.text and "请重新导出" in said.text


@pytest.mark.parametrize("size", [30 << 20, pytest.param(2 << 30, marks=pytest.mark.slow)])
def test_an_endless_line(desk: Desk, tmp_path: Path, size: int) -> None:
    (bills,) = desk.second.iterdir()
    lines = bills.read_bytes().splitlines(keepends=True)
    target = tmp_path / bills.name
    piece = "用户,12,".encode("gb18030") * 131_072
    with target.open("wb") as file:
        file.writelines(lines[:5])
        for _ in range(size // len(piece)):
            file.write(piece)
        file.write(b"\n")
        file.writelines(lines[5:])
    said, peak_mb = load(desk, target)
    assert said.code == 1 and "拒绝 1 行" in said.text, said.text
    assert peak_mb < 500
    rejected = desk.run("rejects", desk.data, "--lang", "en").text
    assert " 6 " in rejected and "longer than a million characters" in " ".join(rejected.split())
    assert Warehouse(desk.data).snapshot().rows("bill") > len(lines) - 2


def test_a_file_of_zeros(desk: Desk, tmp_path: Path) -> None:
    target = tmp_path / next(desk.second.iterdir()).name
    with target.open("wb") as file:
        file.truncate(50 << 20)
    said, peak_mb = load(desk, target)
    assert said.code == 2 and target.name in said.text and "表头" in said.text
    assert peak_mb < 600


def test_a_column_of_a_hundred_thousand_bad_values(desk: Desk, tmp_path: Path) -> None:
    (bills,) = desk.second.iterdir()
    head, line = bills.read_text("gb18030").splitlines()[:2]
    cells = line.split(",")
    place = head.split(",").index('"结算电量"')
    target = tmp_path / bills.name
    with target.open("w", encoding="utf-8") as file:
        file.write(head + "\n")
        for number in range(100_000):
            cells[0], cells[place] = f"Z{number}", f"坏值{number}"
            file.write(",".join(cells) + "\n")
    said, peak_mb = load(desk, target)
    assert said.code == 1 and "接受 0 行，拒绝 100,000 行" in said.text and len(said.text) < 5000
    assert peak_mb < 1000
    shown = desk.run("rejects", desk.data)
    assert "被拒绝：100,000 条错误" in shown.text and "只显示前 20 条" in shown.text and len(shown.text) < 20_000
    rejects = max((desk.data / "loads").glob("*/rejects.parquet"))
    with duckdb.connect() as connection:
        found = connection.execute(f"SELECT count(DISTINCT value), count(DISTINCT line) FROM '{rejects}'").fetchall()
    assert found == [(100_000, 100_000)]
