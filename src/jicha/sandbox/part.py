"""One part of the city: its files, what is wrong in them, and all that follows from them, written as it is made."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from jicha.sandbox.audit import Evidence, Whole, audit
from jicha.sandbox.billing import counted, issue, open_books
from jicha.sandbox.billing.right import recompute
from jicha.sandbox.changes import agree_demand, build_changes
from jicha.sandbox.collection import build_accounts, build_payments, monthly_sums
from jicha.sandbox.customers import build_customers
from jicha.sandbox.district import District
from jicha.sandbox.equipment import build_equipment
from jicha.sandbox.exports import Share
from jicha.sandbox.extras import build_intervals, build_membership, build_point_history
from jicha.sandbox.faults import plant_faults
from jicha.sandbox.faults.placed import Placed
from jicha.sandbox.faults.truth import Truth
from jicha.sandbox.frame import Frame
from jicha.sandbox.freezes import build_daily_electrical, build_daily_energy, build_events
from jicha.sandbox.grid import build_grid
from jicha.sandbox.layout import COUNTIES
from jicha.sandbox.metering import build_metering
from jicha.sandbox.orders import build_fees, build_orders, build_service
from jicha.sandbox.readings import build_readings, monthly
from jicha.sandbox.registers import run_meters
from jicha.sandbox.tariffs import Prices
from jicha.sandbox.variety import build_variety

STEPS = 6  # of each part, for the progress display
_CSV_MONTHS = 3  # the latest bills come as CSV, older ones as Parquet


@dataclass
class Part:
    """What one part gives to the city beside its Parquet files."""

    exports: Share
    truths: list[Truth]
    sums: Any  # what was billed and paid: [2, county, month] in cents
    placed: Placed
    whole: Whole


def build_part(folder: Path, district: District, prices: Prices, step: Callable[[], object]) -> Part:
    """Build one part of the city and write its Parquet files. step: called STEPS times.

    It depends on its district alone, so that parts may be built in any order and side by side.
    """
    out, placed, whole = Share(folder), Placed(), Whole()
    step()
    build_files(district)
    truths = plant_faults(district, placed)
    edits = district.edits
    build_fees(district)
    step()
    registers = run_meters(district)
    for change in district.edits.run:
        change(registers)
    months = monthly(district, registers)
    for alter in district.edits.months:
        alter(registers, months)
    agree_demand(district, registers, months)
    district.tables["metering_point_history"] = build_point_history(district)
    part = f"{district.number + 1:03d}"
    step()
    readings, segments = build_readings(district, registers, months)
    readings = edits.apply("reading", readings)
    out.parquet("reading", readings, part)
    out.parquet("reading_segment", segments.to_arrow(), part)
    step()
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
    step()
    books = open_books(district, prices, physical=True)
    bills, _ = issue(district, books, counted(books, registers, months))
    calendar = district.calendar
    recent = max(len(calendar.periods) - _CSV_MONTHS, 0)
    out.parquet("bill", bills.table.filter(pa.array(bills.period < recent)), part)
    names = [str(p)[:7].replace("-", "") for p in calendar.periods]
    out.csv_by("bill", bills.table, np.where(bills.period < recent, -1, bills.period), names)
    step()
    payments, paid = build_payments(district, bills)
    out.parquet("payment", payments, part)
    out.parquet("customer_account", build_accounts(district, bills, paid), part)
    right = recompute(open_books(district, prices, physical=False), readings, segments, bills.table)
    truths = audit(Evidence(district, prices, right, readings, daily, electrical, payments, whole), truths)
    _write_files(out, district, part)
    return Part(out, truths, monthly_sums(district, bills, paid), placed, whole)


def build_files(district: District) -> None:
    """Build what the marketing system has on file before anything is wrong in it."""
    build_customers(district, build_grid(district))
    build_equipment(district)
    build_metering(district)
    build_orders(district)
    build_variety(district)
    build_changes(district)
    build_service(district)
    district.tables["meter_event"] = Frame("meter_event")


def _write_files(out: Share, district: District, part: str) -> None:
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
