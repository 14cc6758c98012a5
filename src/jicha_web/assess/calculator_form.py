"""A form from a calculator's JSON schema: fields with label, unit, limits and choices; lists with rows; alternatives.

    form = build(schema, values)            # a tree that a template walks
    values = read(schema, request.POST)     # what was filled in, as the calculator takes it

Names are paths: `in.bands.0.kwh`. What is left empty is not given, so that the calculator's own defaults apply.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from jicha_web.assess.tables import table
from jicha_web.core import Text
from jicha_web.core import calculations as core_calculations
from jicha_web.pages.tags import words

ROOT = "in"
MOST_ROWS = 60
_BLANK_ROWS = 2


@dataclass
class Field:
    """One node. kind: number, integer, text, date, choice, boolean, rows, group, alternatives."""

    name: str
    kind: str
    label: Text
    code: str = ""
    unit: Text = field(default_factory=lambda: Text("", ""))
    required: bool = False
    value: str = ""
    hint: str = ""
    limits: Text = field(default_factory=lambda: Text("", ""))
    options: list[tuple[str, Text]] = field(default_factory=list)
    children: list[Field] = field(default_factory=list)
    seldom: bool = False

    @property
    def id(self) -> str:
        """Return the id of its control."""
        return self.name.replace(".", "-")

    @property
    def order(self) -> tuple[bool, bool]:
        """Return its place in a form: single fields first, then parts that must be filled in, then those that may."""
        return (not self.is_plain, not self.required)

    @property
    def is_filled(self) -> bool:
        """Whether something is filled in, in it or below it."""
        return bool(self.value and self.is_plain) or any(child.is_filled for child in self.children)

    @property
    def is_plain(self) -> bool:
        """Whether it is one control."""
        return self.kind not in {"rows", "group", "alternatives"}


def _resolved(part: Mapping[str, Any], root: Mapping[str, Any]) -> Mapping[str, Any]:
    """Follow references, and take null away from what may be null; what the reference says beside stays."""
    while True:
        if "$ref" in part:
            target = root["$defs"][part["$ref"].rsplit("/", 1)[1]]
            part = {**target, **{k: v for k, v in part.items() if k != "$ref"}}
            continue
        kinds = [k for k in part.get("anyOf", ()) if k.get("type") != "null"]
        if "anyOf" in part and len(kinds) == 1:
            part = {**kinds[0], **{k: v for k, v in part.items() if k != "anyOf"}}
            continue
        return part


def _kind(part: Mapping[str, Any]) -> str:
    if "oneOf" in part:
        return "alternatives"
    if "enum" in part:
        return "choice"
    if part.get("format") == "date":
        return "date"
    kinds = {k.get("type") for k in part.get("anyOf", ())} or {part.get("type")}
    if {"number", "string"} <= kinds <= {"number", "string", "null", "array"}:
        # a ratio is a number or "200/5"; other numbers are text so that they stay exact; of a list the form takes one
        return "ratio" if any("examples" in k for k in part["anyOf"]) else "number"
    names = {"object": "group", "array": "rows", "number": "number", "integer": "integer", "boolean": "boolean"}
    return next((name for kind, name in names.items() if kind in kinds), "text")


def _label(part: Mapping[str, Any], code: str) -> Text:
    return Text(str(part.get("zh") or code), str(part.get("en") or code))


def _unit(part: Mapping[str, Any]) -> Text:
    unit = part.get("unit")
    return core_calculations.unit(unit) if unit and unit != "date" else Text("", "")


def _hint(part: Mapping[str, Any]) -> str:
    """Return the default, which applies when a field is left empty."""
    by_edition = part.get("default_by_edition")
    if by_edition:
        return " · ".join(f"{edition}: {value}" for edition, value in by_edition.items() if value is not None)
    default = part.get("default")
    return "" if default is None or isinstance(default, bool | list | dict) else str(default)


def build(
    part: Mapping[str, Any], values: Any, *, seldom: frozenset[str] = frozenset(),
    root: Mapping[str, Any] | None = None, name: str = ROOT, code: str = "", required: bool = True,
) -> Field:  # fmt: skip
    """Return the tree of a form with its values."""
    root = root if root is not None else part
    label_of = part
    part = _resolved(part, root)
    kind = _kind(part)
    made = Field(
        name, kind, _label(label_of if label_of.get("zh") else part, code), code=code, required=required,
        unit=_unit(part), hint=_hint(part),
        limits=Text("", "") if kind in {"choice", "boolean", "group"} else core_calculations.limits(part),
        seldom=code in seldom,
    )  # fmt: skip
    if kind == "group":
        _fill_group(made, part, values if isinstance(values, Mapping) else {}, root, seldom)
    elif kind == "rows":
        _fill_rows(made, part, values if isinstance(values, list) else [], root)
    elif kind == "alternatives":
        _fill_alternatives(made, part, values if isinstance(values, Mapping) else {}, root)
    else:
        _fill_plain(made, part, values)
    return made


def _option(code: Any) -> tuple[str, Text]:
    label = table()["words"].get(str(code))
    return str(code), Text(label["zh"], label["en"]) if label else Text(str(code), str(code))


def _fill_plain(made: Field, part: Mapping[str, Any], value: Any) -> None:
    if made.kind == "choice":
        made.options = [_option(option) for option in part["enum"]]
        made.hint = words(dict(made.options).get(made.hint, made.hint))
    if made.kind == "boolean":
        made.options = [("true", Text("是", "yes")), ("false", Text("否", "no"))]
        default = part.get("default")
        made.hint = "" if default is None else words(made.options[0 if default else 1][1])
    if isinstance(value, bool):
        made.value = "true" if value else "false"
    elif value is not None:
        made.value = str(value)


def _fill_group(
    made: Field, part: Mapping[str, Any], values: Mapping[str, Any], root: Mapping[str, Any], seldom: frozenset[str]
) -> None:
    needed = set(part.get("required", ()))
    for code, child in part.get("properties", {}).items():
        if "const" in child:
            continue
        made.children.append(
            build(child, values.get(code), seldom=seldom, root=root, name=f"{made.name}.{code}", code=code,
                  required=code in needed)
        )  # fmt: skip


def _fill_rows(made: Field, part: Mapping[str, Any], values: list[Any], root: Mapping[str, Any]) -> None:
    items = part.get("items") or next(k["items"] for k in part["anyOf"] if k.get("type") == "array")
    most = min(part.get("maxItems") or MOST_ROWS, MOST_ROWS)
    least = max(part.get("minItems") or 0, 1 if made.required else 0)
    count = min(max(len(values), least) + (_BLANK_ROWS if len(values) >= least else 0), most)
    for at in range(max(count, min(_BLANK_ROWS, most))):
        value = values[at] if at < len(values) else None
        made.children.append(build(items, value, root=root, name=f"{made.name}.{at}", code=str(at + 1)))


def _alternatives(part: Mapping[str, Any], root: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """Return the alternatives by the value of `kind`."""
    found: dict[str, Mapping[str, Any]] = {}
    for one in part["oneOf"]:
        resolved = _resolved(one, root)
        kind = resolved["properties"]["kind"]
        for value in [kind["const"]] if "const" in kind else kind["enum"]:
            found[str(value)] = resolved
    return found


def _fill_alternatives(
    made: Field, part: Mapping[str, Any], values: Mapping[str, Any], root: Mapping[str, Any]
) -> None:
    known = _alternatives(part, root)
    made.options = [_option(one) for one in known]
    chosen = str(values.get("kind") or "")
    made.value = chosen if chosen in known else made.options[0][0]
    group = build(known[made.value], values, root=root, name=made.name, code=made.code)
    made.children = [child for child in group.children if child.code != "kind"]
    made.hint = str(known[made.value].get("description", ""))


def read(
    part: Mapping[str, Any], sent: Mapping[str, str], *, root: Mapping[str, Any] | None = None, name: str = ROOT
) -> Any:
    """Return what was filled in; None where nothing was. Numbers stay text: the calculator reads them exactly."""
    root = root if root is not None else part
    part = _resolved(part, root)
    kind = _kind(part)
    if kind == "group":
        found = {
            code: value
            for code, child in part.get("properties", {}).items()
            if "const" not in child and (value := read(child, sent, root=root, name=f"{name}.{code}")) is not None
        }
        return found or None
    if kind == "rows":
        items = part.get("items") or next(k["items"] for k in part["anyOf"] if k.get("type") == "array")
        rows = [read(items, sent, root=root, name=f"{name}.{at}") for at in range(MOST_ROWS)]
        return [row for row in rows if not _is_preselected(row)] or None
    if kind == "alternatives":
        known = _alternatives(part, root)
        chosen = sent.get(f"{name}.kind", "")
        if chosen not in known:
            return None
        return {**(read(known[chosen], sent, root=root, name=name) or {}), "kind": chosen}
    return _read_plain(part, kind, sent.get(name, "").strip())


def _is_preselected(row: Any) -> bool:
    """Whether a row holds nothing but the kinds that a browser sends of their own."""
    if isinstance(row, Mapping):
        return all(key == "kind" or _is_preselected(value) for key, value in row.items())
    return row is None


def _read_plain(part: Mapping[str, Any], kind: str, text: str) -> Any:
    if not text:
        return None
    if kind == "boolean":
        return text == "true"
    if kind == "integer" or (kind == "choice" and any(isinstance(o, int) for o in part["enum"])):
        return int(text) if text.lstrip("-").isascii() and text.lstrip("-").isdigit() and len(text) < 12 else text
    return text


def filled(part: Field, above: Text | None = None) -> list[tuple[Text, str]]:
    """Return what was filled in, in the order of the form: label, below what it stands, and value in words."""
    if part.is_plain:
        label = Text(f"{above.zh} · {part.label.zh}", f"{above.en} · {part.label.en}") if above else part.label
        named = dict(part.options).get(part.value)
        value = words(named) if named else " ".join(filter(None, [part.value, words(part.unit)]))
        return [(label, value)] if part.value else []
    lines = []
    for number, child in enumerate(part.children, 1):
        place = above if part.kind == "group" else part.label
        if part.kind == "rows":
            place = Text(f"{part.label.zh} {number}", f"{part.label.en} {number}")
        lines += filled(child, place)
    return lines
