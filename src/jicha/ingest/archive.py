"""Workbooks are ZIP archives: how much they hold is known before they are unpacked into memory.

A sheet as Excel writes it shrinks to a tenth or a twentieth; an archive made to fill memory shrinks to a thousandth.
"""

from __future__ import annotations

import zipfile
import zlib
from pathlib import Path
from typing import BinaryIO

from jicha.errors import BadInput
from jicha.ingest.model import Place

_HARMLESS = 100 << 20  # bytes unpacked: below, any ratio may be
_RATIO = 200  # unpacked to packed
_MOST = 4 << 30  # bytes unpacked: a sheet of a million full rows takes about one
_DEFLATE = 1032  # no deflated part grows by more than this
_LOCAL_HEADER = 30  # bytes, before name and extra field
_BLOCK = 1 << 20  # bytes


def check_archive(place: Place) -> None:
    """Refuse a workbook that unpacks to more than any export holds; what is no archive is left to the reader."""
    if not zipfile.is_zipfile(place.path):
        return
    try:
        with zipfile.ZipFile(place.path) as archive, place.path.open("rb") as file:
            parts = archive.infolist()
            unpacked = sum(part.file_size for part in parts)
            limit = _limit(place.path)
            for part in parts:
                if unpacked <= limit:
                    unpacked += _hidden(file, part, limit)
    except (zipfile.BadZipFile, OSError, NotImplementedError):
        return  # no directory of parts, so nothing can be unpacked: the reader refuses it by name
    if unpacked > limit:
        packed = place.path.stat().st_size
        zh, en = place.text
        size = f"{unpacked / 1e9:,.1f}"
        raise BadInput(
            zh=f"{zh}只有 {packed / 1e6:,.1f} MB，解压后却至少有 {size} GB，可能是压缩炸弹，没有打开。"
            "请核实来源；确为正常数据时，请改为导出 CSV。",
            en=f"{en} has {packed / 1e6:,.1f} MB but unpacks to {size} GB or more, as made to fill memory; it was not "
            "opened: check where it comes from, and export CSV if the data are real",
        )


def _limit(path: Path) -> int:
    """Return how many bytes a workbook of this size may unpack to."""
    return min(_MOST, max(_HARMLESS, _RATIO * path.stat().st_size))


def _hidden(file: BinaryIO, part: zipfile.ZipInfo, limit: int) -> int:
    """Return by how much a part is larger than the archive's directory says; counting ends beyond the limit."""
    if part.compress_type != zipfile.ZIP_DEFLATED or part.compress_size * _DEFLATE <= part.file_size + _HARMLESS:
        return 0
    file.seek(part.header_offset)
    header = file.read(_LOCAL_HEADER)
    file.seek(int.from_bytes(header[26:28], "little") + int.from_bytes(header[28:30], "little"), 1)
    inflate, found, left = zlib.decompressobj(-zlib.MAX_WBITS), 0, part.compress_size
    while found <= part.file_size + limit and not inflate.eof:
        block = inflate.unconsumed_tail
        if not block:
            block = file.read(min(_BLOCK, left))
            left -= len(block)
        if not block:
            break
        try:
            found += len(inflate.decompress(block, _BLOCK))
        except zlib.error:
            break  # a damaged part ends here for every reader; the other parts are counted all the same
    return max(0, found - part.file_size)
