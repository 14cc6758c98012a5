"""Section 4: what a customer's own transformers and line lose before the meter."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from itertools import starmap

from jicha.billing.derivation import Step, UnableToRecalculate
from jicha.billing.facts import RUNNING, PriceBook, Transformer
from jicha.billing.interval import Interval
from jicha.billing.numbers import ZERO, over, r, rq, total
from jicha.catalog.billing import BillingSettings, Nameplate, model_series, nameplates

_ONE = timedelta(days=1)
_HOURS = 24
_NOMINAL_MONTH = 30  # days that the table's month has


@dataclass(frozen=True)
class Loss:
    """Losses of a family over the interval. [kWh, kvarh]"""

    active: Decimal
    reactive: Decimal
    steps: tuple[Step, ...] = ()


def status_on(transformer: Transformer, day: date) -> str | None:
    """Return the status on a day: by its history; today's where it has none. None: not in place or not covered."""
    if transformer.installed_on and day < transformer.installed_on:
        return None
    if transformer.removed_on and day > transformer.removed_on:
        return None
    if not transformer.history:
        return transformer.status
    for since, until, status in reversed(transformer.history):
        if since <= day and (until is None or until >= day):
            return status
    return None


def days_in(transformer: Transformer, interval: Interval, statuses: frozenset[str] = RUNNING) -> int:
    """Count the days of the interval on which a transformer had one of the statuses."""
    if not transformer.history:
        first = max(interval.first, transformer.installed_on or interval.first)
        last = min(interval.last, transformer.removed_on or interval.last)
        return max(0, (last - first).days + 1) if transformer.status in statuses else 0
    days = (interval.first + _ONE * n for n in range(interval.days))
    return sum(1 for day in days if status_on(transformer, day) in statuses)


def figures(transformer: Transformer) -> Nameplate:
    """Return the loss figures of a transformer: its own, each one missing from the shipped table of its series."""
    shipped = nameplates().get((model_series(transformer.model) or "", transformer.capacity_kva))
    names = ("no_load_loss_kw", "load_loss_kw", "no_load_current_pct", "impedance_pct")
    own = (getattr(transformer, name) for name in names)
    return Nameplate(
        *(
            getattr(shipped, name) if value is None and shipped else value
            for name, value in zip(names, own, strict=True)
        )
    )


def is_complete(plate: Nameplate) -> bool:
    """Whether all four figures are known."""
    return None not in vars(plate).values()


def method_of(
    *, loss_method: str | None, mode: str | None, transformers: Sequence[Transformer], prices: PriceBook
) -> str | None:  # fmt: skip
    """Return how a main bears losses: table, formula, agreed_share, agreed_kwh; None when it does not.

    UnableToRecalculate: the mode says it bears them, and not all its transformers have figures or a table row.
    """
    if loss_method is not None:
        return None if loss_method == "none" else loss_method
    if mode != "hv_supply_lv_metering":
        return None
    if transformers and all(is_complete(figures(t)) for t in transformers):
        return "formula"
    if transformers and all((model_series(t.model) or "", t.capacity_kva) in prices.loss_table for t in transformers):
        return "table"
    raise UnableToRecalculate("transformer_data")


def formula_loss(
    *, active_kwh: Decimal, reactive_kvarh: Decimal | None, transformers: Sequence[tuple[Transformer, int]],
    settings: BillingSettings,
) -> Loss:  # fmt: skip
    """Return the losses by the formula of iron and copper losses.

    active_kwh, reactive_kvarh: through the transformers; reactive None: no such register, then the assumed power
    factor stands in and no reactive loss arises. transformers: with the days each was energised.

        active   = P0 T + K Pk (Ap² + Aq²) / (S² T)
        reactive = I0 S T / 100 + K Uk (Ap² + Aq²) / (100 S T)

    T: hours energised; S, P0, Pk, I0, Uk: sums and means weighted by the days of each transformer.
    UnableToRecalculate: a figure is unknown, or no transformer has a capacity.
    """
    live = [(t, figures(t), days) for t, days in transformers if days > 0]
    if not live:
        return Loss(ZERO, ZERO, (Step("loss_none_energised", {}),))
    if not all(is_complete(plate) for _, plate, _ in live):
        raise UnableToRecalculate("transformer_data")
    most = Decimal(max(days for _, _, days in live))
    hours = _HOURS * most
    kva_days = total(t.capacity_kva * d for t, _, d in live)
    if kva_days == 0:  # a capacity of 0: the copper losses would have no end
        raise UnableToRecalculate("beyond_measure")
    kva = over(kva_days, most)
    iron = total((p.no_load_loss_kw or ZERO) * _HOURS * d for _, p, d in live)
    copper_kw = over(total((p.load_loss_kw or ZERO) * d for _, p, d in live), most)
    idle = over(total((p.no_load_current_pct or ZERO) * t.capacity_kva * _HOURS * d for t, p, d in live), Decimal(100))
    impedance = over(total((p.impedance_pct or ZERO) * t.capacity_kva * d for t, p, d in live), kva_days)
    if reactive_kvarh is None:
        square = over(active_kwh, settings.loss_assumed_pf) ** 2
    else:
        square = active_kwh**2 + reactive_kvarh**2
    factor = settings.loss_form_factor
    active = rq(iron + over(factor * copper_kw * square, kva**2 * hours), settings.loss_places)
    reactive = ZERO
    if reactive_kvarh is not None:
        reactive = rq(idle + over(factor * impedance * square, 100 * kva * hours), settings.loss_places)
    values = {
        "active": active, "iron_kwh": r(iron, 6), "hours": hours, "kva": r(kva, 6), "copper_kw": r(copper_kw, 6),
        "factor": factor, "energy": active_kwh,
    }  # fmt: skip
    steps = [_plate(t, plate, days) for t, plate, days in live]
    sums = {"iron": r(iron, 6), "idle": r(idle, 6), "copper": r(copper_kw, 6), "kva": r(kva, 6), "most": most}
    if len(live) > 1:
        steps.append(Step("loss_sums", {**sums, "impedance": r(impedance, 6)}))
    if reactive_kvarh is None:
        steps.append(Step("loss_formula_assumed", {**values, "pf": settings.loss_assumed_pf}))
        return Loss(active, reactive, tuple(steps))
    steps += [
        Step("loss_formula", {**values, "kvarh": reactive_kvarh}),
        Step("loss_reactive", {**values, "kvarh": reactive_kvarh, "reactive": reactive, "idle": r(idle, 6),
                               "impedance": r(impedance, 6)}),
    ]  # fmt: skip
    return Loss(active, reactive, tuple(steps))


