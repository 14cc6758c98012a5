"""Every number of a calculator has the limits of its meaning, and what breaks them is refused by name."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from jicha.calculators import calculators, find
from jicha.calculators.registry import decode
from jicha.errors import BadInput

NAMES = list(calculators())
SIGNED_ITEMS = {"amount", "rate", "of", "blocks", "rows", "rounding", "block_rounding", "total_rounding"}
"""Of a tariff given as data: names or numbers, where a credit or discount is negative (their labels say so)."""


def parts(schema: dict[str, Any]) -> list[dict[str, Any]]:
    return [schema, *schema.get("$defs", {}).values()]


def numeric(item: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the numbers in a field: itself, its alternatives, the entries of its lists."""
    for one in [item, *item.get("anyOf", ())]:
        if one.get("type") in {"number", "integer"} and "enum" not in one:
            yield one
        if one.get("type") == "array" and isinstance(one.get("items"), dict):
            yield from numeric(one["items"])


def has_floor(item: dict[str, Any], one: dict[str, Any]) -> bool:
    """Whether a number cannot fall to what is only the size that exact arithmetic bears."""
    lowest = [part[key] for part in (item, one) for key in ("minimum", "exclusiveMinimum") if key in part]
    return any(limit > -(10**15) for limit in lowest)


@pytest.mark.parametrize("name", NAMES)
def test_every_number_has_a_lower_limit_that_the_schema_tells(name: str) -> None:
    open_below = [
        field
        for part in parts(find(name).schema())
        for field, item in part.get("properties", {}).items()
        if field not in SIGNED_ITEMS and "negative" not in item and not all(has_floor(item, n) for n in numeric(item))
    ]
    assert not open_below


@pytest.mark.parametrize("name", NAMES)
def test_what_a_negative_number_means_is_said_only_where_one_is_taken(name: str) -> None:
    for part in parts(find(name).schema()):
        for field, item in part.get("properties", {}).items():
            if "negative" in item:
                floors = [item[key] for key in ("minimum", "exclusiveMinimum") if key in item]
                assert all(floor < 0 for floor in floors), field
                assert item["negative"]["zh"] and item["negative"]["en"]


def put(content: Any, place: list[Any], value: Any) -> Any:
    """Return an input with one field of it replaced."""
    if not place:
        return value
    head, *rest = place
    if isinstance(content, list):
        return [put(one, rest, value) if at == head else one for at, one in enumerate(content)]
    return {**content, head: put(content.get(head, {}), rest, value)}


REFUSED: list[tuple[str, list[Any], Any]] = [
    ("bill_refund", ["lines", 0, "billed_quantity"], -3200),
    ("bill_refund", ["lines", 0, "billed_price"], "-0.5"),
    ("bill_refund", ["lines", 0, "due_quantity"], -1),
    ("bill_refund", ["lines", 0, "due_price"], "-0.558"),
    ("metering_multiplier", ["billed_kwh"], -10),
    ("metering_multiplier", ["reading_difference"], -10),
    ("metering_limits", ["recorded_kwh"], -12000),
    ("metering_limits", ["reading_difference"], -12),
    ("metering_limits", ["transformer_error_percent"], -100),
    ("metering_limits", ["limit_percent"], 101),
    ("metering_correction", ["correction"], {"kind": "power", "right_power": -1, "wrong_power": 1}),
    ("metering_normal_month", ["days"], 40_000),
    ("metering_voltage_drop", ["permitted_percent"], 100),
    ("energy_from_readings", ["registers", 0, "difference"], -5),
    ("tou_charge", ["total_kwh"], -40000),
    ("tou_charge", ["single_price_yuan_per_kwh"], -1),
    ("power_factor_missed", ["billed_yuan"], -1),
    ("transformer_economic_loss", ["impedance_percent"], 101),
    ("transformer_billing_loss", ["no_load_current_percent"], -1),
    ("theft_equipment", ["days"], 36_601),
    ("theft_equipment", ["tampering_times"], -1),
    ("breach_extra_capacity", ["months"], 1_201),
    ("meter_timing", ["limit_percent"], 101),
    ("whole_bill", ["bands", 0, "kwh"], -1),
    ("late_payment", ["bills", 0, "amount_yuan"], -1),
    ("tiered_charge", ["extra_persons"], -1),
]


