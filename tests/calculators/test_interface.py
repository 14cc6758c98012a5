"""The way in: schemas, examples, errors in both languages, citations, the command."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest

from jicha.calculators import calculators, find
from jicha.calculators.facts import editions, fact, fact_names, warning_texts
from jicha.calculators.registry import decode
from jicha.catalog.files import regulations
from jicha.cli import main
from jicha.errors import BadInput

NAMES = list(calculators())
WIRING = {"kind": "wiring", "fault": "voltages_bca"}


@pytest.mark.parametrize("name", NAMES)
def test_the_example_runs_and_says_how(name: str) -> None:
    found = find(name)
    result = found.from_json(decode(json.dumps(found.example), name))
    assert result.values
    assert {step.name for step in result.steps} == set(result.values)
    content = json.loads(json.dumps(result.to_json(), default=str))
    for part in [*content["results"].values(), *content["steps"], *content["warnings"]]:
        assert part["zh"] and part["en"]
    assert all(s.numbers and s.formula.zh and s.formula.en for s in result.steps)


@pytest.mark.parametrize("name", NAMES)
def test_every_field_is_described(name: str) -> None:
    schema = find(name).schema()
    assert "。" in schema["description"]
    for part in [schema, *schema.get("$defs", {}).values()]:
        for field, item in part.get("properties", {}).items():
            assert field == "kind" or (item["zh"] and item["en"]), field
        assert part.get("additionalProperties", False) is False


@pytest.mark.parametrize("name", NAMES)
def test_a_wrong_field_is_named(name: str) -> None:
    with pytest.raises(BadInput) as caught:
        find(name).from_json(find(name).example | {"no_such_field": 1})
    assert "no_such_field" in caught.value.text.zh and "no_such_field" in caught.value.text.en


@pytest.mark.parametrize("edition", list(editions()))
def test_facts_exist_in_every_edition(edition: Any) -> None:
    for name in fact_names():
        found = fact(name, edition)
        assert found.regulation in regulations() and found.source
        assert found.words.zh and found.words.en


def test_an_unverified_article_is_not_in_the_citation() -> None:
    basis = find("theft_proven").from_json({"stolen_kwh": 1, "price_yuan_per_kwh": 1}).basis
    multiple = next(b for b in basis if b.fact == "theft.penalty_multiple")
    assert multiple.article and not multiple.verified
    assert multiple.article not in multiple.citation()
    breach = find("breach_foreign_source").from_json({"source_kw": 1}).basis[0]
    assert breach.verified and breach.article and breach.article in breach.citation()


def test_the_edition_follows_the_day() -> None:
    def codes(content: dict[str, Any]) -> set[str]:
        return {w.code for w in find("breach_foreign_source").from_json({"source_kw": 2} | content).warnings}

    assert "ceiling" not in codes({"in_force_on": "2024-05-31"})
    assert "ceiling" in codes({"in_force_on": "2024-06-01"})
    assert "edition_not_in_force" in codes({"in_force_on": "2020-01-01", "edition": "2024"})
    assert "above_ceiling" in codes({"penalty_yuan_per_kw": 600})
    assert "not_the_rule" in codes({"penalty_yuan_per_kw": 400, "edition": "1996"})
    with pytest.raises(BadInput, match="before the first edition"):
        codes({"in_force_on": "1990-01-01"})


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("theft_equipment", {"capacity_kw": 1}, "price_yuan_per_kwh"),
        ("theft_equipment", {"capacity_kw": True, "price_yuan_per_kwh": 1}, "capacity_kw: must be a number"),
        ("theft_equipment", {"capacity_kw": 1, "price_yuan_per_kwh": 1, "start_on": "2026-01-01"}, "end_on"),
        ("theft_equipment", {"capacity_kw": 1, "price_yuan_per_kwh": 1, "start_on": "2026-02-01",
                             "end_on": "2026-01-01"}, "before start_on"),
        ("theft_meter", {"voltage_v": 220, "current_a": 5, "ct": "0/5"}, "ct: must be a ratio"),
        ("late_payment", {"customer": "x", "bills": []}, "customer: must be one of"),
        ("metering_correction", {"correction": {"kind": "nonsense"}}, "must be one of"),
        ("metering_correction", {"correction": WIRING | {"system": "3p4w"}}, "no wiring"),
        ("metering_correction", {"correction": WIRING | {"system": "3p3w"}}, "tan_phi"),
        ("metering_correction", {"correction": {"kind": "phases", "lost_phases": 3}}, "metering_normal_month"),
        ("collection_rate", {"receivable": 0, "received": 1}, "receivable: must be > 0 (in yuan), is 0"),
        ("load_factor", {"energy_kwh": 1}, "hours"),
        ("average_price", {"energy_kwh": 10, "capacity_kva": 1, "capacity_price": 1, "energy_price_yuan_per_kwh": 1,
                           "target_price_yuan_per_kwh": 1}, "never be reached"),
        ("tiered_charge", {"kwh": 60, "tiers": [{"upper_kwh": 50, "price_yuan_per_kwh": 1}]}, "highest tier"),
        ("energy_from_readings", {"registers": [{"name": "a", "previous": 9, "current": 1}]}, "roll-over"),
        ("power_factor", {"power_factor": 1, "standard": "0.7"}, "no standard 0.7"),
        ("breach_extra_capacity", {"tariff": "two_part", "added_kva": 1, "days": 3, "price_yuan_per_month": 1},
         "thirty"),
        ("line_loss", {"generation": 1, "export": 2, "sales": 1}, "must be above 0"),
        ("line_loss", {"generation": 1, "export": 2, "sales": 1}, "export"),
        ("theft_proven", {"stolen_kwh": 1, "price_yuan_per_kwh": "-0.5"}, "price_yuan_per_kwh: must be ≥ 0"),
        ("late_payment", {"bills": [{"amount_yuan": 9, "due_on": 0}], "paid_on": "2026-01-01"},
         "due_on: must be a date"),
        ("late_payment", {"bills": [{"amount_yuan": 9, "due_on": "2023-02-29"}], "paid_on": "2026-01-01"},
         "due_on: must be a day of the calendar"),
        ("late_payment", {"bills": [{"amount_yuan": 9, "due_on": "2023-02-28"}], "paid_on": "9999-12-31"},
         "paid_on: must be a date from 1950-01-01 to 2199-12-31"),
        ("breach_sealed_equipment", {"tariff": "two_part", "used_kva": 1, "price_yuan_per_month": 1,
                                     "start_on": "0001-01-01", "end_on": "2026-01-01"},
         "start_on: must be a date from"),
        ("basic_charge", {"mode": "capacity", "period": "9999-12-01", "price_yuan_per_month": 1,
                          "transformers": [{"kva": 1}]}, "period: must be a date from"),
        ("breach_devices_moved", {"times": True, "customer": "other"}, "times: must be a whole number"),
        ("energy_from_readings", {"registers": [{"name": "a", "previous": 9, "current": 1}]}, "previous"),
        ("tou_charge", {"total_kwh": 100, "bands": [{"name": "peak", "kwh": 200, "price_yuan_per_kwh": 1},
                                                    {"name": "flat", "price_yuan_per_kwh": 1}]}, "flat is negative"),
        ("tou_charge", {"bands": [{"name": "a", "price_yuan_per_kwh": 1}]}, "total_kwh"),
        ("tiered_charge", {"used_before_kwh": 9, "used_after_kwh": 8, "price_yuan_per_kwh": 1,
                           "tiers": [{"add_yuan_per_kwh": 0}]}, "used_after_kwh is below used_before_kwh"),
        ("power_factor", {"kw": 2, "kva": 1}, "kva"),
        ("load_factor", {"energy_kwh": 1, "peak_kw": 1, "hours": 1, "days": 1}, "give only one of hours, days"),
        ("theft_equipment", {"capacity_kw": "3kW", "price_yuan_per_kwh": 1}, "capacity_kw: must be a number (in kW)"),
        ("theft_equipment", {"capacity_kw": 3, "price": 1}, "did you mean price_ratio, price_yuan_per_kwh"),
        ("theft_equipment", {"capacity_kw": 3, "price_yuan_per_kwh": 1, "months": 2, "days": 9}, "only one of months"),
        ("metering_correction", {"correction": {"lost_phases": 1}}, "it is one of ct, expression"),
        ("metering_correction", {"recorded_kwh": 1, "reading_difference": 1, "correction": {"kind": "phases"}},
         "recorded_kwh, reading_difference"),
        ("metering_correction", {"recorded_kwh": 1, "ct": "100/5", "correction": {"kind": "phases"}},
         "reading_difference (for ct / pt)"),
        ("metering_correction", {"recorded_kwh": 1, "correction": {"kind": "expression", "system": "3p3w",
                                                                   "wrong": [{"degrees": 45}]}}, "degrees"),
        ("metering_normal_month", {"months": 1}, "normal_month_kwh, or normal_months_kwh"),
        ("meter_timing", {"pulses": 10, "actual_kw": 1}, "constant_per_kwh"),
        ("tou_charge", {"bands": [{"name": "a", "share_percent": 100, "price_yuan_per_kwh": 1}]}, "share_percent"),
        ("tou_charge", {"total_kwh": 9, "bands": [{"name": "a", "share_percent": 60, "price_yuan_per_kwh": 1}]},
         "do not sum"),
        ("energy_from_readings", {"registers": [{"name": "a", "difference": 1, "multiplier": 2, "ct": 3}]}, "ct / pt"),
        ("line_loss", {"sales": 1}, "sales + loss_percent"),
        ("line_loss", {"supply": [9, "x"], "sales": 1}, "supply: must be a number or a list"),
        ("line_loss_theoretical", {"power_kw": 1, "resistance_ohm": 1, "hours": 1}, "power_kw + voltage_kv"),
        ("load_factor", {"loads_kw": [1, 2], "peak_kw": 3}, "only one of loads_kw"),
        ("average_price", {"classes": [{"name": "a", "energy_kwh": 1}], "energy_kwh": 1}, "only one of classes"),
        ("power_factor", {"power_factor": "0.9", "active_loss_kwh": 1}, "active_loss_kwh"),
        ("power_factor_missed", {"power_factor": "0.9", "standard": "0.9", "billed_yuan": 1}, "billed_standard"),
        ("basic_charge", {"mode": "actual_demand", "period": "2026-09-01", "price_yuan_per_month": 1,
                          "actual_demand_kw": 1, "opened_on": "2026-10-01"}, "leave no day"),
        ("basic_charge", {"period": "2026-09-01", "price_yuan_per_month": 1, "transformers": [
            {"kva": 1, "installed_on": "2026-09-20", "removed_on": "2026-09-10"}]}, "before installed_on"),
        ("whole_bill", {"active_kwh": 9, "price_yuan_per_kwh": 1, "active_loss_kwh": 1,
                        "bands": [{"name": "peak", "kwh": 9, "price_ratio": 1}]}, "rest_band"),
        ("whole_bill", {"active_kwh": 9, "price_yuan_per_kwh": 1,
                        "allocated": [{"name": "a", "kwh": 10, "price_yuan_per_kwh": 1}]}, "negative"),
        ("whole_bill", {"active_kwh": 9, "price_yuan_per_kwh": 1,
                        "funds": [{"name": "basic", "price_yuan_per_kwh": 1}]}, "taken: basic"),
        ("agency_price", {"purchase": 1, "transmission": 1, "bands": [{"name": "flat", "ratio": 1}]}, "not be flat"),
        ("tariff_bill", {"items": [{"name": "total", "kind": "fixed", "amount": 1}]}, "another name"),
        ("tariff_bill", {"quantities": {"kwh": "x"}, "items": [{"name": "e", "kind": "fixed", "amount": 1}]},
         "quantities.kwh: must be a number or a list"),
    ],
)  # fmt: skip
def test_errors_say_what_is_wrong(name: str, content: dict[str, Any], words: str) -> None:
    with pytest.raises(BadInput) as caught:
        find(name).from_json(decode(json.dumps(content), "test"))
    assert words in caught.value.text.en
    assert caught.value.text.zh != caught.value.text.en


def test_warnings_are_worded_in_both_languages() -> None:
    assert all(set(text) == {"zh", "en"} for text in warning_texts().values())


@pytest.mark.parametrize("text", ["{", "[]", "NaN", '{"kwh": NaN}', "3", '{"kwh": 1, "kwh": 2}'])
def test_bad_json_is_refused(text: str) -> None:
    with pytest.raises(BadInput):
        decode(text, "stdin")


def piped(monkeypatch: pytest.MonkeyPatch, text: str, *arguments: str) -> int:
    monkeypatch.setattr("sys.stdin", io.StringIO(text))
    try:
        main(["calc", *arguments])
    except SystemExit as stop:
        return int(stop.code or 0)
    return 0


def test_the_command(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    text = '{"kwh": 10, "tiers": [{"price_yuan_per_kwh": 0.53}]}'
    assert piped(monkeypatch, text, "tiered_charge", "--json") == 0
    assert json.loads(capsys.readouterr().out)["results"]["total_yuan"]["value"] == "5.30"
    assert piped(monkeypatch, text, "tiered_charge", "--lang", "en") == 0
    assert "charge in total" in capsys.readouterr().out
    assert piped(monkeypatch, '{"kwh": "x"}', "tiered_charge", "--lang", "en") == 2
    assert "tiers: missing" in capsys.readouterr().err
    assert piped(monkeypatch, "", "tired_charge") == 2
    assert "tiered_charge" in capsys.readouterr().err
    assert piped(monkeypatch, "", "--list", "--json") == 0
    listed = json.loads(capsys.readouterr().out)
    assert [item["name"] for item in listed] == NAMES
    assert all(item["schema"]["properties"] and item["example_results"] for item in listed)
    assert piped(monkeypatch, "", "--list") == 0
    for name in NAMES:
        assert piped(monkeypatch, "", name, "--schema") == 0
        capsys.readouterr()
        assert piped(monkeypatch, "", name, "--example") == 0
        example = capsys.readouterr().out
        assert piped(monkeypatch, example, name) == 0
        capsys.readouterr()


def test_the_command_reads_a_file(tmp_path: Any, capsys: pytest.CaptureFixture[str]) -> None:
    given = tmp_path / "given.json"
    given.write_text('{"source_kw": 30}', encoding="utf-8")
    with pytest.raises(SystemExit, match="0"):
        main(["calc", "breach_foreign_source", "--input", str(given)])
    assert "15000.00" in capsys.readouterr().out
    with pytest.raises(SystemExit, match="2"):
        main(["calc", "breach_foreign_source", "--input", str(tmp_path / "absent.json")])


def test_a_month_count_is_said_to_be_one() -> None:
    content = {"tariff": "two_part", "added_kva": 100, "months": 2, "price_yuan_per_month": 30}
    texts = {w.code: w.text.en for w in find("breach_extra_capacity").from_json(content).warnings}
    assert "counts months" in texts["month_or_day"]


def test_the_rest_of_the_bands_reads_as_a_subtraction() -> None:
    bands = [{"name": "peak", "kwh": 60, "price_yuan_per_kwh": 1}, {"name": "flat", "price_yuan_per_kwh": "0.5"}]
    content = {"stolen_kwh": 100, "bands": bands, "funds_yuan_per_kwh": "0.05", "funds_in_penalty_base": False}
    found = find("theft_proven").from_json(content)
    assert next(s.numbers for s in found.steps if s.name == "flat_kwh") == "100 − 60"
    assert [found[name] for name in ("back_fee_yuan", "penalty_yuan", "total_yuan")] == [85, 240, 325]


def test_late_payment_in_parts() -> None:
    """A part payment ends its part of the debt; minimum, cap and the exclusive count are inputs."""

    def total(**content: Any) -> Any:
        bill = {"name": "a", "amount_yuan": 1000, "due_on": "2026-12-21"} | content.pop("bill", {})
        base = {"customer": "other", "paid_on": "2027-01-10", "bills": [bill]}
        return find("late_payment").from_json(base | content)["total_yuan"]

    assert total() == 1000 * 10 * 2 / 1000 + 1000 * 10 * 3 / 1000
    assert total(count_payment_day=False) == 47
    assert total(bill={"payments": [{"paid_on": "2026-12-31", "amount_yuan": 600}]}) == 20 + 12
    assert total(bill={"billed_year": 2025}) == 60
    assert total(customer="residential") == 20
    assert total(cap_share="0.01") == 10
    assert total(minimum_yuan=80) == 80


def test_a_wrong_entry_does_not_make_its_list_short() -> None:
    with pytest.raises(BadInput) as caught:
        find("energy_from_readings").from_json({"registers": [{"previous": 1, "current": 2}]})
    assert "registers.0.name: missing" in caught.value.text.en
    assert "at least one" not in caught.value.text.en


def test_old_suspensions_are_not_halved_unless_the_unit_is_known_to_be_new() -> None:
    """Before 2016-07 half was due on a suspended unit within two years of its installation, and only then."""

    def charge(**unit: Any) -> tuple[Any, set[str]]:
        content = {"period": "2015-06-01", "price_yuan_per_month": 30, "transformers": [
            {"kva": 100, "changes": [{"since": "2015-06-16", "status": "suspended"}]} | unit]}  # fmt: skip
        found = find("basic_charge").from_json(content)
        return found["basic_charge_yuan"], {w.code for w in found.warnings}

    assert charge() == (1500, {"suspended_may_be_new"})
    assert charge(installed_on="2010-01-01") == (1500, set())
    assert charge(installed_on="2015-01-01") == (2250, set())
