"""The whole bill: sections 1, 6, 7, 10 and 11 around the others."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from decimal import Decimal
from typing import Any

from jicha.billing.charges import adjust_power_factor, charge_basics
from jicha.billing.derivation import Line, RecomputedBill, Step, UnableToRecalculate
from jicha.billing.energy import Part, energy_lines, price_of
from jicha.billing.facts import BANDS, Assumptions, BillRow, Facts
from jicha.billing.measure import customers_beyond, without
from jicha.billing.metered import Register, split, spread
from jicha.billing.numbers import ZERO, r, shares_by_days, total
from jicha.billing.quantities import Book, settle
from jicha.billing.state import State, in_order, sum_bands, whole_of
from jicha.billing.telling import billed_steps, change_steps, own_steps, split_steps
from jicha.billing.tiers import tier_lines

_DIFFERENCES = ("energy", "tier", "basic", "pf", "total")


def recompute(facts: Facts, assumptions: Assumptions | None = None) -> tuple[RecomputedBill, ...]:
    """Recompute all bills of a period that the facts hold, in their order.

    A bill that cannot be judged comes back with its reasons and without amounts. assumptions: what an explanation
    alters to find a cause; by default the contract holds.
    """
    beyond = customers_beyond(facts)
    book = Book(without(facts, beyond), assumptions or Assumptions())
    settle(book)
    for state in book:
        if state.files:
            _price_energy(book, state)
    for customer_id in book.facts.customers:
        charge_basics(book, customer_id)
    regular = Counter(bill.point_id for bill in facts.bills if bill.is_regular)
    return tuple(_bill(facts, book, bill, regular, beyond) for bill in facts.bills)


def _bill(
    facts: Facts, book: Book, bill: BillRow, regular: Mapping[str, int], beyond: Collection[str]
) -> RecomputedBill:  # fmt: skip
    reasons = set()
    if not bill.is_regular:
        return _unjudged(bill, {"not_regular"})
    if regular[bill.point_id] > 1:
        reasons.add("several_bills")
    point = facts.points.get(bill.point_id)
    if point is None or point.purpose != "settlement":
        reasons.add("point_unknown")
    if bill.customer_id not in facts.customers:
        reasons.add("customer_unknown")
    if point is not None and point.customer_id in beyond:
        reasons.add("beyond_measure")
    state = book.states.get(bill.point_id)
    if state is None or (reasons - {"several_bills"}):
        return _unjudged(bill, reasons or {"customer_unknown"}, state)
    values: dict[str, Any] = {}
    if state.files:
        values = _amounts(book, state, bill)
    reasons |= state.reasons
    if reasons:
        return _unjudged(bill, reasons, state)
    return RecomputedBill(
        bill_id=bill.bill_id,
        customer_id=bill.customer_id,
        point_id=bill.point_id,
        period=bill.period,
        days=state.interval.days,
        tariff_code=state.files[0].file.tariff_code,
        steps=tuple(state.steps),
        **values,
    )


def _unjudged(bill: BillRow, reasons: set[str], state: State | None = None) -> RecomputedBill:
    return RecomputedBill(
        bill_id=bill.bill_id,
        customer_id=bill.customer_id,
        point_id=bill.point_id,
        period=bill.period,
        reasons=in_order(reasons),
        days=state.interval.days if state is not None and state.files else None,
        tariff_code=state.files[0].file.tariff_code if state is not None and state.files else None,
        steps=tuple(state.steps) if state is not None else (),
    )


def _price_energy(book: Book, state: State) -> None:
    """Split a point's own energy over its price segments and price it; what is not known becomes a reason."""
    for segment in state.prices:
        if segment.missing is not None:
            state.reasons.add(segment.missing)
    if state.gross is None or state.quantity_reasons:
        return
    parts = _parts(state)
    state.own_bands = [part for part, _ in parts]
    adjusted = _priced_adjustment(book, state)
    state.steps += billed_steps(state, adjusted)
    extra = shares_by_days(state.extra, [segment.days for segment in state.prices])
    for number, (segment, (bands, timed)) in enumerate(zip(state.prices, parts, strict=True)):
        if segment.edition is None:
            continue
        quantities = dict(bands)
        if number == len(parts) - 1 and adjusted:
            quantities["flat"] = quantities.get("flat", ZERO) + adjusted
            state.own_bands[number] = quantities
        if extra[number]:
            quantities["flat"] = quantities.get("flat", ZERO) + extra[number]
            state.own_bands[number] = quantities
        part = Part(segment.first, segment.last, segment.edition, timed, quantities)
        try:
            lines = energy_lines(
                part=part, customer=state.customer, settings=state.settings, assumptions=book.assumptions
            )  # fmt: skip
        except UnableToRecalculate as error:
            state.reasons |= error.reasons
            continue
        state.energy.append(lines)


def _priced_adjustment(book: Book, state: State) -> Decimal:
    if state.bill is None:
        return ZERO
    wanted = book.assumptions.price_adjusted_kwh
    if wanted is None:
        wanted = (state.bill.adjusted_yuan or ZERO) == 0
    return state.adjusted if wanted else ZERO


