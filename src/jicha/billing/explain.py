"""Why a bill differs from its recomputation: causes are found by recomputing, never guessed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import combinations

from jicha.billing.causes import Alteration, Situation, alterations
from jicha.billing.derivation import COMPONENTS, RecomputedBill
from jicha.billing.energy import market_mode
from jicha.billing.facts import Assumptions, BillRow, Facts
from jicha.billing.numbers import ZERO
from jicha.billing.recompute import recompute

_PAIRED_AT_MOST = 24  # alterations that change something; their pairs are tried
_NEAR = Decimal("0.05")  # of a difference: a cause that leaves more is chance, and naming it would mislead
_CENT = Decimal("0.01")
_ROUNDING = Decimal("0.01")  # of a difference: what cents may leave of it; with more they could be chance

_SEEN = frozenset({"sum", "nothing_billed"})

Amounts = tuple[Decimal, ...]


@dataclass(frozen=True)
class Cause:
    """Altered assumptions that together reproduce an amount; `left_yuan`: what they leave (0: to the cent)."""

    alterations: tuple[Alteration, ...]
    left_yuan: Decimal

    @property
    def is_seen(self) -> bool:
        """Whether it is read off the bill itself, not found by recomputing."""
        return any(a.name in _SEEN for a in self.alterations)

    @property
    def is_exact(self) -> bool:
        """Whether it reproduces its amount to the cent."""
        return bool(self.alterations) and self.left_yuan == 0


def _is_rounding(cause: Cause, lines: int, difference: Decimal) -> bool:
    """Whether a cause leaves no more than a cent for each charge line: another way to round, not another cause."""
    few = min(_CENT * lines, abs(difference) * _ROUNDING)
    return bool(cause.alterations) and ZERO < cause.left_yuan <= few


@dataclass(frozen=True)
class Explanation:
    """A bill beside its recomputation. `causes`: per component that differs; `cause`: of the whole bill."""

    bill: BillRow
    made: RecomputedBill
    differences: Mapping[str, Decimal]  # component and total → billed − recomputed
    cause: Cause | None  # None: nothing differs, nothing comes near, or it was not judged
    causes: Mapping[str, Cause]
    is_catalogue: bool  # priced at catalogue prices, not by agency or market
    delivered: tuple[Mapping[str, object], ...] = ()  # bill_line rows

    @property
    def is_explained(self) -> bool:
        """Whether the cause reproduces every billed amount."""
        return self.cause is not None and self.cause.left_yuan == 0

    @property
    def is_explained_by_part(self) -> bool:
        """Whether each component that differs has a cause of its own, which the bill did not carry on to the others."""
        parts = {name: yuan for name, yuan in self.differences.items() if name != "total" and yuan}
        whole = all(name in self.causes and self.causes[name].is_exact for name in parts)
        return bool(parts) and whole and sum(parts.values(), ZERO) == self.differences["total"]

    @property
    def is_explained_but_for_cents(self) -> bool:
        """Whether each component that differs has a cause that leaves nothing, or a cent for each of its lines."""
        parts = {name: yuan for name, yuan in self.differences.items() if name != "total" and yuan}
        whole = all(name in self.causes and self.is_near_enough(name) for name in parts)
        return bool(parts) and whole and sum(parts.values(), ZERO) == self.differences["total"]

    def is_near_enough(self, component: str) -> bool:
        """Whether a component's cause reproduces it to the cent, or but for the rounding of its lines."""
        cause = self.causes[component]
        lines = sum(1 for line in self.made.lines if line.kind == component)
        return cause.is_exact or _is_rounding(cause, lines, self.differences[component])


def billed_amounts(bill: BillRow) -> Amounts:
    """Return the billed amounts by component; nulls as 0."""
    return tuple(getattr(bill, f"{name}_yuan") or ZERO for name in COMPONENTS)


def made_amounts(made: RecomputedBill) -> Amounts | None:
    """Return the recomputed amounts by component; None where it was not judged."""
    return None if made.reasons else tuple(getattr(made, f"{name}_yuan") or ZERO for name in COMPONENTS)


