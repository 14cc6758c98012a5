"""Make the Word templates of documents.yaml: one per kind of paper, and the report's.

    python scripts/docx_templates.py

They are committed; run it again after a change of the texts. A utility replaces them by its own (page of templates).
"""

from __future__ import annotations

import re
import sys
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml
from docx import Document
from docx.document import Document as Doc
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_TAB_ALIGNMENT
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Length, Pt
from docx.table import _Cell
from docx.text.paragraph import Paragraph

FOLDER = Path(__file__).resolve().parents[1] / "src" / "jicha_catalog" / "application"
BODY, HEAD = "宋体", "黑体"
_PLACE = re.compile(r"\{(\w+)\}")
_ADDRESSED = re.compile(r"\{\w+\}：")  # to whom a paper speaks stands without an indent


def face(run: Any, name: str, size_pt: float) -> None:
    """Give a run its font, for Chinese too: without w:eastAsia Word takes a Latin face."""
    run.font.name = "Times New Roman"
    run.font.size = Pt(size_pt)
    run._element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), name)


def write(paragraph: Paragraph, text: str, *, name: str = BODY, size_pt: float = 11) -> Paragraph:
    """Add a run of text to a paragraph."""
    face(paragraph.add_run(text), name, size_pt)
    paragraph.paragraph_format.space_after = Pt(4)
    return paragraph


def line(document: Doc, text: str, **look: Any) -> Paragraph:
    """Add a paragraph."""
    return write(document.add_paragraph(), text, **look)


def cell(target: _Cell, text: str, *, name: str = BODY) -> None:
    """Write into a cell."""
    write(target.paragraphs[0], text, name=name, size_pt=10).paragraph_format.space_after = Pt(0)


def grid(document: Doc, rows: int, columns: int, shares: Sequence[float] = (), *, style: str = "Table Grid") -> Any:
    """Add a table as wide as the text. shares: of its columns, in relation to each other; absent: equal."""
    made = document.add_table(rows=rows, cols=columns)
    made.style = style
    made.alignment = WD_TABLE_ALIGNMENT.CENTER
    section, parts = document.sections[0], list(shares) or [1.0] * columns
    text_cm = Length(section.page_width - section.left_margin - section.right_margin).cm
    made.autofit = False  # Word takes the widths of the cells, others those of the columns
    for at, share in enumerate(parts):
        made.columns[at].width = Cm(text_cm * share / sum(parts))
        for one in made.columns[at].cells:
            one.width = Cm(text_cm * share / sum(parts))
    for row in made.rows:
        row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))
    return made


def fields(document: Doc, names: list[str], wide: list[str], labels: dict[str, Any]) -> None:
    """Add two pairs of label and value a row, then those that take a row each; left out when none has a value."""
    pairs = [names[at : at + 2] for at in range(0, len(names), 2)] + [[name] for name in wide]
    line(document, f"{{%p if {' or '.join([*names, *wide])} %}}")
    table = grid(document, len(pairs), 4, (3.5, 4.6, 3.5, 4.6))
    for row, pair in zip(table.rows, pairs, strict=True):
        cells = row.cells
        if len(pair) == 1:
            cells[1].merge(cells[3])
        for at, name in enumerate(pair):
            cell(cells[2 * at], labels[name]["zh"], name=HEAD)
            cell(cells[2 * at + 1], f'{{{{ {name} or "—" }}}}')
    document.add_paragraph().paragraph_format.space_after = Pt(0)
    line(document, "{%p endif %}")


def rows(document: Doc, block: dict[str, Any], widths: dict[str, int]) -> None:
    """Add a table with a row for each row of a value, left out when there is none; its head stands on every page."""
    columns = block["columns"]
    line(document, f"{{%p if {block['table']} %}}")
    if block.get("heading"):
        line(document, block["heading"], name=HEAD).paragraph_format.keep_with_next = True
    table = grid(document, 4, len(columns), [widths[name] for name in columns])
    table.rows[0]._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))
    for at, (name, label) in enumerate(columns.items()):
        cell(table.rows[0].cells[at], label, name=HEAD)
        cell(table.rows[2].cells[at], "" if name in block.get("blank", ()) else f"{{{{ row.{name} }}}}")
    cell(table.rows[1].cells[0], f"{{%tr for row in {block['table']} %}}")
    cell(table.rows[3].cells[0], "{%tr endfor %}")
    line(document, "{%p endif %}")