@pytest.mark.parametrize(("name", "place", "value"), REFUSED, ids=[f"{n}-{p[-1]}" for n, p, _ in REFUSED])
def test_a_value_beyond_its_meaning_is_refused_by_name(name: str, place: list[Any], value: Any) -> None:
    found = find(name)
    content = put(json.loads(json.dumps(found.example)), place, value)
    with pytest.raises(BadInput) as caught:
        found.from_json(decode(json.dumps(content), "test"))
    field = "right_power" if place == ["correction"] else str(place[-1])
    for text, sign in ((caught.value.text.zh, "应"), (caught.value.text.en, "must be")):
        line = next(line for line in text.splitlines() if f".{field}" in line or f" {field}" in line)
        assert sign in line and ("；" in line or ";" in line), "what was expected, and what to do"


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("line_loss", {"supply": [100, -50], "sales": 40}, "supply: every number must be ≥ 0"),
        ("line_loss", {"generation": [100, "-0.5"], "sales": 40}, "one is -0.5"),
        ("error_rates", {"wrong_yuan": [100, -100], "receivable_yuan": 1000}, "wrong_yuan: every number must be ≥ 0"),
        ("load_factor", {"loads_kw": [1, -2]}, "loads_kw.1: must be ≥ 0"),
        ("metering_normal_month", {"normal_months_kwh": [100, -2], "months": 1}, "normal_months_kwh.1: must be ≥ 0"),
        ("tariff_bill", {"quantities": {"kw": -5}, "items": [{"name": "e", "kind": "fixed", "amount": 1}]},
         "quantities.kw: every number must be ≥ 0, one is -5; write quantities as positive"),
        ("tariff_bill", {"quantities": {"kw": [1, -5]}, "items": [{"name": "e", "kind": "fixed", "amount": 1}]},
         "one is -5"),
        ("metering_correction", {"recorded_kwh": -9, "correction": {"kind": "phases", "lost_phases": 1}},
         "is (−9) (ran backwards), but with this error the meter runs forwards"),
        ("metering_correction", {"recorded_kwh": 9, "correction": {"kind": "phases", "reversed_phases": 2}},
         "runs backwards, so recorded_kwh / reading_difference must be negative, is 9"),
        ("theft_correction", {"recorded_kwh": 9, "price_yuan_per_kwh": 1,
                              "correction": {"kind": "phases", "reversed_phases": 2}}, "must be negative"),
        ("theft_correction", {"recorded_kwh": 9, "price_yuan_per_kwh": 1,
                              "correction": {"kind": "rate", "rate_percent": -20}}, "nothing was stolen"),
        ("metering_correction", {"recorded_kwh": 9, "correction": {
            "kind": "ct", "nominal": 1, "actual": [1, 1], "load_shares": [2, -1]}}, "load_shares.1: must be ≥ 0"),
        ("power_factor_missed", {"active_kwh": 9, "reactive_kvarh": 3, "missed_kvarh": -4, "standard": "0.9",
                                 "billed_yuan": 9}, "missed_kvarh is (−4)"),
        ("breach_class_change", {"billed_price_yuan_per_kwh": "0.8", "loads": [
            {"name": "a", "kwh": 9, "due_price_yuan_per_kwh": "0.5"}]}, "below the price billed, 0.8: no dearer use"),
        ("breach_class_change", {"billed_price_yuan_per_kwh": "0.5", "loads": [
            {"name": "a", "kwh": 9, "kwh_per_month": 9, "due_price_yuan_per_kwh": "0.8"}]}, "only one of loads.kwh"),
        ("theft_equipment", {"price_yuan_per_kwh": 1, "devices": [{"capacity_kw": 2, "current_a": 5}]},
         "only one of devices.capacity_kw"),
        ("theft_equipment", {"price_yuan_per_kwh": 1, "devices": [{"current_a": 5}]}, "devices.voltage_v"),
        ("theft_equipment", {"price_yuan_per_kwh": 1, "devices": [{"capacity_kw": 2, "days": 5}]},
         "devices.0.days: days does not belong at this place"),
        ("metering_correction", {"recorded_kwh": 9, "correction": {"kind": "stages", "stages": [
            {"days": 3, "correction": {"kind": "phases"}},
            {"recorded_kwh": 3, "correction": {"kind": "phases", "lost_phases": 1}}]}}, "give days for every one"),
        ("metering_correction", {"recorded_kwh": 9, "correction": {"kind": "stages", "stages": [
            {"recorded_kwh": 3, "correction": {"kind": "phases"}},
            {"recorded_kwh": 3, "correction": {"kind": "phases", "lost_phases": 1}}]}}, "only one of recorded_kwh"),
        ("metering_correction", {"correction": {"kind": "stages", "stages": [
            {"recorded_kwh": 3, "correction": {"kind": "phases"}},
            {"recorded_kwh": 3, "correction": {"kind": "phases", "lost_phases": 3}}]}}, "recorded in stage 2, 3"),
        ("late_payment", {"customer": "other", "paid_on": "2024-04-01", "bills": [
            {"name": "a", "amount_yuan": 9, "due_on": "2024-03-01", "billed_year": 2025}]}, "after the year of due_on"),
        ("basic_charge", {"period": "2026-04-01", "price_yuan_per_month": 26, "transformers": [{"kva": 9}],
                          "later_prices": [{"since": "2026-04-01", "price_yuan_per_month": 25}]},
         "later_prices.0.since 2026-04-01 must be after 2026-04-01 and by 2026-04-30"),
        ("basic_charge", {"period": "2026-04-01", "price_yuan_per_month": 26, "transformers": [{"kva": 9}],
                          "later_prices": [{"since": "2026-04-20", "price_yuan_per_month": 25},
                                           {"since": "2026-04-10", "price_yuan_per_month": 24}]},
         "later_prices.1.since 2026-04-10 must be after 2026-04-20"),
        ("breach_extra_capacity", {"tariff": "two_part", "added_kva": 9, "months": 2, "price_yuan_per_month": 26,
                                   "later_prices": [{"since": "2026-04-10", "price_yuan_per_month": 25}]},
         "start_on + end_on (for later_prices)"),
        ("basic_charge", {"period": "2026-04-01", "price_yuan_per_month": 26, "transformers": [
            {"kva": 500, "installed_on": "2026-06-01"}]}, "no transformer is in place"),
        ("basic_charge", {"period": "2026-04-01", "price_yuan_per_month": 42, "mode": "actual_demand",
                          "actual_demand_kw": 9, "demand_reading": 1}, "only one of actual_demand_kw"),
        ("basic_charge", {"period": "2026-04-01", "price_yuan_per_month": 42, "mode": "actual_demand",
                          "actual_demand_kw": 9, "ct": "100/5"}, "demand_reading (for ct / pt)"),
        ("energy_from_readings", {"registers": [{"name": "a", "previous": 123456, "current": 9, "digits": 5}]},
         "does not fit a register of 5 digits"),
        ("energy_from_readings", {"registers": [{"name": "a", "difference": 9},
                                                {"name": "b", "difference": 10, "subtract": True}]},
         "recorded more than the others"),
        ("collection_rate", {"receivable": 9, "received": 5, "receivable_previous": 10, "received_previous": 1},
         "receivable_previous (10) is a part of receivable (9)"),
        ("line_loss", {"supply": 100, "sales": 90, "lossless_sales": 91}, "a part of the sales"),
        ("reactive_compensation", {"active_kw": 9, "power_factor": "0.95", "target_power_factor": "0.9"},
         "the two are exchanged"),
        ("power_factor", {"active_kwh": 0, "reactive_kvarh": 0, "standard": "0.9", "energy_yuan": 9},
         "there is no power factor"),
        ("transformer_billing_loss", {"active_kwh": 9, "rating_kva": 100, "days": 30}, "no_load_kw + load_loss_kw"),
        ("transformer_billing_loss", {"active_kwh": 9, "rating_kva": 101, "days": 30, "model": "S11"},
         "no S11 of 101 kVA"),
    ],
)  # fmt: skip
def test_what_contradicts_itself_is_refused(name: str, content: dict[str, Any], words: str) -> None:
    with pytest.raises(BadInput) as caught:
        find(name).from_json(decode(json.dumps(content), "test"))
    assert words in caught.value.text.en
    assert caught.value.text.zh != caught.value.text.en


