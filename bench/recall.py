"""What a run found of what was planted into a city, rule by rule: `python bench/recall.py CITY RUN-FOLDER`.

`truth.parquet` of the city names every planted case that must be found (hit) or must not (near miss); a finding that is
neither is background. All of them are counted, none is sampled.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import duckdb
from measure import table
from settings import CORE


@dataclass(frozen=True)
class Counts:
    """planted, found: hits. near, alarms: near misses and those reported. background: findings that are neither."""

    planted: int
    found: int
    near: int
    alarms: int
    background: int
    not_judged: int

    @property
    def recall(self) -> str:
        """Share of the planted cases that were found, in percent; a dash where none was planted."""
        return f"{100 * self.found / self.planted:.1f}" if self.planted else "–"


def rows(file: Path, columns: str) -> list[tuple[str, ...]]:
    with duckdb.connect() as connection:
        return connection.execute(f"SELECT {columns} FROM read_parquet(?)", [str(file)]).fetchall()


def counted(city: Path, run: Path) -> dict[str, Counts]:
    """Return the counts of every rule that the run's record names; a rule that did not run counts no findings."""
    planted: dict[str, set[tuple[str, str]]] = {"hit": set(), "near_miss": set()}
    for kind, rule, key in rows(city / "truth.parquet", "kind, rule, key"):
        planted[kind].add((rule, json.dumps(json.loads(key), sort_keys=True, ensure_ascii=False)))
    found = {(rule, key) for rule, key in rows(run / "findings.parquet", "rule, key")}
    unknown = Counter(rule for (rule,) in rows(run / "not_judged.parquet", "rule"))
    kinds = [
        Counter(rule for rule, _ in some)
        for some in (
            planted["hit"], planted["hit"] & found, planted["near_miss"], planted["near_miss"] & found,
            found - planted["hit"] - planted["near_miss"],
        )
    ]  # fmt: skip
    codes = json.loads((run / "run.json").read_text(encoding="utf-8"))["rules"]
    return {code: Counts(*(kind[code] for kind in kinds), unknown[code]) for code in sorted(codes)}


def total(counts: dict[str, Counts], specialties: tuple[str, ...] = ()) -> Counts:
    """Return the sum over all rules, or over those of some specialties."""
    own = [c for code, c in counts.items() if not specialties or code[:2] in specialties]
    return Counts(
        sum(c.planted for c in own), sum(c.found for c in own), sum(c.near for c in own), sum(c.alarms for c in own),
        sum(c.background for c in own), sum(c.not_judged for c in own),
    )  # fmt: skip


def shown(counts: dict[str, Counts], customers: int) -> str:
    """Return the table, sums first."""
    core = sum(code[:2] in CORE for code in counts)
    named = {
        f"all {len(counts)} rules": total(counts),
        f"{core} rules of {', '.join(CORE)}": total(counts, CORE),
        **counts,
    }
    header = [
        "rule", "planted", "found", "recall %", "near misses", "… reported", "not planted", "… per 1,000 customers",
        "not judged",
    ]  # fmt: skip
    return table(
        header,
        [
            [
                name, f"{c.planted:,}", f"{c.found:,}", c.recall, f"{c.near:,}", f"{c.alarms:,}", f"{c.background:,}",
                f"{1000 * c.background / customers:.2f}", f"{c.not_judged:,}",
            ]
            for name, c in named.items()
        ],
    )  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("city", type=Path, help="the folder that `jicha sandbox` wrote")
    parser.add_argument("run", type=Path, help="the folder of a run over it")
    parser.add_argument("--customers", type=int, default=20_000)
    given = parser.parse_args()
    print(shown(counted(given.city, given.run), given.customers))


if __name__ == "__main__":
    main()
