"""What is taken as a document, and how its text falls into clauses."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest
import typst
from django.utils import translation
from docx import Document as WordDocument
from pypdf import PdfWriter
from pypdf.errors import DependencyError

import jicha_web.documents
from jicha_web.library.search import asked_for
from jicha_web.library.texts import MAX_BYTES, NotADocument, Passage, chinese_number, kind_of, passages

FONTS = [str(Path(jicha_web.documents.__path__[0]) / "fonts")]
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


def set_pdf(tmp_path: Path, *paragraphs: str) -> bytes:
    """A PDF as regulations come: narrow lines, which end anywhere, and figures set apart from characters."""
    source, made = tmp_path / "rules.typ", tmp_path / "rules.pdf"
    source.write_text(
        "#set page(width: 7cm, height: 9cm, margin: 0.7cm)\n"
        '#set text(font: "Noto Sans CJK SC", size: 10pt, lang: "zh")\n' + "\n\n".join(paragraphs),
        encoding="utf-8",
    )
    typst.compile(str(source), output=str(made), font_paths=FONTS, ignore_system_fonts=True)
    return made.read_bytes()


PARAGRAPHS = (
    "第一条 检查人员发现客户有违约用电或者窃电行为的，应当当场固定证据并制作笔录，由客户签字确认。",
    "第 2 条 客户拒绝签字的，由见证人证明；处理依照本规定第一条、第三条的规定办理，追补电量按照实际用电时间计算确定。",
    "第 12 条 无法查明实际用电时间的，至少按照一百八十日计算，每日用电时间按照十二小时计算。",
)


def test_a_pdf_is_read_as_it_is_written_not_as_its_lines_break(tmp_path: Path) -> None:
    found = passages("pdf", set_pdf(tmp_path, *PARAGRAPHS))
    assert [one.article for one in found] == ["第一条", "第二条", "第十二条"]
    assert [one.text for one in found] == [text.split("条 ", 1)[1] for text in PARAGRAPHS]


def test_pages_without_clauses_have_whole_words_too(tmp_path: Path) -> None:
    text = PARAGRAPHS[0].removeprefix("第一条 ")
    [page] = passages("pdf", set_pdf(tmp_path, text))
    assert page.text == text


def test_a_clause_that_is_named_where_a_line_begins_is_none(tmp_path: Path) -> None:
    text = "第一条 甲。\n第二条 乙，依照\n第十二条的规定。\n第三条 丙。"
    assert [one.article for one in passages("txt", text.encode())] == ["第一条", "第二条", "第三条"]


def test_an_encrypted_pdf_fails_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What cannot be read without a password, or without a program that is not here, is kept and has no text."""
    writer = PdfWriter(clone_from=io.BytesIO(set_pdf(tmp_path, *PARAGRAPHS)))
    writer.encrypt("secret", algorithm="RC4-128")
    held = io.BytesIO()
    writer.write(held)
    assert kind_of("a.pdf", held.getvalue()) == "pdf"
    assert passages("pdf", held.getvalue()) == []

    def aes(_file: object) -> None:  # what pypdf says of AES, the usual way, where `cryptography` is not installed
        raise DependencyError("cryptography>=3.1 is required for AES algorithm")

    monkeypatch.setattr("jicha_web.library.texts.PdfReader", aes)
    assert passages("pdf", held.getvalue()) == []


@pytest.mark.parametrize("name", ["a.doc", "a.WPS", "b.rtf"])
def test_an_old_word_file_is_told_what_to_do(name: str) -> None:
    with pytest.raises(NotADocument, match=r"docx"), translation.override("en"):
        kind_of(name, b"\xd0\xcf\x11\xe0 old")


@pytest.mark.parametrize(
    ("words", "asked"),
    [
        ("《供电营业规则》第101条第二款", ["供电营业规则", "第一百零一条"]), ("第 12 条", ["第十二条"]),
        ("１２条", ["第十二条"]), ("第 十二 条 电价", ["第十二条", "电价"]), ("第一百零一条之二", ["第一百零一条之二"]),
        ("窃 电", ["窃", "电"]), ("第二款", ["第二款"]), ("1012条", ["1012条"]),
    ],
)  # fmt: skip
def test_what_is_looked_for(words: str, asked: list[str]) -> None:
    assert asked_for(words) == asked


def test_a_file_that_is_too_big_is_told_the_limit_and_no_size_equal_to_it() -> None:
    """The content is cut one byte behind the limit, so that its own size would read “12.0 MB, at most 12”."""
    with pytest.raises(NotADocument) as refused:
        kind_of("handbook.pdf", b"x" * (MAX_BYTES + 1))
    assert str(refused.value).count("12") == 1
