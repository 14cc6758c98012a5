"""What is taken as a document, and how its text falls into clauses."""

from __future__ import annotations

import io
import zipfile

import pytest
from docx import Document as WordDocument
from pypdf import PdfWriter

from jicha_web.library.search import chinese_number
from jicha_web.library.texts import MAX_BYTES, NotADocument, Passage, kind_of, passages

RULES = "办法\n第一条 为了规范。\n第二条　每月核对。\n续行也算。\n第十条之一 例外。\n"


def word(*lines: str) -> bytes:
    made = WordDocument()
    for line in lines:
        made.add_paragraph(line)
    held = io.BytesIO()
    made.save(held)
    return held.getvalue()


def pdf(pages: int = 1) -> bytes:
    writer = PdfWriter()
    for _ in range(pages):
        writer.add_blank_page(200, 200)
    held = io.BytesIO()
    writer.write(held)
    return held.getvalue()


def archive(**entries: bytes) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in entries.items():
            made.writestr(name.replace("__", "/").replace("_DOT_", "."), content)
    return held.getvalue()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_text_falls_into_its_clauses(encoding: str) -> None:
    content = RULES.encode(encoding)
    assert kind_of("办法.TXT", content) == "txt"
    assert passages("txt", content) == [
        Passage("第一条", "为了规范。"),
        Passage("第二条", "每月核对。\n续行也算。"),
        Passage("第十条之一", "例外。"),
    ]


def test_a_text_without_clauses_falls_into_passages_that_lose_nothing() -> None:
    text = "\n".join(f"{n} 现场核查时核对表号与示数，见第一条。" * 9 for n in range(40))
    found = passages("txt", text.encode())
    assert len(found) > 5
    assert all(not one.article and len(one.text) <= 801 for one in found)
    assert "".join(one.text for one in found).replace("\n", "") == text.replace("\n", "")


def test_word_and_pdf() -> None:
    content = word(*RULES.splitlines())
    assert kind_of("a.docx", content) == "docx"
    assert [one.article for one in passages("docx", content)] == ["第一条", "第二条", "第十条之一"]
    assert kind_of("a.pdf", pdf()) == "pdf"
    assert passages("pdf", pdf(3)) == []  # a scan: no text
    assert passages("pdf", b"%PDF-1.7 broken %%EOF") == []


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.pdf", b""),
        ("a.pdf", b"<html>%PDF-1.4</html>"),
        ("a.pdf", pdf()[:-40]),  # truncated
        ("a.docx", b"PK\x03\x04 no archive"),
        ("a.docx", archive(hello_DOT_txt=b"x")),
        ("a.docx", archive(word__document_DOT_xml=b"<w/>", word__vbaProject_DOT_bin=b"x")),
        ("a.docx", archive(word__document_DOT_xml=b"0" * (65 * 1024 * 1024))),  # a bomb: 64 KB that unpack to 65 MB
        ("a.txt", b"MZ\0\0"),
        ("a.txt", b"\xff\xff\xff"),
        ("a.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>"),
        ("a.html", b"<script>alert(1)</script>"),
        ("a.exe", b"MZ"),
        ("noending", b"text"),
        ("a.txt", b"x" * (MAX_BYTES + 1)),
    ],
    ids=lambda value: value if isinstance(value, str) else f"{len(value)} bytes",
)
def test_what_is_not_taken(name: str, content: bytes) -> None:
    with pytest.raises(NotADocument) as refused:
        kind_of(name, content)
    assert len(str(refused.value)) > 5


def test_a_document_type_in_xml_is_not_read() -> None:
    bomb = b'<!DOCTYPE x [<!ENTITY a "aaaa">]><w:document xmlns:w="x">&a;</w:document>'
    assert passages("docx", archive(word__document_DOT_xml=bomb)) == []


@pytest.mark.parametrize(
    ("number", "text"),
    [(1, "一"), (10, "十"), (12, "十二"), (20, "二十"), (85, "八十五"), (100, "一百"), (101, "一百零一"),
     (110, "一百一十"), (115, "一百一十五")],
)  # fmt: skip
def test_numbers_as_clauses_write_them(number: int, text: str) -> None:
    assert chinese_number(number) == text
