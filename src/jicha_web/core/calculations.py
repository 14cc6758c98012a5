"""The calculators of the core as a form needs them: names, JSON schema, a result as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from jicha.calculators import calculators, find
from jicha.calculators.facts import unit_text
from jicha.calculators.limits import limits as limits_of
from jicha.calculators.registry import GROUPS
from jicha.language import Text


@dataclass(frozen=True)
class Calculator:
    """One calculator. `note`: what it does; `example`: an input that runs."""

    name: str
    group: str
    label: Text
    note: Text
    example: Mapping[str, Any]


def _note(text: str) -> Text:
    """Part a note of the core, which holds Chinese first and English after its last full stop."""
    zh, stop, en = text.rpartition("。")
    return Text(f"{zh}{stop}".strip() or text, en.strip() or text)


@cache
def known() -> dict[str, Calculator]:
    """Return the calculators that a form can hold by name, in the order of their groups."""
    return {
        c.name: Calculator(c.name, c.group, c.title, _note(c.note), c.example)
        for c in calculators().values()
        if c.has_form
    }


def groups() -> Mapping[str, Text]:
    """Return the groups of calculators with their labels."""
    return GROUPS


@cache
def schema(name: str) -> Mapping[str, Any]:
    """Return the JSON schema of a calculator's inputs; BadInput when there is no such calculator."""
    return find(name).schema()


def calculate(name: str, inputs: Mapping[str, Any]) -> dict[str, Any]:
    """Return the result as JSON values; BadInput names every input that cannot be used."""
    return find(name).from_json(inputs).to_json()


def limits(part: Mapping[str, Any]) -> Text:
    """Return what a field of a schema takes (references resolved): bounds, what a negative number means, how many."""
    return limits_of(part)


def unit(code: str) -> Text:
    """Return how a unit is written."""
    return unit_text(code)
