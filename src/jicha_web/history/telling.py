"""History in words: kinds of objects, verbs, fields as history.yaml and the workflow name them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.apps import apps
from django.utils.dateparse import parse_datetime
from django.utils.translation import ngettext

from jicha_web import core
from jicha_web.core import Text
from jicha_web.history.models import Entry
from jicha_web.organisation.models import Organisation, Person
from jicha_web.pages.tags import moment, words

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


# fields whose values are ids: whose names stand for them
_UNITS = frozenset({"organisation_id", "subject_organisation_id"})
_PEOPLE = frozenset({"assignee_id", "person_id", "by_id", "approved_by_id", "asked_by_id", "holder_id", "done_by_id"})
_HIDDEN = frozenset({"rows_hash", "created", "version", "said"})  # says nothing to people


@dataclass(frozen=True)
class Names:
    """Names of the units and people whose ids some entries hold."""

    units: Mapping[int, str]
    people: Mapping[int, str]


def names_in(entries: Iterable[Entry]) -> Names:
    """Look the names up, in two queries."""
    units: set[int] = set()
    people: set[int] = set()
    for entry in entries:
        for name, value in entry.data.items():
            ids = {v for v in (value if isinstance(value, list) else [value]) if isinstance(v, int)}
            if name in _UNITS:
                units |= ids
            elif name in _PEOPLE:
                people |= ids
    return Names(
        dict(Organisation.objects.filter(pk__in=units).values_list("pk", "name")) if units else {},
        dict(Person.objects.filter(pk__in=people).values_list("pk", "name")) if people else {},
    )


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
    """Return the label of a code: of the object's own column, else of the one table that has such a column."""
    known = _choices(name)
    labels = known.get(kind) or (next(iter(known.values())) if len(known) == 1 else {})
    return str(labels[code]) if code in labels else None


def _shown(kind: str, name: str, value: Any, names: Names) -> str | None:
    if isinstance(value, bool):
        value = words(Text("是", "yes") if value else Text("否", "no"))
    if name in _UNITS and isinstance(value, int):
        return names.units.get(value, str(value))
    if name in _PEOPLE and isinstance(value, int):
        return names.people.get(value, str(value))
    if name == "state" and kind == "case" and value in _states():
        return words(_states()[value])
    if name == "answer" and isinstance(value, list):
        value = " ".join(str(part) for part in value if part)
    if isinstance(value, str) and (label := _label(kind, name, value)) is not None:
        return label
    if isinstance(value, dict) and len(value) > MOST_PARTS:
        return ngettext("%(n)d item", "%(n)d items", len(value)) % {"n": len(value)}
    text = plain_value(value)
    if text is not None and isinstance(value, str) and name.endswith(("_at", "_since")):
        text = moment(parse_datetime(text)) or text
    return text if text is None or len(text) <= LONGEST_VALUE else f"{text[:LONGEST_VALUE]}…"


def changes_of(entry: Entry, names: Names) -> list[tuple[str, str | None, str | None]]:
    """Return what an entry changed, in words: field, before, after; what it only adds has nothing before."""
    found = []
    for name, value in entry.data.items():
        pair = value if isinstance(value, list) and len(value) == 2 else [None, value]
        before, after = (_shown(entry.object_type, name, one, names) for one in pair)
        if name not in _HIDDEN and before != after:
            found.append((words(field_of(name)), before, after))
    return found


def line_of(entry: Entry, names: Names) -> dict[str, Any]:
    """Return an entry as the timeline shows it."""
    return {"at": entry.at, "by": entry.by_name, "verb": verb_of(entry.verb), "note": entry.note,
            "changes": changes_of(entry, names)}  # fmt: skip
