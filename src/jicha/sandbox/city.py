"""Building a city: once the utility, then part by part its customers, each part straight to files."""

from __future__ import annotations

import itertools
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from jicha.errors import BadInput
from jicha.sandbox.audit import Evidence, Whole, audit
from jicha.sandbox.billing import counted, issue, open_books
from jicha.sandbox.billing.right import recompute
from jicha.sandbox.calendar import Calendar, reported_days
from jicha.sandbox.changes import agree_demand, build_changes
from jicha.sandbox.collection import build_accounts, build_ledger, build_payments, monthly_sums
from jicha.sandbox.customers import build_customers
from jicha.sandbox.district import District
from jicha.sandbox.equipment import build_equipment
from jicha.sandbox.exports import Folder
from jicha.sandbox.extras import build_intervals, build_membership, build_point_history
from jicha.sandbox.faults import plant_faults
from jicha.sandbox.faults.placed import Placed
from jicha.sandbox.faults.truth import Truth
from jicha.sandbox.frame import Frame
from jicha.sandbox.freezes import build_daily_electrical, build_daily_energy, build_events, build_weather
from jicha.sandbox.grid import build_grid
from jicha.sandbox.inputs import write_inputs
from jicha.sandbox.layout import COUNTIES, Layout, build_layout
from jicha.sandbox.metering import build_metering
from jicha.sandbox.orders import build_fees, build_orders, build_service
from jicha.sandbox.readings import build_readings, monthly
from jicha.sandbox.registers import run_meters
from jicha.sandbox.tariffs import Prices, build_prices, pf_adjustments
from jicha.sandbox.variety import build_variety

DISTRICT_SIZE = 20_000
_CSV_MONTHS = 3  # the latest bills come as CSV, older ones as Parquet
_STEPS = 6  # of each part, for the progress display
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
    progress: Progress | None = None,
) -> CitySummary:
    """Build an invented city as source files in a folder; the same arguments give the same contents.

    days: of daily data up to as_of. From 80 on there are more where P0 ended more than 14 days before as_of.
    """
    _check(customers, months, days)
    _prepare(folder, force=force)
    began = time.perf_counter()
    calendar = Calendar(as_of, months, reported_days(as_of, days), seed)
    layout, prices = build_layout(customers, as_of, seed), build_prices(calendar)
    out, truths = Folder(folder), []
    _once(out, layout, prices, calendar)
    districts = _districts(customers, layout, calendar)
    sums, placed, whole = np.zeros((2, len(COUNTIES), months), dtype=np.int64), Placed(), Whole()
    steps = _announce(progress, len(districts) * _STEPS)
    while districts:
        truth, booked = _build_part(out, districts.pop(0), prices, steps, placed=placed, whole=whole)
        truths += truth
        sums += booked
    truths = whole.judge(layout, truths)
    out.sheet("ledger", build_ledger(sums, calendar.periods).to_arrow())
    out.close()
    write_inputs(folder, calendar, truths, customers=customers)
    next(steps)
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


def _announce(progress: Progress | None, total: int) -> Iterator[None]:
    """Tell the progress at every step."""
    for done in range(total + 1):
        if progress is not None:
            progress(done, total)
        yield


