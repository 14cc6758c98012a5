"""Documents from plain values: no text becomes markup, missing characters are told, templates are checked."""

from __future__ import annotations

import io
import re
import subprocess
import sys
import zipfile
from decimal import Decimal
from pathlib import Path
from typing import Any

import docx
import pytest
from docx.oxml.ns import qn
from pypdf import PdfReader

from jicha_web import core
from jicha_web.documents import kinds, layout, render_docx, render_pdf
from jicha_web.documents.amounts import capital_yuan
from jicha_web.documents.kinds import Kind, filled, lacking, named_values, paper_data, row_columns, value_labels
from jicha_web.documents.pdf import FONTS, rare_characters
from jicha_web.documents.word import check_template

TEMPLATES = core.catalog_path("application", "documents")
WORDS: dict[str, Any] = {
    "number": "窃用〔2026〕A-0001号", "title": "", "issuer": "云岭县供电公司", "issued_on": "2026年10月15日",
    "customer_id": "3300000001", "customer_name": "张三", "address": "工业园1号", "category": "大工业",
    "reasoning": "绕越计量装置用电", "claim_yuan": "2,410.56", "penalty_yuan": "7,231.68", "total_yuan": "9,642.24",
    "total_words": "人民币玖仟陆佰肆拾贰元贰角肆分", "demand": "拆除私接线路", "rectify_due_on": "2026年11月1日",
    "check_summary": "电表前接线", "checked_on": "2026年10月10日", "case_number": "JC1", "unit": "云岭供电所",
    "description": "疑似窃电", "supplement": "邻居反映夜间用电", "advice": "加强巡视",
    "findings": [{"rule": "UI001", "name": "表前接线", "reason": "骤降"}],
    "checklist": [{"number": "1", "text": "核对表号", "result": ""}],
    "steps": [{"label": "窃电量", "formula": "容量×天数×小时", "numbers": "4×180×6", "result": "4320.00 kWh"}],
    "basis": [{"text": "《供电营业规则》"}],
}  # fmt: skip


def pdf_text(content: bytes) -> str:
    text = "".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages)
    return "".join(text.split())


def docx_text(content: bytes) -> str:
    document = docx.Document(io.BytesIO(content))
    # a cell over several columns is named once for each of them
    cells = {cell._tc: cell.text for table in document.tables for row in table.rows for cell in row.cells}
    return "\n".join([*(p.text for p in document.paragraphs), *cells.values()])


@pytest.mark.parametrize("kind", kinds().values(), ids=lambda k: k.code)
def test_every_kind_of_paper_says_its_values_in_both_forms(kind: Kind) -> None:
    assert lacking(kind, WORDS) == []
    pdf = pdf_text(render_pdf("paper", paper_data(kind, WORDS)).content)
    word = docx_text(render_docx(kind.code, WORDS).content)
    assert kind.label.zh in pdf
    assert kind.label.zh in word
    for name in named_values(kind) - {"description"}:  # it is there: the findings and its supplement say it
        value = WORDS.get(name)
        if isinstance(value, str) and value:
            assert "".join(value.split()) in pdf, name
            assert value in word, name
    assert WORDS["number"] in word
    assert "{" not in word


@pytest.mark.parametrize("kind", kinds().values(), ids=lambda k: k.code)
def test_a_paper_says_each_value_once(kind: Kind) -> None:
    """Sum, outcome, deadline and unit stood in the table and again in the sentence below it."""
    values = {name: f"«{name}»" for name in value_labels() if not isinstance(WORDS.get(name), list)}
    values = {**WORDS, **values}
    # to whom a paper speaks stands with a colon of its own; the issuer and the number frame it
    ours = named_values(kind) - set(row_columns()) - {"issuer", "number"}
    for text in (
        pdf_text(render_pdf("paper", paper_data(kind, values)).content),
        docx_text(render_docx(kind.code, values).content).replace("\n", " "),
    ):
        body = re.sub(r"[\s]*«(customer_name|unit)»：", "", text, count=1)
        often = {name: body.count(values[name]) for name in ours if body.count(values[name]) > 1}
        assert often == {}


