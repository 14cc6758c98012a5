"""Section 5: main and sub-points, and points whose energy is allocated instead of metered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

from jicha.billing.derivation import Step
from jicha.billing.facts import BANDS
from jicha.billing.losses import monthly_quantity
from jicha.billing.metered import spread
from jicha.billing.numbers import ZERO, over, rq, total
from jicha.billing.state import State

_TAKE_ORDER = ("flat", "peak", "tip", "valley", "deep_valley")


def allocate(main: State, children: Sequence[State]) -> None:
    """Give allocated children their quantities and take all children off the main.

    main: with its gross total and bands. Metered children have theirs already; the children are in order of point_id.
    """
    if not children:
        return
    if main.gross is None:
        for child in children:
            if not child.is_metered:
                child.unclear("reading_missing")
        return
    for child in children:
        if child.files[0].file.allocation == "ratio":
            _ratio(main, child)
    left = main.gross - total(c.gross for c in children if c.gross is not None)
    for child in children:
        if child.files[0].file.allocation == "quantity":
            left -= _quantity(child, left)
    main.taken = total(child.gross for child in children if child.gross is not None)
    main.steps += [
        Step("child", {"point": child.point.point_id, "energy": child.gross}) for child in children if child.gross
    ]
    if main.gross < main.taken:
        main.unclear("children_exceed_main")
    elif main.bands is not None:
        main.taken_bands = _taken_bands(main.bands, children)


def _value(child: State) -> Decimal | None:
    value = child.files[0].file.allocation_value
    if value is None or value <= 0:
        child.unclear("allocation_missing")
        return None
    return value


def _ratio(main: State, child: State) -> None:
    value = _value(child)
    if value is None or main.gross is None:
        return
    child.gross = rq(over(main.gross * value, Decimal(100)), child.settings.allocation_places)
    if child.is_timed:
        child.bands = spread(child.gross, main.bands or dict.fromkeys(BANDS, ZERO))
    child.steps.append(Step("ratio", {"main": main.point.point_id, "energy": main.gross, "pct": value,
                                      "quantity": child.gross}))  # fmt: skip


def _quantity(child: State, left: Decimal) -> Decimal:
    value = _value(child)
    if value is None:
        return ZERO
    agreed = monthly_quantity(value=value, interval=child.interval, places=0)
    child.gross = min(agreed, max(left, ZERO))
    if child.is_timed:
        child.bands = {band: child.gross if band == "flat" else ZERO for band in BANDS}
    child.steps.append(
        Step(
            "agreed_quantity",
            {
                "monthly": value,
                "months": child.interval.months,
                "days": child.interval.days,
                "of_days": child.interval.uncut_days,
                "agreed": agreed,
                "quantity": child.gross,
            },
        )
    )
    return child.gross


def _taken_bands(bands: Mapping[str, Decimal], children: Sequence[State]) -> dict[str, Decimal]:
    """Return what the children take off each band of the main: those with bands band by band, the others from flat.

    What a band does not have comes off the next one of flat, peak, tip, valley, deep valley.
    """
    taken = dict.fromkeys(BANDS, ZERO)
    excess = ZERO
    for child in children:
        if child.gross is None:
            continue
        if child.bands is not None and child.files[0].file.allocation != "quantity":
            for band in BANDS:
                taken[band] += child.bands[band]
        else:
            taken["flat"] += child.gross
    for band in BANDS:
        if taken[band] > bands[band]:
            excess += taken[band] - bands[band]
            taken[band] = bands[band]
    for band in _TAKE_ORDER:
        more = min(excess, bands[band] - taken[band])
        taken[band] += more
        excess -= more
    return taken


def share_loss(main: State, children: Sequence[State]) -> None:
    """Pass the children's part of a main's active loss on to the customer's own that are metered or by ratio."""
    if main.loss == 0 or not main.gross:
        return
    whole = main.loss
    for child in children:
        same = child.customer.customer_id == main.customer.customer_id
        if same and child.gross is not None and child.files[0].file.allocation != "quantity":
            part = rq(over(whole * child.gross, main.gross), child.settings.loss_places)
            child.loss += part
            child.loss_before += part
            main.loss -= part
            values = {"main": main.point.point_id, "whole": whole, "energy": child.gross, "of": main.gross}
            child.steps.append(Step("loss_share_of_main", {**values, "active": part}))
    if main.loss != whole:
        values = {"whole": whole, "shared": whole - main.loss, "kept": main.loss}
        main.steps.append(Step("loss_kept", values))
