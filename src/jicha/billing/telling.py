"""How a point's own energy is told: what is taken off, losses in the bands, and the split over days and readings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from datetime import date
from decimal import Decimal

from jicha.billing.derivation import Step
from jicha.billing.facts import BANDS, PointFile
from jicha.billing.metered import Register, is_cut
from jicha.billing.numbers import ZERO, over, rq, total
from jicha.billing.state import State

Cuts = Sequence[tuple[date, date]]

_FILE_FACTS = tuple(f.name for f in fields(PointFile) if f.name not in {"since", "until"})


def _some(bands: Mapping[str, Decimal]) -> dict[str, Decimal]:
    return {band: bands[band] for band in BANDS if bands.get(band)}


def own_steps(state: State, lost: Mapping[str, Decimal] | None) -> list[Step]:
    """Tell a point's own energy and its bands; lost: its loss by band, None without time of use. [kWh]"""
    steps = []
    if state.bands is not None and state.is_metered:
        others = {band: kwh for band, kwh in _some(state.bands).items() if band != "flat"}
        if others:
            steps.append(Step("flat_rest", {"total": state.gross, "others": others, "flat": state.bands["flat"]}))
    if state.taken:
        steps.append(Step("own", {"gross": state.gross, "taken": state.taken, "own": state.own}))
        if state.bands is not None:
            steps.append(Step("taken_bands", {"bands": _some(state.taken_bands)}))
    if state.loss and lost is not None:
        name = "loss_bands_flat" if state.settings.loss_band == "flat" else "loss_bands"
        steps.append(Step(name, {"loss": state.loss, "bands": _some(lost)}))
    return steps


def billed_steps(state: State, priced: Decimal) -> list[Step]:
    """Tell the energy of the bill where it is not just what was read; priced: adjusted energy that is priced. [kWh]"""
    steps = []
    if state.loss or state.adjusted:
        values = {"own": state.own, "loss": state.loss, "adjusted": state.adjusted, "billed": state.billed}
        steps.append(Step("billed", values))
    if state.adjusted:
        steps.append(Step("adjusted_priced" if priced else "adjusted_apart", {"kwh": state.adjusted}))
    return steps


def split_steps(
    state: State, register: Register, cuts: Cuts, number: int, bands: Mapping[str, Decimal] | None
) -> list[Step]:
    """Tell what one of several price segments gets of the energy read and lost.

    register: the total. cuts: first and last day of the segments. bands: of this one, losses included; None: one rate.
    """
    if len(cuts) < 2:
        return []
    first, last = cuts[number]
    span: dict[str, object] = {"first": first, "last": last}
    steps = []
    if register.parts is not None and is_cut(register, cuts):
        read = total(kwh for day, kwh in register.parts.items() if first <= day <= last)
        less = _by_days(state.taken, cuts, number)
        steps.append(Step("split_readings", {**span, "read": read, "less": less["part"], "part": read - less["part"]}))
    elif state.own:
        steps.append(Step("split_days", {**span, **_by_days(state.own, cuts, number)}))
    if state.loss:
        steps.append(Step("split_loss", {**span, **_by_days(state.loss, cuts, number)}))
    if bands is not None:
        steps.append(Step("split_bands", {**span, "bands": _some(bands)}))
    return steps


def change_steps(state: State, number: int) -> list[Step]:
    """Tell what changed at the begin of a price segment: each fact of the file, else the edition of the price."""
    if number == 0:
        return []
    before, now = state.prices[number - 1], state.prices[number]
    if before.file_number != now.file_number:
        old, new = state.files[before.file_number].file, state.files[now.file_number].file
        return [
            Step(
                "file_change",
                {"day": now.first, "fact": name, "before": getattr(old, name), "after": getattr(new, name)},
            )
            for name in _FILE_FACTS
            if getattr(old, name) != getattr(new, name)
        ]
    if before.edition is None or now.edition is None:
        return []
    values = {"day": now.first, "code": now.edition.tariff_code, "since": now.edition.effective_from,
              "before": before.edition.effective_from}  # fmt: skip
    return [Step("edition_change", values)]


def kvarh_steps(state: State, files: Cuts, number: int) -> list[Step]:
    """Tell what one of several file segments gets of the reactive energy read and lost. [kvarh]"""
    if len(files) < 2:
        return []
    first, last = files[number]
    span: dict[str, object] = {"first": first, "last": last}
    steps = []
    for register in state.reactive_registers:
        if register.parts is None or not is_cut(register, files):
            steps.append(Step("split_reactive", {**span, **_by_days(register.quantity, files, number)}))
    if state.loss_reactive:
        steps.append(Step("split_reactive_loss", {**span, **_by_days(state.loss_reactive, files, number)}))
    return steps


def _by_days(whole: Decimal, cuts: Cuts, number: int) -> dict[str, Decimal]:
    """Return the numbers of a share by days: rounded up to the end of the segment, less that up to its begin."""
    days = [(last - first).days + 1 for first, last in cuts]
    of = sum(days)
    ends = [rq(over(whole * sum(days[:count]), Decimal(of)), 2) for count in range(len(days) + 1)]
    before = ends[number] if number else ZERO
    now = whole if number == len(days) - 1 else ends[number + 1]
    return {
        "whole": whole, "upto": Decimal(sum(days[: number + 1])), "of": Decimal(of), "before": before,
        "part": now - before,
    }  # fmt: skip
