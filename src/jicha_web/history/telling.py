"""History in words: kinds of objects, verbs, fields as history.yaml and the workflow name them."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from jicha_web import core
from jicha_web.core import Text
from jicha_web.history.models import Entry

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


def _short(value: Any) -> str | None:
    text = plain_value(value)
    return text if text is None or len(text) <= LONGEST_VALUE else f"{text[:LONGEST_VALUE]}…"


def changes_of(entry: Entry) -> list[tuple[Text, str | None, str | None]]:
    """Return what an entry changed: field, before, after; what it only adds has nothing before."""
    found = []
    for name, value in entry.data.items():
        if name == "created":
            continue
        pair = value if isinstance(value, list) and len(value) == 2 else [None, value]
        found.append((field_of(name), _short(pair[0]), _short(pair[1])))
    return found


def line_of(entry: Entry) -> dict[str, Any]:
    """Return an entry as the timeline shows it."""
    return {"at": entry.at, "by": entry.by_name, "verb": verb_of(entry.verb), "note": entry.note,
            "changes": changes_of(entry)}  # fmt: skip
