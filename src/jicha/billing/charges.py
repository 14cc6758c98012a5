"""Sections 8 and 9 for a customer: who forms a group, who carries its charge, and what each bill bears."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

from jicha.billing.basic import (
    DEMAND_MODES,
    MODES,
    BasicCharge,
    Day,
    basic_charge,
    billed_demand,
    days_between,
    fixed_capacity,
    kva_on,
)
from jicha.billing.derivation import Line, Step, UnableToRecalculate
from jicha.billing.facts import Assumptions, Edition
from jicha.billing.interval import CAPACITY_KINDS, doubtful_order
from jicha.billing.metered import Register, split
from jicha.billing.numbers import ZERO, over, r, rq, shares_by_days, total
from jicha.billing.power_factor import adjustment_pct, adjustment_yuan, power_factor
from jicha.billing.quantities import Book, is_main, share_reasons, transformers_of, with_bill
from jicha.billing.state import State
from jicha.billing.telling import kvarh_steps


def _modes(state: State) -> set[str]:
    """Return the kinds of basic charge that a main's days bear: capacity, demand."""
    found = set()
    for segment in state.prices:
        mode = state.files[segment.file_number].file.basic_charge_mode
        if mode in MODES and segment.edition is not None and segment.edition.parts == 2:
            found.add("demand" if mode in DEMAND_MODES else "capacity")
    return found


def charge_basics(book: Book, customer_id: str) -> None:
    """Find the basic charge of every bill of a customer; candidates that do not carry their group's charge bear 0."""
    mains = [state for state in with_bill(book.of_customer(customer_id)) if is_main(state) and state.files]
    kinds = {state.point.point_id: _modes(state) for state in mains}
    candidates = [state for state in mains if kinds[state.point.point_id]]
    for state in candidates:
        state.basic = ZERO
    for kind in ("capacity", "demand"):
        groups: dict[str | None, list[State]] = {}
        for state in candidates:
            if kind in kinds[state.point.point_id]:
                key = state.point.transformer_id if kind == "capacity" else state.point.demand_group
                groups.setdefault(key, []).append(state)
        for key, members in groups.items():
            _charge_group(book, kind, key, members, groups)


def _carrier(members: Sequence[State]) -> State:
    charged = [state for state in members if state.bill is not None and (state.bill.basic_yuan or ZERO) != 0]
    return charged[0] if len(charged) == 1 else members[0]


def _charge_group(
    book: Book, kind: str, key: str | None, members: list[State], groups: dict[str | None, list[State]]
) -> None:  # fmt: skip
    carrier = _carrier(members)
    exempt = carrier.settings.ev_basic_exempt_until
    if carrier.customer.usage_class == "ev_charging" and exempt is not None and carrier.interval.first <= exempt:
        carrier.steps.append(Step("basic_exempt", {"until": exempt}))
        return
    try:
        if kind == "capacity":
            days = _capacity_days(book, carrier, key, groups)
            discount = False
        else:
            days = _demand_days(carrier, members)
            discount = _is_discounted(book, carrier, members)
        if not days:
            return
        charge = basic_charge(
            days=days, interval=carrier.interval, settings=carrier.settings, discount=discount,
            assumptions=book.assumptions,
        )  # fmt: skip
    except UnableToRecalculate as error:
        carrier.reasons |= error.reasons
        return
    _carry(carrier, _as_assumed(charge, book.assumptions, carrier.point.point_id))


def _as_assumed(charge: BasicCharge, assumptions: Assumptions, point_id: str) -> BasicCharge:
    """Return a charge at the size or price that an explanation assumes, its lines in the proportions of before."""
    size, price = assumptions.basic_sizes.get(point_id), assumptions.basic_prices.get(point_id)
    own = total(line.quantity for line in charge.lines)
    if (size is None and price is None) or not own:
        return charge
    lines = []
    for line in charge.lines:
        quantity = line.quantity if size is None else rq(over(line.quantity * size, own), 6)
        per = line.price if price is None else price
        amount = rq(quantity * per, assumptions.line_places)
        lines.append(replace(line, quantity=quantity, price=per, amount_yuan=amount))
    return replace(charge, amount_yuan=total(line.amount_yuan for line in lines), lines=tuple(lines))


def _carry(carrier: State, charge: BasicCharge) -> None:
    carrier.basic = (carrier.basic or ZERO) + charge.amount_yuan
    carrier.basic_lines += charge.lines
    carrier.steps += charge.steps
    if charge.billed_capacity_kva is not None:
        carrier.billed_capacity_kva = charge.billed_capacity_kva
    if charge.billed_demand_kw is not None:
        carrier.billed_demand_kw = charge.billed_demand_kw


