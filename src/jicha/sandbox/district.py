"""One part of the city that is generated at a time: its customers, their grid, and what is known of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from jicha.sandbox.arrays import Array, Rng, stream
from jicha.sandbox.calendar import Calendar
from jicha.sandbox.edits import Edits
from jicha.sandbox.frame import Frame
from jicha.sandbox.layout import Layout

# What a customer really is; the file may say something else where a fault is planted.
HOME, SHOP, FARM, OFFICE, LIGHTS, CHARGING, SCHOOL, WORKS, PLANT, RESALE = range(10)


@dataclass
class District:
    """Mutable state while one part is generated: canonical frames and the physical truth beside them."""

    number: int
    first: int  # running number of its first customer in the city
    size: int
    stations: tuple[int, int]  # positions in the layout, from and before
    layout: Layout
    calendar: Calendar
    offices: tuple[int, ...] = ()  # counties (positions in COUNTIES) whose offices act in this part and no other
    tables: dict[str, Frame] = field(default_factory=dict)
    # physical truth per customer
    kind: Array = field(default_factory=lambda: np.zeros(0))
    high_voltage: Array = field(default_factory=lambda: np.zeros(0))
    area: Array = field(default_factory=lambda: np.zeros(0))  # position in the area table, -1 on a feeder
    feeder: Array = field(default_factory=lambda: np.zeros(0))  # position in the feeder table
    station: Array = field(default_factory=lambda: np.zeros(0))  # position in the layout
    connected: Array = field(default_factory=lambda: np.zeros(0))  # first day with power
    disconnected: Array = field(default_factory=lambda: np.zeros(0))  # last day with power, NaT while connected
    idle_from: Array = field(default_factory=lambda: np.zeros(0))  # first day of a suspension
    shifts: Array = field(default_factory=lambda: np.zeros(0))
    daily_kwh: Array = field(default_factory=lambda: np.zeros(0))  # mean load of a customer
    sun_kw: Array = field(default_factory=lambda: np.zeros(0))  # photovoltaic capacity
    billed_kva: Array = field(default_factory=lambda: np.zeros(0))  # what really runs
    windings: Array = field(default_factory=lambda: np.zeros(0))  # [customer] iron, copper kW; idle, load kvar; kVA
    loss_rate: Array = field(default_factory=lambda: np.zeros(0))  # technical loss per area
    edits: Edits = field(default_factory=Edits)  # what faults change in later steps
    read_on: dict[int, int] = field(default_factory=dict)  # customers whose meters are read on another day than the 1st
    slow: dict[int, int] = field(default_factory=dict)  # customers read every two months: 0 or 1, counted back from P0
    past: dict[str, list[tuple[Any, dict[str, Any]]]] = field(
        default_factory=dict
    )  # point -> what was on file until a day
    own_demand: set[int] = field(default_factory=set)  # customers whose agreed demand is set on purpose
    order_number: int = 0
    has_order: Array = field(default_factory=lambda: np.zeros(0))  # customers with a business of their own
    area_customers: Array = field(default_factory=lambda: np.zeros(0))  # planned connections per area

    def rng(self, *names: object) -> Rng:
        """Random stream of a part of this district."""
        return stream(self.calendar.seed, self.number, *names)

    @property
    def customer(self) -> Frame:
        """The customer file."""
        return self.tables["customer"]

    @property
    def customer_ids(self) -> Array:
        """Identifiers, by position."""
        return self.customer["customer_id"]

    def position(self, customer_ids: Array) -> Array:
        """Positions of customers in the district."""
        return np.asarray(customer_ids.astype(str).astype(np.int64) - FIRST_CUSTOMER - self.first)


FIRST_CUSTOMER = 3300000001
