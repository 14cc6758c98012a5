"""CF001 essential fields missing, CF002 contact phone."""

from __future__ import annotations

from typing import Any

import numpy as np

from jicha.sandbox.arrays import Array
from jicha.sandbox.faults.registry import add, variant
from jicha.sandbox.faults.scene import Scene
from jicha.sandbox.faults.truth import HIT, NEAR_MISS, SHARED_PHONE_LIST
from jicha.sandbox.people import phones


def _fields(**values: Any) -> Any:
    def plant(scene: Scene, at: Array) -> None:
        scene.set(at, **values)

    return plant


# ---------------------------------------------------------------------------------------------- CF001
_MISSING: list[tuple[str, dict[str, Any], str]] = [
    ("home", {"name": None}, "户名为空"),
    ("home", {"name": "  "}, "户名只有空格"),
    ("low", {"address": None}, "地址为空"),
    ("home", {"address": "   "}, "地址只有空格"),
    ("home", {"voltage_v": None}, "供电电压为空"),
    ("home", {"opened_on": None}, "立户日期为空"),
    ("business", {"industry_code": None}, "非居民无行业分类"),
    ("home", {"name": None, "address": None, "voltage_v": None}, "多项缺失"),
    ("one", {"contract_capacity_kva": None}, "高压客户无合同容量"),
    ("one", {"operating_capacity_kva": None}, "高压客户无运行容量"),
    ("one", {"voltage_v": None, "operating_capacity_kva": None}, "电压与运行容量均缺"),
    ("one_business", {"industry_code": None}, "高压客户无行业分类"),
]
for pool, values, note in _MISSING:
    add("CF001", HIT, pool, note, _fields(**values), weight=3)


@variant("CF001", HIT, "home", "立户恰满两个月，地址为空")
def _just_mature(scene: Scene, at: Array) -> None:
    scene.just_mature(at)
    scene.set(at, address=None)


@variant("CF001", NEAR_MISS, "home", "立户不满两个月，资料补录中")
def _young(scene: Scene, at: Array) -> None:
    scene.young(at)
    scene.set(at, address=None, name=None)


@variant("CF001", NEAR_MISS, "low", "暂停客户资料不全")
def _suspended(scene: Scene, at: Array) -> None:
    scene.suspend(at)
    scene.set(at, address=None)


@variant("CF001", NEAR_MISS, "home", "已销户客户资料不全")
def _closed(scene: Scene, at: Array) -> None:
    scene.close(at, scene.ago(90))
    scene.set(at, address=None)


_COMPLETE: list[tuple[str, dict[str, Any], str]] = [
    ("home", {"industry_code": None}, "居民无行业分类"),
    ("home", {"operating_capacity_kva": None}, "低压客户无运行容量"),
    ("shop", {"contract_capacity_kva": None, "operating_capacity_kva": None}, "低压客户无容量"),
    ("home", {"phone": None, "id_number": None}, "电话证件为空不属本规则"),
]
for pool, values, note in _COMPLETE:
    add("CF001", NEAR_MISS, pool, note, _fields(**values))


# ---------------------------------------------------------------------------------------------- CF002
def _number(pattern: str) -> Any:
    """Set a phone of a pattern: each # a digit of its own."""

    def plant(scene: Scene, at: Array) -> None:
        digits = iter(scene.rng.integers(1, 10, pattern.count("#")).tolist())
        scene.set(at, phone="".join(str(next(digits)) if c == "#" else c for c in pattern))

    return plant


for value, note in [
    ("1381234567", "10位"), ("138123456789", "12位"), ("12012345678", "12开头"), ("11111111111", "同一数字"),
    ("66666666", "8位同一数字"), ("0000000", "7位全零"), ("9999999", "7位全九"), ("123456", "6位"),
    ("8613812345678", "86未带加号"),
    ("空号", "没有数字"), ("057112", "区号后位数不足"), ("20012345678", "2开头11位"),
]:  # fmt: skip
    add("CF002", HIT, "home", f"电话无效：{note}", _fields(phone=value), weight=2)
add("CF002", HIT, "business", "非居民电话为空", _fields(phone=None))
add("CF002", HIT, "business", "非居民电话只有空格", _fields(phone="  "), weight=2)
for value, note in [
    ("+86160########", "+86前缀"), ("+86-160 #### ####", "+86与分隔符"), ("0339-88#####", "区号加7位"),
    ("(0339)88######", "区号加8位"), ("010-88######", "3位区号"), ("88#####", "7位"), ("88######", "8位"),
    ("160-####-####", "分隔符"), ("13000######", "13开头"), ("19999######", "19开头"),
]:  # fmt: skip
    add("CF002", NEAR_MISS, "home", f"电话有效：{note}", _number(value), weight=1)
