"""Whoever keys a printed explanation into a pocket calculator arrives at the same cents: lines, steps, totals."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

import pytest

from jicha.billing.derivation import COMPONENTS, RecomputedBill
from jicha.billing.energy import Part, energy_lines, market_mode
from jicha.billing.facts import Assumptions, Customer, Edition, Facts, Transformer
from jicha.billing.gather import Gatherer, in_batches
from jicha.billing.losses import formula_loss
from jicha.billing.recompute import recompute
from jicha.billing.words import line_view, step_text
from jicha.catalog.billing import read_settings
from jicha.catalog.schema import schema
from jicha.engine.session import Session
from jicha.language import Language
from tests.billing.compare import ParquetTables
from tests.billing.random_bills import AS_OF, P0, PERIODS, random_city
from tests.billing.random_prices import prices, settings
from tests.billing.sums import equations, rounded_like

_SEEDS = range(300)
_TOLD = {
    "flat_rest", "own", "split_days", "split_loss", "split_readings", "billed", "loss_plate", "loss_formula",
    "loss_reactive", "loss_table", "loss_share_of_main", "loss_kept", "pf_energy",
    "power_factor", "pf_outside", "pf_base", "capacity_days", "demand_days", "demand_contract", "demand_over",
    "tier_limit", "ratio", "agreed_quantity", "index", "index_rolled", "segment", "segments", "use_per_kva",
    "split_reactive",
    "demand_discount",
}  # fmt: skip
_NOTES = {"price_market", "price_extra"}


@pytest.fixture(scope="module")
def bills(tmp_path_factory: pytest.TempPathFactory) -> list[RecomputedBill]:
    folder = tmp_path_factory.mktemp("sums")
    tables, _ = random_city(_SEEDS)
    book = settings(folder)
    source = ParquetTables(schema(), {**prices(), **tables}, folder)
    with Session(source, as_of=AS_OF, p0=P0, billing=book, memory="2GB") as session:
        gatherer = Gatherer(session, book)
        names = sorted({str(row["customer_id"]) for row in tables["customer"]})
        every: Iterator[Facts] = (f for some in in_batches(names, 500) for f in gatherer.gather(some, PERIODS))
        found = {bill.bill_id: bill for facts in every for bill in recompute(facts)}
    return [bill for bill in found.values() if not bill.reasons]


def test_every_step_with_an_equation_adds_up(bills: list[RecomputedBill]) -> None:
    wrong, told = [], Counter[str]()
    for bill in bills:
        for step in [*bill.steps, *(line.note for line in bill.lines if line.note)]:
            for value, printed, clause in equations(step_text(step, Language.ZH)):
                told[step.name] += 1
                if rounded_like(value, printed) != Decimal(printed):
                    wrong.append(f"{bill.bill_id} {step.name}: {clause} → {value}")
    assert "\n".join(wrong[:10]) == ""
    assert {name for name in _TOLD | _NOTES if told[name] < 3} == set(), "each kind of step has equations in the bills"


def test_steps_that_are_seldom_add_up_as_well() -> None:
    """No reactive register; a price rounded to 0.01 fen; a component at 1.5 times."""
    book = read_settings(None, {})
    plain = book.row(org=None, day=PERIODS[0])
    transformer = Transformer(
        transformer_id="T1", capacity_kva=Decimal(315), no_load_loss_kw=Decimal("0.67"), load_loss_kw=Decimal("3.65"),
        no_load_current_pct=Decimal("1.1"), impedance_pct=Decimal(4),
    )  # fmt: skip
    loss = formula_loss(
        active_kwh=Decimal("40321.07"), reactive_kvarh=None, transformers=[(transformer, 30)], settings=plain
    )
    edition = Edition(
        tariff_code="T", effective_from=PERIODS[0], energy_price=Decimal("0.651886"), peak_price=Decimal("0.848961"),
        components={("purchase", "all"): (Decimal("0.384471"), None)},
    )  # fmt: skip
    buyer = Customer(customer_id="C", market_mode="agency_1_5")
    part = Part(PERIODS[0], PERIODS[0], edition, is_time_of_use=True, bands={"peak": Decimal("100.01")})
    told = list(loss.steps)
    for changed in ({"tou_price_places": 4}, {"energy_line_basis": "component"}):
        settings_of = replace(plain, **changed)
        for customer in (buyer, replace(buyer, market_mode="agency")):
            lines = energy_lines(part=part, customer=customer, settings=settings_of, assumptions=Assumptions())
            told += [line.note for line in lines if line.note is not None]
    names = {step.name for step in told}
    assert {"loss_formula_assumed", "price_rounded", "price_extra", "purchase_extra"} <= names
    for step in told:
        for value, printed, clause in equations(step_text(step, Language.ZH)):
            assert rounded_like(value, printed) == Decimal(printed), clause


def test_both_languages_print_the_same_numbers(bills: list[RecomputedBill]) -> None:
    number = re.compile(r"\d+(?:\.\d+)?")
    for bill in bills:
        for step in [*bill.steps, *(line.note for line in bill.lines if line.note)]:
            texts = [step_text(step, language) for language in (Language.ZH, Language.EN)]
            zh, en = (sorted(number.findall(text)) for text in texts)
            assert zh == en, texts


def test_quantity_times_price_is_the_amount_as_printed(bills: list[RecomputedBill]) -> None:
    for bill in bills:
        for line in bill.lines:
            shown = line_view(line, Language.ZH, is_catalogue=False)
            quantity, price = Decimal(shown.quantity.replace(",", "")), shown.price
            product = quantity * (Decimal(price[:-1]) / 100 if price.endswith("%") else Decimal(price))
            assert rounded_like(product, f"{shown.amount:.2f}") == shown.amount, (bill.bill_id, shown)
            assert shown.source, shown
            assert shown.clause, shown


def test_lines_sum_to_the_components_and_the_total(bills: list[RecomputedBill]) -> None:
    for bill in bills:
        for name in COMPONENTS:
            of_kind = sum((line.amount_yuan for line in bill.lines if line.kind == name), Decimal(0))
            assert of_kind == (getattr(bill, f"{name}_yuan") or 0), (bill.bill_id, name)
        assert sum((line.amount_yuan for line in bill.lines), Decimal(0)) == bill.total_yuan


def test_every_cut_within_a_bill_says_what_changed(bills: list[RecomputedBill]) -> None:
    """Where the price of energy has two sources or spans, a step names the file's change or the price's edition."""
    cut = told = 0
    for bill in bills:
        begins = {line.since for line in bill.lines if line.kind == "energy"}
        later = begins - {min(begins, default=None)}
        named = {step.values["day"] for step in bill.steps if step.name in {"file_change", "edition_change"}}
        cut += len(later)
        told += len(later & named)
    assert cut > 50
    assert told == cut


def test_a_change_of_the_file_is_told_in_the_words_of_the_schema(bills: list[RecomputedBill]) -> None:
    steps = [step for bill in bills for step in bill.steps if step.name == "file_change"]
    facts = {step.values["fact"] for step in steps}
    assert {"tariff_code", "is_time_of_use"} <= facts
    for step in steps:
        assert step.values["before"] != step.values["after"]
        for language in Language:
            text = step_text(step, language)
            assert "None" not in text or step.values["fact"] == "basic_charge_mode"
            assert "True" not in text
            assert str(step.values["fact"]) not in text


def test_a_tariff_of_its_class_names_its_own_clause() -> None:
    """A school's price behind a factory's meter is the catalogue's; a shop's in a house is not."""
    plain = read_settings(None, {}).row(org=None, day=PERIODS[0])
    for usage_class, customer_class, is_catalogue in [
        ("residential", "large_industrial", True),
        ("general_industrial_commercial", "residential", False),
        (None, "residential", True),
        (None, "large_industrial", False),
    ]:
        edition = Edition(
            tariff_code="T", effective_from=PERIODS[0], energy_price=Decimal("0.5"), usage_class=usage_class
        )
        part = Part(PERIODS[0], PERIODS[0], edition, False, {"flat": Decimal(60)})
        customer = Customer(customer_id="C", usage_class=customer_class)
        (line,) = energy_lines(part=part, customer=customer, settings=plain, assumptions=Assumptions())
        shown = line_view(line, Language.ZH, is_catalogue=market_mode(customer) == "catalogue")
        assert (shown.clause == "本省目录销售电价") is is_catalogue
