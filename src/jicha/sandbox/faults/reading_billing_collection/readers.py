"""Faults of people: RC006 last digits, RC007 copied freezes, RC012 who edits indexes; RC014 a shifted plan."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from jicha.sandbox.arrays import Array
from jicha.sandbox.district import District
from jicha.sandbox.faults.dial import Dial, dial
from jicha.sandbox.faults.points import note_point, period, point_id, reading_day
from jicha.sandbox.faults.reading_billing_collection.indexes import edit_index
from jicha.sandbox.faults.scene import Scene
from jicha.sandbox.faults.truth import HIT, NEAR_MISS, Truth, key_of
from jicha.sandbox.layout import county_ids
from jicha.sandbox.registers import LOCAL, MANUAL, REMOTE, Registers


def villages(scene: Scene) -> None:
    """Keep the homes of some readers apart: their last digits take so many that nobody would have them left."""
    if not _reads_long_enough(scene):
        return
    homes, reader, order = _readers(scene)
    for (*_, many), name in zip(_DIGITS[:_WITH_VILLAGES], order, strict=False):
        scene.keep_apart(homes[reader == name][: many + _SPARE])


def _reads_long_enough(scene: Scene) -> bool:
    return scene.district.calendar.months >= 8 and scene.district.calendar.days >= 80


def _readers(scene: Scene) -> tuple[Array, Array, list[str]]:
    """Homes of which nothing was planted, who reads them, and readers by how many they have."""
    homes = scene.left("still_home")
    reader = scene.district.customer["reader_id"][homes].astype(str)
    names, counts = np.unique(reader, return_counts=True)
    return homes, reader, names[np.argsort(-counts, kind="stable")].tolist()


def by_readers(scene: Scene) -> None:
    """Plant what readers as a whole do wrong; each reader gets one plan."""
    if not _reads_long_enough(scene):
        return
    scene.give_back()
    homes, reader, order = _readers(scene)
    for plan in (_digits, _copies, _shifts):
        plan(scene, order, homes, reader)


def _record(scene: Scene, rule: str, staff_id: str, kind: str, note: str) -> None:
    scene.truths.append(Truth(rule, key_of(reader_id=staff_id), kind, note))


def _next(order: list[str], homes: Array, reader: Array, least: int) -> tuple[str, Array] | None:
    """The next reader with so many customers of which nothing was planted; stays the next where they are too few."""
    if not order:
        return None
    mine = homes[reader == order[0]]
    return (order.pop(0), mine) if len(mine) >= least else None


# ---------------------------------------------------------------------------------------------- RC006
_DIGITS: list[tuple[str, str, dict[int, float], int, int]] = [
    # share of some digits, the rest evenly; method; customers, each read three times
    (HIT, "六成尾数为0或5", {0: 0.3, 5: 0.3}, MANUAL, 90),
    (NEAR_MISS, "尾数0、5合计28%", {0: 0.14, 5: 0.14}, MANUAL, 90),
    (HIT, "全部尾数为0", {0: 1.0}, LOCAL, 80),
    (NEAR_MISS, "只有约80个示数", {0: 1.0}, MANUAL, 20),
    (HIT, "四成尾数为0或5", {0: 0.2, 5: 0.2}, MANUAL, 100),
    (NEAR_MISS, "远程示数尾数均为0", {0: 1.0}, REMOTE, 90),
    (HIT, "尾数3占35%", {3: 0.35}, LOCAL, 100),
    (NEAR_MISS, "尾数均匀", {}, MANUAL, 100),
    (HIT, "尾数0、5各占45%", {0: 0.45, 5: 0.45}, MANUAL, 75),
    (NEAR_MISS, "尾数7占17%", {7: 0.17}, LOCAL, 90),
]
_SPARE = 40  # customers more than are needed: some use too little for a digit to be chosen
_WITH_VILLAGES = 2  # plans that are planted in every city, a hit and a near miss


def _digits(scene: Scene, order: list[str], homes: Array, reader: Array) -> None:
    """Readers of villages that were read by hand until three periods ago."""
    for kind, note, shares, method, many in _DIGITS:
        found = _next(order, homes, reader, many + 10)
        scene.tell("RC006", note, placed=found is not None)
        if found is None:
            continue
        name, mine = found
        chosen = mine[: many + _SPARE]
        scene.used[chosen] = True
        _record(scene, "RC006", name, kind, note)
        rest = (1 - sum(shares.values())) / max(10 - len(shares), 1)
        odds = np.array([shares.get(digit, rest) for digit in range(10)])
        wanted = np.repeat(np.arange(10), np.rint(odds / odds.sum() * many * 3).astype(int))
        wanted = np.append(wanted, np.arange(10))[: many * 3]
        _by_hand(scene, chosen, scene.rng.permutation(wanted), method, many)


def _by_hand(scene: Scene, chosen: Array, digits: Array, method: int, many: int) -> None:
    left = list(digits)
    done: list[int] = []

    def change(meter: Dial) -> None:
        steps = [meter.used(back) for back in (2, 3, 4, 5)]
        if len(done) >= many or min(steps) < 2000 or len(left) < 3:
            return
        done.append(meter.position)
        registers, row = meter.registers, meter.row
        for back in (3, 4, 5):
            registers.method[row, meter.last - back] = method
            edge = registers.edge[row, meter.end(back)]
            shown = (edge + registers.start[row]) // 100 % 10
            registers.edge[row, meter.end(back)] = edge + (int(left.pop()) - int(shown)) % 10 * 100

    for position in chosen.tolist():
        dial(change)(scene, np.array([position]))


# ---------------------------------------------------------------------------------------------- RC007
_COPIES: list[tuple[str, str, int, float, int, float]] = [
    # customers, each read twice; share that equals the freeze; method; kWh a month, 0 as it is
    (HIT, "手抄示数与冻结完全一致", 40, 1.0, MANUAL, 0.0),
    (NEAR_MISS, "红外读取的是冻结示数", 40, 1.0, LOCAL, 0.0),
    (HIT, "94%一致", 50, 0.94, MANUAL, 0.0),
    (NEAR_MISS, "九成一致", 50, 0.9, MANUAL, 0.0),
    (HIT, "恰60次，全部一致", 30, 1.0, MANUAL, 0.0),
    (NEAR_MISS, "只有52次", 26, 1.0, MANUAL, 0.0),
    (HIT, "92%一致", 75, 0.92, MANUAL, 0.0),
    (NEAR_MISS, "基本不走字的计量点", 40, 1.0, MANUAL, 9.0),
    (NEAR_MISS, "现场实抄，示数晚于冻结", 45, 0.0, MANUAL, 0.0),
]


def _copies(scene: Scene, order: list[str], homes: Array, reader: Array) -> None:
    for kind, note, many, share, method, kwh in _COPIES:
        found = _next(order, homes, reader, many + 10)
        scene.tell("RC007", note, placed=found is not None)
        if found is None:
            continue
        name, mine = found
        # ten copies outweigh one true reading of another customer; a customer is read twice
        chosen = mine[: max(many + 25, 5 * _kept(scene, name) if kind == HIT else 0)]
        scene.used[chosen] = True
        _record(scene, "RC007", name, kind, note)
        _copy(scene, chosen, many, share, method, kwh, outweigh=kind == HIT)


def _kept(scene: Scene, name: str) -> int:
    """At most so many readings by hand will there be of planted customers of a reader, on days with an index."""
    mine = set(np.flatnonzero(scene.district.customer["reader_id"].astype(str) == name).tolist())
    days = [reading_day(scene, back) for back in range(3)]
    stretches = [(first, last) for position, first, last in scene.district.edits.kept if position in mine]
    return sum(max(1, sum(bool(first <= day <= last) for day in days)) for first, last in stretches)


def _others(scene: Scene, registers: Registers, chosen: Array) -> int:
    """Readings by hand of other customers of the reader on days with an index: true ones, of other faults."""
    reader = scene.district.customer["reader_id"]
    mine = registers.settles & (reader[registers.owner] == reader[chosen[0]]) & ~np.isin(registers.owner, chosen)
    row_of = {int(registers.owner[row]): int(row) for row in np.flatnonzero(mine)}
    found = set()
    for position, first, last in scene.district.edits.kept:
        if position in row_of:
            row = row_of[position]
            read = registers.read_at[row].astype("datetime64[D]")
            periods = np.flatnonzero((registers.method[row] == MANUAL) & (read >= first) & (read <= last))
            found |= {(row, int(number)) for number in periods}
    # generation is collected even where it was read by hand
    made = ~registers.settles & (reader[registers.owner] == reader[chosen[0]])
    since = scene.district.calendar.span[-scene.district.calendar.days]
    read = registers.read_at[made].astype("datetime64[D]") >= since
    return len(found) + int(((registers.method[made] == MANUAL) & read).sum())


def _copy(  # noqa: PLR0917
    scene: Scene, chosen: Array, many: int, share: float, method: int, kwh: float, *, outweigh: bool
) -> None:
    done: list[int] = []
    plan: list[int] = []  # readings to be made, and how many of them later than the freeze

    def change(meter: Dial) -> None:
        if not plan:
            others = _others(scene, meter.registers, chosen) if outweigh else 0
            plan.append(max(many * 2, others * 10))  # enough for the share whatever the others are
            plan.append(max(round(many * 2 * (1 - share)) - others, 0))
        wanted, later = plan
        if len(done) >= wanted:
            return
        base = kwh or 90.0 + meter.position % 60  # enough for the index to move between midnight and the reading
        meter.usage({back: base * (1 + 0.01 * (back % 7)) for back in range(meter.live() - 1)})
        for back in (1, 2):
            done.append(meter.position)
            meter.read(back, method, hour=14.0)
            if len(done) > later:
                meter.registers.edge[meter.row, meter.end(back)] = meter.shown(meter.reading_day(back), 0.0)

    for position in chosen.tolist():
        dial(change)(scene, np.array([position]))
        for back in (1, 2):
            day = reading_day(scene, back)
            scene.district.edits.kept.append((position, day - 1, day + 1))


# ---------------------------------------------------------------------------------------------- RC014
def _shifts(scene: Scene, order: list[str], homes: Array, reader: Array) -> None:
    """Two readers whose plan moved by eight days for many at once; one where the many are too few for a plan."""
    district = scene.district
    everybody = district.customer["reader_id"]
    for share, day in ((0.32, 9), (0.12, 10), (0.27, 11)):
        found = _next(order, homes, reader, 60)
        name, mine = found or ("", homes[:0])
        many = int(share * (everybody == name).sum())
        there = len(mine) >= many >= 10
        scene.tell("RC014", f"整体调整例日，占该员{share:.0%}", placed=there)
        if not there:
            continue
        chosen = np.sort(mine)[:many] if share < 0.2 else np.sort(scene.rng.permutation(mine)[:many])
        scene.used[chosen] = True
        scene.set(chosen, reading_day=float(day))
        for number, position in enumerate(chosen.tolist()):
            at = np.array([position])
            if share < 0.2:
                note_point(scene, "RC014", HIT, at, "例日偏差9天，占该员12%")
            elif number == 0:
                note_point(scene, "RC014", HIT, at, "整体调整例日，只报一个计量点")
            elif number < 12:
                note_point(scene, "RC014", NEAR_MISS, at, "整体调整例日")


# ---------------------------------------------------------------------------------------------- RC012
# colleagues enough that the median is theirs, whatever the billers of the stations edit besides (RC011)
_FEW = [(2 + number % 2, "", "") for number in range(7)]
_PLANS: list[list[tuple[int, str, str]]] = [
    # edits and what they are, per county: people of the county office
    [(25, HIT, "25次，远超中位数"), (21, HIT, "21次，远超中位数"), (12, NEAR_MISS, "12次，分散"), *_FEW],
    [(20, NEAR_MISS, "20次，同事各6次"), *[(6, "", "")] * 6],
    [(21, HIT, "21次"), (19, NEAR_MISS, "19次，不足20次"), *_FEW],
    [
        (10, "reader", "10次中8次为同一抄表员"), (10, "spread", "10次中7次为同一抄表员"), (2, "", ""), (2, "", ""),
        (9, "reader9", "9次均为同一抄表员"),
    ],
    [
        (12, "customer", "12次均为同一客户"), (60, "night", "采集故障后一小时内批量更正"), (2, "", ""), (3, "", ""),
        (10, "reader", "10次中8次为同一抄表员"),
    ],
]  # fmt: skip
_SAME = {"reader": (8, HIT), "spread": (7, NEAR_MISS), "reader9": (9, NEAR_MISS)}


_BY_MEDIAN = 1  # the county whose near miss rests on what most of its people do


def _has_the_median(district: District, county: int, people: int) -> bool:
    """Whether so many people of a county's office outnumber its stations, where others edit too, all in this part."""
    first, before = district.stations
    there = district.layout.station_county == county
    return bool(there.sum() == there[first:before].sum() and there.sum() < people)