@pytest.mark.parametrize(
    ("name", "content", "value", "expected"),
    [
        ("metering_correction", {"recorded_kwh": -300, "correction": {"kind": "phases", "reversed_phases": 2}},
         "right_kwh", 900),
        ("metering_correction", {"recorded_kwh": 100, "correction": {"kind": "rate", "rate_percent": -20}},
         "back_kwh", -20),
        ("power_factor", {"power_factor": 1, "standard": "0.9", "energy_yuan": -1000}, "pf_yuan", 7.5),
        ("power_factor_missed", {"active_kwh": 90, "reactive_kvarh": 60, "missed_kvarh": -50, "standard": "0.9",
                                 "billed_yuan": 1035}, "back_fee_yuan", -42.5),
        ("agency_price", {"average_purchase": "0.388090", "deviation": "-0.003620", "transmission": 0},
         "purchase", 0.38447),
        ("revenue_growth", {"energy_before_kwh": 100, "price_before": 1, "energy_after_kwh": 100, "price_after": 1,
                            "growth_percent": -10}, "gain_yuan", 10),
    ],
)  # fmt: skip
def test_where_a_negative_number_means_something_it_is_taken(
    name: str, content: dict[str, Any], value: str, expected: float
) -> None:
    result = find(name).from_json(decode(json.dumps(content), "test"))
    assert value in result.values, list(result.values)
    assert float(result[value]) == expected


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("late_payment", {"customer": "other", "paid_on": "2024-03-01", "bills": [
            {"name": "a", "amount_yuan": 9, "due_on": "2024-03-01"}]}, "not_late"),
        ("energy_from_readings", {"registers": [{"name": "a", "previous": 100, "current": 90, "digits": 5}]},
         "rolled_over_far"),
        ("atc_loss", {"input_energy": 9, "billed_energy": 10, "collection_percent": 90}, "negative_loss"),
        ("transformer_billing_loss", {"active_kwh": 90000, "reactive_kvarh": 0, "rating_kva": 100, "hours": 720,
                                      "model": "S9"}, "beyond_rating"),
        ("transformer_billing_loss", {"active_kwh": 9, "reactive_kvarh": 0, "rating_kva": 100, "hours": 720,
                                      "model": "S11"}, "no_reactive_loss"),
        ("transformer_billing_loss", {"active_kwh": 9, "rating_kva": 100, "hours": 720, "model": "S11",
                                      "no_load_kw": "0.2"}, "shipped_nameplate"),
        ("metering_correction", {"recorded_kwh": 9, "correction": {"kind": "stages", "stages": [
            {"days": 3, "correction": {"kind": "phases"}},
            {"days": 3, "correction": {"kind": "phases", "lost_phases": 3}}]}}, "stages_same_load"),
    ],
)  # fmt: skip
def test_what_is_doubtful_is_said(name: str, content: dict[str, Any], code: str) -> None:
    result = find(name).from_json(decode(json.dumps(content), "test"))
    assert code in [warning.code for warning in result.warnings]
    plain = find(name).from_json(find(name).example)
    assert code not in [warning.code for warning in plain.warnings]
