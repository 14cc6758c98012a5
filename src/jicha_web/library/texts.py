"""Reading uploaded documents: which kinds are taken, told by their content, and how a text falls into clauses."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree as Xml

from django.utils.translation import gettext as _
from pypdf import PdfReader
from pypdf.errors import PyPdfError

MAX_BYTES = 12 * 1024 * 1024
MAX_UNPACKED_BYTES = 64 * 1024 * 1024
MAX_PAGES = 2000
MAX_CHARACTERS = 3_000_000
_PASSAGE = 800  # characters of a passage where a text has no clauses
_WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_ARTICLE = re.compile(r"^\s*(第[〇零一二三四五六七八九十百千\d]+条(?:之[一二三四五六七八九十]+)?)[\s　]*", re.MULTILINE)


class NotADocument(ValueError):
    """A file that is not taken; the message says which are."""


@dataclass(frozen=True)
class Passage:
    """A clause with its number, or a passage with where it stands."""

    article: str
    text: str


def kind_of(name: str, content: bytes) -> str:
    """Return pdf, docx or txt by name and content; NotADocument when they disagree, or when it is something else."""
    if not content:
        raise NotADocument(_("The file is empty."))
    if len(content) > MAX_BYTES:
        raise NotADocument(
            _("The file has %(size)s MB; at most %(most)s MB are taken.")
            % {"size": f"{len(content) / 1048576:.1f}", "most": MAX_BYTES // 1048576}
        )
    kind = Path(name).suffix.lower().lstrip(".")
    fits = {"pdf": _is_pdf, "docx": _is_docx, "txt": _is_text}.get(kind)
    if fits is None:
        raise NotADocument(
            _("Taken are PDF, Word (.docx) and text (.txt); this is “%(kind)s”.") % {"kind": kind or name}
        )
    if not fits(content):
        raise NotADocument(
            _("The content is no %(kind)s file, or a damaged one. Save it again in its program and upload it anew.")
            % {"kind": kind.upper()}
        )
    return kind


def _is_pdf(content: bytes) -> bool:
    return content[:5] == b"%PDF-" and b"%%EOF" in content[-2048:]


def _is_docx(content: bytes) -> bool:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = archive.infolist()
            names = {entry.filename for entry in entries}
            unpacked = sum(entry.file_size for entry in entries)
    except (zipfile.BadZipFile, ValueError, OSError):
        return False
    macros = any(name.lower().endswith("vbaproject.bin") for name in names)
    return "word/document.xml" in names and not macros and unpacked <= MAX_UNPACKED_BYTES


def _is_text(content: bytes) -> bool:
    return b"\0" not in content and _decoded(content) is not None


def _decoded(content: bytes) -> str | None:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    return None


def passages(kind: str, content: bytes) -> list[Passage]:
    """Return the text in clauses where it has them, else in passages; nothing when there is no text, as in a scan."""
    if kind == "pdf":
        pages = list(_pdf_pages(content))
        whole = "\n".join(text for _number, text in pages)
        return _clauses(whole) or [
            Passage(_("Page %(number)s") % {"number": number}, text) for number, text in pages if text.strip()
        ]
    text = _docx_text(content) if kind == "docx" else (_decoded(content) or "")
    text = text[:MAX_CHARACTERS]
    return _clauses(text) or list(_passages(text))


def _pdf_pages(content: bytes) -> Iterator[tuple[int, str]]:
    taken = 0
    try:
        reader = PdfReader(io.BytesIO(content))
        for number, page in enumerate(reader.pages[:MAX_PAGES], 1):
            text = page.extract_text()
            taken += len(text)
            yield number, text
            if taken > MAX_CHARACTERS:
                return
    except (PyPdfError, ValueError, KeyError, TypeError, RecursionError, AttributeError):
        return  # what was read so far is what there is


def _docx_text(content: bytes) -> str:
    with zipfile.ZipFile(io.BytesIO(content)) as archive, archive.open("word/document.xml") as file:
        source = file.read(MAX_UNPACKED_BYTES + 1)
    if len(source) > MAX_UNPACKED_BYTES or b"<!DOCTYPE" in source:
        return ""
    try:
        root = Xml.fromstring(source)
    except Xml.ParseError:
        return ""
    return "\n".join("".join(part.text or "" for part in line.iter(f"{_WORD}t")) for line in root.iter(f"{_WORD}p"))


def _clauses(text: str) -> list[Passage]:
    """Split at lines that begin with 第…条; fewer than three are mentions, not clauses."""
    starts = list(_ARTICLE.finditer(text))
    if len(starts) < 3:
        return []
    ends = [*(start.start() for start in starts[1:]), len(text)]
    return [
        Passage(start.group(1), text[start.end() : end].strip()) for start, end in zip(starts, ends, strict=True)
    ]  # fmt: skip


def _passages(text: str) -> Iterator[Passage]:
    held = ""
    for line in text.splitlines():
        for start in range(0, max(len(line), 1), _PASSAGE):
            piece = line[start : start + _PASSAGE].strip()
            if held and len(held) + len(piece) > _PASSAGE:
                yield Passage("", held)
                held = ""
            held = f"{held}\n{piece}" if held and piece else held or piece
    if held:
        yield Passage("", held)