def editors(scene: Scene) -> None:
    """Let people of the county offices edit indexes before the bills go out; an office acts in one part of the city."""
    district = scene.district
    layout = district.layout
    if district.calendar.months < 8:
        return
    for number, (county, plans) in enumerate(zip(county_ids(), _PLANS, strict=True)):
        if number not in district.offices:
            continue
        if number == _BY_MEDIAN and not _has_the_median(district, number, len(plans)):
            scene.tell("RC012", plans[0][2], placed=False)
            continue
        posts = ("biller", "accountant", "manager", "inspector")
        people = [p for post in posts for p in layout.staff_of[county, post].tolist()]
        homes = scene.left("still_home")
        here = np.array([str(s).startswith(county) for s in layout.stations[district.station[homes]]], dtype=bool)
        mine = scene.rng.permutation(homes[here])
        choices = [_chosen(scene, mine, many, kind) for many, kind, _ in plans]
        short = any(len(c) < many for c, (many, kind, _) in zip(choices, plans, strict=True) if kind != "customer")
        if short:
            for _, _, note in plans:
                scene.tell("RC012", note, placed=False)
            scene.used[np.concatenate(choices)] = False
            continue  # too small a county: with fewer colleagues nobody stands out
        for person, chosen, (_, kind, note) in zip(people, choices, plans, strict=False):
            verdict = _SAME.get(kind, (0, {"customer": HIT, "night": NEAR_MISS}.get(kind, kind)))[1]
            if kind == "customer":
                verdict = HIT if _one_customer(scene, person, county) else ""
            else:
                _spread(scene, person, chosen, night=kind == "night")
            scene.tell("RC012", note, placed=bool(verdict))
            if verdict:
                truth = Truth("RC012", key_of(index_changed_by=person), verdict, note)
                scene.truths.append(truth)


