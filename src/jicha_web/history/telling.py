"""History in words: kinds of objects, verbs, fields as history.yaml and the workflow name them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from django.apps import apps
from django.http import HttpRequest
from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext, ngettext

from jicha_web import core
from jicha_web.core import Text, calculations
from jicha_web.core import rules as core_rules
from jicha_web.history.models import Entry, Recorded
from jicha_web.history.read import entries_of
from jicha_web.organisation.roles import roles
from jicha_web.pages.tags import listed, moment, note_of, words, yuan
from jicha_web.pages.views import opens

MOST_PARTS = 3  # of a value with named parts; more are counted, the export has them all
LONGEST_VALUE = 160  # characters of a value as it is shown; the export has it whole


def _texts(content: dict[str, Any]) -> dict[str, Text]:
    return {code: Text(one["zh"], one["en"]) for code, one in content.items()}


@cache
def kinds() -> dict[str, Text]:
    """Return the names of the kinds of objects."""
    return _texts(core.application_file("history")["kinds"])


@cache
def verbs() -> dict[str, Text]:
    """Return the words for verbs: those of history.yaml, and the moves of the workflow."""
    moves = {move["event"]: Text(move["zh"], move["en"]) for move in core.application_file("workflow")["moves"]}
    return moves | _texts(core.application_file("history")["verbs"])


@cache
def fields() -> dict[str, Text]:
    """Return the names of fields."""
    return _texts(core.application_file("history")["fields"])


def kind_of(object_type: str) -> Text:
    """Return the name of a kind; the code itself where it has none."""
    return kinds().get(object_type, Text(object_type, object_type))


def verb_of(verb: str) -> Text:
    """Return the words for a verb; the code itself where it has none."""
    return verbs().get(verb, Text(verb, verb))


def field_of(name: str) -> Text:
    """Return the name of a field; the code itself where it has none."""
    return fields().get(name, Text(name, name))


def plain_value(value: Any) -> str | None:
    """Return a value of an entry as text; None for nothing."""
    if value is None or value in ("", [], {}):
        return None
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, sort_keys=True)


_HIDDEN = frozenset({"rows_hash", "created", "version", "said", "salt"})  # says nothing to people
LISTS = frozenset({"findings"})  # values that are lists of ids; any other list of two is what was and what is
MOST_NAMED = 5  # ids of a list that are named; more are counted


@dataclass(frozen=True)
class _Reference:
    """How an object is named whose id an entry holds: columns of it, and the page it has."""

    columns: tuple[str, ...]
    page: str = ""


# every kind of object that another one refers to
REFERENCES: Mapping[str, _Reference] = {
    "assess.assessment": _Reference(("case__number",)),
    "cases.case": _Reference(("number",), "case"),
    "cases.extension": _Reference(("until",)),
    "cases.lead": _Reference(("received_on", "customer_id"), "lead"),
    "field.visit": _Reference(("case__number",), "visit"),
    "findings.finding": _Reference(("rule", "subject_id"), "finding"),
    "library.typicalcase": _Reference(("title",), "library-typical-case"),
    "organisation.organisation": _Reference(("name",)),
    "organisation.person": _Reference(("name",)),
    "runs.run": _Reference(("run_id",), "run"),
}
# what else is named where it is listed; any other kind by its number
_LISTED = {
    **REFERENCES,
    "api.token": _Reference(("name",)),
    "assess.paper": _Reference(("number",)),
    "assess.rectification": _Reference(("case__number",)),
    "organisation.membership": _Reference(("person__name", "organisation__name")),
}
# what entries hold beside columns
_BESIDE = {
    "findings": "findings.finding", "lead": "cases.lead", "typical_case": "library.typicalcase", "visit": "field.visit",
    "extension": "cases.extension",
}  # fmt: skip


@cache
def referred() -> dict[str, str]:
    """Return the fields whose values are ids, with the kind of object they name."""
    found = dict(_BESIDE)
    for model in apps.get_models():
        if issubclass(model, Recorded):
            for column in model._meta.concrete_fields:
                if column.is_relation and column.related_model is not None:
                    found[column.attname] = column.related_model._meta.label_lower
    return found


# kind of object → id → name, with a link where it has a page
Names = Mapping[str, Mapping[int, str]]


def _ids(value: Any) -> set[int]:
    return {v for v in (value if isinstance(value, list) else [value]) if isinstance(v, int) and v is not True}


def names_in(entries: Iterable[Entry], request: HttpRequest) -> Names:
    """Look the names up, in a query for each kind; what lies outside the scope of who asks has none.

    A name leads to its page for those who may open it.
    """
    asked: dict[str, set[int]] = {}
    for entry in entries:
        for name, value in entry.data.items():
            if kind := referred().get(name):
                ids = sorted(_ids(value))
                asked.setdefault(kind, set()).update(ids[:MOST_NAMED] if name in LISTS else ids)
    return {kind: _named(kind, ids, request) for kind, ids in asked.items() if ids}


def objects_of(entries: Iterable[Entry]) -> dict[tuple[str, int], str]:
    """Return how the objects of entries are named, a query for each kind; what has no name in sight is left out."""
    labels = {label.rsplit(".", 1)[-1]: label for label in _LISTED}
    asked: dict[str, set[int]] = {}
    for entry in entries:
        asked.setdefault(entry.object_type, set()).add(entry.object_id)
    return {
        (kind, pk): name
        for kind, ids in asked.items()
        if kind in labels
        for pk, name in _texts_of(labels[kind], ids).items()
    }


def _texts_of(kind: str, ids: set[int]) -> dict[int, str]:
    rows = apps.get_model(kind)._default_manager.filter(pk__in=ids).values_list("pk", *_LISTED[kind].columns)
    return {pk: " ".join(moment(v) if isinstance(v, datetime) else str(v) for v in values if v) for pk, *values in rows}


def _named(kind: str, ids: set[int], request: HttpRequest) -> dict[int, str]:
    page = REFERENCES[kind].page
    linked = bool(page) and opens(request, reverse(page, args=[0]))
    return {
        pk: format_html('<a href="{}">{}</a>', reverse(page, args=[pk]), text) if linked else text
        for pk, text in _texts_of(kind, ids).items()
    }


@cache
def _states() -> dict[str, Text]:
    return {code: Text(s["zh"], s["en"]) for code, s in core.application_file("workflow")["states"].items()}


@cache
def _choices(name: str) -> dict[str, dict[str, Any]]:
    """Return the labels of a column's codes by kind of object: a code may mean another thing in another table."""
    found = {}
    for model in apps.get_models():
        for column in model._meta.concrete_fields:
            if column.name == name and (labels := {code: label for code, label in column.flatchoices if code}):
                found[model._meta.model_name or ""] = labels
    return found


