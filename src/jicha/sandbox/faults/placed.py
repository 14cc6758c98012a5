"""Which plants found a place in the city, and which found none."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class Placed:
    """How often each plant was planted, over all parts of the city."""

    times: dict[tuple[str, str], int] = field(default_factory=dict)  # rule, note

    def tell(self, rule: str, note: str, *, placed: bool) -> None:
        """Note that a plant was tried in a part, and whether it found a place there."""
        self.times[rule, note] = self.times.get((rule, note), 0) + placed

    def merge(self, other: Placed) -> None:
        """Add what was noted in another part."""
        for plant, times in other.times.items():
            self.times[plant] = self.times.get(plant, 0) + times

    def nowhere(self) -> dict[str, list[str]]:
        """Return by rule the plants that were tried and found no place in any part."""
        found: dict[str, list[str]] = {}
        for (rule, note), times in sorted(self.times.items()):
            if note and not times:
                found.setdefault(rule, []).append(note)
        return found