def _chosen(scene: Scene, mine: Array, many: int, kind: str) -> Array:
    """Customers to edit, of one reader or of several; too few where the plan has no place."""
    reader = scene.district.customer["reader_id"]
    free = mine[~scene.used[mine]]
    if kind == "customer":
        return np.zeros(0, dtype=int)
    if kind not in _SAME:
        chosen = free[:many]
    else:
        names, counts = np.unique(reader[free].astype(str), return_counts=True)
        same = _SAME[kind][0]
        if counts.max(initial=0) < same:
            return np.zeros(0, dtype=int)
        one = names[np.argmax(counts)]
        chosen = np.concatenate([free[reader[free] == one][:same], free[reader[free] != one][: many - same]])
    scene.used[chosen] = True
    return np.asarray(chosen)


def _spread(scene: Scene, person: str, chosen: Array, *, night: bool) -> None:
    for number, position in enumerate(chosen.tolist()):
        back = 0 if night else number % 6
        hour = 8.0 + number % 60 / 60 if night else 8.0 + number // 6 % 10 + 24 * (number // 60)
        _edit(scene, person, point_id(scene, np.array([position])), back, hour)


def _one_customer(scene: Scene, person: str, county: str) -> bool:
    """Every reading of a customer with panels: both points, six periods."""
    district = scene.district
    sunny = scene.left("sunny")
    here = [p for p in sunny.tolist() if str(district.layout.stations[district.station[p]]).startswith(county)]
    if not here:
        return False
    at = np.array(here[:1])
    scene.used[at] = True
    rows: Sequence[int] = [*scene.point_rows(at).tolist()[:1], *scene.point_rows(at, "generation").tolist()[:1]]
    for row, hour in zip(rows, (9.0, 15.0), strict=False):
        for back in range(6):
            _edit(scene, person, str(scene.frame("metering_point")["point_id"][row]), back, hour)
    return True


def _edit(scene: Scene, person: str, point: str, back: int, hour: float) -> None:
    when = reading_day(scene, back).astype("datetime64[s]") + np.timedelta64(int(hour * 3600), "s")
    edit_index(scene, point, period(scene, back), person, when)
