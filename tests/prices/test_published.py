"""What the shipped lists contradict themselves in; each check is seen to fail on a list that is changed for it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

from jicha.language import Language
from jicha.prices.canonical import canonical
from jicha.prices.diff import diff_lists
from jicha.prices.model import PriceList, Row, Value
from jicha.prices.published import break_even, supervise_lists
from jicha.prices.shipped import find_list
from jicha.prices.statements import Outcome, Statement, Supervision, kinds

HUBEI = "agency/hubei-2026-01"


def of(found: Supervision, kind: str) -> list[Statement]:
    return [item for item in found.statements if item.kind == kind]


def changed(item: PriceList, row: str, column: str, amount: str) -> PriceList:
    """The list with one value of one row replaced."""

    def edit(entry: Row) -> Row:
        if entry.name != row:
            return entry
        value: Value = replace(entry.values[column], amount=Decimal(amount))
        return replace(entry, values={**entry.values, column: value})

    return replace(item, rows=tuple(edit(entry) for entry in item.rows))


def test_hubei_contradicts_itself_as_known() -> None:
    found = supervise_lists()
    (items,) = of(found, "parts_of_component")
    assert (items.expected, items.found, items.difference) == (
        Decimal("0.077973"), Decimal("0.082273"), Decimal("0.004300"),
    )  # fmt: skip
    single = of(found, "sum_of_parts")
    assert [item.code for item in single] == ["single/below_1kv", "single/10kv", "single/35kv"]
    assert {item.difference for item in single} == {Decimal("-0.000200")}
    ratios = of(found, "band_ratio")
    assert len(ratios) == 7 and {item.band for item in ratios} == {"peak"}
    assert {item.values["solved"] for item in ratios} == {Decimal("1.490"), Decimal("1.495")}
    (fee,) = of(found, "loss_fee_other_period")
    assert (fee.outcome, fee.expected, fee.found) == (Outcome.DOUBTFUL, Decimal("0.018327"), Decimal("0.013643"))


def test_beijings_extra_is_equal_in_all_rows_but_its_purchase_price_is_not_published() -> None:
    found = supervise_lists()
    assert of(found, "extra_price") == [] and found.compared["extra_price"] == 7
    (unknown,) = of(found, "extra_purchase_unknown")
    assert unknown.outcome is Outcome.UNCHECKED
    assert unknown.values == {"extra": Decimal("0.199674"), "purchase": Decimal("0.399348")}
    wrong = changed(find_list("agency/beijing-2024-02"), "two_part/10kv", "flat_extra", "0.871366")
    (statement,) = of(supervise_lists([wrong]), "extra_price")
    assert (statement.code, statement.difference) == ("two_part/10kv", Decimal("0.000001"))


def test_every_statement_is_said_in_both_languages() -> None:
    for item in supervise_lists().statements:
        for language in Language:
            assert item.title(language) and "{" not in item.sentence(language)
    assert all({"zh", "en", "sentence"} <= set(entry) for entry in kinds().values())


def test_a_tip_price_off_its_ratio_and_a_dear_high_voltage_are_found() -> None:
    hubei, hours = find_list(HUBEI), find_list("time_of_use/hubei")
    found = supervise_lists([changed(hubei, "two_part/35kv", "tip", "1.030201"), hours])
    assert [item.difference for item in of(found, "band_ratio") if item.band == "tip"] == [Decimal("0.000002")]
    assert all(item.band == "peak" for item in of(supervise_lists([hubei, hours]), "band_ratio"))
    found = supervise_lists([changed(hubei, "two_part/220kv", "flat", "0.613987")])
    assert [item.code for item in of(found, "voltage_order")] == ["two_part/220kv"]


def test_demand_against_capacity_price() -> None:
    assert break_even(Decimal("26.3"), Decimal("42.0")) == Decimal("62.6")
    sichuan = find_list("transmission/sichuan-2026-08")
    assert of(supervise_lists([sichuan]), "demand_over_capacity") == []
    found = of(supervise_lists([changed(sichuan, "two_part/10kv", "demand", "22")]), "demand_over_capacity")
    assert [(item.outcome, item.found) for item in found] == [(Outcome.DOUBTFUL, Decimal("1.000"))]


def test_lists_that_overlap_or_leave_a_gap() -> None:
    hubei = find_list("transmission/hubei-2026-08")
    earlier = replace(hubei, name="earlier", effective_from=date(2023, 6, 1), effective_to=date(2026, 7, 31))
    assert not of(supervise_lists([hubei, earlier]), "lists_gap")
    short, long = (replace(earlier, effective_to=date(2026, day, 15)) for day in (7, 8))
    assert [item.values["days"] for item in of(supervise_lists([hubei, short]), "lists_gap")] == [16]
    assert [item.values["days"] for item in of(supervise_lists([hubei, long]), "lists_overlap")] == [15]


def test_tiers_whose_months_do_not_make_the_year() -> None:
    beijing = find_list("residential/beijing")
    assert beijing.tiers is not None
    tiers = replace(beijing.tiers, year=(Decimal(2881), Decimal(4800)))
    (found,) = of(supervise_lists([replace(beijing, tiers=tiers)]), "tier_year")
    assert found.difference == 1
    tiers = replace(beijing.tiers, add=(Decimal(0), Decimal("0.30"), Decimal("0.05")))
    assert len(of(supervise_lists([replace(beijing, tiers=tiers)]), "tier_price_order")) == 1


def test_canonical_rows_hold_what_is_known_and_name_what_is_not() -> None:
    hubei = find_list(HUBEI)
    made = canonical(hubei)
    assert [row["tariff_code"] for row in made.tables["tariff"]] == ["HUBEI-S-0.4", "HUBEI-S-10", "HUBEI-S-35"]
    assert all("from memory" in item.reason.en for item in made.refused if "two_part" in item.row)
    made = canonical(hubei, accept_unverified=True)
    two = made.tables["tariff"][3]
    assert (two["demand_price"], two["capacity_price"], two["demand_discount_factor"]) == (
        Decimal("42.0"), Decimal("26.3"), Decimal("0.9"),
    )  # fmt: skip
    assert two["energy_price"] == Decimal("0.651886") and two["surcharge_price"] == Decimal("0.0452")
    beijing = canonical(find_list("agency/beijing-2024-02"), accept_unverified=True)
    assert beijing.tables["tariff"] == []
    assert sum("government_funds not known" in item.reason.en for item in beijing.refused) == 7
    assert "first day is not known" in canonical(find_list("residential/zhejiang")).refused[0].reason.en
    zhejiang = canonical(find_list("residential/zhejiang"), since=date(2024, 1, 1))
    assert [row["upper_kwh"] for row in zhejiang.tables["tariff_tier"]] == [Decimal(2760), Decimal(4800), None]
    assert canonical(find_list("residential/hunan")).tables["tariff"] == []  # limits differ by season


def test_two_lists_side_by_side() -> None:
    found = diff_lists(find_list("transmission/hubei-2026-08"), find_list("transmission/sichuan-2026-08"))
    first = found.changes[0]
    assert (first.code, first.difference, first.percent) == ("single/below_1kv", Decimal("0.0460"), Decimal("21.87"))
    assert diff_lists(find_list(HUBEI), find_list(HUBEI)).changes == ()
