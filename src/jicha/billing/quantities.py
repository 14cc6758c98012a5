"""Sections 2 to 5 for all points of a period: their states, losses, and who needs whose quantity."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

from jicha.billing.allocation import allocate, share_loss
from jicha.billing.derivation import Step, UnableToRecalculate
from jicha.billing.facts import Assumptions, BillRow, Customer, Facts, Point, Transformer
from jicha.billing.interval import (
    CAPACITY_KINDS,
    FILE_KINDS,
    doubtful_order,
    file_segments,
    interval_of,
    price_segments,
)
from jicha.billing.losses import (
    Loss,
    agreed_loss,
    days_in,
    formula_loss,
    line_loss,
    method_of,
    shared_over,
    table_loss,
)
from jicha.billing.measure import MOST_LOST, is_beyond
from jicha.billing.metered import Metered, Register, bands_of, billed_bands, read_point
from jicha.billing.numbers import ZERO, total
from jicha.billing.state import State

_SHARED = frozenset({"formula", "table"})


class Book:
    """The states of the points that take part, by point, with their children."""

    def __init__(self, facts: Facts, assumptions: Assumptions) -> None:
        self.facts = facts
        self.assumptions = assumptions
        self.states: dict[str, State] = {}
        bills = {bill.point_id: bill for bill in reversed(facts.bills) if bill.is_regular}
        for point in sorted(facts.points.values(), key=lambda item: item.point_id):
            customer = facts.customers.get(point.customer_id or "")
            bill = bills.get(point.point_id)
            is_child = point.parent_point_id in facts.points and point.status in {None, "active"}
            if point.purpose == "settlement" and customer is not None and (bill is not None or is_child):
                self.states[point.point_id] = _state(facts, point, customer, bill, assumptions)

    def __iter__(self) -> Iterator[State]:
        return iter(self.states.values())

    def parent(self, state: State) -> State | None:
        """Return the main of a sub-point, when it takes part."""
        return self.states.get(state.point.parent_point_id or "")

    def children(self, state: State) -> list[State]:
        """Return the sub-points of a main, in order of point_id."""
        return [child for child in self.states.values() if child.point.parent_point_id == state.point.point_id]

    def of_customer(self, customer_id: str) -> list[State]:
        """Return a customer's states in order of point_id."""
        return [state for state in self.states.values() if state.customer.customer_id == customer_id]


def is_main(state: State) -> bool:
    """Whether a point stands behind no other."""
    return state.point.parent_point_id is None


def _state(facts: Facts, point: Point, customer: Customer, bill: BillRow | None, assumptions: Assumptions) -> State:
    interval = interval_of(
        period=facts.period,
        months=point.reading_cycle_months or 1,
        reading_day=customer.reading_day,
        opened_on=customer.opened_on,
        closed_on=customer.closed_on,
    )
    settings = facts.settings.row(org=customer.org_id, day=interval.first)
    if interval.days <= 0:
        state = State(point, customer, bill, settings, interval, (), ())
        state.unclear("period_unclear")
        return state
    files = file_segments(point, interval)
    state = State(point, customer, bill, settings, interval, files, price_segments(files, facts.prices))
    state.extra = assumptions.extra_kwh.get(point.point_id, ZERO)
    values = {"first": interval.first, "last": interval.last, "days": interval.days}
    state.steps.append(Step("interval", values))
    if not point.history:
        order = doubtful_order(customer, interval, as_of=facts.as_of, kinds=FILE_KINDS, capacity=False)
        if order is not None:
            state.unclear("change_order")
            state.steps.append(Step("change_order", {"order": order.order_id, "day": order.effective_from}))
    if state.is_metered:
        _read(facts, state, assumptions)
    return state


