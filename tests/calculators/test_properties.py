"""Laws of the calculators: symmetry of refund and claim, additivity, monotony, agreement with the billing engine."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from jicha.billing.power_factor import power_factor as engine_power_factor
from jicha.calculators import Result, find
from jicha.calculators.exact import decimal_text, half_up
from jicha.calculators.periods import DayBasis, charged_months

settings.register_profile("patient", deadline=None)  # a busy machine breaks no law
settings.load_profile("patient")
kwh = st.decimals(0, 10**7, places=2)
price = st.decimals(Decimal("0.01"), 3, places=6)
days = st.dates(date(1999, 1, 1), date(2099, 12, 31))


def run(name: str, content: Any) -> Result:
    return find(name).from_json(content)


@given(kwh, price, price)
def test_a_refund_is_the_claim_of_the_opposite_error(energy: Decimal, billed: Decimal, due: Decimal) -> None:
    def line(a: Decimal, b: Decimal) -> dict[str, Any]:
        return {"lines": [{"name": "x", "billed_quantity": energy, "billed_price": a, "due_price": b}]}

    forth, back = run("bill_refund", line(billed, due)), run("bill_refund", line(due, billed))
    assert forth["back_fee_yuan"] == -back["back_fee_yuan"]


@given(st.integers(1, 4000), st.integers(1, 4000), kwh)
def test_right_energy_does_not_depend_on_what_was_billed(right: int, billed: int, difference: Decimal) -> None:
    found = run(
        "metering_multiplier",
        {"right": {"multiplier": right}, "billed": {"multiplier": billed}, "reading_difference": difference,
         "kwh_places": None},
    )  # fmt: skip
    exact = Fraction(difference) * (right - billed)
    assert found["back_kwh"] == Decimal(decimal_text(exact, 6))


@given(days, st.integers(0, 800), st.integers(1, 800), st.decimals(1, 10**6, places=2))
def test_days_late_split_at_the_turn_of_the_year_add_up(due: date, more: int, before: int, debt: Decimal) -> None:
    """With one rate for all days the split changes nothing, wherever it lies."""
    paid = due + timedelta(days=more + before)
    bill = {"name": "b", "amount_yuan": debt, "due_on": due}
    rates = {"same_year_per_mille": 2, "later_year_per_mille": 2, "minimum_yuan": 0}
    found = run("late_payment", {"customer": "other", "paid_on": paid, "bills": [bill], **rates})
    whole = Fraction(debt) * (more + before) * 2 / 1000
    assert found["b_yuan"] == Decimal(decimal_text(whole, 2))


@given(days, st.integers(1, 400), st.integers(1, 400), st.decimals(10, 10**6, places=2))
def test_a_part_payment_of_nothing_changes_nothing(due: date, first: int, then: int, debt: Decimal) -> None:
    paid_on, part_on = due + timedelta(days=first + then), due + timedelta(days=first)
    plain = {"name": "b", "amount_yuan": debt, "due_on": due}
    tiny = plain | {"payments": [{"paid_on": part_on, "amount_yuan": Decimal("0.000000001")}]}
    one = run("late_payment", {"customer": "other", "paid_on": paid_on, "bills": [plain]})
    two = run("late_payment", {"customer": "other", "paid_on": paid_on, "bills": [tiny]})
    assert abs(one["b_yuan"] - two["b_yuan"]) <= Decimal("0.01")


@given(kwh, kwh, price)
def test_more_stolen_energy_never_costs_less(one: Decimal, other: Decimal, at: Decimal) -> None:
    less, more = sorted((one, other))
    found = [run("theft_proven", {"stolen_kwh": e, "price_yuan_per_kwh": at})["total_yuan"] for e in (less, more)]
    assert found[0] <= found[1]


@given(st.decimals(0, 1000, places=2), st.integers(0, 400), st.integers(0, 400), price)
def test_more_days_of_theft_never_cost_less(kw: Decimal, one: int, other: int, at: Decimal) -> None:
    base = {"capacity_kw": kw, "price_yuan_per_kwh": at}
    found = [run("theft_equipment", base | {"days": d})["total_yuan"] for d in sorted((one, other))]
    assert found[0] <= found[1]


@given(days, st.integers(0, 900), st.integers(0, 900), st.sampled_from(["thirty", "calendar"]))
def test_capacity_months_add_up_where_a_stretch_is_cut(first: date, one: int, other: int, basis: Any) -> None:
    """Cutting at a day is free by calendar days; with 1/30 it is free as long as whole months are not counted whole."""
    cut, last = first + timedelta(days=one), first + timedelta(days=one + 1 + other)
    how: dict[str, Any] = {"basis": basis, "whole_months": False, "started_months": False}
    parts = [charged_months(a, b, **how).value for a, b in ((first, cut), (cut + timedelta(days=1), last))]
    assert sum(parts) == charged_months(first, last, **how).value


@given(st.decimals(-99, 100, places=3), kwh)
def test_out_of_limits_restores_the_true_energy(error: Decimal, true: Decimal) -> None:
    """A meter that is off by ε recorded true × (1 + ε); the whole time refunded gives the true energy back."""
    recorded = Fraction(true) * (1 + Fraction(error) / 100)
    shown = Decimal(decimal_text(recorded, 12))
    found = run("metering_limits", {"error_percent": error, "recorded_kwh": shown, "time_share": 1, "kwh_places": 6})
    assert abs(shown + found["back_kwh"] - true) <= Decimal("0.000002")


@given(kwh, kwh)
@example(Decimal(40000), Decimal(30000))
def test_the_power_factor_is_the_engines(active: Decimal, reactive: Decimal) -> None:
    expected = engine_power_factor(active_kwh=active, reactive_kvarh=reactive)
    if active == 0:
        return  # the engine decides such months by rule, the calculator refuses to divide by nothing
    assert run("power_factor", {"active_kwh": active, "reactive_kvarh": reactive})["power_factor"] == expected


@given(st.lists(st.tuples(kwh, price), min_size=1, max_size=4))
def test_tiers_of_one_price_are_no_tiers(parts: list[tuple[Decimal, Decimal]]) -> None:
    energy, at = parts[0]
    tiers = [{"upper_kwh": 200 * n, "price_yuan_per_kwh": at} for n in range(1, len(parts) + 1)]
    tiers.append({"price_yuan_per_kwh": at})
    found = run("tiered_charge", {"kwh": energy, "tiers": tiers, "rounding": "sum"})
    assert found["total_yuan"] == Decimal(decimal_text(Fraction(energy) * Fraction(at), 2))


@given(st.fractions(), st.integers(0, 9))
def test_half_up_is_within_half_a_unit_and_symmetric(value: Fraction, places: int) -> None:
    found = half_up(value, places)
    assert abs(found - value) <= Fraction(1, 2 * 10**places)
    assert half_up(-value, places) == -found
    assert Fraction(decimal_text(value, places)) == found


@given(
    st.dates(date(2024, 1, 1), date(2027, 12, 31)),
    st.integers(1, 200),
    st.lists(st.integers(1, 199), max_size=5, unique=True),
    st.sampled_from(["thirty", "calendar"]),
    st.booleans(),
    st.booleans(),
)
def test_a_new_price_divides_the_months_and_loses_none(
    first: date, length: int, cuts: list[int], basis: DayBasis, whole: bool, started: bool
) -> None:
    last = first + timedelta(days=length)
    starts = [first, *(first + timedelta(days=n) for n in sorted(cuts) if n <= length)]
    ends = [*(day - timedelta(days=1) for day in starts[1:]), last]
    parts = [
        charged_months(first, last, basis=basis, whole_months=whole, started_months=started, stretch=stretch).value
        for stretch in zip(starts, ends, strict=True)
    ]
    months = charged_months(first, last, basis=basis, whole_months=whole, started_months=started)
    assert sum(parts) == months.value and all(part > 0 for part in parts)


@given(
    st.dates(date(2010, 1, 1), date(2027, 12, 31)), st.lists(st.integers(2, 28), min_size=1, max_size=4, unique=True),
    st.integers(2, 27), st.decimals(1, 60, places=2),
)  # fmt: skip
def test_a_new_price_that_is_the_old_one_changes_the_charge_by_rounding_only(
    month: date, cuts: list[int], stopped: int, each: Decimal
) -> None:
    units = [
        {"kva": 630, "installed_on": "2001-01-01",
         "changes": [{"since": month.replace(day=stopped), "status": "suspended"}]}, {"kva": 315},
    ]  # fmt: skip
    plain = {"period": month, "price_yuan_per_month": each, "transformers": units}
    later = [{"since": month.replace(day=cut), "price_yuan_per_month": each} for cut in sorted(cuts)]
    once, parts = run("basic_charge", plain), run("basic_charge", {**plain, "later_prices": later})
    assert parts["billing_capacity_kva"] == once["billing_capacity_kva"]
    assert abs(parts["basic_charge_yuan"] - once["basic_charge_yuan"]) <= Decimal("0.005") * (len(cuts) + 2)
