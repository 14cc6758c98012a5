"""Assumptions under which a billed amount might have come about: each alters the facts of a period in one point."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from jicha.billing.derivation import RecomputedBill
from jicha.billing.facts import RUNNING, Assumptions, BillRow, Customer, Facts, Point, PointFile, PriceBook
from jicha.billing.numbers import ZERO, over, r
from jicha.catalog.billing import DatedValue, SettingsBook, power_factor_table

_SIZE_STEP = Decimal("0.005")
_PRICE_PLACES = 2  # of a price per kVA or kW; with more any amount would have one

Situation = tuple[Facts, Assumptions]


@dataclass(frozen=True)
class Alteration:
    """One altered assumption: its name (a sentence of explain.yaml), the numbers in it, and what it does."""

    name: str
    values: Mapping[str, object]
    apply: Callable[[Situation], Situation]


def _with_files(facts: Facts, point_id: str, change: Callable[[PointFile], PointFile]) -> Facts:
    point = facts.points[point_id]
    altered = replace(point, today=change(point.today), history=tuple(change(item) for item in point.history))
    return replace(facts, points={**facts.points, point_id: altered})


def _with_point(facts: Facts, point_id: str, **changes: object) -> Facts:
    return replace(facts, points={**facts.points, point_id: replace(facts.points[point_id], **changes)})  # type: ignore[arg-type]


def _with_customer(facts: Facts, customer_id: str, change: Callable[[Customer], Customer]) -> Facts:
    return replace(facts, customers={**facts.customers, customer_id: change(facts.customers[customer_id])})


def _with_setting(facts: Facts, name: str, value: object) -> Facts:
    overrides = {org: dict(entry) for org, entry in facts.settings.overrides.items()}
    for org in [*overrides, None]:
        overrides.setdefault(org, {}).pop(name, None)
    overrides[None][name] = (DatedValue(date.min, None, value, "", False),)
    return replace(facts, settings=SettingsBook(overrides, facts.settings.parents))


def _files(name: str, values: Mapping[str, object], point_id: str, **changes: object) -> Alteration:
    def change(file: PointFile) -> PointFile:
        return replace(file, **changes)  # type: ignore[arg-type]

    return Alteration(name, values, lambda s: (_with_files(s[0], point_id, change), s[1]))


def _assumed(name: str, values: Mapping[str, object] | None = None, **changes: object) -> Alteration:
    return Alteration(name, values or {}, lambda s: (s[0], replace(s[1], **changes)))  # type: ignore[arg-type]


def alterations(facts: Facts, bill: BillRow, made: RecomputedBill) -> Iterator[Alteration]:
    """Yield what might explain a bill, the likelier first. made: the bill as it should be."""
    point = facts.points[bill.point_id]
    yield from _prices(facts, point, bill)
    yield from _quantities(facts, point, bill)
    yield from _shared_losses(point, made)
    yield from _basics(facts, point, bill)
    yield from _factors(point, bill)
    yield from _tiers(facts, point, bill)
    yield from _as_billed(point, bill)
    if bill.metered_kwh is not None:  # late: it takes the bill's bands too, so it would hide finer causes
        yield _assumed("metered", {"kwh": bill.metered_kwh}, metered_as_billed=True)
    if made.billed_kwh is not None:
        billed = bill.billed_kwh or ZERO
        extra = {point.point_id: billed - made.billed_kwh}
        told = {"billed": billed, "kwh": made.billed_kwh}
        yield _assumed("billed_kwh", told, extra_kwh=extra)  # the difference off peak, or over the bands as losses are
        lost = (made.loss_kwh or ZERO) + extra[point.point_id]
        yield _assumed("billed_kwh", told, losses={point.point_id: (lost, made.reactive_kvarh)})
    yield _assumed("line_rounding", line_places=6)
    if bill.adjusted_kwh:
        yield _assumed("adjustment_priced", price_adjusted_kwh=True)
        yield _assumed("adjustment_unpriced", price_adjusted_kwh=False)
    yield from _other_codes(facts, point)


def _prices(facts: Facts, point: Point, bill: BillRow) -> Iterator[Alteration]:
    codes = {file.tariff_code for file in (point.today, *point.history)} - {None}
    if bill.tariff_code is not None and bill.tariff_code not in codes:
        yield _files("tariff_code", {"code": bill.tariff_code}, point.point_id, tariff_code=bill.tariff_code)
    for code in sorted(code for code in codes if code is not None):
        editions = facts.prices.editions.get(code, ())
        near = sorted(editions, key=lambda e: abs((e.effective_from - facts.period).days))[:6]
        for edition in near:
            always = replace(edition, effective_from=min(e.effective_from for e in editions), effective_to=None)

            def with_edition(s: Situation, code: str = code, always: object = always) -> Situation:
                prices: PriceBook = replace(s[0].prices, editions={**s[0].prices.editions, code: (always,)})  # type: ignore[dict-item]
                return replace(s[0], prices=prices), s[1]

            yield Alteration("edition", {"since": edition.effective_from}, with_edition)


def _other_codes(facts: Facts, point: Point) -> Iterator[Alteration]:
    codes = {file.tariff_code for file in (point.today, *point.history)}
    for other in sorted(set(facts.prices.editions) - codes):
        yield _files("tariff_code", {"code": other}, point.point_id, tariff_code=other)


def _quantities(facts: Facts, point: Point, bill: BillRow) -> Iterator[Alteration]:
    yield _assumed("multiplier", reading_multiplier=True)
    name = point.point_id
    yield Alteration(
        "pf_no_losses", {}, lambda s: (_with_point(s[0], name, loss_method="none", line_loss_pct=None), s[1])
    )
    if any(other.parent_point_id == name for other in facts.points.values()):

        def alone(s: Situation) -> Situation:
            points = {
                key: replace(value, parent_point_id=None) if value.parent_point_id == name else value
                for key, value in s[0].points.items()
            }
            return replace(s[0], points=points), s[1]

        yield Alteration("no_children", {}, alone)
        if bill.metered_kwh is not None and bill.billed_kwh is not None:
            own = bill.billed_kwh - (bill.loss_kwh or ZERO) - (bill.adjusted_kwh or ZERO)
            taken = bill.metered_kwh - own
            yield _assumed("deducted", {"kwh": taken}, deducted_kwh={name: taken})
    if any(file.is_time_of_use for file in (point.today, *point.history)):
        yield _files("single_rate", {}, name, is_time_of_use=False)
        for value in ("share", "flat"):
            yield _setting("loss_band", "loss_band", value)


def _shared_losses(point: Point, made: RecomputedBill) -> Iterator[Alteration]:
    """Yield that a main and its sub-points did not share the main's losses."""
    for step in made.steps:
        if step.name == "loss_kept":
            kwh = Decimal(str(step.values["whole"]))
            lost = {point.point_id: (kwh, made.reactive_kvarh)}
            yield _assumed("loss_not_shared", {"kwh": step.values["shared"]}, losses=lost)
        if step.name == "loss_share_of_main":
            lost = {point.point_id: (ZERO, made.reactive_kvarh)}
            yield _assumed("loss_not_taken", {"kwh": step.values["active"]}, losses=lost)