@pytest.mark.parametrize("kind", kinds().values(), ids=lambda k: k.code)
def test_each_who_signs_has_the_day_beside_the_line(kind: Kind) -> None:
    """Two to a row: a long name pushed the day of the first into the second."""
    content = render_pdf("paper", paper_data(kind, WORDS)).content
    pages = PdfReader(io.BytesIO(content)).pages
    lines = [
        "".join(line.split()) for page in pages for line in page.extract_text(extraction_mode="layout").split("\n")
    ]
    [signers] = [block["items"] for block in paper_data(kind, WORDS)["blocks"] if block["kind"] == "signatures"]
    for first, second in zip(signers[::2], [*signers[1::2], ""][: len(signers[::2])], strict=True):
        rest = f"{second}：年月日" if second else ""
        assert f"{first}：年月日{rest}" in lines, lines[-8:]


@pytest.mark.parametrize("lines", range(14, 34))
def test_signatures_never_stand_on_a_page_by_themselves(lines: int) -> None:
    """The list of a work order fills the first page: what it rests on goes over with those who sign."""
    checklist = [{"number": str(n), "text": f"核查内容{n}", "result": ""} for n in range(1, lines + 1)]
    values = {**WORDS, "checklist": checklist, "basis": [{"text": "《供电营业规则》第一百零四条"}]}
    content = render_pdf("paper", paper_data(kinds()["work_order"], values)).content
    pages = ["".join(page.extract_text().split()) for page in PdfReader(io.BytesIO(content)).pages]
    [signed] = [page for page in pages if "派单人：" in page]
    assert "第一百零四条" in signed and "协同核查人：" in signed


@pytest.mark.parametrize("kind", kinds().values(), ids=lambda k: k.code)
def test_the_committed_template_passes_the_check_of_uploads(kind: Kind) -> None:
    check_template(kind.code, (TEMPLATES / f"{kind.code}.docx").read_bytes())


@pytest.mark.parametrize("kind", kinds().values(), ids=lambda k: k.code)
def test_what_a_unit_issues_has_a_place_for_its_stamp_over_unit_and_day(kind: Kind) -> None:
    """What both sides sign on site is proved by their names; a work order stays in the house."""
    sealed = kind.code not in {"work_order", "breach_confirmation", "theft_confirmation"}
    place = f"{WORDS['issuer']}（盖章）"
    pdf = pdf_text(render_pdf("paper", paper_data(kind, WORDS)).content)
    word = docx_text(render_docx(kind.code, WORDS).content)
    assert (f"{place}{WORDS['issued_on']}" in pdf) is (place in word) is sealed
    assert (pdf.count(WORDS["issued_on"]), word.count(WORDS["issued_on"])) == (1, 1)


def test_each_line_of_a_text_is_a_paragraph_indented_like_the_first() -> None:
    """An inspector writes several lines; the second and third stood at the margin."""
    kind, found = kinds()["theft_confirmation"], "封印缺失\r\n\n  A相接线松动\n客户在场"
    values = {**WORDS, "check_summary": found}
    lines = next(b for b in paper_data(kind, values)["blocks"] if "封印缺失" in b.get("lines", ()))
    assert lines == {"kind": "text", "lines": ["封印缺失", "A相接线松动", "客户在场"], "indent": True}
    paragraphs = docx.Document(io.BytesIO(render_docx(kind.code, values).content)).paragraphs
    told = [p for p in paragraphs if p.text in {"封印缺失", "A相接线松动", "客户在场"}]
    assert len(told) == 3
    assert {p.paragraph_format.first_line_indent for p in told} == {docx.shared.Pt(22)}


def test_a_field_without_a_value_is_struck_out() -> None:
    """A blank cell of an issued paper could be filled in with a pen."""
    kind, values = kinds()["theft_notice"], {**WORDS, "category": ""}
    assert "用电类别—" in pdf_text(render_pdf("paper", paper_data(kind, values)).content)
    [cells] = [r.cells for r in _word_rows(kind, values) if "用电类别" in [c.text for c in r.cells]]
    assert cells[3].text == "—"


def test_fields_none_of_which_has_a_value_are_left_out() -> None:
    kind, none = kinds()["rectification_notice"], dict.fromkeys(("claim_yuan", "penalty_yuan", "total_yuan"), "")
    values = {**WORDS, **none}
    assert "退还电费" not in pdf_text(render_pdf("paper", paper_data(kind, values)).content)
    assert "退还电费" not in docx_text(render_docx(kind.code, values).content)
    assert "退还电费" in docx_text(render_docx(kind.code, WORDS).content)