def _priced_days(carrier: State, modes: frozenset[str]) -> list[tuple[date, str, Edition]]:
    found = []
    for segment in carrier.prices:
        mode = carrier.files[segment.file_number].file.basic_charge_mode
        if mode in modes and segment.edition is not None and segment.edition.parts == 2:
            found += [(day, mode, segment.edition) for day in days_between(segment.first, segment.last)]
    return found


def _capacity_days(
    book: Book, carrier: State, key: str | None, groups: dict[str | None, list[State]]
) -> list[Day]:  # fmt: skip
    customer = carrier.customer
    days = _priced_days(carrier, frozenset({"capacity"}))
    if not days:
        return []
    if not any(t.history for t in customer.transformers):
        order = doubtful_order(
            customer, carrier.interval, as_of=book.facts.as_of, kinds=CAPACITY_KINDS, capacity=True
        )  # fmt: skip
        if order is not None:
            carrier.steps.append(Step("change_order", {"order": order.order_id, "day": order.effective_from}))
            raise UnableToRecalculate("change_order")
    if not customer.transformers:
        size = fixed_capacity(customer)
        return [Day(day, mode, size, edition) for day, mode, edition in days]
    if key is None:
        members = tuple(t for t in customer.transformers if t.transformer_id not in groups)
    else:
        members = transformers_of(carrier)
        if not members:
            raise UnableToRecalculate("capacity_missing")
    bearer = groups.get(None) or min(groups.values(), key=lambda states: states[0].point.point_id)
    motors = (customer.direct_motor_kva or ZERO) if carrier in bearer else ZERO
    if motors:
        carrier.steps.append(Step("direct_motors", {"size": motors}))
    return [
        Day(day, mode, kva_on(day, transformers=members, settings=carrier.settings) + motors, edition)
        for day, mode, edition in days
    ]


def _demand_days(carrier: State, members: Sequence[State]) -> list[Day]:
    days = _priced_days(carrier, DEMAND_MODES)
    if not days:
        return []
    demands = [state.metered.demand_kw for state in members if state.metered is not None]
    known = [demand for demand in demands if demand is not None]
    if not known:
        raise UnableToRecalculate("demand_missing")
    actual = total(known)
    found, told = [], set()
    for day, mode, edition in days:
        contract: Decimal | None = None
        for state in members:
            file = next((f.file for f in state.files if f.first <= day <= f.last), state.files[0].file)
            if file.contract_demand_kw is not None:
                contract = (contract or ZERO) + file.contract_demand_kw
        size = billed_demand(mode=mode, actual_kw=actual, contract_kw=contract, settings=carrier.settings)
        if (mode, contract) not in told:
            told.add((mode, contract))
            values: dict[str, object] = {
                "actual": actual,
                "contract": "–" if contract is None else contract,
                "billed": size,
                "ratio": carrier.settings.demand_over_ratio,
                "multiple": carrier.settings.demand_over_multiple,
            }
            name = "demand_contract" if mode == "contract_demand" else "demand_actual"
            if contract is not None:
                allowed = contract * carrier.settings.demand_over_ratio
                values |= {"allowed": allowed, "excess": max(actual - allowed, ZERO)}
                if mode == "contract_demand" and actual > allowed:
                    name = "demand_over"
                    values["base"] = contract if carrier.settings.demand_over_base == "contract" else allowed
                    values["start"] = allowed if carrier.settings.demand_over_start == "allowed" else contract
            carrier.steps.append(Step(name, values))
        found.append(Day(day, mode, size, edition))
    return found


def _is_discounted(book: Book, carrier: State, members: Sequence[State]) -> bool:
    limits = {
        segment.edition.demand_discount_kwh_per_kva
        for segment in carrier.prices
        if segment.edition is not None and segment.edition.demand_discount_factor is not None
    } - {None}
    needs = {state.point.point_id for state in members} - {carrier.point.point_id}
    if not limits or book.assumptions.demand_discount is not None:
        share_reasons(book.states, {carrier.point.point_id: needs}, lasting=False)
        return bool(limits) and bool(book.assumptions.demand_discount)
    every = with_bill(book.of_customer(carrier.customer.customer_id))
    share_reasons(book.states, {carrier.point.point_id: {s.point.point_id for s in every}}, lasting=False)
    capacity = carrier.customer.contract_capacity_kva
    if not capacity:
        raise UnableToRecalculate("capacity_missing")
    energy = total(state.billed for state in every)
    use = rq(over(energy, capacity), 6)
    limit = max(value for value in limits if value is not None)
    carrier.steps.append(
        Step("use_per_kva", {"energy": energy, "capacity": capacity, "use": rq(use, 2), "limit": limit})
    )
    return use >= limit


