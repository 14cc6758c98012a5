"""The price list as the biller reads it: which edition holds on a day, what each band costs, what it is made of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from jicha.sandbox.arrays import NULL, Array
from jicha.sandbox.billing.files import BANDS, FLAT
from jicha.sandbox.frame import Frame

_NAMES = ("tip", "peak", "flat", "valley", "deep_valley")


@dataclass(frozen=True)
class Editions:
    """Rows of the tariff table: prices in millionths per kWh, ten-thousandths per kVA and kW."""

    place: dict[str, int]  # tariff code -> row of `on`
    on: Array  # [code, day] row of the edition in force, -1: none
    band: Array  # [row, band]; NULL where there is no such price
    purchase: Array  # [row, band] the purchase part; NULL where it is not known
    outside: Array  # [row, band] what the power-factor adjustment leaves out
    parts: Array  # 1 or 2
    capacity: Array
    demand: Array
    discount_kwh: Array  # kWh per kVA from which demand costs less, NaN: never
    discount: Array
    usage: Array  # usage class

    def code(self, names: Array) -> Array:
        """Rows of `on` of tariff codes, -1 where nothing has that code."""
        return np.array([self.place.get(name, -1) for name in names.tolist()], dtype=np.int64)


def read_editions(tariff: Frame, components: Frame, day0: Any, days: int) -> Editions:
    """Lay out the list over an axis of days."""
    codes = sorted(set(tariff["tariff_code"].tolist()))
    place = {code: number for number, code in enumerate(codes)}
    on = np.full((len(codes), days), -1, dtype=np.int64)
    axis = day0 + np.arange(days)
    for row in np.argsort(tariff["effective_from"], kind="stable").tolist():
        until = tariff["effective_to"][row]
        inside = (axis >= tariff["effective_from"][row]) & (np.isnat(until) | (axis <= until))
        on[place[tariff["tariff_code"][row]], inside] = row
    size = len(tariff["tariff_code"])
    band = np.full((size, BANDS), NULL)
    for number, name in enumerate(_NAMES):
        column = "energy_price" if number == FLAT else f"{name}_price"
        if column in tariff.columns:
            band[:, number] = tariff[column]
    purchase, outside = _parts(tariff, components, size)
    return Editions(
        place, on, band, purchase, outside, tariff["parts"], tariff["capacity_price"], tariff["demand_price"],
        tariff["demand_discount_kwh_per_kva"], tariff["demand_discount_factor"], tariff["usage_class"],
    )  # fmt: skip


def _parts(tariff: Frame, components: Frame, size: int) -> tuple[Array, Array]:
    """Purchase part and what lies outside the base, per row and band; a band of its own goes before `all`."""
    rows = {
        (c, str(d)): n for n, (c, d) in enumerate(zip(tariff["tariff_code"], tariff["effective_from"], strict=True))
    }
    purchase = np.full((size, BANDS), NULL)
    surcharge = np.where(tariff["surcharge_price"] == NULL, 0, tariff["surcharge_price"])
    outside = np.repeat(surcharge[:, None], BANDS, axis=1)
    known: dict[tuple[int, str], dict[str, int]] = {}
    left_out: set[tuple[int, str]] = set()
    for number in range(len(components)):
        row = rows[components["tariff_code"][number], str(components["effective_from"][number])]
        part = components["component"][number]
        known.setdefault((row, part), {})[components["time_band"][number]] = int(components["price"][number])
        base = components["in_pf_base"][number]
        if base is False or (base is None and part == "government_funds"):
            left_out.add((row, part))
    outside[[row for row, _ in known]] = 0
    for (row, part), prices in known.items():
        for place, name in enumerate(_NAMES):
            price = prices.get(name, prices.get("all", NULL))
            if price == NULL:
                continue
            if part == "purchase":
                purchase[row, place] = price
            if (row, part) in left_out:
                outside[row, place] += price
    return purchase, outside
