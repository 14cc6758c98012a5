"""Reading price lists: one file, one list; what is unknown, without document or too fine is refused by name."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jicha.catalog.files import catalog_path, read_yaml
from jicha.errors import BadInput
from jicha.language import Language
from jicha.prices.fields import MOST_PLACES, code, day, number, record, rows_of, text
from jicha.prices.model import Document, PriceList, Row, Rule, Value
from jicha.prices.read_parts import read_tiers, read_timetable

_HEAD = ("kind", "province", "zh", "en", "effective_from", "effective_to", "documents")
_BODY = {
    "agency": ("columns", "common", "parts", "rows"),
    "transmission": ("columns", "common", "rows"),
    "residential": ("columns", "rows", "tiers"),
    "funds": ("columns", "rows"),
    "time_of_use": ("seen", "groups", "price_places", "floats", "fixed", "bands", "ratios", "unclear", "conditions"),
    "rules": ("rules",),
}  # fmt: skip
_LABELS = {
    "agency": ("structure", "voltage"),
    "transmission": ("structure", "voltage"),
    "residential": ("usage", "voltage"),
    "funds": ("fund", "usage"),
}  # fmt: skip
_VOCABULARY = {"structure": "structures", "voltage": "voltages", "usage": "usages", "province": "provinces",
               "fund": "columns"}  # fmt: skip


@functools.cache
def words() -> Mapping[str, Mapping[str, Mapping[str, Any]]]:
    """Return the labels of the codes of price lists: kind of code → code → {zh, en}."""
    found: Mapping[str, Mapping[str, Mapping[str, Any]]] = read_yaml(catalog_path("tariffs", "words.yaml"))
    return found


def word(kind: str, name: str, language: Language) -> str:
    """Return the label of a code; the code itself where there is none."""
    entry = words()[kind].get(name)
    return str(entry[language.value]) if entry else name


def code_label(code: str, language: Language) -> str:
    """Return a row of a list or a price in words: `two_part/10kv` is 两部制 1-10（20）千伏."""
    kinds = ("structures", "voltages", "usages", "columns", "provinces")
    return " ".join(
        next((word(kind, part, language) for kind in kinds if part in words()[kind]), part) for part in code.split("/")
    )


def read_list(path: Path, name: str | None = None) -> PriceList:
    """Read one price list.

    name: how the list is called, by default the file's name. BadInput names the file, the field, and what was expected.
    """
    place = str(path)
    content = read_yaml(path)
    kind = code(content.get("kind") if isinstance(content, dict) else None, words()["kinds"], f"{place} kind")
    record(content, place, required=_HEAD, optional=(*_BODY[kind], "notes"))
    documents = _documents(content["documents"], f"{place} documents")
    since, until = (day(content[key], f"{place} {key}") for key in ("effective_from", "effective_to"))
    if since and until and until < since:
        raise BadInput(
            zh=f"{place}：截止日期 {until} 早于执行日期 {since}。",
            en=f"{place}: effective_to {until} is before effective_from {since}",
        )
    values = _Values(content.get("columns") or {}, documents, place)
    common = values.of(content.get("common") or {}, f"{place} common", "list")
    return PriceList(
        name=name or path.stem,
        kind=kind,
        province=code(content["province"], words()["provinces"], f"{place} province"),
        title=text(content, place),
        effective_from=since,
        effective_to=until,
        documents=documents,
        common=common,
        parts={
            whole: values.parts(items, whole, f"{place} parts {whole}")
            for whole, items in (content.get("parts") or {}).items()
        },
        rows=_rows(content.get("rows") or [], kind, values, place),
        tiers=read_tiers(content["tiers"], f"{place} tiers") if "tiers" in content else None,
        timetable=read_timetable(content, words()["day_kinds"], place) if kind == "time_of_use" else None,
        rules=tuple(_rule(entry, documents, f"{place} rules[{n}]") for n, entry in enumerate(_list(content, "rules"))),
        notes=tuple(text(entry, f"{place} notes") for entry in _list(content, "notes")),
    )


def _list(content: Mapping[str, Any], name: str) -> list[Any]:
    return rows_of(content.get(name) or [], name)


def _documents(content: Any, place: str) -> dict[str, Document]:
    if not isinstance(content, dict) or not content:
        raise BadInput(
            zh=f"{place}：每个价格都要有文件依据，至少写一个文件。",
            en=f"{place}: every price needs a document; name one",
        )
    found = {}
    for name, entry in content.items():
        where = f"{place} {name}"
        record(entry, where, required=("title", "number", "published_on", "source", "verified"))
        if not entry["title"] or not entry["source"] or not isinstance(entry["verified"], bool):
            raise BadInput(
                zh=f"{where}：title、source 不得为空，verified 应为 true 或 false。",
                en=f"{where}: title and source may not be empty, verified is true or false",
            )
        found[str(name)] = Document(
            title=str(entry["title"]),
            number=entry["number"],
            published_on=day(entry["published_on"], f"{where} published_on"),
            source=str(entry["source"]),
            verified=entry["verified"],
        )
    return found


class _Values:
    """Reads values by the columns that a list declares."""

    def __init__(self, columns: Mapping[str, Any], documents: Mapping[str, Document], place: str) -> None:
        self.documents = documents
        self.columns: dict[str, tuple[str, int]] = {}
        for name, entry in columns.items():
            where = f"{place} columns {name}"
            code(name, words()["columns"], where)
            record(entry, where, required=("unit", "places"))
            places = entry["places"]
            if not isinstance(places, int) or not 0 <= places <= MOST_PLACES:
                raise BadInput(
                    zh=f"{where}：places 为 {places!r}，应为 0 到 {MOST_PLACES} 的整数；更细的价格不能照样计费。",
                    en=f"{where}: places is {places!r}, expected 0 to {MOST_PLACES}; a finer price cannot be billed",
                )
            self.columns[name] = code(entry["unit"], words()["units"], where), places

    def of(self, content: Mapping[str, Any], place: str, document: str) -> dict[str, Value]:
        """Return the values of a row."""
        if content:
            code(document, self.documents, f"{place} document")
        found = {}
        for name, given in content.items():
            unit, places = self.columns[code(name, self.columns, place)]
            amount = number(given, f"{place} {name}", places=places)
            found[name] = Value(amount, unit, places, self.documents[document])
        return found

    def parts(self, content: Mapping[str, Any], whole: str, place: str) -> dict[str, Value]:
        """Return the parts of a common value: in its unit and places."""
        unit, places = self.columns[code(whole, self.columns, place)]
        return {
            code(name, words()["columns"], place): Value(
                number(given, f"{place} {name}", places=places), unit, places, self.documents["list"]
            )
            for name, given in content.items()
        }


def _rows(content: Any, kind: str, values: _Values, place: str) -> tuple[Row, ...]:
    found: dict[str, Row] = {}
    for position, entry in enumerate(rows_of(content, f"{place} rows")):
        where = f"{place} rows[{position}]"
        if not isinstance(entry, dict):
            raise BadInput(zh=f"{where}：应为一组字段。", en=f"{where}: expected fields")
        labels = {}
        for name in ("province", *_LABELS[kind]):
            if name in entry:
                labels[name] = code(entry[name], words()[_VOCABULARY[name]], f"{where} {name}")
            elif name != "province":
                raise BadInput(zh=f"{where}：缺少字段 {name}。", en=f"{where}: missing {name}")
        document = str(entry.get("document", "list"))
        given = {name: value for name, value in entry.items() if name not in labels and name != "document"}
        row = Row(labels, values.of(given, where, document))
        if row.name in found:
            raise BadInput(zh=f"{where}：{row.name} 出现两次，请只留一行。", en=f"{where}: {row.name} twice; keep one")
        found[row.name] = row
    return tuple(found.values())


def _rule(entry: Any, documents: Mapping[str, Document], place: str) -> Rule:
    record(entry, place, required=("from", "document", "zh", "en"), optional=("values",))
    name = code(entry["document"], documents, f"{place} document")
    given = entry.get("values") or {}
    values = {key: number(value, f"{place} {key}", places=MOST_PLACES) for key, value in given.items()}
    return Rule(day(entry["from"], f"{place} from"), text(entry, place), documents[name], values)