def _label(kind: str, name: str, code: str) -> str | None:
    """Return the label of a code: of the object's own column, else of the tables that have such a column and agree."""
    if name == "state" and kind == "case":
        return words(_states()[code]) if code in _states() else None
    known = _choices(name)
    if code in (labels := known.get(kind, {})):
        return str(labels[code])
    if len(agreed := {str(labels[code]) for labels in known.values() if code in labels}) == 1:
        return agreed.pop()  # a case tells of the source of a lead
    if name in _SAID_BY_CORE and code in (said := core_rules.words(name)):
        return words(said[code])
    if name == "role" and code in roles():
        return words(roles()[code].label)
    named = _codes().get(f"{kind}.{name}") or _codes().get(name, {})
    return words(named[code]) if code in named else None


_SAID_BY_CORE = frozenset({"severity", "specialty", "subject"})


@cache
def _codes() -> dict[str, dict[str, Text]]:
    return {name: _texts(labels) for name, labels in core.application_file("history")["codes"].items()} | {
        "paper.kind": _texts(core.application_file("documents")["kinds"]),
        "calculator": {code: one.label for code, one in calculations.known().items()},
    }


def _reference(name: str, value: int, names: Names) -> str:
    found = names.get(referred()[name], {}).get(value)
    return found if found is not None else gettext("of another unit")


def _references(name: str, ids: list[Any], names: Names) -> str:
    told = [_reference(name, pk, names) for pk in sorted(_ids(ids))[:MOST_NAMED]]
    more = len(ids) - len(told)
    return format_html("{}{}", format_html_join(", ", "{}", [(t,) for t in told]), f" +{more}" if more > 0 else "")


def _shown(kind: str, name: str, value: Any, names: Names) -> str | None:
    if name in referred() and value is not None:
        return _references(name, value, names) if isinstance(value, list) else _reference(name, value, names)
    if isinstance(value, bool):
        value = words(Text("是", "yes") if value else Text("否", "no"))
    if name == "answer" and isinstance(value, list):
        code, *said = (str(part) for part in value if part) if any(value) else ("",)
        value = " ".join([_label("checklistitem", "answer", code) or code, *said])
    if isinstance(value, str) and (label := _label(kind, name, value)) is not None:
        return label
    if isinstance(value, dict) and len(value) > MOST_PARTS:
        return ngettext("%(n)d item", "%(n)d items", len(value)) % {"n": len(value)}
    if isinstance(value, list) and name == "also":
        value = listed(field_of(one) for one in value)
    return _as_text(name, value)


def _as_text(name: str, value: Any) -> str | None:
    text = plain_value(value)
    if text is not None and isinstance(value, str) and name.endswith("_yuan"):
        return yuan(text)
    if (
        text is not None
        and isinstance(value, str)
        and (name.endswith(("_at", "_since")) or (name == "until" and "T" in value))
    ):
        text = moment(parse_datetime(text)) or text
    return text if text is None or len(text) <= LONGEST_VALUE else f"{text[:LONGEST_VALUE]}…"


def changes_of(entry: Entry, names: Names) -> list[tuple[str, str | None, str | None]]:
    """Return what an entry changed, in words: field, before, after; what it only adds has nothing before."""
    found = []
    for name, value in entry.data.items():
        pair = value if isinstance(value, list) and len(value) == 2 and name not in {*LISTS, "also"} else [None, value]
        before, after = (_shown(entry.object_type, name, one, names) for one in pair)
        if name not in _HIDDEN and before != after:
            found.append((words(field_of(name)), before, after))
    return found


def said_of(entry: Entry, names: Iterable[str]) -> list[str]:
    """Return what an entry adds under some names, in words; what it changes is told by `changes_of`."""
    added = ((name, entry.data.get(name)) for name in names)
    return [
        text for name, value in added if isinstance(value, str) and (text := _shown(entry.object_type, name, value, {}))
    ]


def noted(entry: Entry) -> str:
    """Return the note of an entry; where it is the code of a move, its words."""
    note = note_of(entry)
    return words(verbs()[note]) if entry.verb == "visit_abandoned" and note in verbs() else note


def timeline_of(object_: Recorded, request: HttpRequest) -> list[dict[str, Any]]:
    """Return the history of an object for the timeline of a page, newest first."""
    entries = entries_of(object_)
    names = names_in(entries, request)
    return [line_of(entry, names) for entry in reversed(entries)]


def line_of(entry: Entry, names: Names) -> dict[str, Any]:
    """Return an entry as the timeline shows it."""
    return {"at": entry.at, "by": entry.by_name, "verb": verb_of(entry.verb), "note": noted(entry),
            "changes": changes_of(entry, names)}  # fmt: skip