def _read(facts: Facts, state: State, assumptions: Assumptions) -> None:
    if assumptions.metered_as_billed and state.bill is not None and state.bill.metered_kwh is not None:
        found = Metered({"total": Register(state.bill.metered_kwh)}, None, (), ())
        actual = read_point(
            facts=facts, point_id=state.point.point_id, interval=state.interval, files=state.files,
            places=state.settings.kwh_places, assumptions=assumptions, needs_bands=False,
        )  # fmt: skip
        registers = {**actual.registers, **found.registers}
        state.metered = Metered(registers, actual.demand_kw, (), found.steps)
        state.gross = state.bill.metered_kwh
        if state.is_timed:
            bands = billed_bands(state.bill)
            bands["flat"] += state.gross - total(bands.values())
            state.bands = bands
        return
    state.metered = read_point(
        facts=facts, point_id=state.point.point_id, interval=state.interval, files=state.files,
        places=state.settings.kwh_places, assumptions=assumptions, needs_bands=state.is_timed,
    )  # fmt: skip
    state.steps += state.metered.steps
    for reason in state.metered.reasons:
        state.unclear(reason)
    if "total" in state.metered.registers:
        state.gross = state.metered.quantity("total")
        if state.is_timed and not state.metered.reasons:
            factor = state.files[0].file.multiplier
            state.bands = bands_of(state.metered, factor if factor is not None else _reading_factor(facts, state))
            if state.bands is None:
                state.unclear("bands_exceed_total")


def _reading_factor(facts: Facts, state: State) -> Decimal:
    reading = facts.readings.get((state.point.point_id, "total"))
    return reading.multiplier if reading is not None and reading.multiplier is not None else Decimal(1)


def settle(book: Book) -> None:
    """Find every point's own quantity and loss: allocation and deductions from the mains down, then losses."""
    ordered = _mains_first(book)
    for state in ordered:
        allocate(state, [child for child in book.children(state) if child.files])
    for state in ordered:
        main = book.parent(state)
        if not state.is_metered and (main is None or not main.files):
            state.unclear("allocation_missing")  # its main takes no part in the period
    for name, kwh in book.assumptions.deducted_kwh.items():
        if name in book.states:
            book.states[name].taken = kwh
    for family in _families(book):
        _lose(book.facts, family)
    for state in ordered:
        state.loss_before = state.loss
        share_loss(state, [child for child in book.children(state) if child.files])
    for name, (active, kvarh) in book.assumptions.losses.items():
        if name in book.states:
            lost = book.states[name]
            lost.loss_before += active - lost.loss
            lost.loss = active
            lost.loss_reactive = ZERO if kvarh is None else max(kvarh - lost.reactive, ZERO)
    _pass_on(book)


def _mains_first(book: Book) -> list[State]:
    """Return the states so that each comes after its main; points that are each other's main come in any order."""
    found: list[State] = []
    seen: set[str] = set()

    def visit(state: State) -> None:
        if state.point.point_id in seen:
            return
        seen.add(state.point.point_id)
        main = book.parent(state)
        if main is not None:
            visit(main)
        if state.files:
            found.append(state)

    for state in book.states.values():
        visit(state)
    return found


def transformers_of(state: State) -> tuple[Transformer, ...]:
    """Return the transformers that a point stands behind: the named one, else all of the customer's."""
    named = state.point.transformer_id
    return tuple(t for t in state.customer.transformers if named is None or t.transformer_id == named)


def _families(book: Book) -> list[list[State]]:
    """Return the mains that bear losses together; the agreed ones each alone."""
    found: dict[tuple[object, ...], list[State]] = {}
    for state in book.states.values():
        if not is_main(state) or not state.files:
            continue
        try:
            state.loss_method = method_of(
                loss_method=state.point.loss_method,
                mode=state.files[0].file.mode,
                transformers=transformers_of(state),
                prices=book.facts.prices,
            )
        except UnableToRecalculate as error:
            state.unclear(*error.reasons)
            continue
        if state.loss_method is None:
            found[state.point.point_id,] = [state]  # its line may lose all the same
        elif state.loss_method in _SHARED:
            found.setdefault(("family", state.customer.customer_id, state.point.transformer_id), []).append(state)
        else:
            found[state.point.point_id,] = [state]
    return list(found.values())