def _distance(one: Sequence[Decimal], other: Sequence[Decimal]) -> Decimal:
    return sum((abs(a - b) for a, b in zip(one, other, strict=True)), ZERO)


def explain(facts: Facts, bill_id: str, delivered: Sequence[Mapping[str, object]] = ()) -> Explanation:
    """Explain one bill of a period.

    Assumptions are altered one at a time, then in pairs; the first that reproduces every billed amount to the cent is
    the cause. Where none does, the nearest stands with what it leaves, if that is little; a component may have a cause
    of its own all the same. delivered: the bill's own lines.
    """
    bill = next(row for row in facts.bills if row.bill_id == bill_id)
    start: Situation = (facts, Assumptions())
    made = _made(start, bill_id)
    customer = facts.customers.get(bill.customer_id)
    catalogue = customer is not None and market_mode(customer) == "catalogue"
    amounts = made_amounts(made)
    if amounts is None:
        return Explanation(bill, made, {}, None, {}, catalogue, tuple(delivered))
    wanted = billed_amounts(bill)
    differences = {name: b - m for name, b, m in zip(COMPONENTS, wanted, amounts, strict=True)}
    differences["total"] = (bill.total_yuan or ZERO) - (made.total_yuan or ZERO)
    if not any(differences.values()):
        return Explanation(bill, made, differences, None, {}, catalogue, tuple(delivered))
    if amounts == wanted:  # the lines agree and their sum does not
        wrong_sum = Cause((Alteration("sum", {}, lambda s: s),), ZERO)
        return Explanation(bill, made, differences, wrong_sum, {}, catalogue, tuple(delivered))
    tried = _tried(start, bill, made)
    if not any(wanted) and not bill.total_yuan and all(found != wanted for _, found in tried):
        # with no energy any price gives the billed 0, so pairs would name causes that nothing speaks for
        nothing = Cause((Alteration("nothing_billed", {}, lambda s: s),), ZERO)
        return Explanation(bill, made, differences, nothing, {}, catalogue, tuple(delivered))
    causes = {}
    for number, name in enumerate(COMPONENTS):
        if differences[name] != 0:
            causes[name] = min(
                (Cause((a,), abs(found[number] - wanted[number])) for a, found in tried),
                key=lambda cause: cause.left_yuan,
                default=Cause((), abs(differences[name])),
            )
    whole = _whole(start, bill, wanted, tried)
    away = _distance(amounts, wanted)
    if whole is not None and whole.left_yuan > away * _NEAR:
        whole = None
    causes = {
        name: cause if cause.left_yuan <= abs(differences[name]) * _NEAR else Cause((), abs(differences[name]))
        for name, cause in causes.items()
    }
    return Explanation(bill, made, differences, whole, causes, catalogue, tuple(delivered))


def _made(situation: Situation, bill_id: str) -> RecomputedBill:
    return next(made for made in recompute(*situation) if made.bill_id == bill_id)


def _tried(start: Situation, bill: BillRow, made: RecomputedBill) -> list[tuple[Alteration, Amounts]]:
    """Return every alteration that changes an amount, with what it makes of them."""
    found = []
    amounts = made_amounts(made)
    for alteration in alterations(start[0], bill, made):
        altered = made_amounts(_made(alteration.apply(start), bill.bill_id))
        if altered is not None and altered != amounts:
            found.append((alteration, altered))
    return found


def _whole(
    start: Situation, bill: BillRow, wanted: Amounts, tried: Sequence[tuple[Alteration, Amounts]]
) -> Cause | None:  # fmt: skip
    best: Cause | None = None
    for alteration, found in tried:
        left = _distance(found, wanted)
        if best is None or left < best.left_yuan:
            best = Cause((alteration,), left)
        if left == 0:
            return best
    near = sorted(tried, key=lambda item: _distance(item[1], wanted))[:_PAIRED_AT_MOST]
    for (one, _), (other, _) in combinations(near, 2):
        if one.name == other.name:
            continue
        altered = made_amounts(_made(other.apply(one.apply(start)), bill.bill_id))
        if altered is None:
            continue
        left = _distance(altered, wanted)
        if best is None or left < best.left_yuan:
            best = Cause((one, other), left)
        if left == 0:
            return best
    return best
