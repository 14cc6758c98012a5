"""All bills of a data folder, recomputed period by period by the derived model, and what came of it in sums."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path

from jicha.catalog.billing import read_settings
from jicha.engine.session import Session
from jicha.engine.source import TableSource
from jicha.errors import BadInput

COMPONENTS = ("energy", "tier", "basic", "pf", "total")  # with a difference of their own
MODEL = "recomputed_bill"
_BILLS_AT_ONCE = 6_000_000  # of all periods of a pass: each pass costs a fixed time, and memory by its bills


@dataclass(frozen=True)
class Difference:
    """Differences of a component over the judged bills: how many, yuan billed too little and too much (both ≥ 0)."""

    bills: int
    under_yuan: Decimal
    over_yuan: Decimal


@dataclass(frozen=True)
class PeriodSummary:
    """What came of one period. reasons: reason → bills that carry it; a bill may carry several."""

    period: date
    bills: int
    judged: int
    differing: int
    components: dict[str, Difference]
    reasons: dict[str, int]


def open_session(
    source: TableSource, *, as_of: date, run_folder: Path | None, memory: str = "4GB", threads: int | None = None,
    spill: Path | None = None,
) -> Session:  # fmt: skip
    """Return a session for `recompute_periods`, with the settings of the run folder."""
    session = Session(
        source, as_of=as_of, p0=date(as_of.year, as_of.month, 1), memory=memory, threads=threads, spill=spill,
        recompute_months=1,
    )  # fmt: skip
    session.billing = read_settings(run_folder, session.parents())
    return session


def periods_with_bills(session: Session, *, first: date | None = None, last: date | None = None) -> list[date]:
    """Return the periods that have bills, from the earliest; BadInput when there are none between the two."""
    session.require(["bill"])
    found = session.connection.execute("SELECT DISTINCT period FROM bill ORDER BY 1").fetchall()
    periods = [period for (period,) in found]
    chosen = [p for p in periods if (first is None or p >= first) and (last is None or p <= last)]
    if not chosen:
        have = f"{periods[0]:%Y-%m} … {periods[-1]:%Y-%m}" if periods else ""
        raise BadInput(
            zh=f"所选账期没有账单；已装入的账期：{have or '无'}。",
            en=f"there are no bills in these periods; loaded are {have or 'none'}",
        )
    return chosen


def recompute_periods(
    session: Session, periods: Sequence[date], *, bills_at_once: int = _BILLS_AT_ONCE
) -> Iterator[tuple[date, ...]]:
    """Recompute period after period, as many in one pass as have so many bills together.

    periods: in order. While some are yielded, the relation `recomputed_bill` holds the bills of these and no others.
    """
    session.recompute_span = (periods[0], periods[-1])
    for some in _passes(session, periods, bills_at_once):
        session.recompute_months = (some[-1].year - some[0].year) * 12 + some[-1].month - some[0].month + 1
        session.at(some[-1])
        session.require([MODEL], side_by_side=True)
        yield some


def _passes(session: Session, periods: Sequence[date], bills_at_once: int) -> Iterator[tuple[date, ...]]:
    session.require(["bill"])
    rows = session.connection.execute("SELECT period, COUNT(*) FROM bill GROUP BY period ORDER BY period").fetchall()
    counts: dict[date, int] = dict(rows)
    place = {period: number for number, period in enumerate(counts)}
    some: list[date] = []
    for period in periods:
        apart = bool(some) and place[period] - place[some[-1]] != 1  # a period between them is not asked for
        if some and (apart or sum(counts[p] for p in (*some, period)) > bills_at_once):
            yield tuple(some)
            some = []
        some.append(period)
    if some:
        yield tuple(some)


def summary_of(session: Session, period: date) -> PeriodSummary:
    """Return the sums over the bills of a period, which the session holds."""
    sums = ", ".join(
        f"COUNT(*) FILTER ({n}_diff_yuan <> 0), COALESCE(SUM(-{n}_diff_yuan) FILTER ({n}_diff_yuan < 0), 0),"
        f" COALESCE(SUM({n}_diff_yuan) FILTER ({n}_diff_yuan > 0), 0)"
        for n in COMPONENTS
    )
    differs = " OR ".join(f"{name}_diff_yuan <> 0" for name in COMPONENTS)
    row = session.connection.execute(
        f"SELECT COUNT(*), COUNT(*) FILTER (reason IS NULL), COUNT(*) FILTER ({differs}), {sums}"
        f" FROM {MODEL} WHERE period = $1",
        [period],
    ).fetchall()[0]
    components = {
        name: Difference(row[3 + 3 * at], row[4 + 3 * at], row[5 + 3 * at]) for at, name in enumerate(COMPONENTS)
    }
    reasons: dict[str, int] = {}
    rows = session.connection.execute(
        f"SELECT reason, COUNT(*) FROM {MODEL} WHERE reason IS NOT NULL AND period = $1 GROUP BY reason",
        [period],
    ).fetchall()
    for text, count in rows:
        for reason in text.split(","):
            reasons[reason] = reasons.get(reason, 0) + count
    ordered = dict(sorted(reasons.items(), key=lambda item: (-item[1], item[0])))
    return PeriodSummary(period, row[0], row[1], row[2], components, ordered)