def _pf_group(book: Book, main: State, day: date) -> list[State]:
    """Return the mains assessed together with one on a day."""

    def standard(state: State) -> Decimal | None:
        file = next((f.file for f in state.files if f.first <= day <= f.last), state.files[0].file)
        return file.pf_standard

    return [
        state
        for state in with_bill(book.of_customer(main.customer.customer_id))
        if is_main(state)
        and state.files
        and state.point.pf_group == main.point.pf_group
        and (state is main or standard(state) is not None)
    ]


def adjust_power_factor(
    book: Book, state: State
) -> tuple[Decimal, Decimal | None, tuple[Line, ...]] | None:  # fmt: skip
    """Return a bill's adjustment in yuan, the last factor, and its lines; None: no standard.

    UnableToRecalculate: no reactive register, or no row of the table.
    """
    if all(segment.file.pf_standard is None for segment in state.files):
        return None
    main = book.parent(state) or state
    amount, factor, lines = ZERO, None, []
    basics = shares_by_days(state.basic or ZERO, [segment.days for segment in state.files])
    for number, segment in enumerate(state.files):
        standard = segment.file.pf_standard
        if standard is None:
            factor = None
            continue
        group = _pf_group(book, main, segment.first)
        names = {member.point.point_id for member in group} - {state.point.point_id}
        share_reasons(book.states, {state.point.point_id: names}, lasting=False)
        if not any(member.has_reactive for member in group):
            raise UnableToRecalculate("reactive_missing")
        active, reactive, told = _through(group, segment.first)
        factor = power_factor(active_kwh=active, reactive_kvarh=reactive)
        if factor is None:
            state.steps.append(Step("pf_nothing", {"standard": r(standard, 2)}))
            continue
        pct, document = adjustment_pct(standard=standard, factor=factor, prices=book.facts.prices)
        lined = [
            line
            for part, of_part in zip(state.prices, state.energy, strict=True)
            if part.file_number == number
            for line in of_part
        ]
        energy, outside = total(line.amount_yuan for line in lined), total(line.outside_yuan for line in lined)
        base = energy - outside + basics[number]
        yuan = adjustment_yuan(base_yuan=base, pct=pct)
        values = {"active": active, "reactive": reactive, "factor": factor,
                  "standard": r(standard, 2), "pct": pct, "base": rq(base, 2)}  # fmt: skip
        state.steps += [*told, Step("power_factor", values)]
        state.steps += [
            Step("pf_outside", {"quantity": line.quantity, "price": line.outside_price, "yuan": line.outside_yuan})
            for line in lined
            if line.outside_yuan
        ]
        told_base = {"base": rq(base, 2), "energy": energy, "outside": outside, "basic": basics[number]}
        state.steps.append(Step("pf_base", told_base))
        lines.append(
            Line(
                kind="pf", band="all", since=segment.first, until=segment.last, quantity=rq(base, 2), unit="yuan",
                price=pct, amount_yuan=yuan, source=document,
            )
        )  # fmt: skip
        amount += yuan
    return amount, factor, tuple(lines)


def _through(group: Sequence[State], day: date) -> tuple[Decimal, Decimal, list[Step]]:
    """Return active and reactive energy with losses through a group, in the first member's file segment of a day.

    The steps tell what was metered and what was lost.
    """
    files = group[0].files
    number = next((n for n, f in enumerate(files) if f.first <= day <= f.last), 0)
    cuts = [(f.first, f.last) for f in files]
    days = [f.days for f in files]
    active = reactive = lost = lost_kvarh = ZERO
    steps = []
    for state in group:
        whole = state.metered.registers.get("total") if state.metered else None
        whole = whole or Register(state.gross or ZERO)
        active += split(whole, cuts)[number]
        lost += shares_by_days(state.loss_before, days)[number]
        reactive += total(split(register, cuts)[number] for register in state.reactive_registers)
        lost_kvarh += shares_by_days(state.loss_reactive, days)[number]
        steps += kvarh_steps(state, cuts, number)
    values = {"metered": active, "loss": lost, "active": active + lost, "kvarh": reactive, "loss_kvarh": lost_kvarh,
              "reactive": reactive + lost_kvarh}  # fmt: skip
    points = "、".join(state.point.point_id for state in group)
    steps.append(Step("pf_energy_of", {**values, "points": points}) if len(group) > 1 else Step("pf_energy", values))
    return active + lost, reactive + lost_kvarh, steps