def _plate(transformer: Transformer, plate: Nameplate, days: int) -> Step:
    idle = (plate.no_load_current_pct or ZERO) * transformer.capacity_kva * _HOURS * days
    values = {
        "transformer": transformer.transformer_id, "kva": transformer.capacity_kva, "no_load": plate.no_load_loss_kw,
        "load": plate.load_loss_kw, "idle": plate.no_load_current_pct, "impedance": plate.impedance_pct, "days": days,
        "iron": r((plate.no_load_loss_kw or ZERO) * _HOURS * days, 6),
        "idle_kvarh": r(over(idle, Decimal(100)), 6),
    }  # fmt: skip
    return Step("loss_plate", values)


def table_loss(
    *, active_kwh: Decimal, transformers: Sequence[tuple[Transformer, int]], prices: PriceBook,
    settings: BillingSettings,
) -> Loss:  # fmt: skip
    """Return the losses by the utility's table of monthly losses; UnableToRecalculate where a row is missing."""
    live = [(t, Decimal(days)) for t, days in transformers if days > 0]
    weight = total(t.capacity_kva * days for t, days in live)
    if live and weight == 0:
        raise UnableToRecalculate("loss_row_missing")
    active = reactive = ZERO
    steps = []
    for item, days in live:
        share = over(active_kwh * item.capacity_kva * days, weight)
        monthly = rq(over(share * _NOMINAL_MONTH, days), 6)
        rows = prices.loss_table.get((model_series(item.model) or "", item.capacity_kva), ())
        row = next((row for row in reversed(rows) if row[0] <= monthly), None)
        if row is None or row[1] is None:
            raise UnableToRecalculate("loss_row_missing")
        active += over(row[1] * days, Decimal(_NOMINAL_MONTH))
        reactive += over((row[2] or ZERO) * days, Decimal(_NOMINAL_MONTH))
        values = {
            "transformer": item.transformer_id, "model": item.model or "", "kva": item.capacity_kva,
            "monthly": rq(monthly, 2), "from": row[0], "table_kwh": row[1],
            "active": r(over(row[1] * days, Decimal(_NOMINAL_MONTH)), 6),
            "reactive": r(over((row[2] or ZERO) * days, Decimal(_NOMINAL_MONTH)), 6),
            "table_kvarh": row[2] or ZERO, "days": days, "share": r(share, 6), "nominal": _NOMINAL_MONTH,
        }  # fmt: skip
        steps.append(Step("loss_table", values))
    found = Loss(rq(active, settings.loss_places), rq(reactive, settings.loss_places))
    told = {"active": found.active, "reactive": found.reactive, "exact": r(active, 6), "exact_kvarh": r(reactive, 6)}
    return replace(found, steps=(*steps, Step("loss_table_sum", told)))


def agreed_loss(
    *, method: str, value: Decimal | None, active_kwh: Decimal, interval: Interval, settings: BillingSettings
) -> Loss:
    """Return an agreed loss: a share of the metered energy in per cent, or kWh a month by days; never reactive."""
    if value is None:
        raise UnableToRecalculate("transformer_data")
    if method == "agreed_share":
        active = rq(over(active_kwh * value, Decimal(100)), settings.loss_places)
        return Loss(active, ZERO, (Step("loss_share", {"energy": active_kwh, "pct": value, "active": active}),))
    active = monthly_quantity(value=value, interval=interval, places=settings.loss_places)
    values = {"monthly": value, "months": interval.months, "days": interval.days, "of_days": interval.uncut_days,
              "active": active}  # fmt: skip
    return Loss(active, ZERO, (Step("loss_agreed", values),))


def monthly_quantity(*, value: Decimal, interval: Interval, places: int) -> Decimal:
    """Return an agreed monthly quantity for the days of an interval."""
    return rq(over(value * interval.months * interval.days, Decimal(interval.uncut_days)), places)


def line_loss(*, energy_kwh: Decimal, pct: Decimal | None, settings: BillingSettings) -> Decimal:
    """Return the loss of the customer's own line on the energy at its end. [kWh]"""
    return rq(over(energy_kwh * (pct or ZERO), Decimal(100)), settings.loss_places)


def shared_over(quantity: Decimal, weights: Sequence[tuple[str, Decimal]], places: int) -> dict[str, Decimal]:
    """Share a quantity by weight, each part rounded; the remainder is the greatest's, of equals the smallest name's."""
    whole = total(weight for _, weight in weights)
    heir = min(weights, key=lambda item: (-item[1], item[0]))[0]

    def part(name: str, weight: Decimal) -> tuple[str, Decimal]:
        return name, rq(over(quantity * weight, whole), places) if whole else ZERO

    found = dict(starmap(part, weights))
    found[heir] += quantity - total(found.values())
    return found