add("CF002", NEAR_MISS, "home", "居民多年无电话", _fields(phone=None))


@variant("CF002", NEAR_MISS, "business", "立户不满两个月，电话待补")
def _young_phone(scene: Scene, at: Array) -> None:
    scene.young(at)
    scene.set(at, phone=None)


@variant("CF002", NEAR_MISS, "home", "暂停客户电话无效")
def _suspended_phone(scene: Scene, at: Array) -> None:
    scene.suspend(at)
    scene.set(at, phone="1381234567")


def shared_phone(scene: Scene, at: Array) -> str:
    """The number of the first of the customers, had it one: nobody else in a city of any size has it."""
    return str(phones(scene.district.first + int(at[0]), 1)[0])


def _names(scene: Scene, at: Array, distinct: int) -> None:
    """Let the customers have so many distinct names."""
    names = scene.district.customer["name"][at[:distinct]].copy()
    for number in range(len(names)):  # invented, so that no two agree by chance
        names[number] = (
            f"{names[number][0]}{'甲乙丙丁戊己庚辛壬癸子丑寅卯辰巳午未申酉'[number % 20]}{'一二三四五六'[number // 20]}"
        )
    scene.set(at, name=names[np.arange(len(at)) % distinct], id_number=None)


def _shared(size: int, distinct: int) -> Any:
    def plant(scene: Scene, at: Array) -> None:
        scene.set(at, phone=shared_phone(scene, at))
        _names(scene, at, distinct)

    assert size >= distinct
    return plant


for size, distinct in [(10, 6), (11, 7), (15, 12), (40, 30), (10, 10)]:
    note = f"{size}户{distinct}个户名共用电话"
    add("CF002", HIT, "home", note, _shared(size, distinct), group=size, weight=1)
for size, distinct, note in [
    (9, 9, "9户共用电话"), (10, 5, "10户5个户名共用电话"), (8, 1, "房东8套房同名同电话"), (14, 5, "14户5个户名"),
]:  # fmt: skip
    add("CF002", NEAR_MISS, "home", note, _shared(size, distinct), group=size, weight=1)


@variant("CF002", HIT, "home", "10户6名共用电话，写法各异", group=10, weight=1)
def _written_differently(scene: Scene, at: Array) -> None:
    phone = shared_phone(scene, at)
    _names(scene, at, 6)
    forms = [phone, f"+86{phone}", f"{phone[:3]}-{phone[3:7]}-{phone[7:]}", f"{phone[:3]} {phone[3:]}", f"+86 {phone}"]
    scene.set(at, phone=np.array([forms[n % 5] for n in range(10)], dtype=object))


@variant("CF002", NEAR_MISS, "home", "共用电话在白名单内（物业、代办）", group=16, weight=1)
def _listed(scene: Scene, at: Array) -> None:
    phone = shared_phone(scene, at)
    scene.set(at, phone=phone)
    _names(scene, at, 16)
    scene.record("CF002", NEAR_MISS, at[:1], "共用电话在白名单内（物业、代办）", tag=SHARED_PHONE_LIST, extra=phone)


@variant("CF002", NEAR_MISS, "home", "10户共用电话，其中1户暂停", group=10, weight=1)
def _one_suspended(scene: Scene, at: Array) -> None:
    scene.set(at, phone=shared_phone(scene, at))
    _names(scene, at, 10)
    scene.suspend(at[:1])


@variant("CF002", NEAR_MISS, "home", "10户共用电话，其中1户立户不满两个月", group=10, weight=1)
def _one_young(scene: Scene, at: Array) -> None:
    scene.set(at, phone=shared_phone(scene, at))
    _names(scene, at, 10)
    scene.young(at[:1])


@variant("CF002", NEAR_MISS, "home", "10户共用电话，户名只有标点宽窄之别", group=10, weight=1)
def _same_names(scene: Scene, at: Array) -> None:
    scene.set(at, phone=shared_phone(scene, at))
    _names(scene, at, 5)
    name = scene.district.customer["name"][at].copy()
    name[5:] = [f"{n[0]} {n[1:]}" if k % 2 else f"{n}（）" for k, n in enumerate(name[5:])]
    scene.set(at, name=name)