def _parts(state: State) -> list[tuple[dict[str, Decimal], bool]]:
    """Return metered and lost energy of each price segment by band (all under flat where there is no time of use)."""
    cuts = [(segment.first, segment.last) for segment in state.prices]
    days = [segment.days for segment in state.prices]
    registers = state.metered.registers if state.metered is not None else {}
    wholes = split(registers.get("total", Register(state.gross or ZERO)), cuts, deducted=state.taken)
    losses = shares_by_days(state.loss, days)
    metered_bands: dict[str, list[Decimal]] = {}
    loss_bands: dict[str, list[Decimal]] = {}
    if state.bands is not None:
        own = {band: state.bands[band] - state.taken_bands.get(band, ZERO) for band in BANDS}
        flat_only = state.settings.loss_band == "flat"
        lost = {b: state.loss if b == "flat" else ZERO for b in BANDS} if flat_only else spread(state.loss, own)
        for band in BANDS:
            register = registers.get(band)
            if band == "flat":
                continue
            if register is None or register.quantity != state.bands[band]:
                register = Register(state.bands[band])
            metered_bands[band] = split(register, cuts, deducted=state.taken_bands.get(band, ZERO))
            loss_bands[band] = shares_by_days(lost[band], days)
    state.steps += own_steps(state, None if state.bands is None else lost)
    register = registers.get("total", Register(state.gross or ZERO))
    found = []
    for number, segment in enumerate(state.prices):
        timed = bool(state.files[segment.file_number].file.is_time_of_use) and state.bands is not None
        if timed:
            bands = {band: metered_bands[band][number] + loss_bands[band][number] for band in metered_bands}
            bands["flat"] = wholes[number] + losses[number] - whole_of(bands)
        else:
            bands = {"flat": wholes[number] + losses[number]}
        state.steps += change_steps(state, number)
        state.steps += split_steps(state, register, cuts, number, bands if timed else None)
        found.append((bands, timed))
    return found


def _amounts(book: Book, state: State, bill: BillRow) -> dict[str, Any]:
    lines: list[Line] = [line for lined in state.energy for line in lined]
    energy = r(total(line.amount_yuan for line in lines), 2)
    tier = _tier(book, state, bill, lines)
    lines += state.basic_lines
    basic = None if state.basic is None else r(state.basic, 2)
    factor: Decimal | None = None
    pf: Decimal | None = None
    if not state.quantity_reasons and len(state.energy) == len(state.prices):
        try:
            adjusted = adjust_power_factor(book, state)
        except UnableToRecalculate as error:
            state.reasons |= error.reasons
            adjusted = None
        if adjusted is not None:
            pf, factor, pf_lines = adjusted
            lines += pf_lines
    if book.assumptions.basic_left_out and basic is not None:
        basic = ZERO
    lines += _taken_over(bill, state)
    _free_allowance(state)
    own = {
        "energy": energy,
        "tier": tier,
        "basic": basic,
        "pf": pf,
        "total": total(
            value or ZERO for value in (energy, tier, basic, pf, bill.adjusted_yuan, bill.other_yuan)
        ),
    }  # fmt: skip
    bands: dict[str, Decimal | None] = dict.fromkeys(BANDS)
    if state.is_timed:
        timed = [
            part
            for part, segment in zip(state.own_bands, state.prices, strict=False)
            if state.files[segment.file_number].file.is_time_of_use
        ]
        bands |= {band: sum_bands(timed).get(band, ZERO) for band in BANDS}
    return {
        "metered_kwh": state.own,
        "loss_kwh": state.loss,
        "adjusted_kwh": bill.adjusted_kwh,
        "billed_kwh": state.billed,
        **{f"{band}_kwh": bands[band] for band in BANDS},
        "reactive_kvarh": state.reactive + state.loss_reactive if state.has_reactive else None,
        "billed_demand_kw": state.billed_demand_kw,
        "billed_capacity_kva": state.billed_capacity_kva,
        "power_factor": factor,
        "pf_standard": state.files[-1].file.pf_standard,
        **{f"{name}_yuan": value for name, value in own.items()},
        "adjusted_yuan": bill.adjusted_yuan,
        "other_yuan": bill.other_yuan,
        **{f"{name}_diff_yuan": (getattr(bill, f"{name}_yuan") or ZERO) - (own[name] or ZERO) for name in _DIFFERENCES},
        "lines": tuple(lines),
    }


def _tier(book: Book, state: State, bill: BillRow, lines: list[Line]) -> Decimal | None:
    """Price the tiers and add their lines; None: no tiers, or they cannot be judged."""
    code = state.files[0].file.tariff_code
    if code is None or state.quantity_reasons:
        return None
    try:
        found = tier_lines(
            facts=book.facts, customer=state.customer, point_id=bill.point_id, tariff_code=code,
            interval=state.interval, billed_kwh=state.billed, delivered_used=bill.tier_used_before_kwh,
            settings=state.settings, assumptions=book.assumptions,
        )  # fmt: skip
    except UnableToRecalculate as error:
        state.reasons |= error.reasons
        return None
    if found is None:
        return None
    lines += found[0]
    state.steps += found[1]
    return r(total(line.amount_yuan for line in found[0]), 2)


def _taken_over(bill: BillRow, state: State) -> list[Line]:
    found = []
    for kind, amount in (("adjusted", bill.adjusted_yuan), ("other", bill.other_yuan)):
        if amount:
            found.append(
                Line(
                    kind=kind, band="all", since=state.interval.first, until=state.interval.last, quantity=amount,
                    unit="yuan", price=Decimal(1), amount_yuan=amount, source="bill",
                )
            )  # fmt: skip
    return found


def _free_allowance(state: State) -> None:
    """Say what the free allowance should be: part of other charges, not recomputed (section 10)."""
    free = state.customer.free_kwh_per_month
    edition = state.prices[-1].edition if state.prices else None
    if not free or edition is None:
        return
    try:
        price = price_of(
            edition=edition, band="flat", is_time_of_use=False, customer=state.customer, settings=state.settings
        )  # fmt: skip
    except UnableToRecalculate:
        return
    kwh = min(free * state.interval.months, max(state.billed, ZERO))
    state.steps.append(Step("free_allowance", {"kwh": kwh, "price": price, "yuan": -r(kwh * price, 2)}))
