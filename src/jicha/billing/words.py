"""An explained bill in words: what terminal, page, workbook and JSON all say."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from jicha.billing.derivation import COMPONENTS, Line, Step
from jicha.billing.explain import Cause, Explanation
from jicha.billing.numbers import ZERO
from jicha.catalog.files import catalog_path, read_yaml, regulations
from jicha.catalog.schema import schema
from jicha.language import Language


@functools.cache
def _content() -> Mapping[str, Any]:
    content: Mapping[str, Any] = read_yaml(catalog_path("billing", "explain.yaml"))
    columns = schema()["bill"].columns
    for section in ("labels", "words"):
        for entry in content[section].values():
            if "column" in entry:
                entry["zh"] = columns[entry["column"]].zh
    return content


def word(section: str, name: str, language: Language, **values: object) -> str:
    """Return a sentence of `billing/explain.yaml` with its numbers; an unknown label is shown as it is."""
    entry = _content()[section].get(name)
    if entry is None:
        return name
    shown = {
        key: word("registers", str(value), language) if key == "register" else _shown(value, language)
        for key, value in values.items()
    }
    return str(entry[language.value]).format(**shown)


def _shown(value: object, language: Language) -> str:
    if isinstance(value, Decimal):
        text = f"{value:f}"
        return text.rstrip("0").rstrip(".") if "." in text and len(text.split(".")[1]) > 2 else text
    if isinstance(value, date):
        return value.isoformat()
    if value is None or isinstance(value, bool):
        return word("labels", {None: "unset", True: "yes", False: "no"}[value], language)
    if isinstance(value, Mapping):  # bands with their quantities
        stop = "、" if language is Language.ZH else ", "
        return stop.join(
            f"{word('labels', str(key), language)} {_shown(part, language)}" for key, part in value.items()
        )
    text = str(value)
    return word("labels", text, language) if text in _content()["labels"] else text


def clause(kind: str, language: Language) -> str:
    """Return the regulation that a component stands on; the article only where it was checked."""
    entry = _content()["clauses"][kind]
    if "regulation" not in entry:
        return str(entry[language.value])
    title = str(regulations()[entry["regulation"]]["title"])
    article = entry["article"]
    return f"{title} {article}" if article and entry["verified"] else title


def cause_text(cause: Cause, language: Language) -> str:
    """Return the altered assumptions of a cause in words."""
    parts = [word("causes", a.name, language, **a.values) for a in cause.alterations]
    return word("words", "and", language).join(parts)


@dataclass(frozen=True)
class LineView:
    """A charge line as it is shown."""

    label: str
    span: str
    quantity: str
    unit: str
    price: str
    amount: Decimal
    source: str
    clause: str
    note: str  # how the price came about where it is not the source's


@dataclass(frozen=True)
class ComponentView:
    """Billed beside recomputed."""

    name: str
    label: str
    billed: Decimal
    made: Decimal | None
    difference: Decimal | None
    cause: str


@dataclass(frozen=True)
class BillView:
    """A whole explained bill in one language."""

    headline: str
    verdict: str
    lines: tuple[LineView, ...]
    components: tuple[ComponentView, ...]
    steps: tuple[str, ...]
    composition: tuple[tuple[str, Decimal], ...]
    delivered: tuple[tuple[str, str, str, str, str], ...]
    is_judged: bool


def view(explanation: Explanation, language: Language) -> BillView:
    """Put an explanation into words."""
    made, bill = explanation.made, explanation.bill
    return BillView(
        headline=_headline(explanation, language),
        verdict=_verdict(explanation, language),
        lines=tuple(line_view(line, language, is_catalogue=explanation.is_catalogue) for line in made.lines),
        components=tuple(_component(name, explanation, language) for name in (*COMPONENTS, "total")),
        steps=tuple(step_text(step, language) for step in made.steps),
        composition=composition(made.lines, language),
        delivered=tuple(_delivered(row, language) for row in explanation.delivered),
        is_judged=not made.reasons and bill is not None,
    )


def step_text(step: Step, language: Language) -> str:
    """Return a step of the derivation in words."""
    values = dict(step.values)
    if step.name == "file_change":
        values |= _file_fact(values, language)
    return word("steps", step.name, language, **values)


def _file_fact(values: Mapping[str, object], language: Language) -> dict[str, object]:
    """Name a fact of a point's file and its codes as the schema does."""
    column = schema()["metering_point"].columns[str(values["fact"])]

    def shown(value: object) -> object:
        return column.value_label(value, language) if isinstance(value, str) else value

    return {"fact": column.label(language), "before": shown(values["before"]), "after": shown(values["after"])}


def _headline(explanation: Explanation, language: Language) -> str:
    made, bill = explanation.made, explanation.bill
    if made.reasons:
        reasons = "; ".join(word("reasons", reason, language) for reason in made.reasons)
        return word("words", "unjudged", language, reasons=reasons)
    if not any(explanation.differences.values()):
        return word("words", "agrees", language, total=made.total_yuan)
    difference = explanation.differences["total"]
    return word(
        "words", "differs_under" if difference < 0 else "differs", language, billed=bill.total_yuan or ZERO,
        total=made.total_yuan, diff=abs(difference),
    )  # fmt: skip