def test_columns_in_word_are_as_wide_as_what_they_say() -> None:
    """The number of a point took a third of the page, what to check was cramped."""
    rows = _word_rows(kinds()["work_order"], WORDS)
    [head] = [row for row in rows if row.cells[0].text == "序号"]
    widths = [cell.width.cm for cell in head.cells]
    assert widths[1] > 2 * widths[2] - 0.1 and widths[2] > 3 * widths[0]
    assert head._tr.trPr.find(qn("w:tblHeader")) is not None
    assert all(row._tr.trPr.find(qn("w:cantSplit")) is not None for row in rows)


def _word_rows(kind: Kind, values: dict[str, Any]) -> list[Any]:
    document = docx.Document(io.BytesIO(render_docx(kind.code, values).content))
    return [row for table in document.tables for row in table.rows]


MARKUP = [
    '#read("/etc/passwd")',
    "*fett* _x_ $a$",
    "] #strong[x]",
    '"\\',
    "{{ 7 * 7 }}",
    "{% for x in y %}",
    "<w:br/>&amp;",
    "\u202e反",
]


@pytest.mark.parametrize("text", MARKUP)
def test_a_text_stays_a_text(text: str) -> None:
    values = {**WORDS, "customer_name": text}
    pdf = pdf_text(render_pdf("paper", paper_data(kinds()["theft_notice"], values)).content)
    assert "49" not in pdf.replace("4320.00", "")
    if "\u202e" not in text:
        assert "".join(text.split()) in pdf
    assert text in docx_text(render_docx("theft_notice", values).content)


def test_equal_values_give_an_equal_pdf() -> None:
    data = paper_data(kinds()["theft_notice"], WORDS)
    assert render_pdf("paper", data).content == render_pdf("paper", data).content


def test_the_shipped_fonts_hold_what_papers_and_catalog_say() -> None:
    texts = [p.read_text(encoding="utf-8") for p in core.catalog_path().rglob("*.yaml")]
    printable = [c for text in texts for c in text if c.isprintable()]
    assert rare_characters(printable) == set()
    assert (FONTS / "OFL.txt").read_text(encoding="utf-8").startswith("SIL OPEN FONT LICENSE")
    assert sum(path.stat().st_size for path in FONTS.glob("*.otf")) < 8_000_000


def test_a_character_that_no_font_has_is_told() -> None:
    values = {**WORDS, "customer_name": "\U0001f9ff\ue123"}
    made = render_pdf("paper", paper_data(kinds()["theft_notice"], values))
    assert "\ue123" in made.missing_glyphs
    assert render_pdf("paper", paper_data(kinds()["theft_notice"], WORDS)).missing_glyphs == ()


def test_an_own_template_takes_the_place_of_the_shipped_one(tmp_path: Path) -> None:
    document = docx.Document()
    document.add_paragraph("自有模板 {{ number }}")
    document.save(str(tmp_path / "theft_notice.docx"))
    made = render_docx("theft_notice", WORDS, own=tmp_path)
    assert docx_text(made.content) == f"自有模板 {WORDS['number']}"
    assert made.template_sha256 != render_docx("theft_notice", WORDS).template_sha256


def test_chinese_has_a_chinese_face_in_word() -> None:
    document = docx.Document(io.BytesIO(render_docx("theft_notice", WORDS).content))
    path = f"{qn('w:rPr')}/{qn('w:rFonts')}"
    runs = [run._element.find(path) for p in document.paragraphs for run in p.runs if run.text]
    faces = {None if fonts is None else fonts.get(qn("w:eastAsia")) for fonts in runs}
    assert faces <= {"宋体", "黑体"}


def own(*texts: str) -> bytes:
    document = docx.Document()
    for text in texts:
        document.add_paragraph(text)
    target = io.BytesIO()
    document.save(target)
    return target.getvalue()


