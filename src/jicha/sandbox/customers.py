"""The customer files of a district: who they are, where they live, since when."""

from __future__ import annotations

import numpy as np

from jicha.sandbox.arrays import Array, Rng, choose, numbered, or_none, text
from jicha.sandbox.district import (
    CHARGING,
    FARM,
    FIRST_CUSTOMER,
    HOME,
    LIGHTS,
    OFFICE,
    PLANT,
    RESALE,
    SCHOOL,
    SHOP,
    WORKS,
    District,
)  # fmt: skip
from jicha.sandbox.frame import Frame
from jicha.sandbox.grid import GARDEN, high_voltage_count
from jicha.sandbox.layout import PLACES
from jicha.sandbox.people import credit_codes, firm_names, id_numbers, person_names, phones

_LOW_KINDS = [HOME, SHOP, FARM, OFFICE, LIGHTS, CHARGING, SCHOOL]
_GARDEN_SHARES = [930, 50, 0, 7, 5, 6, 2]
_VILLAGE_SHARES = [868, 48, 58, 9, 9, 4, 4]
_HIGH_KINDS = [WORKS, PLANT, FARM, SCHOOL, CHARGING, RESALE, OFFICE]
_HIGH_SHARES = [44, 40, 4, 2, 5, 2, 3]
_CLASSES = {
    HOME: "residential", SHOP: "general_industrial_commercial", FARM: "agricultural", OFFICE: "non_residential_other",
    LIGHTS: "street_lighting", CHARGING: "ev_charging", SCHOOL: "residential", PLANT: "large_industrial",
    WORKS: "general_industrial_commercial", RESALE: "resale",
}  # fmt: skip
_INDUSTRIES = {
    HOME: ["9910"], SHOP: ["5211", "5219", "5229", "5263", "6110", "6210", "6231", "8051", "8111"],
    FARM: ["0111", "0121", "0141", "0311", "0412", "0511", "1312", "7610"], OFFICE: ["9121", "8411", "9521", "9411"],
    LIGHTS: ["7810"], CHARGING: ["4420", "5265"], SCHOOL: ["8310", "8321", "8331", "8514"], RESALE: ["4420"],
    WORKS: ["5111", "6110", "7010", "1779", "2231", "3011", "3391", "8411", "8511"],
    PLANT: ["1711", "1713", "2231", "2611", "2926", "3011", "3021", "3130", "3311", "3484", "3812"],
}  # fmt: skip
_TRADES = {
    SHOP: ["百货", "餐饮", "五金", "便利店", "药房", "服装", "汽修", "物流"],
    FARM: ["家庭农场", "养殖场", "水利站", "果蔬专业合作社"],
    OFFICE: ["社区服务", "物业管理"], LIGHTS: ["市政路灯管理"], CHARGING: ["新能源充电", "充电科技"],
    SCHOOL: ["实验小学", "中心幼儿园", "康养院"], WORKS: ["商贸", "酒店管理", "置业", "服饰", "金属制品", "医疗"],
    PLANT: ["纺织", "化工", "水泥", "铸造", "钢构", "精密机械", "电子", "造纸"], RESALE: ["供电服务"],
}  # fmt: skip
_LOW_CAPACITY = {
    HOME: (220, [4, 6, 8, 8, 10, 12]), SHOP: (380, [15, 20, 30, 40, 50, 80, 100, 160]),
    FARM: (380, [10, 15, 20, 30, 50]),
    OFFICE: (380, [20, 30, 50, 80]), LIGHTS: (380, [10, 15, 20]), CHARGING: (380, [60, 80, 120, 160]),
    SCHOOL: (380, [50, 80, 100, 160]),
}  # fmt: skip
_ROADS = ["兴业", "创新", "科技", "迎宾", "复兴", "开元", "通港", "广济", "振华", "长虹"]


