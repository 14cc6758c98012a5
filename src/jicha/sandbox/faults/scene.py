"""The district as faults see it: who may still be chosen, and the changes that keep the rest of the file consistent."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import numpy as np

from jicha.sandbox.arrays import Array, Rng
from jicha.sandbox.district import CHARGING, FARM, HOME, LIGHTS, OFFICE, PLANT, RESALE, SCHOOL, SHOP, WORKS, District
from jicha.sandbox.equipment import loss_data
from jicha.sandbox.faults.placed import Placed
from jicha.sandbox.faults.truth import HIT, NEAR_MISS, Truth, key_of
from jicha.sandbox.frame import Frame
from jicha.sandbox.metering import refit
from jicha.sandbox.orders import file_order

_SHARE = 0.8  # of a pool that may be planted on, so that something ordinary is left
_LEAST_OPEN_DAYS = 60  # of an account that is closed


class Scene:
    """One district while faults are planted."""

    def __init__(self, district: District, rng: Rng, placed: Placed) -> None:
        self.district = district
        self.rng = rng
        self.tell = placed.tell
        self.truths: list[Truth] = []
        self.dials: dict[int, Any] = {}  # meters of planted customers while they run
        self.clerks: list[tuple[str, str, str]] = []  # kind, note, staff of what is planted on people
        self._added = 0  # transformers put into files
        self.today = np.datetime64(district.calendar.as_of, "D")
        self.used = np.zeros(district.size, dtype=bool)
        self.apart: list[Array] = []  # customers that wait for plants that need many of one kind together
        self.measured_low: set[int] = set()  # customers whose large transformers are measured on the low side
        self.planted_areas: set[int] = set()  # areas whose customers' places were touched
        self._pools = {
            name: self.rng.permutation(np.flatnonzero(mask)).tolist() for name, mask in self._masks().items()
        }
        self._least = {name: int(len(pool) * (1 - _SHARE)) for name, pool in self._pools.items()}

    # ------------------------------------------------------------------ choosing
    def _masks(self) -> dict[str, Array]:
        district, customer = self.district, self.district.customer
        kind, high = district.kind, district.high_voltage
        volts = customer["voltage_v"]
        old_enough = customer["opened_on"] < np.datetime64(district.calendar.youngest_mature) - 400
        exchanged = self._exchanged()
        plain = old_enough & ~district.has_order & ~exchanged & (customer["is_temporary"] == False)  # noqa: E712
        active = plain & (customer["status"] == "active")
        dark = active & (district.sun_kw == 0)
        single = np.bincount(district.position(self.points("settlement")), minlength=district.size) == 1
        one = self._one_transformer() & dark & high & single & (volts == 10_000) & ~self._motor()
        behind = np.zeros(district.size, dtype=bool)
        point = district.tables["metering_point"]
        behind[district.position(point["customer_id"][point["mode"] == "hv_supply_lv_metering"])] = True
        through, measured = np.zeros(district.size, dtype=bool), np.zeros(district.size, dtype=bool)
        for found, rows in ((through, point["multiplier"] > 1), (measured, point["mode"] == "hv_supply_hv_metering")):
            found[district.position(point["customer_id"][rows & (point["purpose"] == "settlement")])] = True
        special = self._motor()
        locked = district.tables["customer_transformer"]
        special[district.position(locked["customer_id"][locked["interlock_group"] != None])] = True  # noqa: E711
        firm = np.array([str(i).startswith("91") for i in customer["id_number"]])
        sourced = customer["supply_mode"] == "single"
        home = dark & (kind == HOME) & ~high & (district.area >= 0)
        business = dark & np.isin(kind, [SHOP, OFFICE, FARM]) & ~high
        timed = np.zeros(district.size, dtype=bool)
        timed[district.position(point["customer_id"][(point["is_time_of_use"] == True)])] = True  # noqa: E712
        still = dark & single & ~high & ~timed & (volts == 220)
        large = (
            dark & single & high & (customer["contract_capacity_kva"] >= 315) & np.isin(kind, [WORKS, PLANT, SCHOOL])
        )
        hv = dark & high & single & (volts == 10_000) & sourced & ~special & (kind != RESALE)  # these own transformers
        areas = np.zeros(district.size, dtype=bool)
        populated, spare = areas.copy(), areas.copy()
        populated[np.unique(district.area[district.area >= 0])] = True
        spare[len(np.unique(district.area[district.area >= 0])) : len(district.tables["area"])] = True
        return {
            "home": home & (volts == 220),
            "home380": home & (volts == 380),
            "low": home | business,
            "business": business,
            "shop": dark & (kind == SHOP) & ~high,
            "shop380": dark & (kind == SHOP) & (volts == 380),
            "shop220": dark & (kind == SHOP) & (volts == 220),
            "farm": dark & single & (kind == FARM),
            "firm": dark & firm & (kind != HOME) & (customer["usage_class"] != "residential"),
            "school": dark & (kind == SCHOOL),
            "factory": dark & (kind == PLANT) & single,
            "commerce": dark & np.isin(kind, [SHOP, WORKS]) & ~(np.isin(kind, [WORKS]) & one),
            "other": dark & ~high & np.isin(kind, [OFFICE]),
            "resale": dark & (kind == RESALE),
            "lights": dark & ~high & (kind == LIGHTS),
            "one": one & sourced & np.isin(kind, [WORKS, PLANT, FARM, OFFICE, SCHOOL]),
            "one_business": one & sourced & np.isin(kind, [WORKS, PLANT, FARM, OFFICE]),
            "one_plant": one & sourced & (kind == PLANT),
            "one_behind": one & sourced & behind & np.isin(kind, [WORKS, PLANT, FARM, OFFICE, SCHOOL]),
            "ct": dark & ~high & single & through & (volts == 380),
            "direct3": dark & ~high & single & ~through & (volts == 380),
            "hv": hv,
            "hv_measured": hv & measured,
            "timed_shop": business & single & timed,
            "timed_home": home & (volts == 220) & timed,
            "sunny": active & (district.sun_kw > 0) & (kind == HOME),
            "still": still & np.isin(kind, [HOME, SHOP]),
            "still_home": still & (kind == HOME),
            "still_shop": still & (kind == SHOP),
            "large": large,
            "large_high": large & (volts == 10_000) & ~behind & (kind == PLANT) & ~self._motor(),
            "works": one & sourced & (kind == WORKS) & (district.customer["market_mode"] == "agency"),
            "plant": self._two_part("capacity") & dark & single & sourced & self._one_transformer(),
            "plant_demand": self._two_part("contract_demand", "actual_demand") & dark & single & sourced,
            "station": dark & high & single & (kind == CHARGING),
            "area": populated,
            "spare_area": spare,
        }

    def _two_part(self, *modes: str) -> Array:
        """10 kV plants that are measured on the high side, charged by some modes, without motors fed directly."""
        point, district = self.district.tables["metering_point"], self.district
        found = np.zeros(district.size, dtype=bool)
        mine = np.isin(point["basic_charge_mode"].astype(str), modes) & (point["mode"] == "hv_supply_hv_metering")
        found[district.position(point["customer_id"][mine & (point["purpose"] == "settlement")])] = True
        return np.asarray(
            found & (district.kind == PLANT) & (district.customer["voltage_v"] == 10_000) & ~self._motor()
        )

    def _exchanged(self) -> Array:
        meter, point = self.district.tables["meter"], self.district.tables["metering_point"]
        owner = dict(zip(point["point_id"].tolist(), point["customer_id"].tolist(), strict=True))
        found = np.zeros(self.district.size, dtype=bool)
        for meter_id, point_id in zip(meter["meter_id"].tolist(), meter["point_id"].tolist(), strict=True):
            if meter_id.startswith("DA") and owner[point_id] is not None:
                found[self.district.position(np.array([owner[point_id]], dtype=object))[0]] = True
        return found

    def _one_transformer(self) -> Array:
        transformer = self.district.tables["customer_transformer"]
        owner = self.district.position(transformer["customer_id"])
        count = np.bincount(owner, minlength=self.district.size)
        running = np.bincount(owner[transformer["status"] == "running"], minlength=self.district.size)
        return np.asarray((count == 1) & (running == 1))

    def _motor(self) -> Array:
        return np.asarray(self.district.customer["direct_motor_kva"] > 0)

    def points(self, purpose: str) -> Array:
        """Customers of the points of a purpose, one entry per point."""
        point = self.district.tables["metering_point"]
        return np.asarray(point["customer_id"][point["purpose"] == purpose])

    def take(self, pool: str, count: int) -> Array | None:
        """Choose positions that nothing was planted on; None when the pool has run dry."""
        left = self._pools[pool]
        chosen: list[int] = []
        areas = pool in ("area", "spare_area")
        while left and len(chosen) < count and len(left) > (0 if areas else self._least[pool]):
            at = left.pop()
            if areas or not self.used[at]:
                chosen.append(at)
        if len(chosen) < count:
            left.extend(chosen)
            return None
        if not areas:
            self.used[chosen] = True
        return np.array(chosen)

    def room(self, pool: str) -> int:
        """How many customers a pool may still give, whether or not something was planted on them."""
        return len(self._pools[pool]) - self._least[pool]

    def keep_apart(self, at: Array) -> None:
        """Let nothing be planted on customers until they are given back."""
        self.apart.append(at)
        self.used[at] = True

    def give_back(self) -> None:
        """Let plants choose what was kept apart for them."""
        for at in self.apart:
            self.used[at] = False
        self.apart.clear()

    def left(self, pool: str) -> Array:
        """Positions of a pool that nothing was planted on."""
        found = np.array(sorted(self._pools[pool]), dtype=np.int64)
        return np.asarray(found[~self.used[found]])

    # ------------------------------------------------------------------ recording
    def record(self, rule: str, kind: str, at: Any, note: str, *, tag: str = "", extra: str = "") -> None:
        """Note what must be found, or must not, of customers."""
        for position in np.atleast_1d(at).tolist():
            key = key_of(customer_id=self.district.customer_ids[position])
            self.truths.append(Truth(rule, key, kind, note, tag, extra))

    def hit(self, rule: str, at: Any, note: str) -> None:
        """A rule besides the planted one that must find the customers too."""
        self.record(rule, HIT, at, note)

    def near_miss(self, rule: str, at: Any, note: str) -> None:
        """A rule besides the planted one that must not find the customers."""
        self.record(rule, NEAR_MISS, at, note)

    # ------------------------------------------------------------------ changing
    def ago(self, days: int) -> Any:
        """The day so many days before as_of."""
        return self.today - days

    def set(self, at: Any, **values: Any) -> None:
        """Change the customer file."""
        self.district.customer.set(at, **values)

    def frame(self, name: str) -> Frame:
        """A table of the district."""
        return self.district.tables[name]

    def rows(self, table: str, at: Any) -> Array:
        """Rows of a table that belong to one customer."""
        return self.frame(table).rows(customer_id=self.district.customer_ids[int(np.atleast_1d(at)[0])])

    def order(self, at: Any, kind: str, *, applied: int = 10, archived: Any = None, **columns: Any) -> None:
        """File an order: applied so many days ago; open unless a moment of archiving is given."""
        file_order(
            self.district,
            self.rng,
            int(np.atleast_1d(at)[0]),
            kind,
            applied=self.ago(applied),
            archived=archived,
            **columns,
        )

    def point_rows(self, at: Any, purpose: str = "settlement") -> Array:
        """Rows of a customer's metering points."""
        return self.frame("metering_point").rows(
            customer_id=self.district.customer_ids[int(np.atleast_1d(at)[0])], purpose=purpose
        )

    def meter_rows(self, point_rows: Array) -> Array:
        """Rows of the meters on some points."""
        ids = self.frame("metering_point")["point_id"][point_rows]
        return np.flatnonzero(np.isin(self.frame("meter")["point_id"], ids))

    def reopen(self, at: Any, day: Any) -> None:
        """Let a customer have begun on another day, meter and contract with it."""
        self.set(at, opened_on=day)
        self.district.connected[at] = day
        for position in np.atleast_1d(at).tolist():
            for purpose in ("settlement", "generation"):
                meters = self.meter_rows(self.point_rows(position, purpose))
                self.frame("meter").set(meters, installed_on=day, verified_on=day - 30)
            self.frame("contract").set(self.rows("contract", position), signed_on=day, entered_on=day, archived_on=None)

    def suspend(self, at: Any) -> None:
        """Let a customer be suspended since five weeks."""
        self.set(at, status="suspended")
        self.district.idle_from[at] = self.ago(35)

    def young(self, at: Any) -> None:
        """Let a customer be one day too young to be mature."""
        self.reopen(at, np.datetime64(self.district.calendar.youngest_mature + timedelta(days=1)))

    def just_mature(self, at: Any) -> None:
        """Let a customer have become mature on as_of."""
        self.reopen(at, np.datetime64(self.district.calendar.youngest_mature))

    def close(self, at: Any, day: Any) -> None:
        """Close an account properly on a day: points closed, meters removed; opened well before."""
        late = np.atleast_1d(at)[self.district.customer["opened_on"][np.atleast_1d(at)] > day - _LEAST_OPEN_DAYS]
        if len(late):
            self.reopen(late, day - _LEAST_OPEN_DAYS)
        self.set(at, status="closed", closed_on=day)
        self.district.disconnected[at] = day
        for position in np.atleast_1d(at).tolist():
            for purpose in ("settlement", "generation"):
                points = self.point_rows(position, purpose)
                self.frame("metering_point").set(points, status="closed")
                self.frame("meter").set(self.meter_rows(points), status="removed", removed_on=day)
                ids = self.frame("metering_point")["point_id"][points]
                self.frame("ami_meter").remove(np.isin(self.frame("ami_meter")["point_id"], ids))

    def remove_points(self, at: Any, purpose: str = "settlement") -> None:
        """Take a customer's points out of the file with all that hangs on them."""
        points = self.point_rows(at, purpose)
        ids = self.frame("metering_point")["point_id"][points]
        for name in ("meter", "ami_meter", "instrument_transformer", "field_test"):
            self.frame(name).remove(np.isin(self.frame(name)["point_id"], ids))
        self.frame("metering_point").remove(points)

    # ------------------------------------------------------------------ transformers
    def size(self, at: Any, kva: float, *, volts: int = 10_000, series: str = "S11") -> None:
        """Give a customer with one transformer another size, in file and in fact."""
        position = int(np.atleast_1d(at)[0])
        row = self.rows("customer_transformer", position)
        no_load, load, current, impedance = loss_data(kva, series)
        self.frame("customer_transformer").set(
            row, capacity_kva=kva, model=f"{series}-{round(kva)}/{volts // 1000}", no_load_loss_kw=no_load,
            load_loss_kw=load, no_load_current_pct=current, impedance_pct=impedance,
        )  # fmt: skip
        self.set(position, contract_capacity_kva=kva, operating_capacity_kva=kva, voltage_v=volts)
        self.frame("contract").set(self.rows("contract", position), capacity_kva=kva, voltage_v=volts)
        self.frame("power_source").set(self.rows("power_source", position), voltage_v=volts)
        refit(self.district, self.point_rows(position), kva, volts)
        if volts >= 66_000:  # tested more often
            test = self.frame("field_test")
            ids = self.frame("metering_point")["point_id"][self.point_rows(position)]
            test.set(np.isin(test["point_id"], ids), tested_on=self.ago(100))
        self.district.billed_kva[position] = kva
        self.district.windings[position] = [no_load, load, current / 100 * kva, impedance / 100 * kva, kva]

    def plate(self, at: Any, kva: float) -> None:
        """Change the size of the one transformer on file, and nothing else."""
        self.frame("customer_transformer").set(
            self.rows("customer_transformer", at), capacity_kva=kva, model=f"S11-{round(kva)}/10"
        )

    def add_transformer(self, at: Any, kva: float, status: str, **values: Any) -> None:
        """Put one more transformer into a customer's file."""
        no_load, load, current, impedance = loss_data(kva, "S11")
        position = int(np.atleast_1d(at)[0])
        transformer = self.frame("customer_transformer")
        self._added += 1
        number = 1_000_001 + self.district.number * 20_000 + 15_000 + self._added
        content = {
            "transformer_id": f"BYQ{number:08d}", "customer_id": self.district.customer_ids[position],
            "model": f"S11-{round(kva)}/10", "capacity_kva": kva, "status": status,
            "installed_on": self.district.customer["opened_on"][position], "no_load_loss_kw": no_load,
            "load_loss_kw": load, "no_load_current_pct": current, "impedance_pct": impedance, **values,
        }  # fmt: skip
        transformer.append(**content)