@pytest.mark.parametrize(
    ("texts", "word"),
    [
        (["{{ number }} {{ nummer }}"], "nummer"),
        (["{%p for row in steps %}", "{{ row.labl }}", "{%p endfor %}"], "labl"),
        (["{{ number "], ""),
        (["{%p for row in steps %}"], ""),
        (["ohne"], "placeholder"),
        (["{{ number.__class__.__mro__ }}"], ""),
        (["{{ ''.__class__ }}{{ number }}"], ""),
        (["{% for i in range(10**9) %}{{ number }}{% endfor %}"], "lists"),
        (["{{ number }}{% include '/etc/passwd' %}"], ""),
        # what computes can take all memory or all time, in the trial or with the values of a real paper
        (["{{ 'x' * 10**10 }}{{ number }}"], "compute"),
        (["{{ 10**10**10 }}{{ number }}"], "compute"),
        (["{{ '%9999999999d' % 1 }}{{ number }}"], "compute"),
        (["{{ number.center(10000000000) }}"], "compute"),
        (["{{ number|center(10000000000) }}"], "filter center"),
        (["{{ reasoning|safe }}"], "filter safe"),
        (["{% for a in 'abc' %}{{ number }}{% endfor %}"], "lists"),
        (["{% for a in steps %}" * 4 + "{{ number }}" + "{% endfor %}" * 4], "within each other"),
    ],
)
def test_a_template_that_cannot_serve_is_refused_and_named(texts: list[str], word: str) -> None:
    with pytest.raises(core.BadInput) as refused:
        check_template("theft_notice", own(*texts))
    assert word in refused.value.text.en


def _with_part(content: bytes, name: str, data: bytes) -> bytes:
    target = io.BytesIO(content)
    with zipfile.ZipFile(target, "a", zipfile.ZIP_DEFLATED) as package:
        package.writestr(name, data)
    return target.getvalue()