def build_customers(district: District, area_kind: Array) -> None:
    """Build the customer file; capacities of high-voltage customers follow with their transformers."""
    rng = district.rng("customers")
    size = district.size
    low = size - high_voltage_count(size)
    planned = district.area_customers
    area = np.repeat(np.arange(len(planned)), planned)
    area = np.sort(np.resize(area, low)) if len(area) < low else area[:low]
    district.area = np.concatenate([area, np.full(size - low, -1)])
    district.high_voltage = np.arange(size) >= low
    _kinds(district, rng, area_kind, low)
    first, before = district.stations
    area_station = np.searchsorted(district.layout.stations, district.tables["area"]["org_id"])
    on_feeder = rng.integers(first, before, size - low)
    district.station = np.concatenate([area_station[area], np.sort(on_feeder)])
    feeders = district.tables["feeder"]
    area_feeder = np.searchsorted(feeders["feeder_id"], district.tables["area"]["feeder_id"])
    district.feeder = np.concatenate([area_feeder[area], rng.integers(0, len(feeders), size - low)])
    voltage, capacity = _supply(rng, district.kind, low)
    kinds = district.kind
    place = text(PLACES)[district.layout.station_county[district.station]]
    readers = district.layout.pick_staff(rng, district.station, "meter_reader")
    opened, closed, status = _dates(district, rng)
    names, ids = _identity(district, rng, place)
    phone = phones(district.first, size)
    phone[(kinds == HOME) & (rng.random(size) < 0.04)] = None
    code = np.empty(size, dtype=object)
    for kind, options in _INDUSTRIES.items():
        at = np.flatnonzero(kinds == kind)
        code[at] = choose(rng, options, len(at))
    village_home = (kinds == HOME) & (np.append(area_kind[area], np.zeros(size - low)) != GARDEN)
    code[village_home] = "9920"
    code[(kinds == HOME) & (rng.random(size) < 0.15)] = None
    longitude, latitude = _places(district, rng, low)
    large = (kinds == HOME) & (rng.random(size) < 0.04)
    today = np.datetime64(district.calendar.as_of)
    temporary = np.isin(kinds, [SHOP, WORKS]) & (status == "active") & (rng.random(size) < 0.02)
    temporary &= opened > today - 700
    district.tables["customer"] = Frame(
        "customer",
        customer_id=numbered("", FIRST_CUSTOMER + district.first, size, 10),
        name=names,
        id_number=ids,
        phone=phone,
        address=_addresses(district, rng, place, area_kind, low),
        longitude=longitude,
        latitude=latitude,
        org_id=district.layout.stations[district.station],
        status=status,
        usage_class=text(_CLASSES[k] for k in kinds.tolist()),
        industry_code=code,
        voltage_v=voltage,
        contract_capacity_kva=capacity,
        operating_capacity_kva=np.where((kinds == HOME) & (rng.random(size) < 0.3), np.nan, capacity),
        direct_motor_kva=np.full(size, np.nan),
        importance=choose(rng, ["ordinary"], size),
        supply_mode=choose(rng, ["single"], size),
        opened_on=opened,
        closed_on=closed,
        is_temporary=temporary,
        temporary_until=np.where(temporary, today + rng.integers(20, 300, size), np.datetime64("NaT", "D")),
        household_size=np.where(large, rng.integers(5, 8, size), np.nan),
        household_size_from=np.where(large, today - rng.integers(200, 800, size), np.datetime64("NaT", "D")),
        household_size_until=np.where(large, today + rng.integers(30, 500, size), np.datetime64("NaT", "D")),
        free_kwh_per_month=np.where((kinds == HOME) & (rng.random(size) < 0.015), 1500, np.iinfo(np.int64).min),
        market_mode=or_none(
            np.isin(kinds, [PLANT, WORKS]),
            choose(rng, ["agency", "market_retail", "agency_1_5", "fallback"], size, [80, 13, 4, 3]),
        ),
        reading_day=np.full(size, 1.0),
        reader_id=readers,
        payment_mode=_payment_modes(rng, kinds),
    )
    district.connected, district.disconnected = opened.copy(), closed.copy()
    district.has_order = np.zeros(size, dtype=bool)


def _kinds(district: District, rng: Rng, area_kind: Array, low: int) -> None:
    garden = area_kind[district.area[:low]] == GARDEN
    low_kinds = np.where(
        garden, choose(rng, _LOW_KINDS, low, _GARDEN_SHARES), choose(rng, _LOW_KINDS, low, _VILLAGE_SHARES)
    )
    high = choose(rng, _HIGH_KINDS, district.size - low, _HIGH_SHARES)
    high[: len(_HIGH_KINDS)] = _HIGH_KINDS[: len(high)]  # one of each kind, however small the district
    district.kind = np.concatenate([low_kinds, high]).astype(np.int64)


