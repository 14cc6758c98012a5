"""CF003 identity numbers, CF005 industry codes."""

from __future__ import annotations

from typing import Any

import numpy as np

from jicha.sandbox.arrays import Array
from jicha.sandbox.faults.registry import add, variant
from jicha.sandbox.faults.scene import Scene
from jicha.sandbox.faults.truth import HIT, NEAR_MISS
from jicha.sandbox.people import ID_AREA, credit_check, id_number

_CREDIT = "0123456789ABCDEFGHJKLMNPQRTUWXY"


def _person(scene: Scene, birth: str) -> str:
    return id_number(ID_AREA + f"{int(scene.rng.integers(1, 60)):02d}", birth, int(scene.rng.integers(1, 1000)))


def _id(make: Any) -> Any:
    def plant(scene: Scene, at: Array) -> None:
        scene.set(at, id_number=make(scene))

    return plant


def _wrong_check(scene: Scene, step: int) -> str:
    number = _person(scene, "19800315")
    order = "0123456789X"
    return number[:17] + order[(order.index(number[17]) + step) % 11]


# ---------------------------------------------------------------------------------------------- CF003 (a), (b)
for step in (1, 5, 10):
    add("CF003", HIT, "home", f"身份证校验位偏差{step}", _id(lambda s, step=step: _wrong_check(s, step)), weight=3)
for birth, note in [
    ("19900231", "2月31日"), ("19901301", "13月"), ("19000229", "非闰年2月29日"), ("19850600", "0日"),
    ("20010431", "4月31日"),
]:  # fmt: skip
    add("CF003", HIT, "home", f"身份证出生日期无效：{note}", _id(lambda s, birth=birth: _person(s, birth)), weight=2)
for birth, note in [("20000229", "闰年2月29日"), ("19991231", "12月31日"), ("19400101", "高龄")]:
    add("CF003", NEAR_MISS, "home", f"身份证有效：{note}", _id(lambda s, birth=birth: _person(s, birth)), weight=2)


def _ending_in_x(scene: Scene) -> str:
    while not (number := _person(scene, "19771203")).endswith("X"):
        pass
    return number


add("CF003", NEAR_MISS, "home", "小写x结尾", _id(lambda s: _ending_in_x(s).lower()), weight=2)
add("CF003", HIT, "home", "X误录为0", _id(lambda s: _ending_in_x(s)[:17] + "0"), weight=2)


def _spaced(scene: Scene) -> str:
    number = _person(scene, "19800315")
    return f"{number[:6]} {number[6:14]} {number[14:]}"


add("CF003", NEAR_MISS, "home", "号码中有空格", _id(_spaced), weight=2)
add("CF003", NEAR_MISS, "home", "全角数字", _id(
    lambda s: "".join(chr(ord(c) + 0xFEE0) for c in _person(s, "19620718"))), weight=2)  # fmt: skip
add(
    "CF003",
    NEAR_MISS,
    "home",
    "15位旧号",
    _id(lambda s: (n := _person(s, "19550101"))[:6] + n[8:17]),
    weight=2,
)
add("CF003", NEAR_MISS, "home", "护照号", _id(lambda s: f"E{int(s.rng.integers(10_000_000, 99_999_999))}"), weight=2)
add("CF003", NEAR_MISS, "home", "脱敏号码", _id(lambda s: _person(s, "19700101")[:6] + "********" + "1234"), weight=2)
add("CF003", NEAR_MISS, "home", "无证件号码", _id(lambda _: None), weight=2)


def _credit(change: Any) -> Any:
    def plant(scene: Scene, at: Array) -> None:
        code = scene.district.customer["id_number"][at[0]]
        scene.set(at, id_number=change(code))

    return plant


for step in (1, 7, 15):
    add(
        "CF003", HIT, "firm", f"统一社会信用代码校验偏差{step}",
        _credit(lambda c, step=step: c[:17] + _CREDIT[(_CREDIT.index(c[17]) + step) % 31]), weight=3,
    )  # fmt: skip
add("CF003", HIT, "firm", "统一社会信用代码含字母O", _credit(lambda c: c[:12] + "O" + c[13:]), weight=2)
add("CF003", NEAR_MISS, "firm", "信用代码小写", _credit(lambda c: c.lower()), weight=2)
add("CF003", NEAR_MISS, "firm", "信用代码有空格", _credit(lambda c: f"{c[:8]} {c[8:]}"), weight=2)
add("CF003", NEAR_MISS, "firm", "旧组织机构代码（9位）", _credit(lambda c: c[8:17]), weight=2)
add("CF003", NEAR_MISS, "firm", "事业单位信用代码", _credit(
    lambda c: (b := "12" + c[2:17]) + credit_check(b)), weight=2)  # fmt: skip