def _lose(facts: Facts, family: list[State]) -> None:
    first = family[0]
    method = first.loss_method
    loss = Loss(ZERO, ZERO)
    try:
        if method is not None:
            if any(state.gross is None for state in family):
                return
            loss = _family_loss(facts, family, method)
            if is_beyond(loss.active, MOST_LOST) or is_beyond(loss.reactive, MOST_LOST):
                raise UnableToRecalculate("beyond_measure")
    except UnableToRecalculate as error:
        for state in family:
            state.unclear(*error.reasons)
        return
    weights = [(state.point.point_id, state.gross or ZERO) for state in family]
    active = shared_over(loss.active, weights, first.settings.loss_places)
    reactive = shared_over(loss.reactive, weights, first.settings.loss_places)
    for state in family:
        state.loss = active[state.point.point_id]
        state.loss_reactive = reactive[state.point.point_id]
        state.steps += loss.steps
        if len(family) > 1 and method is not None:
            values = {"whole": loss.active, "energy": state.gross, "of": total(s.gross or ZERO for s in family),
                      "active": state.loss, "kvarh": loss.reactive, "reactive": state.loss_reactive}  # fmt: skip
            state.steps.append(Step("loss_share_of_family", values))
        if state.point.line_loss_pct and state.gross is not None:
            energy = state.gross + state.loss
            extra = line_loss(energy_kwh=energy, pct=state.point.line_loss_pct, settings=state.settings)
            state.loss += extra
            values = {"energy": energy, "pct": state.point.line_loss_pct, "active": extra}
            state.steps.append(Step("loss_line", values))


def _family_loss(facts: Facts, family: list[State], method: str) -> Loss:
    first = family[0]
    active = total(state.gross or ZERO for state in family)
    if method not in _SHARED:
        return agreed_loss(
            method=method, value=first.point.loss_value, active_kwh=active, interval=first.interval,
            settings=first.settings,
        )  # fmt: skip
    transformers = transformers_of(first)
    if not transformers:
        raise UnableToRecalculate("transformer_data")
    if not any(t.history for t in first.customer.transformers):
        order = doubtful_order(first.customer, first.interval, as_of=facts.as_of, kinds=CAPACITY_KINDS, capacity=True)
        if order is not None:
            raise UnableToRecalculate("change_order")
    with_days = [(t, days_in(t, first.interval)) for t in transformers]
    if method == "table":
        return table_loss(
            active_kwh=active, transformers=with_days, prices=facts.prices, settings=first.settings
        )  # fmt: skip
    reactive = total(state.reactive for state in family) if any(state.has_reactive for state in family) else None
    return formula_loss(
        active_kwh=active, reactive_kvarh=reactive, transformers=with_days, settings=first.settings
    )  # fmt: skip


def _pass_on(book: Book) -> None:
    """Hand the reasons of a quantity on to the points whose quantity hangs on it, until nothing changes."""
    needs: dict[str, set[str]] = {name: set() for name in book.states}
    families: dict[tuple[object, ...], list[str]] = {}
    for state in book.states.values():
        name = state.point.point_id
        if is_main(state) and state.loss_method in _SHARED:
            families.setdefault((state.customer.customer_id, state.point.transformer_id), []).append(name)
        main = book.parent(state)
        if main is None:
            continue
        needs[main.point.point_id].add(name)
        allocated = bool(state.files) and not state.is_metered
        shares = main.customer.customer_id == state.customer.customer_id and main.loss_before != 0
        if allocated or shares:
            needs[name].add(main.point.point_id)
    for members in families.values():
        for name in members:
            needs[name] |= set(members) - {name}
    share_reasons(book.states, needs, lasting=True)


def share_reasons(states: Mapping[str, State], needs: Mapping[str, set[str]], *, lasting: bool) -> None:
    """Give each point the quantity reasons of those that it needs; lasting: they become its own to hand on."""
    changed = True
    while changed:
        changed = False
        for name, sources in needs.items():
            found: set[str] = set()
            for source in sources:
                found |= states[source].quantity_reasons
            known = states[name].quantity_reasons if lasting else states[name].reasons
            if not found <= known:
                states[name].reasons |= found
                if lasting:
                    states[name].quantity_reasons |= found
                    changed = True


def with_bill(states: Sequence[State]) -> list[State]:
    """Return those that have a regular bill: only they form groups."""
    return [state for state in states if state.bill is not None]