def _supply(rng: Rng, kinds: Array, low: int) -> tuple[Array, Array]:
    voltage = np.full(len(kinds), 10_000.0)
    capacity = np.full(len(kinds), np.nan)
    for kind, (volt, options) in _LOW_CAPACITY.items():
        at = np.flatnonzero(kinds[:low] == kind)
        voltage[at] = volt
        capacity[at] = rng.choice(np.array(options, dtype=float), len(at))
    small = np.flatnonzero((kinds[:low] == SHOP) & (rng.random(low) < 0.55))
    voltage[small], capacity[small] = 220, rng.choice([8.0, 10.0, 12.0, 15.0], len(small))
    big = np.flatnonzero((kinds[:low] == HOME) & (rng.random(low) < 0.04))
    voltage[big], capacity[big] = 380, rng.choice([12.0, 15.0, 20.0], len(big))
    return voltage, capacity


def _dates(district: District, rng: Rng) -> tuple[Array, Array, Array]:
    size = district.size
    today = np.datetime64(district.calendar.as_of)
    born = rng.integers(1200, 10_500, len(district.tables["area"]))  # age of an area in days
    age = np.where(district.area >= 0, born[district.area], rng.integers(900, 9500, size))
    age = np.maximum(age - rng.integers(0, 700, size), 100)
    recent = rng.random(size) < 0.04
    age[recent] = rng.integers(70, 760, int(recent.sum()))
    opened = today - age
    status = choose(rng, ["active"], size)
    closing = (rng.random(size) < 0.03) & (age > 1200) & ~district.high_voltage
    closed = np.full(size, np.datetime64("NaT", "D"))
    closed[closing] = today - rng.integers(45, 1100, int(closing.sum()))
    status[closing] = "closed"
    return opened, closed, status


def _identity(district: District, rng: Rng, place: Array) -> tuple[Array, Array]:
    size, kinds = district.size, district.kind
    names, ids = person_names(rng, size), id_numbers(rng, size)
    old = (kinds == HOME) & (rng.random(size) < 0.03)
    ids[old] = text(f"{i[:6]}{i[8:17]}" for i in ids[old])
    ids[(kinds == HOME) & (rng.random(size) < 0.05)] = None
    for kind, trades in _TRADES.items():
        at = np.flatnonzero(kinds == kind)
        short = text(p[-3:].rstrip("区县市") for p in place[at])
        named = firm_names(rng, choose(rng, trades, len(at)), "", bare=kind == FARM)  # farms are no companies
        names[at] = named if kind == SHOP else short + named
    person = (kinds == SHOP) & (rng.random(size) < 0.6)
    firms = (kinds != HOME) & ~person
    ids[firms] = credit_codes(rng, int(firms.sum()))
    return names, ids


def _addresses(district: District, rng: Rng, place: Array, area_kind: Array, low: int) -> Array:
    size = district.size
    slot = np.arange(low) - np.searchsorted(district.area[:low], district.area[:low])
    estate = text(n.removesuffix("公变") for n in district.tables["area"]["name"])[district.area[:low]]
    town = district.layout.station_names[district.station]
    flat = text(f"{n // 24 + 1}栋{n // 12 % 2 + 1}单元{n // 2 % 6 + 1}{n % 2 + 1:02d}室" for n in slot.tolist())
    house = text(f"{n // 15 + 1}组{n + 1}号" for n in slot.tolist())
    garden = area_kind[district.area[:low]] == GARDEN
    homes = place[:low] + town[:low] + np.where(garden, "街道", "镇") + estate + np.where(garden, flat, house)
    number = district.first + np.arange(size - low) + 1
    works = place[low:] + town[low:] + "工业园区" + choose(rng, _ROADS, size - low) + "路"
    return np.concatenate([homes, works + text(f"{n}号" for n in number.tolist())])


def _places(district: District, rng: Rng, low: int) -> tuple[Array, Array]:
    area = district.tables["area"]
    size = district.size
    angle, km = rng.uniform(0, 2 * np.pi, size), np.abs(rng.normal(0.22, 0.12, size))
    centre_x = np.append(area["longitude"][district.area[:low]], district.layout.longitude[district.station[low:]])
    centre_y = np.append(area["latitude"][district.area[:low]], district.layout.latitude[district.station[low:]])
    km[low:] = rng.uniform(0.3, 6.0, size - low)
    longitude = (centre_x + km * np.cos(angle) / 97.0).round(6)  # km per degree at 29.3° N
    latitude = (centre_y + km * np.sin(angle) / 111.2).round(6)
    unknown = rng.random(size) < 0.03
    longitude[unknown], latitude[unknown] = np.nan, np.nan
    return longitude, latitude


def _payment_modes(rng: Rng, kinds: Array) -> Array:
    modes = choose(rng, ["postpaid", "prepaid"], len(kinds), [7, 3])
    modes[kinds == PLANT] = "installment"
    return modes
