"""Laws of bills: splitting changes no total beyond rounding, more never costs less, parts make the whole."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from jicha.billing.basic import Day, basic_charge, days_between
from jicha.billing.derivation import RecomputedBill
from jicha.billing.facts import (
    BANDS,
    Assumptions,
    BillRow,
    Customer,
    Edition,
    Facts,
    Point,
    PointFile,
    PriceBook,
    Reading,
    Tier,
    Transformer,
)
from jicha.billing.interval import interval_of
from jicha.billing.losses import shared_over
from jicha.billing.metered import spread
from jicha.billing.numbers import r, shares_by_days
from jicha.billing.recompute import recompute
from jicha.billing.tiers import limits, tier_shares
from jicha.catalog.billing import read_settings

D = Decimal
BOOK = read_settings(None, {})
PERIOD = date(2026, 3, 1)
CENT = D("0.01")
kwh = st.decimals(0, 1_000_000, places=2)
price = st.decimals(D("0.1"), D("2"), places=6)


def facts(
    *, energy: Decimal, bands: dict[str, Decimal] | None = None, edition: Edition | None = None,
    history: tuple[PointFile, ...] = (), tiers: tuple[Tier, ...] = (), file: PointFile | None = None,
    transformers: tuple[Transformer, ...] = (), reactive: Decimal | None = None,
) -> Facts:  # fmt: skip
    """One customer, one point, one month."""
    file = file or PointFile(tariff_code="T", is_time_of_use=bands is not None, multiplier=D(1))
    edition = edition or Edition(tariff_code="T", effective_from=date(2020, 1, 1), energy_price=D("0.6"))
    registers = {"total": energy, **(bands or {})} | ({} if reactive is None else {"reactive": reactive})
    return Facts(
        period=PERIOD,
        as_of=date(2026, 10, 15),
        customers={"C": Customer(customer_id="C", usage_class="residential", transformers=transformers)},
        points={"P": Point(point_id="P", customer_id="C", today=file, history=history)},
        bills=(BillRow(bill_id="B", customer_id="C", point_id="P", period=PERIOD, tier_used_before_kwh=D(0)),),
        readings={
            ("P", name): Reading(register=name, previous_index=D(0), current_index=value)
            for name, value in registers.items()
        },
        prices=PriceBook({"T": (edition,)}, tiers={"T": ((date(2020, 1, 1), tiers),)} if tiers else {}),
        settings=BOOK,
    )


def bill(given_facts: Facts) -> RecomputedBill:
    (made,) = recompute(given_facts)
    assert not made.reasons, made.reason
    return made


def total(made: RecomputedBill) -> Decimal:
    assert made.total_yuan is not None
    return made.total_yuan


@given(kwh, st.lists(st.integers(2, 31), min_size=1, max_size=3, unique=True), price, price, st.data())
@settings(max_examples=60, deadline=None)
def test_splitting_at_days_without_change_changes_only_the_rounding_of_lines(
    energy: Decimal, cuts: list[int], flat: Decimal, peak: Decimal, data: st.DataObject
) -> None:
    high = r(energy * data.draw(st.decimals(0, 1, places=2)), 2)
    edition = Edition(
        tariff_code="T", effective_from=date(2020, 1, 1), energy_price=flat, peak_price=peak, surcharge_price=D("0.03")
    )
    one = facts(energy=energy, bands={"peak": high}, edition=edition)
    # the same prices under another edition from each of the days: nothing changed but the name
    starts = [edition.effective_from, *(PERIOD.replace(day=day) for day in sorted(cuts))]
    editions = tuple(replace(edition, effective_from=day) for day in starts)
    split = replace(one, prices=PriceBook({"T": editions}))
    lines = len(bill(split).lines)
    assert abs(total(bill(split)) - total(bill(one))) <= CENT * max(lines, 1)
    assert bill(split).billed_kwh == bill(one).billed_kwh
    assert sum((line.quantity for line in bill(split).lines), D(0)) == energy


@given(kwh, st.decimals(0, 10_000, places=2), st.booleans())
@settings(max_examples=60, deadline=None)
def test_more_energy_never_costs_less(energy: Decimal, more: Decimal, tiered: bool) -> None:
    tiers = (
        Tier(tier=1, upper_kwh=D(2760), cycle="year", price_add=D(0)),
        Tier(tier=2, upper_kwh=D(4800), cycle="year", price_add=D("0.05")),
        Tier(tier=3, upper_kwh=None, cycle="year", price_add=D("0.3")),
    )
    given_tiers = tiers if tiered else ()
    less = total(bill(facts(energy=energy, tiers=given_tiers)))
    assert total(bill(facts(energy=energy + more, tiers=given_tiers))) >= less


def test_the_power_factor_is_a_named_exception() -> None:
    """More active energy at the same reactive energy raises the factor, and the bill may fall."""
    file = PointFile(tariff_code="T", multiplier=D(1), pf_standard=D("0.90"))
    low = bill(facts(energy=D(1000), reactive=D(1186), file=file))
    high = bill(facts(energy=D(1003), reactive=D(1186), file=file))
    assert total(high) < total(low)


@given(st.decimals(0, 1_000_000, places=2), st.lists(st.integers(1, 31), min_size=1, max_size=6))
def test_parts_by_days_make_the_whole(quantity: Decimal, days: list[int]) -> None:
    parts = shares_by_days(quantity, days)
    assert sum(parts, D(0)) == quantity
    assert all(abs(part) <= abs(quantity) for part in parts)


@given(st.decimals(0, 100_000, places=2), st.lists(kwh, min_size=5, max_size=5))
def test_losses_in_bands_make_the_loss(loss: Decimal, amounts: list[Decimal]) -> None:
    parts = spread(loss, dict(zip(BANDS, amounts, strict=True)))
    assert sum(parts.values(), D(0)) == loss
    assert all(part >= 0 for part in parts.values())


@given(st.integers(0, 10_000), st.lists(kwh, min_size=1, max_size=5))
def test_losses_of_a_family_make_the_loss(loss: int, amounts: list[Decimal]) -> None:
    shares = shared_over(D(loss), [(str(n), amount) for n, amount in enumerate(amounts)], 0)
    assert sum(shares.values(), D(0)) == loss


@given(st.decimals(0, 10_000, places=2), st.decimals(0, 10_000, places=2))
def test_tiers_hold_the_whole_bill(used: Decimal, energy: Decimal) -> None:
    tiers = [
        Tier(tier=n, upper_kwh=u, cycle="year", price_add=D(0)) for n, u in ((1, D(2760)), (2, D(4800)), (3, None))
    ]
    customer = Customer(customer_id="C")
    uppers = limits(tiers=tiers, customer=customer, period=PERIOD, months=1, settings=BOOK.row(org=None, day=PERIOD))
    shares = tier_shares(tiers=tiers, uppers=uppers, used_kwh=used, billed_kwh=energy)
    assert sum((share.kwh for share in shares), D(0)) == energy


@given(st.lists(st.tuples(st.integers(1, 90), st.booleans()), min_size=1, max_size=4), st.integers(100, 5000))
@settings(max_examples=50, deadline=None)
def test_main_and_sub_points_conserve_energy_and_bands(children: list[tuple[int, bool]], energy: int) -> None:
    bands = {"peak": D(energy) * D("0.4"), "valley": D(energy) * D("0.3")}
    base = facts(energy=D(energy), bands=bands)
    points = dict(base.points)
    for number, (pct, timed) in enumerate(children):
        name = f"Q{number}"
        file = PointFile(
            tariff_code="T", is_time_of_use=timed, allocation="ratio", allocation_value=D(pct) / len(children)
        )
        points[name] = Point(point_id=name, customer_id="C", parent_point_id="P", today=file)
    edition = Edition(
        tariff_code="T", effective_from=date(2020, 1, 1), energy_price=D("0.6"), peak_price=D(1), valley_price=D("0.3")
    )
    bills = tuple(BillRow(bill_id=f"B{name}", customer_id="C", point_id=name, period=PERIOD) for name in points)
    made = recompute(replace(base, points=points, bills=bills, prices=PriceBook({"T": (edition,)})))
    assert not any(item.reasons for item in made)
    assert sum((item.metered_kwh or D(0) for item in made), D(0)) == energy
    main = made[0]
    assert sum((getattr(main, f"{band}_kwh") for band in BANDS), D(0)) == main.metered_kwh
    assert all(getattr(main, f"{band}_kwh") >= 0 for band in BANDS)


@given(st.lists(st.integers(1, 31), min_size=0, max_size=4), st.integers(100, 3000))
def test_basic_charge_by_days_lies_between_the_smallest_and_the_greatest(changes: list[int], size: int) -> None:
    edition = Edition(tariff_code="T", effective_from=date(2020, 1, 1), capacity_price=D("26.3"))
    interval = interval_of(period=PERIOD, months=1, reading_day=None, opened_on=None, closed_on=None)
    days = [
        Day(day, "capacity", D(size + 100 * sum(day.day >= change for change in changes)), edition)
        for day in days_between(interval.first, interval.last)
    ]
    made = basic_charge(
        days=days, interval=interval, settings=BOOK.row(org=None, day=PERIOD), discount=False,
        assumptions=Assumptions(),
    )  # fmt: skip
    sizes = [day.size for day in days]
    assert min(sizes) * D("26.3") - CENT <= made.amount_yuan <= max(sizes) * D("26.3") + CENT


def test_a_point_of_500_gwh_overflows_nothing() -> None:
    assert total(bill(facts(energy=D("500000000.00")))) == D("300000000.00")


def test_the_days_of_an_interval_follow_each_other() -> None:
    for reading_day in (None, 1, 2, 15, 28):
        ends: list[date] = []
        for month in range(1, 13):
            found = interval_of(
                period=date(2026, month, 1), months=1, reading_day=reading_day, opened_on=None, closed_on=None
            )
            if ends:
                assert found.first == ends[-1] + timedelta(days=1)
            ends.append(found.last)
