"""The form of every calculator: its own example, put into the form and read back, gives the same result."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from jicha_web.assess.calculator_form import Field, build, read
from jicha_web.assess.tables import sums_of, table
from jicha_web.core import calculations


def sent(node: Field) -> Iterator[tuple[str, str]]:
    """Yield what a browser would send of a form."""
    if node.kind == "alternatives":
        yield f"{node.name}.kind", node.value
    if node.is_plain:
        yield node.name, node.value
    for child in node.children:
        yield from sent(child)


@pytest.mark.parametrize("name", list(calculations.known()))
def test_the_example_goes_through_the_form_unchanged(name: str) -> None:
    schema, example = calculations.schema(name), calculations.known()[name].example
    again = read(schema, dict(sent(build(schema, example))))
    assert calculations.calculate(name, again) == calculations.calculate(name, example)


@pytest.mark.parametrize("name", list(calculations.known()))
def test_every_control_has_a_label_in_both_languages(name: str) -> None:
    def walk(node: Field) -> Iterator[Field]:
        yield node
        for child in node.children:
            yield from walk(child)

    bare = [
        n.name for n in walk(build(calculations.schema(name), None))
        if n.is_plain and not n.code.isdigit() and (n.label.zh == n.code or not n.label.en)
    ]  # fmt: skip
    assert bare == []


def test_an_empty_form_gives_nothing() -> None:
    assert read(calculations.schema("theft_equipment"), {}) is None


def test_wrong_text_reaches_the_calculator_which_names_it() -> None:
    values = read(calculations.schema("theft_equipment"), {"in.capacity_kw": "viel", "in.kwh_places": "x"})
    assert values == {"capacity_kw": "viel", "kwh_places": "x"}


@pytest.mark.parametrize("name", list(table()["sums"]))
def test_sums_name_results_that_exist(name: str) -> None:
    result = calculations.calculate(name, calculations.known()[name].example)
    found: dict[str, Any] = table()["sums"][name]
    assert set(found.values()) <= set(result["results"])
    assert sums_of(name, result).amount_yuan is not None


def test_prefill_names_inputs_that_exist() -> None:
    known = {n for name in calculations.known() for n in calculations.schema(name)["properties"]}
    assert set(table()["prefill"]) <= known
    assert set(table()["seldom"]) <= known


def test_choices_have_words() -> None:
    """Codes of letters are shown in words; signs (a, -a, 0.5S) stay as they are."""

    def walk(node: Field) -> Iterator[Field]:
        yield node
        for child in node.children:
            yield from walk(child)

    bare = {
        code
        for name in calculations.known()
        for node in walk(build(calculations.schema(name), calculations.known()[name].example))
        for code, label in node.options
        if label.zh == code and len(code) > 3 and code.isascii() and code.isalpha()
    }
    assert bare == set()


def test_a_note_is_in_one_language_at_a_time() -> None:
    notes = {name: one.note for name, one in calculations.known().items()}
    assert all(note.zh and note.en for note in notes.values())
    basic = notes["basic_charge"]
    assert basic.zh.endswith("。")
    assert "Charge" not in basic.zh
    assert basic.en.startswith("Charge = price")


def test_a_row_of_which_only_a_kind_is_preselected_is_empty() -> None:
    """A choice that a browser sends of itself fills no row in."""
    schema = calculations.schema("metering_correction")
    given = {"kind": "stages", "stages": [
        {"days": "3", "correction": {"kind": "phases", "lost_phases": 1}},
        {"days": "2", "correction": {"kind": "phases"}},
    ]}  # fmt: skip
    content = {"recorded_kwh": "900", "correction": given}
    form = build(schema, content)
    stages = next(node for node in form.children if node.code == "correction").children[0]
    assert len(stages.children) > len(given["stages"]), "blank rows to fill in"
    assert calculations.calculate("metering_correction", read(schema, dict(sent(form)))) == calculations.calculate(
        "metering_correction", content
    )


def nodes(node: Field) -> Iterator[Field]:
    yield node
    for child in node.children:
        yield from nodes(child)


@pytest.mark.parametrize("name", list(calculations.known()))
def test_what_the_schema_limits_stands_by_the_field(name: str) -> None:
    """Each bound of the schema that means something is shown, in both languages, and nothing else is."""
    shown = {n.code: n.limits for n in nodes(build(calculations.schema(name), None)) if n.kind != "group"}
    for code, item in calculations.schema(name)["properties"].items():
        signs = {"minimum": "≥", "exclusiveMinimum": ">", "maximum": "≤", "exclusiveMaximum": "<"}
        for key, sign in signs.items():
            if abs(item.get(key, 10**15)) < 10**9:
                assert f"{sign} {item[key]}" in shown[code].zh
                assert f"{sign} {item[key]}" in shown[code].en
        if "negative" in item:
            assert item["negative"]["zh"] in shown[code].zh
            assert item["negative"]["en"] in shown[code].en
    assert all("1000000000" not in text.zh for text in shown.values())


def test_limits_of_lists_ratios_and_texts() -> None:
    form = build(calculations.schema("energy_from_readings"), None)
    by_code = {node.code: node for node in nodes(form)}
    assert by_code["registers"].limits == ("至多 100 项", "at most 100 entries")
    assert by_code["ct"].limits == ("> 0", "> 0")
    assert by_code["digits"].limits == ("≥ 1，≤ 10", "≥ 1, ≤ 10")
    assert "至多" in by_code["name"].limits.zh
    assert by_code["subtract"].limits == ("", "")
