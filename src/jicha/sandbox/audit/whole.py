"""What only the whole city can say: TC015, whose mass moves, and AC014, whose clerks, span its parts."""

from __future__ import annotations

import dataclasses
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from jicha.sandbox.faults.truth import HIT, NEAR_MISS, Truth, key_of
from jicha.sandbox.layout import Layout

FOLLOWS = "由其他差错引起"
_MASS = 0.2  # of the points of a price: a move is policy


@dataclass(frozen=True)
class Changed:
    """A point billed otherwise than the period before, without an order."""

    key: str
    codes: tuple[str, str] | None  # before and now, where the price differs and still holds
    otherwise: bool  # capacity or standard


@dataclass
class Whole:
    """What the parts of a city have said so far."""

    had: Counter[str] = field(default_factory=Counter)  # points by price of the period before P0
    moved: Counter[tuple[str, str]] = field(default_factory=Counter)
    changed: list[Changed] = field(default_factory=list)
    refunds: list[dict[str, Any]] = field(default_factory=list)  # of a year, none of policy
    approvers: set[str] = field(default_factory=set)  # of a year

    def compare(self, before: str | None, now: str | None) -> None:
        """Count a point billed in both periods."""
        if before is not None:
            self.had[before] += 1
            if now is not None and now != before:
                self.moved[before, now] += 1

    def merge(self, other: Whole) -> None:
        """Add what another part has said."""
        self.had += other.had
        self.moved += other.moved
        self.changed += other.changed
        self.refunds += other.refunds
        self.approvers |= other.approvers

    def judge(self, layout: Layout, truths: list[Truth]) -> list[Truth]:
        """Return the truth of the city: planted and what follows.

        People collect what is planted on others' accounts: what they look like is only known at the end. A clerk who
        turned out otherwise than planted is left out; one with too few peers to be compared is a near miss, as is a
        change of price that others of a price with few points made too: the share of policy is reached.
        """
        found, alone, general = self.found(layout), self._alone(layout), self._general()
        kept = []
        for truth in truths:
            if truth.rule == "TC015" and truth.kind == HIT and truth.key in general:
                kept.append(
                    dataclasses.replace(truth, kind=NEAR_MISS, note=f"{truth.note}，原电价码户数少，已达整类变更占比")
                )
            elif truth.rule != "AC014" or ((truth.rule, truth.key) in found) == (truth.kind == HIT):
                kept.append(truth)
            elif truth.kind == HIT and truth.key in alone:
                kept.append(dataclasses.replace(truth, kind=NEAR_MISS, note=f"{truth.note}，县内可比人员不足5名"))
        known = {(t.rule, t.key) for t in kept if t.kind == HIT}
        return [*kept, *(Truth(rule, key, HIT, FOLLOWS) for rule, key in sorted(found - known))]

    def found(self, layout: Layout) -> set[tuple[str, str]]:
        """Return rule and key of all that the tables of the city give away."""
        return {("TC015", key) for key in self._moves()} | {("AC014", key) for key in self._clerks(layout)}

    def _moves(self) -> set[str]:
        return {one.key for one in self.changed if one.otherwise or (one.codes and not self._is_policy(one.codes))}

    def _general(self) -> set[str]:
        """Keys of points whose price alone changed, with so many of its points that it is policy."""
        return {one.key for one in self.changed if not one.otherwise and one.codes and self._is_policy(one.codes)}

    def _is_policy(self, codes: tuple[str, str]) -> bool:
        return self.moved[codes] >= _MASS * self.had[codes[0]]

    def _of_clerk(self) -> dict[str, list[dict[str, Any]]]:
        found: dict[str, list[dict[str, Any]]] = defaultdict(list)
        for row in self.refunds:
            found[row["requested_by"]].append(row)
        return found

    def _peers(self, layout: Layout, clerk: str) -> list[int]:
        """Refunds of others of the same post and county who made any."""
        staff = layout.staff
        at = {s: (p, str(o)[:6]) for s, p, o in zip(staff["staff_id"].tolist(), staff["post"].tolist(),
                                                    staff["org_id"].tolist(), strict=True)}  # fmt: skip
        return [len(r) for s, r in self._of_clerk().items() if s != clerk and s in at and at[s] == at.get(clerk)]

    def _alone(self, layout: Layout) -> set[str]:
        """Keys of clerks with many refunds whom nobody can be compared with."""
        many = [clerk for clerk, rows in self._of_clerk().items() if len(rows) >= 10]
        return {key_of(requested_by=clerk) for clerk in many if len(self._peers(layout, clerk)) < 5}

    def _clerks(self, layout: Layout) -> set[str]:
        staff = layout.staff
        county = {s: str(o)[:6] for s, o in zip(staff["staff_id"].tolist(), staff["org_id"].tolist(), strict=True)}
        approvers = Counter(county[name] for name in self.approvers if name in county)
        found = set()
        for clerk, mine in self._of_clerk().items():
            if len(mine) < 10 or clerk not in county:
                continue
            peers = self._peers(layout, clerk)
            wrong = len(peers) >= 5 and len(mine) > 4 * float(np.median(peers))
            by, share = (Counter(r["approved_by"] for r in mine if r["approved_by"]).most_common(1) or [(None, 0)])[0]
            others = approvers[county[clerk]] - len({s for s in (by, clerk) if s in self.approvers
                                                     and county.get(s) == county[clerk]})  # fmt: skip
            wrong |= len(mine) >= 20 and share >= 0.9 * len(mine) and others >= 3
            most = Counter[str]()
            for row in mine:
                most[row["customer_id"]] -= int(row["yuan"])
            wrong |= most.most_common(1)[0][1] >= 0.3 * sum(most.values())
            if wrong:
                found.add(key_of(requested_by=clerk))
        return found
