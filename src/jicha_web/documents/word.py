"""Word documents by docxtpl, from templates that a utility may replace; one is checked before it is taken.

A template is a stranger's program: it runs in Jinja's sandbox, values are escaped, and what it names must exist. It
fills in values, loops over lists and asks whether something is there; it computes nothing, for what computes can also
take all memory (`'x' * 10**10`) or all time.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from xml.parsers import expat

from docxtpl import DocxTemplate
from jinja2 import StrictUndefined, TemplateError, TemplateSyntaxError, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

from jicha_web import core
from jicha_web.documents.kinds import kinds, row_columns, value_labels
from jicha_web.documents.rendered import Rendered, file_sha256, template_path

MAX_TEMPLATE_BYTES = 5 * 1024 * 1024
_MAX_UNPACKED_BYTES = 50 * 1024 * 1024
_MAX_PARTS = 500
_MOST_LOOPS = 3  # within each other: the sections of a report, their rows, the cells
_PLAIN = (
    nodes.Template, nodes.Output, nodes.TemplateData, nodes.Name, nodes.Const, nodes.Getattr, nodes.Getitem, nodes.For,
    nodes.If, nodes.CondExpr, nodes.And, nodes.Or, nodes.Not, nodes.Compare, nodes.Operand, nodes.Test, nodes.Filter,
)  # fmt: skip
_FILTERS = frozenset({"default", "d", "e", "escape", "first", "last", "length", "count", "lower", "upper", "trim"})
# fields of Word that fetch from elsewhere or start a program, in whoever opens the paper
_REACHING = re.compile(r"\b(DDE|DDEAUTO|INCLUDEPICTURE|INCLUDETEXT|LINK|IMPORT|DATABASE)\b", re.IGNORECASE)


class _Plain(ImmutableSandboxedEnvironment):
    """Refuses, when a template is read, what does more than put values in their places."""

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        tree = super()._parse(source, name, filename)
        for node in tree.iter_child_nodes():
            _require_plain(node, 0)
        return tree


def _require_plain(node: nodes.Node, loops: int) -> None:
    kind = type(node).__name__
    if isinstance(node, nodes.Filter) and node.name not in _FILTERS:
        raise TemplateSyntaxError(f"the filter {node.name} is not for templates", node.lineno)
    if isinstance(node, nodes.For):
        loops += 1
        over = isinstance(node.iter, nodes.Name | nodes.Getattr | nodes.Getitem)
        if loops > _MOST_LOOPS or node.recursive or not over:
            raise TemplateSyntaxError(f"loops go over lists, at most {_MOST_LOOPS} within each other", node.lineno)
    elif not isinstance(node, _PLAIN):
        raise TemplateSyntaxError(f"{kind} is not for templates: they put values in, they do not compute", node.lineno)
    for below in node.iter_child_nodes():
        _require_plain(below, loops)


def _environment(*, strict: bool = False) -> ImmutableSandboxedEnvironment:
    made = _Plain(autoescape=True, **({"undefined": StrictUndefined} if strict else {}))
    made.globals.clear()  # no range, no lipsum: loops go over the values of the paper only
    return made


def allowed_values(template: str) -> dict[str, Any]:
    """Return an example of every value that a template may name; KeyError when there is no such template."""
    if template in kinds():
        lists = row_columns()
        return {
            name: [{column: f"«{column}»" for column in lists[name]}] if name in lists else f"«{name}»"
            for name in value_labels()
        }
    other = core.application_file("documents")["others"][template]
    example: dict[str, Any] = {name: f"«{name}»" for name in other["values"]}
    for name, columns in other["of"].items():
        example[name] = [{column: f"«{column}»" for column in columns}]
    for section in example.get("sections", ()):
        section.update(columns=[{"label": "«label»"}], rows=[["«cell»"]])
    if "labels" in example:
        example["labels"] = example["labels"][0]
    return example


def render_docx(template: str, data: Mapping[str, Any], *, own: Path | None = None) -> Rendered:
    """Return a Word document of a template (`TEMPLATE.docx`) filled with plain values; what is not there stays empty.

    own: folder of the utility's own templates, looked in first. BadInput when the template is broken.
    """
    path = template_path(template, ".docx", own)
    target = io.BytesIO()
    try:
        document = DocxTemplate(path)
        document.render(_as_paragraphs(dict(data)), jinja_env=_environment(), autoescape=True)
        document.save(target)
    except (TemplateError, zipfile.BadZipFile, KeyError, ValueError) as error:
        raise core.BadInput(
            zh=f"文书模板 {path.name} 无法生成 Word 文件：{error}。请检查模板，或删去自己的模板以使用自带的。",
            en=f"the template {path.name} gives no Word file: {error}; mend or remove it",
        ) from error
    return Rendered(target.getvalue(), file_sha256(path))


def _as_paragraphs(value: Any) -> Any:
    """Return a value each of whose lines is a paragraph like the first: docxtpl makes one of every BEL."""
    if isinstance(value, str):
        return "\a".join(line.strip() for line in value.splitlines() if line.strip())
    if isinstance(value, Mapping):
        return {name: _as_paragraphs(item) for name, item in value.items()}
    return [_as_paragraphs(item) for item in value] if isinstance(value, list | tuple) else value


def check_template(template: str, content: bytes) -> None:
    """Raise BadInput, naming every place, unless a Word file can serve as a template of a kind."""
    _check_package(content)
    example = allowed_values(template)
    try:
        named = DocxTemplate(io.BytesIO(content)).get_undeclared_template_variables(jinja_env=_environment())
    except TemplateError as error:
        raise _refused(f"模板标记有误：{error}", f"its tags are wrong: {error}") from error
    except Exception as error:  # python-docx raises what it likes on a strange package
        raise _refused(f"不是可用的 Word 文件（{error}）", f"it is no usable Word file ({error})") from error
    if unknown := sorted(set(named) - set(example)):
        raise _refused(
            f"模板使用了未知的占位符 {'、'.join(unknown)}；可用：{'、'.join(example)}",
            f"it names unknown placeholders {', '.join(unknown)}; known: {', '.join(example)}",
        )
    if not named:
        raise _refused("模板中没有任何占位符，如 {{ number }}", "it names no placeholder such as {{ number }}")
    try:
        trial = DocxTemplate(io.BytesIO(content))
        trial.render(example, jinja_env=_environment(strict=True), autoescape=True)
        trial.save(io.BytesIO())
    except Exception as error:  # the template is a stranger's program: whatever it raises is its fault
        raise _refused(f"试填失败：{error}", f"a trial failed: {error}") from error


def _refused(zh: str, en: str) -> core.BadInput:
    return core.BadInput(zh=f"模板不能使用：{zh}。", en=f"the template cannot be used: {en}")


def _check_package(content: bytes) -> None:
    """Refuse what is no plain Word file: too big, packed too tight, with macros or links to elsewhere."""
    if len(content) > MAX_TEMPLATE_BYTES:
        size = MAX_TEMPLATE_BYTES // 1024 // 1024
        raise _refused(f"文件超过 {size} MB", f"the file is above {size} MB")
    try:
        package = zipfile.ZipFile(io.BytesIO(content))
        parts = package.infolist()
        names = {part.filename for part in parts}
        if len(parts) > _MAX_PARTS or sum(part.file_size for part in parts) > _MAX_UNPACKED_BYTES:
            raise _refused("解压后过大", "it unpacks to too much")
        if "word/document.xml" not in names:
            raise _refused("不是 .docx 文件", "it is no .docx file")
        if any("vbaProject" in name or "embeddings/" in name or "activeX" in name for name in names):
            raise _refused("含宏或嵌入对象", "it holds macros or embedded objects")
        for name in sorted(names):
            if name.endswith((".rels", ".xml")):
                _check_part(name, package.read(name))
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError) as error:
        raise _refused(f"不是 .docx 文件（{error}）", f"it is no .docx file ({error})") from error


def _check_part(name: str, content: bytes) -> None:
    """Refuse a part that reaches outside; read as XML, since the same can be written in many ways."""
    parser, fields, within = expat.ParserCreate(), list[str](), False

    def doctype(*_given: Any) -> None:
        raise _refused(f"含 DOCTYPE（{name}）", f"it has a DOCTYPE ({name})")

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal within
        if attributes.get("TargetMode", "").strip().lower() == "external":
            raise _refused(f"含外部链接（{name}）", f"it links to outside ({name})")
        within = tag.rpartition(":")[2] == "instrText"
        fields.extend(value for key, value in attributes.items() if key.rpartition(":")[2] == "instr")

    def text(some: str) -> None:
        if within:
            fields.append(some)

    parser.StartDoctypeDeclHandler, parser.StartElementHandler, parser.CharacterDataHandler = doctype, start, text
    try:
        parser.Parse(content, True)
    except expat.ExpatError as error:
        raise _refused(f"文件部件 {name} 有误（{error}）", f"its part {name} is wrong ({error})") from error
    if found := _REACHING.search("".join(fields)):
        raise _refused(f"含域 {found[0]}（{name}）", f"it has the field {found[0]} ({name})")