@variant("CF003", NEAR_MISS, "home", "立户不满两个月，证件待更正", weight=2)
def _young(scene: Scene, at: Array) -> None:
    scene.young(at)
    scene.set(at, id_number=_wrong_check(scene, 1))


@variant("CF003", NEAR_MISS, "home", "暂停客户证件错误", weight=2)
def _suspended(scene: Scene, at: Array) -> None:
    scene.suspend(at)
    scene.set(at, id_number=_wrong_check(scene, 3))


# ---------------------------------------------------------------------------------------------- CF003 (c)
def _owner(scene: Scene, at: Array) -> str:
    number = _person(scene, f"{int(scene.rng.integers(1950, 1999))}0{int(scene.rng.integers(1, 9))}15")
    scene.set(at, id_number=number, name=scene.district.customer["name"][at[0]])
    return number


def _owned(_: int) -> Any:
    def plant(scene: Scene, at: Array) -> None:
        _owner(scene, at)

    return plant


for size in (6, 7, 12):
    add("CF003", HIT, "home", f"一证{size}户", _owned(size), group=size, weight=1)
for size in (5, 3, 2):
    add("CF003", NEAR_MISS, "home", f"一证{size}户", _owned(size), group=size, weight=1)


@variant("CF003", HIT, "home", "15位旧号一证6户", group=6, weight=1)
def _old_number(scene: Scene, at: Array) -> None:
    number = _owner(scene, at)
    scene.set(at, id_number=number[:6] + number[8:17])


@variant("CF003", HIT, "home", "一证6户，写法各异", group=6, weight=1)
def _written_differently(scene: Scene, at: Array) -> None:
    scene.set(at, name=scene.district.customer["name"][at[0]])
    number = _ending_in_x(scene)
    forms = [number, number.lower(), f"{number[:6]} {number[6:]}"]
    scene.set(at, id_number=np.array([forms[n % 3] for n in range(6)], dtype=object))


@variant("CF003", NEAR_MISS, "home", "一证6户，其中两户同址", group=6, weight=1)
def _same_address(scene: Scene, at: Array) -> None:
    _owner(scene, at)
    address = scene.district.customer["address"][at[0]]
    scene.set(at[1], address=f"{address[:6]} {address[6:]}")


@variant("CF003", NEAR_MISS, "home", "一证6户，其中一户暂停", group=6, weight=1)
def _one_suspended(scene: Scene, at: Array) -> None:
    _owner(scene, at)
    scene.suspend(at[:1])


@variant("CF003", NEAR_MISS, "home", "脱敏号码相同的10户", group=10, weight=1)
def _masked(scene: Scene, at: Array) -> None:
    scene.set(at, id_number=f"{ID_AREA}{int(scene.rng.integers(1, 60)):02d}********{int(scene.rng.integers(10, 99))}1X")


# ---------------------------------------------------------------------------------------------- CF005
def _code(code: str | None) -> Any:
    def plant(scene: Scene, at: Array) -> None:
        scene.set(at, industry_code=code)

    return plant


for pool, codes in [
    ("home", ["5211", "3011", "8210", "8411", "8610", "0111", "98", "10"]),
    ("commerce", ["9910", "9920", "99"]),
    ("farm", ["9910", "0611", "1211", "1411", "7511", "7711", "5211", "3011"]),
    ("factory", ["0111", "0511", "5011", "5211", "6110", "6210", "6610", "7510", "7910", "9810"]),
]:
    for code in codes:
        add("CF005", HIT, pool, f"行业{code}与用电类别不符", _code(code or None), weight=1.5)
for pool, codes in [
    ("home", ["9910", "9920", "8310", "8399", "8514", "", "5"]),
    ("school", ["8310", "8336", "8514"]),
    ("commerce", ["5211", "0111", "9811"]),
    ("farm", ["0111", "0511", "1312", "7610", "0"]),
    ("factory", ["0610", "4910", "5310", "6010", "6310", "6510", "7610", "7810"]),
    ("other", ["9910"]),
]:
    for code in codes:
        add("CF005", NEAR_MISS, pool, f"行业{code}与用电类别相容", _code(code or None), weight=1.5)


@variant("CF005", NEAR_MISS, "home", "立户不满两个月，行业待更正")
def _young_code(scene: Scene, at: Array) -> None:
    scene.young(at)
    scene.set(at, industry_code="5211")
