"""Prices for random bills: tariffs with one edition, several, gaps and missing prices; tiers; components; tables."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from jicha.catalog.billing import SettingsBook, read_settings

Row = dict[str, Any]
Tables = dict[str, list[Row]]

TIMED: Row = {
    "tip_price": Decimal("1.204311"), "peak_price": Decimal("0.998765"), "valley_price": Decimal("0.334456"),
    "deep_valley_price": Decimal("0.212345"),
}  # fmt: skip
ORGS: tuple[str, ...] = ("S1", "S2", "S3", "S4")


def _tariff(code: str, since: date, until: date | None = None, /, **columns: Any) -> Row:
    base = {"tariff_code": code, "effective_from": since, "effective_to": until, "parts": 1}
    return {**base, "energy_price": Decimal("0.558800"), **columns}


def _tiers(code: str, cycle: str, uppers: list[str | None], adds: list[str | None], **columns: Any) -> list[Row]:
    return [
        {
            "tariff_code": code, "effective_from": columns.get("since", date(2012, 7, 1)), "tier": number,
            "upper_kwh": None if upper is None else Decimal(upper), "cycle": cycle,
            "price_add": None if add is None else Decimal(add), "extra_person_kwh": columns.get("extra"),
            "base_household": columns.get("base"),
        }
        for number, (upper, add) in enumerate(zip(uppers, adds, strict=True), start=1)
    ]  # fmt: skip


def _components(code: str, since: date, **prices: str) -> list[Row]:
    rows = []
    for name, price in prices.items():
        component, _, band = name.partition("__")
        inside = {"other": False, "system_operation": True}.get(component)
        rows.append({"tariff_code": code, "effective_from": since, "component": component, "time_band": band or "all",
                     "price": Decimal(price), "in_pf_base": inside})  # fmt: skip
    return rows


def prices() -> Tables:
    """Return the price tables; what no customer names does no harm."""
    ever = date(2010, 1, 1)
    part2: Row = {"parts": 2, "capacity_price": Decimal("23.0000"), "demand_price": Decimal("36.5000"), **TIMED}
    discount: Row = {"demand_discount_kwh_per_kva": 260.0, "demand_discount_factor": 0.9}
    tariffs = [
        _tariff("FLAT", ever, surcharge_price=Decimal("0.028125")),
        _tariff("TOU", ever, **TIMED),
        _tariff("NOTIP", ever, **{**TIMED, "tip_price": None, "deep_valley_price": None}),
        _tariff("RESM", ever),
        _tariff("RESY", ever, **TIMED),
        _tariff("RESX", ever),
        _tariff("MONTHLY", date(2026, 6, 1), date(2026, 6, 30), **TIMED),
        _tariff("MONTHLY", date(2026, 7, 1), date(2026, 7, 31), **{**TIMED, "energy_price": Decimal("0.61")}),
        _tariff("MONTHLY", date(2026, 8, 1), date(2026, 8, 31), **{**TIMED, "energy_price": Decimal("0.62")}),
        _tariff("MONTHLY", date(2026, 9, 1), None, **{**TIMED, "energy_price": Decimal("0.63")}),
        _tariff("MIDDLE", ever, **TIMED),
        _tariff("MIDDLE", date(2026, 8, 11), None, energy_price=Decimal("0.600001")),
        _tariff("SHORT", ever, **TIMED),
        _tariff("SHORT", date(2026, 8, 20), date(2026, 9, 5), energy_price=Decimal("0.7")),
        _tariff("GAP", ever, date(2026, 8, 9)),
        _tariff("GAP", date(2026, 9, 20)),
        _tariff("NOPRICE", ever, energy_price=None),
        _tariff("IND", ever, **part2, **discount, surcharge_price=Decimal("0.027")),
        _tariff("INDC", ever, date(2026, 8, 14), **part2),
        _tariff("INDC", date(2026, 8, 15), **{**part2, "capacity_price": Decimal("25.5")}, **discount),
        _tariff("INDN", ever, **{**part2, "capacity_price": None, "demand_price": None}),
        _tariff("AGENCY", ever, **{**part2, "parts": 1}),
        _tariff("AGENCY2", ever, **part2, **discount),
        _tariff("BARE", ever, **TIMED),
    ]  # fmt: skip
    tiers = [
        *_tiers("RESM", "month", ["180", "280", None], ["0", "0.05", "0.30"], extra=Decimal(100), base=4),
        *_tiers("RESM", "month", ["200", "300", None], ["0", "0.05", "0.30"], since=date(2026, 8, 1), base=5),
        *_tiers("RESY", "year", ["2160", "3120", None], ["0.010001", "0.05", "0.30"], extra=Decimal(1200), base=4),
        *_tiers("RESX", "year", ["1000", "2000", "2500", None], ["0", "0.1", None, "0.5"]),
    ]
    parts = {"purchase": "0.38", "grid_loss": "0.015", "transmission_distribution": "0.11", "government_funds": "0.029",
             "system_operation": "0.03", "other": "0.004"}  # fmt: skip
    components = [
        *_components("AGENCY", ever, **parts, purchase__peak="0.55", purchase__valley="0.171717"),
        *_components("AGENCY2", ever, **parts, government_funds__tip="0.031"),
        *_components("BARE", ever, transmission_distribution="0.2", government_funds="0.02"),
    ]
    losses = [
        {"model_series": series, "capacity_kva": kva, "monthly_kwh_from": start, "active_kwh": active,
         "reactive_kvarh": reactive}
        for series in ("S9", "S11", "S13")
        for kva in (100.0, 200.0, 315.0, 400.0)
        for start, active, reactive in ((0.0, 300.0, 2100.0), (20000.0, 455.0, 2800.5), (60000.0, 811.0, None))
    ]  # fmt: skip
    losses.append(
        {
            "model_series": "SZ9",
            "capacity_kva": 315.0,
            "monthly_kwh_from": 5000.0,
            "active_kwh": 420.0,
            "reactive_kvarh": 1.0,
        }
    )
    own = [
        {"pf_standard": 0.85, "power_factor": n / 100, "adjustment_pct": round((85 - n) / 5, 2)}
        for n in range(101)
        if n not in {61, 92}  # two rows lack
    ]
    return {
        "organization": [{"org_id": org, "name": org, "level": "station", "parent_id": None} for org in ORGS],
        "tariff": tariffs, "tariff_tier": tiers, "tariff_component": components, "transformer_loss": losses,
        "pf_adjustment": own,
    }  # fmt: skip


OVERRIDES = """
organizations:
  S2:
    basic_day_basis: thirty
    tou_price_places: 4
    loss_band: flat
    tier_first_year: full
  S4:
    energy_line_basis: component
  S3:
    kwh_places: 0
    demand_over_base: allowed
    demand_over_start: contract
    suspended_charge_share: "0.5"
    agency_extra_share: [{value: "0.5"}, {effective_from: 2026-08-01, value: "0.3333"}]
    loss_places: 2
    allocation_places: 1
"""


def settings(folder: Any) -> SettingsBook:
    """Return the settings of the random city; `folder` is written to."""
    (folder / "billing.yaml").write_text(OVERRIDES, encoding="utf-8")
    return read_settings(folder, dict.fromkeys(ORGS))