def _check(customers: int, months: int, days: int) -> None:
    for name, zh, value, least, most in (
        ("customers", "客户数", customers, 300, 5_000_000),
        ("months", "账单月数", months, 1, 60),
        ("days", "日数据天数", days, 1, 366),
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
    (folder / "run").mkdir()


def _once(out: Folder, layout: Layout, prices: Prices, calendar: Calendar) -> None:
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


def _build_part(
    out: Folder, district: District, prices: Prices, steps: Iterator[None], *, placed: Placed, whole: Whole
) -> tuple[list[Truth], Any]:
    next(steps)
    _build_files(district)
    truths = plant_faults(district, placed)
    edits = district.edits
    build_fees(district)
    next(steps)
    registers = run_meters(district)
    for change in district.edits.run:
        change(registers)
    months = monthly(district, registers)
    for alter in district.edits.months:
        alter(registers, months)
    agree_demand(district, registers, months)
    district.tables["metering_point_history"] = build_point_history(district)
    part = f"{district.number + 1:03d}"
    next(steps)
    readings, segments = build_readings(district, registers, months)
    readings = edits.apply("reading", readings)
    out.parquet("reading", readings, part)
    out.parquet("reading_segment", segments.to_arrow(), part)
    next(steps)
    daily, energy = build_daily_energy(district, registers)
    out.parquet("daily_energy", daily, part)
    electrical = edits.apply("daily_electrical", build_daily_electrical(district, registers, energy))
    out.parquet("daily_electrical", electrical, part)
    out.parquet("interval_energy", build_intervals(district, registers, energy), part)
    out.parquet("area_membership", build_membership(district).to_arrow(), part)
    out.parquet("customer_price", district.tables["customer_price"].to_arrow(), part)
    out.parquet("metering_point_history", district.tables["metering_point_history"].to_arrow(), part)
    events = build_events(district)
    events.extend(district.tables["meter_event"])
    out.parquet("meter_event", events.to_arrow(), part)
    next(steps)
    books = open_books(district, prices, physical=True)
    bills, _ = issue(district, books, counted(books, registers, months))
    calendar = district.calendar
    recent = max(len(calendar.periods) - _CSV_MONTHS, 0)
    out.parquet("bill", bills.table.filter(pa.array(bills.period < recent)), part)
    names = [str(p)[:7].replace("-", "") for p in calendar.periods]
    out.csv_by("bill", bills.table, np.where(bills.period < recent, -1, bills.period), names)
    next(steps)
    payments, paid = build_payments(district, bills)
    out.parquet("payment", payments, part)
    out.parquet("customer_account", build_accounts(district, bills, paid), part)
    right = recompute(open_books(district, prices, physical=False), readings, segments, bills.table)
    truths = audit(Evidence(district, prices, right, readings, daily, electrical, payments, whole), truths)
    _write_files(out, district, part)
    return truths, monthly_sums(district, bills, paid)


def _build_files(district: District) -> None:
    """Build what the marketing system has on file before anything is wrong in it."""
    build_customers(district, build_grid(district))
    build_equipment(district)
    build_metering(district)
    build_orders(district)
    build_variety(district)
    build_changes(district)
    build_service(district)
    district.tables["meter_event"] = Frame("meter_event")


def _write_files(out: Folder, district: District, part: str) -> None:
    tables = district.tables
    county_of = district.layout.station_county[district.station]
    for name in ("customer", "power_source", "customer_transformer", "service_order", "ticket"):
        frame = tables[name]
        owner = district.position(frame["customer_id"])
        out.csv_by(name, frame.to_arrow(), county_of[owner], COUNTIES)
    for name in ("metering_point", "meter", "instrument_transformer", "ami_meter"):
        out.csv(name, tables[name].to_arrow(), "")
    contracts = tables["contract"]
    large = district.high_voltage[district.position(contracts["customer_id"])]
    content = contracts.to_arrow()
    out.sheet("contract", content.filter(pa.array(large)))
    out.csv("contract", content.filter(pa.array(~large)), "低压")
    out.parquet("service_step", tables["service_step"].to_arrow(), part)
    for name in (
        "feeder", "area", "pms_area", "service_fee", "adjustment", "field_test", "usage_inspection", "self_generator",
        "transformer_status",
    ):  # fmt: skip
        out.sheet(name, tables[name].to_arrow())


def _counts(truths: list[Truth]) -> dict[str, tuple[int, int]]:
    found: dict[str, tuple[int, int]] = {}
    for truth in truths:
        hits, near = found.get(truth.rule, (0, 0))
        found[truth.rule] = (hits + (truth.kind == "hit"), near + (truth.kind == "near_miss"))
    return dict(sorted(found.items()))
