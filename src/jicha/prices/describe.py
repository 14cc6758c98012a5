"""Lists, statements and changes as records of plain values, for JSON, tables and pages."""

from __future__ import annotations

from typing import Any

from jicha.catalog.schema import schema
from jicha.language import Language
from jicha.prices.diff import Change
from jicha.prices.model import Document, PriceList, Value
from jicha.prices.read import code_label, word
from jicha.prices.shipped import shipped_lists
from jicha.prices.statements import Statement, page_word


def place_label(place: str, language: Language) -> str:
    """Return the title of a shipped list or the label of a table; what is neither as it is."""
    known = shipped_lists().get(place)
    if known is not None:
        return known.label(language)
    return schema()[place].label(language) if place in schema() else place


def statement_record(item: Statement, language: Language) -> dict[str, Any]:
    """Return a statement in words and numbers."""
    return {
        "name": item.kind,
        "outcome": item.outcome.value,
        "kind": item.title(language),
        "place": item.place,
        "place_label": place_label(item.place, language),
        "code": item.code,
        "code_label": None if item.code is None else code_label(item.code, language),
        "edition": item.edition,
        "band": None if item.band is None else word("columns", item.band, language),
        "expected": item.expected,
        "found": item.found,
        "difference": item.difference,
        "unit": None if item.unit is None else word("units", item.unit, language),
        "customers": item.customers,
        "kwh": item.kwh,
        "what": item.sentence(language),
    }


def change_record(item: Change, language: Language) -> dict[str, Any]:
    """Return a change in numbers; `price` stays a code, what is absent on one side is said."""
    return {
        "code": item.code,
        "name": item.name,
        "price": item.price,
        "unit": word("units", item.unit, language),
        "old": item.old,
        "new": item.new,
        "change": item.difference if item.difference is not None
        else page_word("added" if item.old is None else "removed", language),
        "percent": item.percent,
        "customers": item.customers,
        "points": item.points,
        "kwh": item.kwh,
        "monthly": item.monthly_yuan,
    }  # fmt: skip


def list_record(item: PriceList, *, rows: bool) -> dict[str, Any]:
    """Return a list; with `rows` every value with unit, places and document."""
    head = {
        "name": item.name,
        "kind": item.kind,
        "province": item.province,
        "zh": item.title.zh,
        "en": item.title.en,
        "effective_from": item.effective_from,
        "effective_to": item.effective_to,
        "verified": item.verified,
    }
    if not rows:
        return head
    return head | {
        "documents": [_document(document) for document in item.documents.values()],
        "common": {name: _value(value) for name, value in item.common.items()},
        "parts": {name: {key: _value(v) for key, v in parts.items()} for name, parts in item.parts.items()},
        "rows": [
            {**row.labels, "values": {name: _value(value) for name, value in row.values.items()}} for row in item.rows
        ],
        "tiers": None if item.tiers is None else {
            "cycle": item.tiers.cycle, "limits_kwh": item.tiers.limits, "month_kwh": item.tiers.month,
            "year_kwh": item.tiers.year, "seasons_kwh": item.tiers.seasons, "add": item.tiers.add,
            "free_kwh_month": item.tiers.free_kwh_month, "verified": item.tiers.verified,
        },
        "timetable": None if item.timetable is None else _timetable(item),
        "rules": [
            {"from": rule.since, "zh": rule.text.zh, "en": rule.text.en, "document": rule.document.number,
             "verified": rule.document.verified, "values": dict(rule.values)}
            for rule in item.rules
        ],
        "notes": [{"zh": note.zh, "en": note.en} for note in item.notes],
    }  # fmt: skip


def _value(value: Value) -> dict[str, Any]:
    return {
        "amount": value.amount, "unit": value.unit, "places": value.places, "document": value.document.title,
        "verified": value.verified,
    }  # fmt: skip


def _document(document: Document) -> dict[str, Any]:
    return dict(vars(document))


def _timetable(item: PriceList) -> dict[str, Any]:
    timetable = item.timetable
    assert timetable is not None
    return {
        "groups": timetable.groups,
        "seen": timetable.seen,
        "slots": [
            {"band": slot.band, "months": sorted(slot.months), "groups": sorted(slot.groups),
             "days": sorted(slot.days), "half_hours": sorted(slot.halves)}
            for slot in timetable.slots
        ],
        "ratios": [
            {"applies": ratio.applies, "months": sorted(ratio.months), **dict(ratio.values)}
            for ratio in timetable.ratios
        ],
        "floats": timetable.floats,
        "fixed": timetable.fixed,
        "unclear": [{"band": gap.band, "zh": gap.text.zh, "en": gap.text.en} for gap in timetable.unclear],
    }  # fmt: skip