@pytest.mark.parametrize(
    "content",
    [
        b"", b"%PDF-1.4", b"PK\x03\x04 broken", b"x" * (6 * 1024 * 1024),
        _with_part(own("{{ number }}"), "word/vbaProject.bin", b"x"),
        _with_part(own("{{ number }}"), "word/big.bin", b"\0" * (60 * 1024 * 1024)),
        _with_part(own("{{ number }}"), "word/_rels/x.rels", b'<Relationship TargetMode="External" Target="http://a/"/>'),
        _with_part(own("{{ number }}"), "word/_rels/x.rels", b"<Relationship TargetMode = 'External' Target='http://a/'/>"),
        _with_part(
            own("{{ number }}"), "word/_rels/x.rels",
            '<Relationship TargetMode="External" Target="a"/>'.encode("utf-16"),
        ),
        _with_part(own("{{ number }}"), "word/footer9.xml", b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><x>&e;</x>'),
        _with_part(
            own("{{ number }}"), "word/footer9.xml",
            b'<w:p xmlns:w="w"><w:instrText> DDEA</w:instrText><w:instrText>UTO c:\\a.exe </w:instrText></w:p>',
        ),
        _with_part(
            own("{{ number }}"), "word/footer9.xml", b'<w:fldSimple xmlns:w="w" w:instr=" includepicture &quot;http://a/&quot;"/>'
        ),
        _with_part(own("{{ number }}"), "word/footer9.xml", b"<x>"),
    ],
    ids=[
        "empty", "pdf", "broken", "big", "macro", "bomb", "link", "link otherwise written", "link in UTF-16", "entity",
        "field that starts a program", "field that fetches", "no XML",
    ],
)  # fmt: skip
def test_what_is_no_plain_word_file_is_refused(content: bytes) -> None:
    with pytest.raises(core.BadInput):
        check_template("theft_notice", content)


def test_a_broken_typst_template_is_told(tmp_path: Path) -> None:
    (tmp_path / "paper.typ").write_text("#let x = (", encoding="utf-8")
    with pytest.raises(core.BadInput, match=r"paper\.typ"):
        render_pdf("paper", {}, own=tmp_path)


@pytest.mark.parametrize("kind", kinds().values(), ids=lambda k: k.code)
def test_what_a_layout_receives_is_what_is_told_of_it(kind: Kind) -> None:
    told = {name: set(fields) for name, fields in layout.fields().items()}
    data = paper_data(kind, WORDS, watermark="预览")
    assert set(data) == told[""]
    assert [block["kind"] for block in data["blocks"] if set(block) != {"kind", *told[block["kind"]]}] == []


def test_the_example_has_every_field_and_the_shipped_layout_sets_it() -> None:
    data = layout.example()
    assert {block["kind"] for block in data["blocks"]} | {""} == set(layout.fields())
    text = pdf_text(render_pdf("paper", data).content)
    for word in ("3300000001", "《供电营业规则》", "4320.00kWh", "用户意见", "经办人", "（盖章）"):
        assert word in text


@pytest.mark.parametrize(
    ("right", "wrong", "line", "word"),
    [("data.issuer)", "data.isuer)", 7, "isuer"), ("#block-.heading：", "#block-.heding：", 71, "heding"),
     ("#let sans = (", "#let sans = ", 4, "")],
)  # fmt: skip
def test_an_unfit_layout_is_refused_by_line_and_field_whatever_the_paper(
    tmp_path: Path, right: str, wrong: str, line: int, word: str
) -> None:
    """A block that this paper has not got is tried all the same: the next paper may have it."""
    shipped = (TEMPLATES / "paper.typ").read_text(encoding="utf-8")
    assert right in shipped
    (tmp_path / "paper.typ").write_text(shipped.replace(right, wrong, 1), encoding="utf-8")
    with pytest.raises(core.BadInput, match=rf"paper\.typ .*line {line},") as refused:
        render_pdf("paper", paper_data(kinds()["work_order"], WORDS), own=tmp_path)
    assert f"no field {word}; known: data: title" in refused.value.text.en if word else "delimiter"
    assert f"第 {line} 行" in refused.value.text.zh
    (tmp_path / "paper.typ").write_text(shipped, encoding="utf-8")
    assert render_pdf("paper", paper_data(kinds()["work_order"], WORDS), own=tmp_path).content


def test_the_report_is_made_in_both_forms() -> None:
    data = {
        "language": "zh", "title": "稽查工作周报", "unit": "临江供电公司", "period": "第41周", "made_on": "2026-10-15",
        "labels": {"made_on": "编制日期"}, "note": "注", "figures": [{"label": "新增", "value": "1,204", "note": ""}],
        "sections": [
            {"heading": "按单位", "columns": [{"label": "单位"}, {"label": "条数"}], "rows": [["云岭", "3"]]},
            {"heading": "按规则", "bars": [{"label": "TC006", "size": 4, "value": "4 件"}]},
        ],
    }  # fmt: skip
    text = pdf_text(render_pdf("report", data).content)
    for word in ("稽查工作周报", "1,204", "云岭", "TC006"):
        assert word in text
    assert "云岭" in docx_text(render_docx("report", data).content)
    check_template("report", (TEMPLATES / "report.docx").read_bytes())


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        ("0", "零元整"), ("0.05", "伍分"), ("0.50", "伍角整"), ("10", "壹拾元整"), ("10.05", "壹拾元零伍分"),
        ("100.50", "壹佰元零伍角整"), ("1234.56", "壹仟贰佰叁拾肆元伍角陆分"), ("10020.03", "壹万零贰拾元零叁分"),
        ("100000001", "壹亿零壹元整"), ("20010000", "贰仟零壹万元整"), ("-5.50", "负伍元伍角整"), ("9.995", "壹拾元整"),
        ("100100000", "壹亿零壹拾万元整"), ("1000000000000", "壹万亿元整"),
    ],
)  # fmt: skip
def test_amounts_in_capital_numerals(amount: str, words: str) -> None:
    assert capital_yuan(Decimal(amount)) == f"人民币{words}"


def test_a_filled_text_is_not_filled_again() -> None:
    assert filled("{a}{b}", {"a": "{b}", "b": "x"}) == "{b}x"


def test_the_committed_word_templates_are_those_of_documents_yaml(tmp_path: Path) -> None:
    """Run scripts/docx_templates.py after a change of the texts."""
    script = Path(__file__).parents[3] / "scripts" / "docx_templates.py"
    subprocess.run([sys.executable, str(script), str(tmp_path)], check=True)
    made = {path.name: _parts(path) for path in tmp_path.glob("*.docx")}
    assert made == {path.name: _parts(path) for path in TEMPLATES.glob("*.docx")}


def _parts(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as package:
        return {name: package.read(name) for name in package.namelist()}