def _as_billed(point: Point, bill: BillRow) -> Iterator[Alteration]:
    """Yield what the bill itself says: its losses, capacity or demand, and what a unit of it cost."""
    name = point.point_id
    yield _assumed(
        "loss_billed", {"kwh": bill.loss_kwh or ZERO}, losses={name: (bill.loss_kwh or ZERO, bill.reactive_kvarh)}
    )
    size = bill.billed_capacity_kva if bill.billed_capacity_kva is not None else bill.billed_demand_kw
    if not size or not bill.basic_yuan:
        return
    unit = "kVA" if bill.billed_capacity_kva is not None else "kW"
    yield _assumed("basic_size", {"size": size, "unit": unit}, basic_sizes={name: size})
    price = r(over(bill.basic_yuan, size), _PRICE_PLACES)
    if abs(size * price - bill.basic_yuan) <= price * _SIZE_STEP:  # sizes on bills are rounded; recomputing decides
        yield _assumed("basic_price", {"price": price, "unit": unit}, basic_prices={name: price})


def _setting(cause: str, name: str, value: object) -> Alteration:
    return Alteration(cause, {"value": value}, lambda s: (_with_setting(s[0], name, value), s[1]))


def _basics(facts: Facts, point: Point, bill: BillRow) -> Iterator[Alteration]:
    customer = facts.customers[bill.customer_id]
    owner = customer.customer_id
    if all(file.basic_charge_mode in {None, "none"} for file in (point.today, *point.history)):
        return

    def customers(change: Callable[[Customer], Customer]) -> Callable[[Situation], Situation]:
        return lambda s: (_with_customer(s[0], owner, change), s[1])

    if any(t.history for t in customer.transformers):
        yield Alteration(
            "capacity_today",
            {},
            customers(lambda c: replace(c, transformers=tuple(replace(t, history=()) for t in c.transformers))),
        )
    if any(s not in RUNNING for t in customer.transformers for s in [t.status, *(h[2] for h in t.history)]):
        yield Alteration(
            "capacity_all",
            {},
            customers(
                lambda c: replace(
                    c,
                    transformers=tuple(
                        t if t.status == "removed" else replace(t, history=(), status="running") for t in c.transformers
                    ),
                )
            ),
        )
    if customer.contract_capacity_kva is not None:
        yield Alteration(
            "capacity_contract",
            {},
            customers(lambda c: replace(c, transformers=(), operating_capacity_kva=c.contract_capacity_kva)),
        )
    if customer.opened_on or customer.closed_on:
        yield Alteration("whole_month", {}, customers(lambda c: replace(c, opened_on=None, closed_on=None)))
    for value in ("calendar", "thirty"):
        yield _setting("day_basis", "basic_day_basis", value)
    yield _assumed("basic_left_out", basic_left_out=True)
    yield _files("no_basic", {}, point.point_id, basic_charge_mode="none")
    for mode in ("capacity", "contract_demand", "actual_demand"):
        yield _files("basic_mode", {"mode": mode}, point.point_id, basic_charge_mode=mode)
    yield from _single_transformers(customer)
    yield _setting("demand_not_doubled", "demand_over_multiple", Decimal(1))
    yield _setting("demand_excess_free", "demand_over_multiple", ZERO)
    yield _assumed("demand_discount", demand_discount=True)
    yield _assumed("demand_no_discount", demand_discount=False)


