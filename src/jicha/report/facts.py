"""The figures of a report, counted over the whole ledger of a run."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from jicha.catalog.files import specialties, vocabulary
from jicha.findings.organisations import Organisation
from jicha.findings.read import SUSPECTED, Filter, Ledger, Totals
from jicha.findings.run import RuleFacts


@dataclass
class Tally:
    """Suspected problems by severity, and their yuan."""

    severities: dict[str, int] = field(default_factory=lambda: dict.fromkeys(vocabulary()["severity"], 0))
    amount_yuan: Decimal = Decimal(0)

    @property
    def count(self) -> int:
        """Number of findings."""
        return sum(self.severities.values())

    def add(self, severity: str, count: int, amount: Decimal | None) -> None:
        """Count some findings."""
        self.severities[severity] = self.severities.get(severity, 0) + count
        self.amount_yuan += amount or 0


@dataclass(frozen=True)
class UnitLine:
    """One unit with all below it."""

    unit: Organisation
    depth: int
    tally: Tally
    customers_on_file: int

    @property
    def per_thousand(self) -> float | None:
        """Suspected problems per 1,000 customers on file."""
        return self.tally.count * 1000 / self.customers_on_file if self.customers_on_file else None


@dataclass(frozen=True)
class RuleLine:
    """One rule that ran."""

    rule: RuleFacts
    states: dict[str, int]
    customers: int
    amount_yuan: Decimal

    @property
    def suspected(self) -> int:
        """New, open and recurred ones."""
        return sum(self.states.get(state, 0) for state in SUSPECTED)


@dataclass(frozen=True)
class Visit:
    """One customer with all its suspected problems."""

    customer_id: str
    customer_name: str
    org_id: str | None
    rules: tuple[str, ...]
    high: int
    findings: int
    amount_yuan: Decimal | None


@dataclass(frozen=True)
class Lacking:
    """Subjects that a rule could not judge for lack of the same data."""

    rule: RuleFacts
    missing: str
    subjects: int


@dataclass(frozen=True)
class Facts:
    """Everything counted."""

    totals: Totals
    tally: Tally
    states: dict[str, int]
    several: int  # customers with more than one problem
    specialties: dict[str, Tally]
    units: list[UnitLine]
    rules: list[RuleLine]
    not_run: list[RuleFacts]
    visits: list[Visit]
    in_all: int  # findings of every state
    lacking: list[Lacking]

    @property
    def not_judged(self) -> int:
        """Subjects that could not be judged."""
        return sum(line.subjects for line in self.lacking)

    def not_judged_of(self, rule: str) -> int:
        """Subjects that one rule could not judge."""
        return sum(line.subjects for line in self.lacking if line.rule.code == rule)


def _rows(ledger: Ledger, sql: str, values: dict[str, Any]) -> list[tuple[Any, ...]]:
    found: list[tuple[Any, ...]] = ledger.connection.execute(sql, values).fetchall()
    return found


def _units(ledger: Ledger, wanted: Filter, counts: Iterable[tuple[Any, ...]]) -> list[UnitLine]:
    tree = ledger.organisations
    tallies: dict[str, Tally] = {}
    for org_id, severity, count, amount in counts:
        for above in tree[org_id].path if org_id in tree else ():
            tallies.setdefault(above, Tally()).add(severity, count, amount)
    on_file: dict[str, int] = {}
    for org_id, count in _rows(ledger, "SELECT org_id, COUNT(*) FROM customer GROUP BY org_id", {}):
        for above in tree[org_id].path if org_id in tree else ():
            on_file[above] = on_file.get(above, 0) + count
    top = tree.find(wanted.org) if wanted.org else tree.top
    shown = [unit for unit in tree if top is None or top.org_id in unit.path]
    base = min((len(unit.path) for unit in shown), default=0)
    if len(shown) > 400:  # a province: counties, not every station
        shown = [unit for unit in shown if len(unit.path) <= base + 2]
    return [
        UnitLine(unit, len(unit.path) - base, tallies.get(unit.org_id, Tally()), on_file.get(unit.org_id, 0))
        for unit in shown
    ]


def _visits(ledger: Ledger, condition: str, values: dict[str, Any], *, unmasked: bool, count: int) -> list[Visit]:
    rows = _rows(
        ledger,
        f"""
        SELECT f.customer_id, ANY_VALUE(f.org_id), LIST_SORT(LIST(DISTINCT f.rule)),
            COUNT(*) FILTER (f.severity = 'high') AS high, COUNT(*) AS findings, SUM(f.amount_yuan) AS amount
        FROM finding AS f
        WHERE f.customer_id IS NOT NULL AND {condition}
        GROUP BY f.customer_id
        HAVING COUNT(*) > 1 OR SUM(f.amount_yuan) > 0 OR COUNT(*) FILTER (f.severity = 'high') > 0
        ORDER BY high DESC, amount DESC NULLS LAST, findings DESC, f.customer_id
        LIMIT {count}
        """,
        values,
    )
    names = ledger.customer_names([row[0] for row in rows], unmasked=unmasked)
    return [Visit(row[0], names.get(row[0], ""), row[1], tuple(row[2]), row[3], row[4], row[5]) for row in rows]


def _lacking(ledger: Ledger, wanted: Filter) -> list[Lacking]:
    units = ledger.organisations.subtree(ledger.organisations.find(wanted.org).org_id) if wanted.org else None
    rows = _rows(
        ledger,
        "SELECT rule, COALESCE(missing, ''), COUNT(*) AS subjects FROM not_judged "
        "WHERE $units IS NULL OR org_id IN (SELECT UNNEST($units)) GROUP BY rule, missing ORDER BY rule, subjects DESC",
        {"units": units},
    )
    known = ledger.run.rules
    return [Lacking(known[rule], missing, subjects) for rule, missing, subjects in rows if rule in known]


def count_facts(ledger: Ledger, wanted: Filter, *, unmasked: bool = False) -> Facts:
    """Count what a report shows; the filter's states do not matter."""
    suspected = replace(wanted, states=SUSPECTED)
    every = ledger.query(replace(wanted, states=()), unmasked=unmasked)
    current = ledger.query(suspected, unmasked=unmasked)
    tally = Tally()
    by_specialty = {code: Tally() for code in specialties()}
    counts = _rows(
        ledger,
        "SELECT f.specialty, f.org_id, f.severity, COUNT(*), SUM(f.amount_yuan) FROM finding AS f "
        f"WHERE {current.sql} GROUP BY f.specialty, f.org_id, f.severity",
        current.values,
    )
    for specialty, _, severity, count, amount in counts:
        tally.add(severity, count, amount)
        by_specialty.setdefault(specialty, Tally()).add(severity, count, amount)
    rules: dict[str, dict[str, int]] = {}
    states: dict[str, int] = {}
    for rule, state, count in _rows(
        ledger,
        f"SELECT f.rule, f.state, COUNT(*) FROM finding AS f WHERE {every.sql} GROUP BY f.rule, f.state",
        every.values,
    ):
        rules.setdefault(rule, {})[state] = count
        states[state] = states.get(state, 0) + count
    sums = {
        rule: (customers, amount)
        for rule, customers, amount in _rows(
            ledger,
            "SELECT f.rule, COUNT(DISTINCT f.customer_id), COALESCE(SUM(f.amount_yuan), 0) FROM finding AS f "
            f"WHERE {current.sql} GROUP BY f.rule",
            current.values,
        )
    }
    [[several]] = _rows(
        ledger,
        "SELECT COUNT(*) FROM (SELECT f.customer_id FROM finding AS f "
        f"WHERE f.customer_id IS NOT NULL AND {current.sql} GROUP BY f.customer_id HAVING COUNT(*) > 1)",
        current.values,
    )
    lines = [
        RuleLine(rule, rules.get(code, {}), *sums.get(code, (0, Decimal(0))))
        for code, rule in ledger.run.rules.items()
        if rule.ran
    ]
    units = _units(ledger, wanted, ((org, severity, n, yuan) for _, org, severity, n, yuan in counts))
    drawn = sum(1 for line in lines if line.suspected) + sum(1 for t in by_specialty.values() if t.count)
    visits = min(max(len(units) - drawn - 4, 10), 25)  # as long as what stands beside it
    return Facts(
        totals=ledger.totals(suspected, unmasked=unmasked),
        tally=tally,
        states=states,
        several=several,
        specialties=by_specialty,
        units=units,
        rules=lines,
        not_run=[rule for rule in ledger.run.rules.values() if not rule.ran],
        visits=_visits(ledger, current.sql, current.values, unmasked=unmasked, count=visits),
        in_all=sum(states.values()),
        lacking=_lacking(ledger, wanted),
    )