def seal(document: Doc, unit: str) -> None:
    """Add the unit that issues it and the day, with room for the stamp across both."""
    for text, above_pt in ((f"{{{{ {unit} }}}}（盖章）", 28), ("{{ issued_on }}", 4)):
        made = line(document, text)
        made.alignment = WD_ALIGN_PARAGRAPH.CENTER
        made.paragraph_format.left_indent = Cm(8)
        made.paragraph_format.space_before = Pt(above_pt)
        made.paragraph_format.keep_with_next = True


def signatures(document: Doc, people: list[str]) -> None:
    """Add a line and a day for each who signs, two to a row, all on one page."""
    document.add_paragraph().paragraph_format.keep_with_next = True
    table = grid(document, (len(people) + 1) // 2, 2, style="Normal Table")
    for at, who in enumerate(people):
        target = table.rows[at // 2].cells[at % 2]
        cell(target, f"{who}：__________  年  月  日")
        target.paragraphs[0].paragraph_format.space_after = Pt(12)
        target.paragraphs[0].paragraph_format.keep_with_next = True


def add(document: Doc, block: dict[str, Any], labels: dict[str, Any], widths: dict[str, int]) -> None:
    """Add one block of documents.yaml."""
    if "fields" in block:
        fields(document, block["fields"], block.get("wide", []), labels)
    elif "text" in block:
        named = _PLACE.findall(block["text"])
        if named:
            line(document, f"{{%p if {' or '.join(named)} %}}")
        made = line(document, _PLACE.sub(r"{{ \1 }}", block["text"]))
        if not _ADDRESSED.fullmatch(block["text"]):
            made.paragraph_format.first_line_indent = Pt(22)
        if named:
            line(document, "{%p endif %}")
    elif "items" in block:
        line(document, f"{{%p if {block['items']} %}}")
        if block.get("heading"):
            line(document, block["heading"], name=HEAD).paragraph_format.keep_with_next = True
        line(document, f"{{%p for row in {block['items']} %}}")
        line(document, "{{ loop.index }}. {{ row.text }}")
        line(document, "{%p endfor %}")
        line(document, "{%p endif %}")
    elif "table" in block:
        rows(document, block, widths)
    elif "seal" in block:
        seal(document, block["seal"])
    elif "lines" in block:
        line(document, f"{block['heading']}：").paragraph_format.keep_with_next = True
        for _ in range(block["lines"]):
            line(document, "_" * 82).paragraph_format.keep_with_next = True
    else:
        signatures(document, block["signatures"])


def page(margin_cm: float) -> Doc:
    """Return an empty A4 document."""
    document = Document()
    section = document.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin = section.right_margin = section.top_margin = section.bottom_margin = Cm(margin_cm)
    style = document.styles["Normal"]
    style.font.name, style.font.size = "Times New Roman", Pt(11)
    style.element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), BODY)
    return document


def field_code(paragraph: Paragraph, code: str) -> None:
    """Add a value that Word puts in itself: PAGE, NUMPAGES."""
    made = OxmlElement("w:fldSimple")
    made.set(qn("w:instr"), code)
    paragraph._p.append(made)
    run = write(paragraph, "1", size_pt=9).runs[-1]
    made.append(run._r)


def footer(document: Doc) -> None:
    """Say on every page which paper it is, and which page of how many."""
    paragraph = document.sections[0].footer.paragraphs[0]
    paragraph.paragraph_format.tab_stops.clear_all()
    paragraph.paragraph_format.tab_stops.add_tab_stop(Cm(16.2), WD_TAB_ALIGNMENT.RIGHT)
    write(paragraph, "{{ number }}\t第 ", size_pt=9)
    field_code(paragraph, "PAGE")
    write(paragraph, " 页，共 ", size_pt=9)
    field_code(paragraph, "NUMPAGES")
    write(paragraph, " 页", size_pt=9)