def _single_transformers(customer: Customer) -> Iterator[Alteration]:
    """Yield each transformer left out, or charged throughout."""
    owner = customer.customer_id
    for item in customer.transformers:
        for name, status in (("transformer_out", "removed"), ("transformer_in", "running")):

            def changed(s: Situation, chosen: str = item.transformer_id, status: str = status) -> Situation:
                def change(c: Customer) -> Customer:
                    return replace(
                        c,
                        transformers=tuple(
                            replace(t, status=status, history=()) if t.transformer_id == chosen else t
                            for t in c.transformers
                        ),
                    )

                return _with_customer(s[0], owner, change), s[1]

            yield Alteration(name, {"transformer": item.transformer_id, "kva": item.capacity_kva}, changed)


def _factors(point: Point, bill: BillRow) -> Iterator[Alteration]:
    standards = {file.pf_standard for file in (point.today, *point.history)}
    if standards != {None} and not bill.pf_yuan:  # before a standard whose table happens to give nothing
        yield _files("no_pf", {}, point.point_id, pf_standard=None)
    wanted = sorted({key for key, _ in power_factor_table()} | ({bill.pf_standard} if bill.pf_standard else set()))
    for standard in wanted:
        if standards != {standard}:
            yield _files("pf_standard", {"standard": f"{standard:.2f}"}, point.point_id, pf_standard=standard)
    if standards != {None}:
        if bill.pf_yuan:
            yield _files("no_pf", {}, point.point_id, pf_standard=None)
        yield _assumed("pf_base", pf_base_surcharge=True)

        def without_lead(s: Situation) -> Situation:
            readings = {key: item for key, item in s[0].readings.items() if key[1] != "reactive_lead"}
            segments = {key: item for key, item in s[0].segments.items() if key[1] != "reactive_lead"}
            return replace(s[0], readings=readings, segments=segments), s[1]

        yield Alteration("pf_no_lead", {}, without_lead)


def _tiers(facts: Facts, point: Point, bill: BillRow) -> Iterator[Alteration]:
    codes = {file.tariff_code for file in (point.today, *point.history)} & set(facts.prices.tiers)
    if not codes:
        return
    name = point.point_id
    none = Alteration("tier_none", {}, lambda s: (replace(s[0], prices=replace(s[0].prices, tiers={})), s[1]))
    if bill.tier_used_before_kwh is not None:
        used = bill.tier_used_before_kwh
        yield _assumed("tier_used", {"used": used}, used_before_kwh={name: used})
    if not bill.tier_yuan:  # before a count of use that happens to end in the first tier
        yield none
    yield _assumed("tier_zero", used_before_kwh={name: ZERO})
    for cycle in ("month", "year"):

        def recycled(s: Situation, cycle: str = cycle) -> Situation:
            factor = Decimal(12) if cycle == "year" else 1 / Decimal(12)
            tiers = {
                code: tuple(
                    (
                        since,
                        tuple(
                            tier
                            if tier.cycle == cycle or tier.upper_kwh is None
                            else replace(tier, cycle=cycle, upper_kwh=tier.upper_kwh * factor)
                            for tier in dated
                        ),
                    )
                    for since, dated in editions
                )
                for code, editions in s[0].prices.tiers.items()
            }
            return replace(s[0], prices=replace(s[0].prices, tiers=tiers)), s[1]

        yield Alteration(f"tier_{cycle}", {}, recycled)
    if bill.tier_yuan:
        yield none
    editions = (dated for code in codes if code is not None for _, dated in facts.prices.tiers[code])
    for number in sorted({tier.tier for dated in editions for tier in dated}):
        yield _assumed("tier_whole", {"n": number}, whole_tiers={name: number})
    if (facts.customers[bill.customer_id].household_size or 0) > 0:
        yield Alteration(
            "tier_household",
            {},
            lambda s: (_with_customer(s[0], bill.customer_id, lambda c: replace(c, household_size=None)), s[1]),
        )
