"""What can be planted: every variant of a fault or near miss registers itself here."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from jicha.sandbox.arrays import Array
from jicha.sandbox.faults.scene import Scene

Plant = Callable[[Scene, Array], None]  # changes the district; at holds the chosen positions


@dataclass(frozen=True)
class Variant:
    """One way to be wrong, or to look wrong."""

    rule: str
    kind: str  # hit or near_miss
    pool: str  # which customers (or areas) it may be planted on
    note: str
    plant: Plant
    group: int = 1  # how many are needed at once
    weight: float = 4.0  # how many per 20,000 customers; at least one per district
    records: bool = True  # the truth is the customers chosen; else the plant records it
    months: int = 1  # billed months that it takes
    days: int = 1  # days of daily data that it takes

    def count(self, customers: int) -> int:
        """How often it is planted in a district of so many customers."""
        return max(1, round(self.weight * customers / 20_000))


REGISTRY: list[Variant] = []
_SHARES = 3  # variants of every rule and kind that are planted before customers become scarce
_FIRST = ("CF", "MT", "RC", "LL")  # specialties that choose before others where customers run short


def variant(
    rule: str,
    kind: str,
    pool: str,
    note: str,
    *,
    group: int = 1,
    weight: float = 4.0,
    records: bool = True,
    months: int = 1,
    days: int = 1,
) -> Callable[[Plant], Plant]:
    """Register a function as a variant."""

    def register(plant: Plant) -> Plant:
        REGISTRY.append(Variant(rule, kind, pool, note, plant, group, weight, records, months, days))
        return plant

    return register


def add(
    rule: str, kind: str, pool: str, note: str, plant: Plant, *,
    group: int = 1, weight: float = 4.0, records: bool = True, months: int = 1, days: int = 1,
) -> None:  # fmt: skip
    """Register a function made for one variant."""
    variant(rule, kind, pool, note, group=group, weight=weight, records=records, months=months, days=days)(plant)


def in_turn(room: Callable[[str], int]) -> Iterator[tuple[Variant, bool]]:
    """Every variant twice: to be planted once, and then (True) as often as it weighs more.

    room: customers of a pool. Rules and kinds take turns, so that where customers run short each has had its share.
    After a few turns those of small pools choose before others, so that every variant can be seen.
    """
    turns = list(_turns())
    early = [item for turn in turns[:_SHARES] for item in sorted(turn, key=lambda item: room(item.pool))]
    late = sorted((item for turn in turns[_SHARES:] for item in turn), key=lambda item: room(item.pool))
    yield from ((item, False) for item in (*early, *late))
    yield from ((item, True) for turn in turns for item in turn)


def _turns() -> Iterator[list[Variant]]:
    """The first variant of every rule and kind, then the second of each that has one, and so on."""
    by_rule: dict[tuple[str, str], list[Variant]] = {}
    for item in REGISTRY:
        by_rule.setdefault((item.rule, item.kind), []).append(item)
    ordered = sorted(by_rule, key=lambda at: _FIRST.index(at[0][:2]) if at[0][:2] in _FIRST else len(_FIRST))
    for row in itertools.zip_longest(*(by_rule[at] for at in ordered)):
        yield [item for item in row if item is not None]