def _verdict(explanation: Explanation, language: Language) -> str:
    cause = explanation.cause
    if explanation.made.reasons or not any(explanation.differences.values()):
        return ""
    if cause is not None and cause.left_yuan == 0:
        return word("words", "seen" if cause.is_seen else "explained", language, cause=cause_text(cause, language))
    if explanation.is_explained_by_part or explanation.is_explained_but_for_cents:
        stop = "；" if language is Language.ZH else "; "
        parts = stop.join(
            f"{word('labels', name, language)}{'：' if language is Language.ZH else ': '}{cause_text(found, language)}"
            for name, found in explanation.causes.items()
        )
        if not explanation.is_explained_by_part:
            left = sum((found.left_yuan for found in explanation.causes.values()), ZERO)
            return word("words", "but_for_cents", language, parts=parts, left=left)
        return word("words", "by_part", language, parts=parts)
    text = word("words", "unexplained", language)
    if cause is not None and cause.alterations:
        nearest = word("words", "nearest", language, cause=cause_text(cause, language), left=cause.left_yuan)
        text += ("；" if language is Language.ZH else "; ") + nearest
    return text


def _band(line: Line, language: Language) -> str:
    if line.kind == "tier":
        return word("labels", "tier_of", language, n=line.band)
    return "" if line.band == "all" else word("labels", line.band, language)


def line_view(line: Line, language: Language, *, is_catalogue: bool) -> LineView:
    """Put a charge line into words.

    is_catalogue: the customer's energy is priced at the catalogue of selling prices; a tariff that says its class
    decides for its own lines (a school behind a factory's meter).
    """
    if line.is_catalogue is not None:
        is_catalogue = line.is_catalogue
    band = " · ".join(part for part in (_component_of(line, language), _band(line, language)) if part)
    unit = word("labels", line.unit, language)
    percent = line.kind == "pf"
    return LineView(
        label=word("labels", line.kind, language) + (f" · {band}" if band else ""),
        span=_span(line),
        quantity=_quantity(line.quantity),
        unit=unit,
        price=f"{line.price.normalize():f}%" if percent else f"{line.price:f}",
        amount=line.amount_yuan,
        source=word("labels", line.source, language),
        note="" if line.note is None else step_text(line.note, language),
        clause=clause("energy_catalogue" if is_catalogue and line.kind == "energy" else line.kind, language),
    )


def _component_of(line: Line, language: Language) -> str:
    return word("labels", line.component, language) if line.component else ""


def _span(line: Line) -> str:
    form = "%m-%d" if line.since.year == line.until.year else "%Y-%m-%d"
    return f"{line.since:{form}} – {line.until:{form}}"


def _quantity(value: Decimal) -> str:
    """Write a quantity with two decimals, or as many as it has."""
    whole, _, rest = f"{value:,f}".partition(".")
    return f"{whole}.{rest.rstrip('0').ljust(2, '0')}"


def _component(name: str, explanation: Explanation, language: Language) -> ComponentView:
    billed = getattr(explanation.bill, f"{name}_yuan") or ZERO
    made = None if explanation.made.reasons else getattr(explanation.made, f"{name}_yuan") or ZERO
    cause = explanation.causes.get(name)
    text = ""
    if cause is not None:
        text = cause_text(cause, language) if cause.alterations else word("words", "unexplained", language)
        if cause.alterations and cause.left_yuan != 0:
            kind = "cents" if explanation.is_near_enough(name) else "nearest"
            text = word("words", kind, language, cause=text, left=cause.left_yuan)
    if explanation.is_explained and explanation.cause is not None and explanation.differences.get(name):
        text = cause_text(explanation.cause, language)
    return ComponentView(
        name=name,
        label=word("labels", name, language),
        billed=billed,
        made=made,
        difference=explanation.differences.get(name),
        cause=text,
    )


def composition(lines: tuple[Line, ...], language: Language) -> tuple[tuple[str, Decimal], ...]:
    """Return what a bill is made of: the parts of the energy price where they are known, else the components."""
    found: dict[str, Decimal] = {}
    for line in lines:
        rest = line.amount_yuan
        for name, yuan in line.parts.items():
            found[name] = found.get(name, ZERO) + yuan
            rest -= yuan
        name = line.kind
        if line.parts:  # the rest of an energy line is not the whole energy charge
            name = "rest_of_surcharge" if set(line.parts) == {"surcharge"} else "rest_of_parts"
        found[name] = found.get(name, ZERO) + rest
    limit = Decimal("0.05")  # what rounding of parts leaves
    return tuple((word("labels", name, language), yuan) for name, yuan in found.items() if abs(yuan) >= limit)


def _delivered(row: Mapping[str, object], language: Language) -> tuple[str, str, str, str, str]:
    def text(name: str) -> str:
        value = row.get(name)
        return "" if value is None else _shown(value, language)

    return text("component"), text("time_band"), text("quantity"), text("price"), text("yuan")
