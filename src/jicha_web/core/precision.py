"""How often a rule was right, by the outcomes of closed cases (DATA/run/outcomes.csv)."""

from __future__ import annotations

import csv
import math
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path

_Z = 1.959964  # standard normal quantile of a two-sided 95 % interval
_cached: dict[Path, tuple[tuple[int, int], dict[str, Precision]]] = {}


@dataclass(frozen=True)
class Precision:
    """Of one rule: findings that closed cases confirmed, of all they settled; visits and what they brought."""

    confirmed: int = 0
    closed: int = 0
    visits: int = 0
    yuan: Decimal = Decimal(0)

    @property
    def share(self) -> float | None:
        """Share confirmed; None without a closed case."""
        return self.confirmed / self.closed if self.closed else None

    @property
    def interval(self) -> tuple[float, float]:
        """The 95 % interval of the share by Wilson (1927); 0 … 1 without a closed case."""
        return wilson(self.confirmed, self.closed)

    @property
    def expected(self) -> float:
        """The share to reckon with: (confirmed + 1) / (closed + 2), one half without a closed case."""
        return (self.confirmed + 1) / (self.closed + 2)

    @property
    def yuan_per_visit(self) -> Decimal | None:
        """Yuan confirmed per case that was checked; None without one."""
        return (self.yuan / self.visits).quantize(Decimal("0.01")) if self.visits else None


def wilson(hits: int, of: int) -> tuple[float, float]:
    """Return the 95 % interval of a share by Wilson's score."""
    if of == 0:
        return 0.0, 1.0
    share, z2 = hits / of, _Z * _Z
    centre = (share + z2 / (2 * of)) / (1 + z2 / of)
    half = _Z / (1 + z2 / of) * math.sqrt(share * (1 - share) / of + z2 / (4 * of * of))
    return (0.0 if hits == 0 else centre - half), (1.0 if hits == of else centre + half)


def precisions(data: Path) -> dict[str, Precision]:
    """Return the precision of every rule that a closed case judged; read again when the file changed."""
    path = data / "run" / "outcomes.csv"
    try:
        state = path.stat()
    except OSError:
        return {}
    stamp = (state.st_mtime_ns, state.st_size)
    known = _cached.get(path)
    if known is not None and known[0] == stamp:
        return known[1]
    made = _read(path)
    _cached[path] = (stamp, made)
    return made


def _read(path: Path) -> dict[str, Precision]:
    counts: dict[str, list[int]] = {}
    cases: dict[str, dict[str, Decimal]] = {}
    with path.open(encoding="utf-8-sig", newline="") as file:
        for row in csv.DictReader(file):
            count = counts.setdefault(row["rule"], [0, 0])
            count[0] += row["outcome"] == "confirmed"
            count[1] += 1
            try:
                yuan = Decimal(row["confirmed_yuan"] or "0")
            except InvalidOperation:
                yuan = Decimal(0)
            cases.setdefault(row["rule"], {})[row["case"]] = yuan  # of the case, on each of its findings
    return {
        rule: Precision(confirmed, closed, len(cases[rule]), sum(cases[rule].values(), Decimal(0)))
        for rule, (confirmed, closed) in counts.items()
    }
