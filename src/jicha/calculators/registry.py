"""The calculators by name: typed function, JSON schema, and calculation from JSON."""

from __future__ import annotations

import difflib
import inspect
import json
import typing
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Generic, TypeVar

from pydantic import ValidationError

from jicha.calculators.facts import editions, fact
from jicha.calculators.inputs import Inputs
from jicha.calculators.problems import Described, refused
from jicha.calculators.sheet import Result, Sheet
from jicha.errors import BadInput
from jicha.language import Text

Given = TypeVar("Given", bound=Inputs)

GROUPS: dict[str, Text] = {
    "theft": Text("窃电", "theft"),
    "breach": Text("违约用电", "breach of contract"),
    "metering": Text("计量差错", "metering errors"),
    "check": Text("计量检查", "meter checks"),
    "settlement": Text("结算与退补", "settlement and refunds"),
    "bill": Text("电费组成", "parts of a bill"),
    "load": Text("负荷与电价", "load and price"),
    "rate": Text("指标", "indicators"),
    "loss": Text("损耗", "losses"),
}


@dataclass(frozen=True, slots=True)
class Calculator(Generic[Given]):
    """One calculator: call it with its inputs, get a Result. has_form: its inputs are few enough for a form."""

    name: str
    group: str
    title: Text
    note: str
    inputs: type[Given]
    example: dict[str, Any]
    fill: Callable[[Sheet, Given], None]
    has_form: bool = True

    def __call__(self, given: Given) -> Result:
        """Calculate from typed inputs."""
        sheet = Sheet(self.name, given)
        self.fill(sheet, given)
        return sheet.result()

    def from_json(self, content: Any) -> Result:
        """Calculate from decoded JSON (numbers as int, str or Decimal); BadInput names every wrong field."""
        try:
            given = self.inputs.model_validate(content)
        except ValidationError as error:
            raise refused(self.name, error, self._fields()) from error
        return self(given)

    def _fields(self) -> dict[str, Described]:
        """Return the fields of the inputs and their parts; a label that differs between parts is left out."""
        schema = self.inputs.model_json_schema()
        found: dict[str, Described] = {}
        for part in [schema, *schema.get("$defs", {}).values()]:
            for name, item in part.get("properties", {}).items():
                label = Text(item["zh"], item["en"]) if "zh" in item else None
                kinds = tuple(item.get("discriminator", {}).get("mapping", ()))
                remedy = Text(**item["remedy"]) if "remedy" in item else None
                known = found.get(name, Described(label, item.get("unit", ""), kinds, remedy))
                same = known.unit == item.get("unit", "")
                found[name] = Described(
                    label if known.label == label else None,
                    known.unit if same else "",
                    known.kinds or kinds,
                    remedy if known.remedy == remedy else None,
                )
        return found

    def schema(self) -> dict[str, Any]:
        """Return the JSON schema of the inputs with labels, units and, per edition, the default that a fact gives."""
        content = self.inputs.model_json_schema()
        for part in [content, *content.get("$defs", {}).values()]:
            part.pop("title", None)
            for described in part.get("properties", {}).values():
                described.pop("title", None)
                if name := described.get("fact"):
                    values = {edition: fact(name, edition).value for edition in editions()}
                    described["default_by_edition"] = {e: None if v is None else str(v) for e, v in values.items()}
        content["description"] = self.note
        return content

    def to_json(self) -> dict[str, Any]:
        """Return what a caller needs to know: title, inputs, an example and what it gives."""
        found = self.from_json(self.example)
        return {
            "name": self.name,
            "group": self.group,
            "zh": self.title.zh,
            "en": self.title.en,
            "schema": self.schema(),
            "example": self.example,
            "example_results": {
                v.name: {"value": str(v.value), "unit": v.unit, "zh": v.label.zh, "en": v.label.en}
                for v in found.values.values()
            },
        }


_KNOWN: dict[str, Calculator[Any]] = {}


def calculator(
    name: str, *, group: str, zh: str, en: str, example: dict[str, Any], has_form: bool = True
) -> Callable[[Callable[[Sheet, Given], None]], Calculator[Given]]:
    """Register a function that fills a sheet as a calculator; its second parameter's type gives the inputs."""

    def register(fill: Callable[[Sheet, Given], None]) -> Calculator[Given]:
        kinds = [kind for n, kind in typing.get_type_hints(fill).items() if n != "return" and kind is not Sheet]
        made = Calculator(name, group, Text(zh, en), inspect.getdoc(fill) or "", kinds[0], example, fill, has_form)
        _KNOWN[name] = made
        return made

    return register


def calculators() -> dict[str, Calculator[Any]]:
    """Return all calculators by name, in the order of their groups."""
    order = list(GROUPS)
    return dict(sorted(_KNOWN.items(), key=lambda item: order.index(item[1].group)))


def find(name: str) -> Calculator[Any]:
    """Return the calculator of a name; BadInput lists the near ones."""
    known = calculators()
    if name in known:
        return known[name]
    near = difflib.get_close_matches(name, known, n=4, cutoff=0.4) or list(known)
    raise BadInput(
        zh=f"没有计算器 {name}；相近的有 {'、'.join(near)}。全部见 jicha calc --list。",
        en=f"there is no calculator {name}; near ones are {', '.join(near)}; see `jicha calc --list`",
    )


def decode(text: str, place: str) -> Any:
    """Decode JSON with exact numbers; BadInput says line and column of what is wrong."""

    def constant(name: str) -> Any:
        raise BadInput(zh=f"{place}：{name} 不是数字，请改正。", en=f"{place}: {name} is not a number; correct it")

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        names = [name for name, _ in pairs]
        if doubled := sorted({name for name in names if names.count(name) > 1}):
            raise BadInput(
                zh=f"{place}：字段 {'、'.join(doubled)} 给了两次，请只留一个。",
                en=f"{place}: {', '.join(doubled)} is given twice; keep one",
            )
        return dict(pairs)

    try:
        content = json.loads(text, parse_float=Decimal, parse_constant=constant, object_pairs_hook=once)
    except (json.JSONDecodeError, RecursionError, ValueError) as error:
        at = f"{error.lineno}:{error.colno} {error.msg}" if isinstance(error, json.JSONDecodeError) else str(error)
        raise BadInput(
            zh=f'{place} 不是有效的 JSON（{at}）。应为一个对象，如 {{"days": 30}}。',
            en=f'{place} is not valid JSON ({at}); expected one object such as {{"days": 30}}',
        ) from error
    if not isinstance(content, dict):
        raise BadInput(
            zh=f"{place} 应为一个 JSON 对象 {{...}}，现为 {type(content).__name__}。",
            en=f"{place} must be one JSON object {{...}}, is {type(content).__name__}",
        )
    return content