def paper(kind: dict[str, Any], labels: dict[str, Any], widths: dict[str, int]) -> Doc:
    """Return the template of one kind of paper."""
    document = page(2.4)
    footer(document)
    line(document, "{{ issuer }}", name=HEAD, size_pt=12).alignment = WD_ALIGN_PARAGRAPH.CENTER
    line(document, kind["zh"], name=HEAD, size_pt=20).alignment = WD_ALIGN_PARAGRAPH.CENTER
    sealed = any("seal" in block for block in kind["blocks"])  # the day stands with the seal then
    head = line(document, "{{ number }}" if sealed else "{{ number }}\t{{ issued_on }}", size_pt=10)
    head.paragraph_format.tab_stops.add_tab_stop(Cm(16.2), WD_TAB_ALIGNMENT.RIGHT)
    for block in kind["blocks"]:
        add(document, block, labels, widths)
    return document


def report() -> Doc:
    """Return the template of the report."""
    document = page(2)
    line(document, "{{ title }}", name=HEAD, size_pt=18)
    line(document, "{{ unit }}  {{ period }}  {{ labels.made_on }} {{ made_on }}", size_pt=10)
    line(document, "{%p if figures %}")
    table = grid(document, 3, 3)
    cell(table.rows[0].cells[0], "{%tr for one in figures %}")
    for at, name in enumerate(("label", "value", "note")):
        cell(table.rows[1].cells[at], f"{{{{ one.{name} }}}}", name=HEAD if at == 1 else BODY)
    cell(table.rows[2].cells[0], "{%tr endfor %}")
    line(document, "{%p endif %}")
    line(document, "{%p for section in sections %}")
    line(document, "{{ section.heading }}", name=HEAD, size_pt=13)
    line(document, "{%p if section.text %}")
    line(document, "{{ section.text }}")
    line(document, "{%p endif %}")
    line(document, "{%p if section.columns %}")
    table = grid(document, 4, 3)
    cell(table.rows[0].cells[0], "{%tc for column in section.columns %}")
    cell(table.rows[0].cells[1], "{{ column.label }}", name=HEAD)
    cell(table.rows[0].cells[2], "{%tc endfor %}")
    cell(table.rows[1].cells[0], "{%tr for row in section.rows %}")
    cell(table.rows[2].cells[0], "{%tc for value in row %}")
    cell(table.rows[2].cells[1], "{{ value }}")
    cell(table.rows[2].cells[2], "{%tc endfor %}")
    cell(table.rows[3].cells[0], "{%tr endfor %}")
    line(document, "{%p endif %}")
    line(document, "{%p endfor %}")
    line(document, "{{ note }}", size_pt=9)
    return document


def save(document: Doc, path: Path) -> None:
    """Write a file that is the same whenever it is made."""
    document.core_properties.author = "jicha"
    fixed = document.core_properties.created.replace(year=2026, month=1, day=1, hour=0, minute=0, second=0)
    document.core_properties.created = document.core_properties.modified = fixed
    document.save(str(path))
    with zipfile.ZipFile(path) as source:
        parts = [(name, source.read(name)) for name in source.namelist()]
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as target:
        for name, content in parts:
            target.writestr(zipfile.ZipInfo(name, (2026, 1, 1, 0, 0, 0)), content, zipfile.ZIP_DEFLATED)


def main() -> None:
    """Write the templates into documents/, or another folder."""
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER / "documents"
    content = yaml.safe_load((FOLDER / "documents.yaml").read_text(encoding="utf-8"))
    for code, kind in content["kinds"].items():
        save(paper(kind, content["values"], content["widths"]), target / f"{code}.docx")
    save(report(), target / "report.docx")


if __name__ == "__main__":
    main()
