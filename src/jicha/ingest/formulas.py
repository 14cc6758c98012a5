"""Cells of a workbook whose formula has no value: the reader of sheets gives them as empty, which would lose them.

A formula that failed holds an error (`#N/A`), one that no program has computed yet holds nothing.
"""

from __future__ import annotations

import re
import zipfile
from collections import defaultdict
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import IO
from xml.etree import ElementTree

Cells = dict[int, dict[int, str]]  # row -> column -> text, both from 0

_BLOCK = 1 << 20  # bytes
_LONGEST = 1 << 16  # bytes of a cell with its formula
_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_LINK = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_RELATION = "{http://schemas.openxmlformats.org/package/2006/relationships}Relationship"
_FAILED = re.compile(rb'<c\s([^>]*\bt="e"[^>]*)>(?:(?!</c>).)*?<v>([^<]*)</v>', re.DOTALL)
_UNCOMPUTED = re.compile(rb"<c\s([^>]*)>\s*<f\b(?:[^>]*/>|[^>]*>([^<]*)</f>)\s*(?:<v\s*/>|<v></v>)?\s*</c>")
_PLACE = re.compile(rb'\br="([A-Z]{1,3})(\d{1,7})"')
_EMPTY_TEXT = re.compile(rb'\bt="str"')  # a formula whose value is the empty text


def cells_without_value(path: Path) -> dict[str, Cells]:
    """Return, by sheet, the cells whose formula failed (its error) or was never computed (`=` and the formula).

    Of workbooks that are no ZIP archives of XML (.xls, .xlsb, .ods) nothing is known: none are returned.
    """
    try:
        with zipfile.ZipFile(path) as book:
            return {name: found for name, part in _sheets(book) if (found := _scan(book, part))}
    except (zipfile.BadZipFile, KeyError, ElementTree.ParseError, NotImplementedError, OSError):
        return {}  # the reader of sheets says what is wrong with the file


def _sheets(book: zipfile.ZipFile) -> Iterator[tuple[str, str]]:
    """Yield the name of each sheet and the part of the archive that holds it."""
    parts = {}
    for item in ElementTree.fromstring(book.read("xl/_rels/workbook.xml.rels")).iter(_RELATION):
        target = item.get("Target", "")
        parts[item.get("Id")] = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
    for sheet in ElementTree.fromstring(book.read("xl/workbook.xml")).iter(f"{_MAIN}sheet"):
        part = parts.get(sheet.get(_LINK))
        if part is not None:
            yield sheet.get("name", ""), part


def _scan(book: zipfile.ZipFile, part: str) -> Cells:
    found: Cells = defaultdict(dict)
    with book.open(part) as file:
        for text in _blocks(file):
            if b't="e"' in text:
                for cell in _FAILED.finditer(text):
                    _put(found, cell[1], unescape(cell[2].decode("utf-8", "replace")))
            if b"<f" in text:
                for cell in _UNCOMPUTED.finditer(text):
                    if not _EMPTY_TEXT.search(cell[1]):
                        _put(found, cell[1], "=" + unescape((cell[2] or b"").decode("utf-8", "replace")))
    return dict(found)


def _blocks(file: IO[bytes]) -> Iterator[bytes]:
    """Yield the text in pieces that begin with a cell and end with one."""
    rest = b""
    while block := file.read(_BLOCK):
        text = rest + block
        end = text.rfind(b"</c>") + 4 if b"</c>" in text else 0
        yield text[:end]
        rest = text[end:][-_LONGEST:]


def _put(found: Cells, attributes: bytes, text: str) -> None:
    place = _PLACE.search(attributes)
    if place is None:
        return
    column = 0
    for letter in place[1]:
        column = column * 26 + letter - 64
    found[int(place[2]) - 1][column - 1] = text
