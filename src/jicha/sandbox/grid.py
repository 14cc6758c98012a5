"""Feeders and transformer areas of a district, as marketing and grid assets record them."""

from __future__ import annotations

import numpy as np

from jicha.sandbox.arrays import Array, Rng, choose, numbered, text
from jicha.sandbox.district import District
from jicha.sandbox.frame import Frame

_GARDEN_WORDS = "桂花 紫薇 兰亭 听涛 锦绣 阳光 滨江 翠湖 金色 怡景 梧桐 香樟 丽景 星河 望湖 银河 书香 和谐 幸福 新城"
_GARDENS = _GARDEN_WORDS.split()
_KINDS = ["苑", "花园", "小区", "家园", "公寓", "府"]
_VILLAGE_WORDS = "上坞 下坞 石塘 杨村 李家 大塘 岭脚 水口 坑口 后山 前洋 西坑 东坞 沙湾 樟树 枫树 龙头 凤尾 清潭 古楼"
_VILLAGES = _VILLAGE_WORDS.split()
_SIZES = np.array([100, 160, 200, 250, 315, 400, 500, 630], dtype=float)
GARDEN, VILLAGE = 0, 1


def high_voltage_count(size: int) -> int:
    """How many customers of a district have their own supply from a feeder; more than usual in a small one."""
    return max(round(size * 0.06), min(round(size * 0.1), 200))


def build_grid(district: District) -> Array:
    """Build feeders, areas and their PMS twins; return what each area is: a garden estate or a village."""
    rng = district.rng("grid")
    served = district.size - high_voltage_count(district.size)
    count = max(6, round(served / 86))
    spare = max(4, round(count * 0.07))  # built, nobody connected yet
    first, before = district.stations
    total = count + spare
    station = np.concatenate([first + np.arange(count) * (before - first) // count, rng.integers(first, before, spare)])
    kind = np.where(rng.random(total) < 0.62, GARDEN, VILLAGE)
    share = rng.uniform(0.7, 1.4, count)
    planned = np.maximum(8, np.floor(served * share / share.sum())).astype(int)
    district.area_customers = planned
    feeders = _feeders(district, rng, count)
    feeder = np.minimum(np.arange(total) * feeders // max(count, 1), feeders - 1)
    capacity = _SIZES[np.searchsorted(_SIZES[:-1], np.append(planned, rng.integers(30, 120, spare)) * 3.6)]
    layout = district.layout
    number = district.number * 10_000 + np.arange(total)
    area = Frame(
        "area",
        area_id=numbered("TQ", 1_000_001 + district.number * 10_000, total, 8),
        name=area_names(kind, number) + "公变",
        org_id=layout.stations[station],
        feeder_id=district.tables["feeder"]["feeder_id"][feeder],
        capacity_kva=capacity,
        manager_id=layout.pick_staff(rng, station, "area_manager"),
        master_point_id=numbered("9", 1_000_001 + district.number * 10_000, total, 11),
        longitude=(layout.longitude[station] + rng.uniform(-0.035, 0.035, total)).round(6),
        latitude=(layout.latitude[station] + rng.uniform(-0.03, 0.03, total)).round(6),
    )
    district.tables["area"] = area
    status = choose(rng, ["running"], total)
    status[count:] = choose(rng, ["running", "stopped"], spare, [2, 1])
    district.tables["pms_area"] = Frame(
        "pms_area", area_id=area["area_id"], feeder_id=area["feeder_id"], capacity_kva=capacity.copy(), status=status
    )
    district.loss_rate = rng.uniform(0.018, 0.036, total)
    return kind


def area_names(kind: Array, number: Array) -> Array:
    """Names of estates and villages: each area of the city has its own."""
    garden = text(
        _GARDENS[n % 20] + _KINDS[n // 20 % 6] + ("" if n < 120 else f"{n // 120}期") for n in number.tolist()
    )
    village = text(_VILLAGES[n % 20] + ("村" if n < 20 else f"{n // 20}村") for n in number.tolist())
    return np.where(kind == GARDEN, garden, village)


def _feeders(district: District, rng: Rng, areas: int) -> int:
    count = max(4, round(areas / 9))
    first, before = district.stations
    station = first + np.arange(count) * (before - first) // count
    layout = district.layout
    substation = layout.station_names[station] + "变"
    district.tables["feeder"] = Frame(
        "feeder",
        feeder_id=numbered("XL", 100_001 + district.number * 1000, count, 7),
        name=substation + text(f"{100 + n % 800}线" for n in range(count)),
        substation=choose(rng, ["110kV", "35kV"], count) + substation,
        voltage_v=np.full(count, 10_000.0),
        org_id=layout.stations[station],
    )
    return count
