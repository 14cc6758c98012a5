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
from pypdf.errors import DependencyError, PyPdfError

MAX_BYTES = 12 * 1024 * 1024
MAX_UNPACKED_BYTES = 64 * 1024 * 1024
MAX_PAGES = 2000
MAX_CHARACTERS = 3_000_000
_PASSAGE = 800  # characters of a passage where a text has no clauses
_OLD = ("doc", "wps", "rtf")
_WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_DIGITS = "〇一二三四五六七八九"
_NUMBER = rf"[ \t　]*[零{_DIGITS}十百千\d]+[ \t　]*"  # PDFs set it apart: 第 12 条
# what goes on like this names a clause; it does not begin one: 第十二条的规定, 第三条、第四条
_BEGINS = rf"第{_NUMBER}条(?:之[{_DIGITS}十]+)?(?!的|规定|第|款|项|所|和|或|及|与|至|[、，。；）》])"
_ARTICLE = re.compile(rf"^\s*({_BEGINS})[\s　]*", re.MULTILINE)
# a line of a PDF ends anywhere, also within a word; one that ends a sentence or begins a heading stays apart
_BROKEN = re.compile(
    rf"(?<=[\u3400-\u9fff，、（《“])[ \t　]*\n[ \t　]*"
    rf"(?!{_BEGINS}|第{_NUMBER}[编章节]|[{_DIGITS}十]+、|附)(?=[\u3400-\u9fff，。、；：！？（）《》“”])"
)


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
            _("The file is above %(most)s MB, the most that is taken.")
            % {"most": MAX_BYTES // 1048576}  # cut when read
        )
    kind = Path(name).suffix.lower().lstrip(".")
    fits = {"pdf": _is_pdf, "docx": _is_docx, "txt": _is_text}.get(kind)
    if fits is None:
        raise NotADocument(_not_taken(kind) % {"kind": kind or name})
    if not fits(content):
        raise NotADocument(
            _("The content is no %(kind)s file, or a damaged one. Save it again in its program and upload it anew.")
            % {"kind": kind.upper()}
        )
    return kind


def _not_taken(kind: str) -> str:
    if kind in _OLD:
        return _(
            "Old Word and WPS files (.%(kind)s) are not taken: save it as .docx or PDF in its program and upload that."
        )
    return _("Taken are PDF, Word (.docx) and text (.txt); this is “%(kind)s”.")


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
        whole = _BROKEN.sub("", "\n".join(text for _number, text in pages))
        return _clauses(whole) or [
            Passage(_("Page %(number)s") % {"number": number}, _BROKEN.sub("", text))
            for number, text in pages
            if text.strip()
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
    except (PyPdfError, DependencyError, ValueError, KeyError, TypeError, RecursionError, AttributeError):
        return  # what was read so far is what there is: of one that is encrypted (DependencyError), nothing


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
        Passage(article_of(start.group(1)), text[start.end() : end].strip())
        for start, end in zip(starts, ends, strict=True)
    ]


def article_of(text: str) -> str:
    """Return the number of a clause as rules cite it: 第 12 条 → 第十二条."""
    plain = re.sub(r"\s", "", text)
    return re.sub(r"\d{1,3}(?!\d)", lambda number: chinese_number(int(number[0])), plain)


def chinese_number(number: int) -> str:
    """Return a number below 1000 as clauses write it: 101 → 一百零一."""
    hundreds, rest = divmod(number, 100)
    tens, ones = divmod(rest, 10)
    text = f"{_DIGITS[hundreds]}百" if hundreds else ""
    if rest and hundreds and not tens:
        text += "零"
    if tens:
        text += f"{_DIGITS[tens] if tens > 1 or hundreds else ''}十"
    return text + (_DIGITS[ones] if ones else "")


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
