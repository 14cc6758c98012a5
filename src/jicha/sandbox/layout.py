"""The utility: province, city, counties, stations; their staff and pay points."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np

from jicha.sandbox.arrays import Array, Rng, numbered, stream, text
from jicha.sandbox.frame import Frame
from jicha.sandbox.people import person_names

PROVINCE, CITY = "33", "3391"
COUNTIES = ["城东", "城西", "临江", "竹溪", "安澜"]
_COUNTY_NAMES = ["城东供电分公司", "城西供电分公司", "临江县供电公司", "竹溪县供电公司", "安澜市供电公司"]
PLACES = ["云溪市城东区", "云溪市城西区", "临江县", "竹溪县", "安澜市"]
_CENTRES = [(119.40, 29.30), (119.31, 29.29), (119.72, 29.12), (119.05, 29.52), (119.55, 29.66)]  # lon, lat
_STATION_WORDS = (
    "桃源 云岭 青竹 白石 双塔 石桥 龙泉 凤鸣 古城 新河 东湖 南屏 西山 北渡 荷塘 枫林 梅溪 柳岸 松坪 茶亭 "
    "金滩 银杏 玉泉 翠屏 碧溪 望江 长亭 临水 安乐 福田 永宁 太平 清河 白马 红岩 黄坛 高桥 大坪 小溪 中洲"
)
_STATIONS = _STATION_WORDS.split()
_POSTS = {
    "meter_reader": 3, "cashier": 3, "inspector": 2, "installer": 2, "area_manager": 4, "biller": 1,
    "service_agent": 1, "manager": 1,
}  # fmt: skip
_COUNTY_POSTS = {"biller": 3, "accountant": 2, "inspector": 3, "manager": 2, "service_agent": 2, "cashier": 2}
_CITY_POSTS = {"service_agent": 8, "inspector": 4, "accountant": 3, "manager": 3, "biller": 3}


@dataclass(frozen=True)
class Layout:
    """What exists once per city, whatever the number of customers generated at a time."""

    organization: Frame
    staff: Frame
    outlet: Frame
    stations: Array  # org_id per station
    station_names: Array
    station_county: Array  # position in COUNTIES
    longitude: Array
    latitude: Array
    staff_of: dict[tuple[str, str], Array]  # (org_id, post) -> staff_ids
    outlets_of: dict[str, Array]  # station -> outlet_ids, the hall first
    online_outlets: Array

    def pick_staff(self, rng: Rng, stations: Array, post: str) -> Array:
        """One staff member of a post for each station position."""
        found = np.empty(len(stations), dtype=object)
        for station in np.unique(stations):
            at = np.flatnonzero(stations == station)
            people = self.staff_of[(self.stations[station], post)]
            found[at] = people[rng.integers(0, len(people), len(at))]
        return found


def county_ids() -> list[str]:
    """Codes of the counties."""
    return [f"{CITY}{number:02d}" for number in range(1, len(COUNTIES) + 1)]


def build_layout(customers: int, as_of: date, seed: int) -> Layout:
    """Build organisations, staff and outlets for a city of so many customers."""
    rng = stream(seed, "layout")
    count = int(np.clip(round(customers / 800), len(COUNTIES), 400))
    county = np.sort(np.arange(count) % len(COUNTIES))
    ids = county_ids()
    serial = np.concatenate([np.arange(1, n + 1) for n in np.bincount(county)])
    stations = text(f"{ids[c]}{s:03d}" for c, s in zip(county, serial, strict=True))
    suffix = ["" if i < 40 else f"{'东西南北'[i // 40 % 4]}{i // 160 or ''}" for i in range(count)]
    names = text(_STATIONS[i % 40] + suffix[i] for i in range(count))
    centre = np.array(_CENTRES)[county]
    longitude = centre[:, 0] + rng.uniform(-0.12, 0.12, count)
    latitude = centre[:, 1] + rng.uniform(-0.10, 0.10, count)
    organization = Frame(
        "organization",
        org_id=text([PROVINCE, CITY, *ids, *stations]),
        name=text(["云江省电力有限公司", "云溪供电公司", *_COUNTY_NAMES, *(names + "供电所")]),
        level=text(["province", "city", *["county"] * len(ids), *["station"] * count]),
        parent_id=text([None, PROVINCE, *[CITY] * len(ids), *[ids[c] for c in county]]),
        longitude=np.concatenate([[np.nan, 119.36], [c[0] for c in _CENTRES], longitude]),
        latitude=np.concatenate([[np.nan, 29.30], [c[1] for c in _CENTRES], latitude]),
    )
    staff, staff_of = _staff(rng, stations, ids, as_of)
    outlet, outlets_of, online = _outlets(rng, stations, names, longitude, latitude)
    return Layout(
        organization, staff, outlet, stations, names, county, longitude, latitude, staff_of, outlets_of, online
    )


def _staff(rng: Rng, stations: Array, counties: list[str], as_of: date) -> tuple[Frame, dict[tuple[str, str], Array]]:
    plan = [(s, _POSTS) for s in stations] + [(c, _COUNTY_POSTS) for c in counties] + [(CITY, _CITY_POSTS)]
    places = [(org, post) for org, posts in plan for post, many in posts.items() for _ in range(many)]
    ids = numbered("SG", 100001, len(places), 6)
    licensed = np.array([post in ("inspector", "installer") for _, post in places])
    until = np.datetime64(as_of) + rng.integers(60, 1500, len(places))
    frame = Frame(
        "staff",
        staff_id=ids,
        name=person_names(rng, len(places)),
        org_id=text(org for org, _ in places),
        post=text(post for _, post in places),
        certified_until=np.where(licensed, until, np.datetime64("NaT", "D")),
    )
    found: dict[tuple[str, str], list[str]] = {}
    for place, staff_id in zip(places, ids, strict=True):
        found.setdefault(place, []).append(staff_id)
    return frame, {place: text(people) for place, people in found.items()}


def _outlets(
    rng: Rng, stations: Array, names: Array, longitude: Array, latitude: Array
) -> tuple[Frame, dict[str, Array], Array]:
    count = len(stations)
    kinds = ["hall", "bank", "agency", "self_service"]
    labels = {"hall": "营业厅", "bank": "农商银行代收点", "agency": "便民代收点", "self_service": "自助缴费厅"}
    online = ["网上国网", "微信缴费", "支付宝缴费"]
    total = count * len(kinds)
    ids = numbered("WD", 1001, total + len(online), 5)
    at = np.repeat(np.arange(count), len(kinds))
    blank = np.full(len(online), np.nan)
    frame = Frame(
        "outlet",
        outlet_id=ids,
        name=text([names[s] + labels[k] for s in range(count) for k in kinds] + online),
        kind=text(kinds * count + ["online"] * len(online)),
        org_id=np.concatenate([stations[at], text([CITY] * len(online))]),
        longitude=np.concatenate([longitude[at] + rng.uniform(-0.01, 0.01, total), blank]).round(6),
        latitude=np.concatenate([latitude[at] + rng.uniform(-0.01, 0.01, total), blank]).round(6),
    )
    return frame, {s: ids[i * 4 : i * 4 + 4] for i, s in enumerate(stations)}, ids[total:]
