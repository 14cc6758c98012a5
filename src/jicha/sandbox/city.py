"""Building a city: once the utility, then part by part its customers, each part straight to files."""

from __future__ import annotations

import itertools
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np

from jicha.errors import BadInput
from jicha.sandbox.audit import Whole
from jicha.sandbox.calendar import Calendar, reported_days
from jicha.sandbox.collection import build_ledger
from jicha.sandbox.district import District
from jicha.sandbox.exports import Folder, Share
from jicha.sandbox.faults.placed import Placed
from jicha.sandbox.faults.truth import Truth
from jicha.sandbox.freezes import build_weather
from jicha.sandbox.inputs import mark, write_inputs
from jicha.sandbox.layout import COUNTIES, Layout, build_layout
from jicha.sandbox.tariffs import Prices, build_prices, pf_adjustments
from jicha.sandbox.workers import built, default_workers

DISTRICT_SIZE = 20_000
Progress = Callable[[int, int], None]  # steps done, steps in all


@dataclass(frozen=True)
class CitySummary:
    """What was built."""

    folder: Path
    customers: int
    p0: date
    first_day: date
    last_day: date
    rows: dict[str, int]
    files: int
    size_mb: float
    planted: dict[str, tuple[int, int]]  # rule -> hits, near misses
    unplanted: dict[str, list[str]]  # rule -> plants that found no place in the whole city
    seconds: float


def build_city(
    folder: Path,
    *,
    customers: int = 20_000,
    months: int = 24,
    days: int = 90,
    seed: int = 1,
    as_of: date = date(2026, 10, 15),
    force: bool = False,
    workers: int = 0,
    progress: Progress | None = None,
) -> CitySummary:
    """Build an invented city as source files in a folder; the same arguments give the same contents.

    days: of daily data up to as_of. From 80 on there are more where P0 ended more than 14 days before as_of.
    workers: parts that are built side by side, each in a process of about 2 GB; 0: as cores and memory allow. The
    contents do not depend on it.
    """
    _check(customers, months, days, workers)
    _prepare(folder, force=force)
    began = time.perf_counter()
    calendar = Calendar(as_of, months, reported_days(as_of, days), seed)
    layout, prices = build_layout(customers, as_of, seed), build_prices(calendar)
    out, truths = Folder(folder), []
    out.add(_once(folder, layout, prices, calendar))
    sums, placed, whole = np.zeros((2, len(COUNTIES), months), dtype=np.int64), Placed(), Whole()
    districts = _districts(customers, layout, calendar)
    tell = progress or (lambda _done, _total: None)
    for part in built(folder, districts, prices, workers=workers or default_workers(len(districts)), progress=tell):
        out.add(part.exports)
        truths += part.truths
        sums += part.sums
        placed.merge(part.placed)
        whole.merge(part.whole)
    truths = whole.judge(layout, truths)
    ledger = Share(folder)
    ledger.sheet("ledger", build_ledger(sums, calendar.periods).to_arrow())
    out.add(ledger)
    out.close()
    write_inputs(folder, calendar, truths, customers=customers)
    files = [f for f in folder.rglob("*") if f.is_file()]
    return CitySummary(
        folder=folder,
        customers=customers,
        p0=calendar.p0,
        first_day=calendar.start,
        last_day=calendar.span[-1].item(),
        rows=dict(out.rows),
        files=len(files),
        size_mb=round(sum(f.stat().st_size for f in files) / 1e6, 1),
        planted=_counts(truths),
        unplanted=placed.nowhere(),
        seconds=round(time.perf_counter() - began, 1),
    )


def _districts(customers: int, layout: Layout, calendar: Calendar) -> list[District]:
    """Cut the city into parts of whole stations; the office of a county acts where most of its stations are."""
    parts = max(1, round(customers / DISTRICT_SIZE))
    count = len(layout.stations)
    station_edges = np.linspace(0, count, min(parts, count) + 1).round().astype(int)
    edges = (station_edges * customers / count).round().astype(int)
    spans = list(itertools.pairwise(station_edges.tolist()))
    held = np.array([np.bincount(layout.station_county[a:b], minlength=len(COUNTIES)) for a, b in spans])
    seat = held.argmax(axis=0)
    return [
        District(
            number,
            first,
            before - first,
            spans[number],
            layout,
            calendar,
            tuple(np.flatnonzero(seat == number).tolist()),
        )
        for number, (first, before) in enumerate(itertools.pairwise(edges.tolist()))
    ]


def _check(customers: int, months: int, days: int, workers: int) -> None:
    for name, zh, value, least, most in (
        ("customers", "客户数", customers, 300, 5_000_000),
        ("months", "账单月数", months, 1, 60),
        ("days", "日数据天数", days, 1, 366),
        ("workers", "并行进程数", workers, 0, 256),
    ):
        if not least <= value <= most:
            raise BadInput(
                zh=f"{zh} {value} 不在 {least} 至 {most} 之间。请修改 --{name}。",
                en=f"--{name} {value} is not between {least} and {most}",
            )


def _prepare(folder: Path, *, force: bool) -> None:
    if folder.exists() and not folder.is_dir():
        raise BadInput(zh=f"{folder} 不是目录。请换一个目录。", en=f"{folder} is not a folder; give another one")
    if folder.is_dir() and any(folder.iterdir()):
        if not force:
            raise BadInput(
                zh=f"目录 {folder} 不是空的，未写入任何文件。请换一个目录，或加 --force 覆盖。",
                en=f"{folder} is not empty; nothing was written. Give another folder, or --force to replace it",
            )
        if not (folder / ".jichaignore").is_file():
            raise BadInput(
                zh=f"目录 {folder} 不是沙盘城市，不会清空。请手工清空或换一个目录。",
                en=f"{folder} holds no sandbox city and is not emptied; empty it yourself or give another folder",
            )
        shutil.rmtree(folder)
    folder.mkdir(parents=True, exist_ok=True)
    mark(folder)  # first of all: what was interrupted can be built again with --force
    (folder / "run").mkdir()


def _once(folder: Path, layout: Layout, prices: Prices, calendar: Calendar) -> Share:
    out = Share(folder)
    for frame in (
        layout.organization,
        layout.staff,
        layout.outlet,
        prices.tariff,
        prices.tiers,
        prices.components,
        prices.losses,
    ):
        out.sheet(frame.table.name, frame.to_arrow())
    out.sheet("pf_adjustment", pf_adjustments()[1].to_arrow())
    out.parquet("daily_weather", build_weather(calendar, layout).to_arrow(), "all")
    return out


def _counts(truths: list[Truth]) -> dict[str, tuple[int, int]]:
    found: dict[str, tuple[int, int]] = {}
    for truth in truths:
        hits, near = found.get(truth.rule, (0, 0))
        found[truth.rule] = (hits + (truth.kind == "hit"), near + (truth.kind == "near_miss"))
    return dict(sorted(found.items()))
