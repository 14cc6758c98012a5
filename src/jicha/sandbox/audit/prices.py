"""Prices and classes: TC001 to TC005, TC015 to TC017, TC019 to TC022, TC024, TC025."""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from typing import Any

import numpy as np

from jicha.sandbox.arrays import NULL
from jicha.sandbox.audit.evidence import BUSINESS_WORDS, Evidence, name_key
from jicha.sandbox.audit.whole import Changed
from jicha.sandbox.faults.truth import key_of

_INDUSTRIAL = ("large_industrial", "general_industrial_commercial")
_ALLOWED = {
    ("ev_charging", "general_industrial_commercial"), ("ev_charging", "large_industrial"),
    ("non_residential_other", "residential"),
}  # fmt: skip
_CHANGES = {"change_class", "change_price_strategy", "change_voltage", "increase_capacity", "reduce_capacity",
            "resume_capacity", "suspend", "resume", "change_demand", "transfer_ownership", "split_account",
            "merge_account", "temporary"}  # fmt: skip


def judge(e: Evidence) -> None:
    """Judge every customer of the district."""
    for rule in (_tc001, _tc002, _tc003, _tc004, _tc005, _tc015, _tc016, _tc017, _tc019, _tc020, _tc021, _tc022,
                 _tc024, _tc025):  # fmt: skip
        rule(e)


def _fits(own: Any, priced: Any) -> bool:
    return own == priced or (own in _INDUSTRIAL and priced in _INDUSTRIAL) or (own, priced) in _ALLOWED


def _tc001(e: Evidence) -> None:
    usage = e.right.books.editions.usage
    recent = np.nansum(e.kwh[:, max(e.last - 11, 0) :], axis=1)
    for position in np.flatnonzero(e.mature).tolist():
        own = e.customer["usage_class"][position]
        priced = {p: usage[e.tariff(p, e.as_of)] for p in e.of(position) if e.tariff(p, e.as_of) >= 0}
        priced = {p: u for p, u in priced.items() if u is not None}
        wrong = [p for p, u in priced.items() if not _fits(own, u)]
        mains = [p for p in wrong if not e.has_parent[p] and e.metered[p]]
        if not mains and wrong and len(wrong) == len(priced):
            mains = sorted(wrong, key=lambda p: (-recent[p], e.point_id(p)))[:1]
        for point in mains:
            e.report("TC001", point_id=e.point_id(point))


def _tc002(e: Evidence) -> None:
    tariff = e.prices.tariff
    area = e.district.tables["metering_point"]["area_id"][e.files.row]
    for point in np.flatnonzero(e.settles).tolist():
        row, volts = e.tariff(point, e.as_of), e.customer["voltage_v"][e.files.owner[point]]
        if row < 0 or np.isnan(volts):
            continue
        if (
            volts >= 1000
            and e.metered[point]
            and area[point] is not None
            and e.fact("mode")[point] == "lv_supply_lv_metering"
        ):
            volts = 380
        low, high = tariff["voltage_min_v"][row], tariff["voltage_max_v"][row]
        wrong = (low > 380 or high < 220) if volts < 1000 else (volts < low or volts > high)
        if wrong:
            e.report("TC002", point_id=e.point_id(point))


def _tc003(e: Evidence) -> None:
    period = e.bill_places[1]
    for row in np.flatnonzero(e.regular & (period == e.last) & (e.bills["billed_kwh"] > 0)).tolist():
        code = e.bills["tariff_code"][row]
        place = e.right.books.editions.place.get(str(code).strip(), -1)
        on = e.right.books.editions.on[place] if place >= 0 else np.array([-1])
        days = e.files.number(np.array([e.p0, e.p0_end]))
        if code is None or place < 0 or (on[days[0] : days[1] + 1] < 0).all():
            e.report("TC003", bill_id=e.bills["bill_id"][row])


def _two_part(e: Evidence, position: int, day: Any) -> list[int]:
    parts = e.right.books.editions.parts
    return [p for p in e.of(position) if e.tariff(p, day) >= 0 and parts[e.tariff(p, day)] == 2]


def _tc004(e: Evidence) -> None:
    c = e.customer
    wanted = e.mature & np.isin(c["usage_class"], _INDUSTRIAL) & (c["voltage_v"] >= 1000)
    wanted &= (c["contract_capacity_kva"] >= 315) & ~(c["is_temporary"] == True)  # noqa: E712
    wanted &= (c["usage_class"] == "large_industrial") | (c["opened_on"] >= np.datetime64("2023-06-01"))
    for position in np.flatnonzero(wanted).tolist():
        if not e.of(position) or _two_part(e, position, e.as_of):
            continue
        less = c["operating_capacity_kva"][position] < 315 and any(
            o["kind"] in ("suspend", "reduce_capacity") and e.effective(o, e.as_of) for o in e.orders.get(position, [])
        )
        if not less:
            e.report("TC004", customer_id=e.customer_id(position))


def _tc005(e: Evidence) -> None:
    c = e.customer
    for position in np.flatnonzero(e.mature).tolist():
        usage = c["usage_class"][position]
        wrong = usage in ("residential", "agricultural", "street_lighting", "ev_charging")
        wrong |= bool(c["contract_capacity_kva"][position] < 100) or c["is_temporary"][position] is True
        if wrong and _two_part(e, position, e.as_of):
            e.report("TC005", customer_id=e.customer_id(position))


def _tc015(e: Evidence) -> None:
    """Bills of P0 against those of the period before; the whole city says which moves of prices are policy."""
    if e.last < 1:
        return
    place = _leading_rows(e)
    kva = e.billed("billed_capacity_kva")
    window = (e.p0.astype("datetime64[M]") - 2).astype("datetime64[D]")
    for point in np.flatnonzero(e.settles).tolist():
        new, old = place.get((point, e.last)), place.get((point, e.last - 1))
        if new is None or old is None:
            continue
        a, b = _code(e, old), _code(e, new)
        e.whole.compare(a, b)
        expired = a is not None and e.edition(a, e.p0_end) < 0
        codes = None if a is None or b is None or a == b or expired else (a, b)
        before, after = kva[point, e.last - 1], kva[point, e.last]
        otherwise = bool(abs(after - before) > 0.01 * max(abs(after), abs(before)))
        s, t = e.bills["pf_standard"][old], e.bills["pf_standard"][new]
        otherwise |= bool(not np.isnan(s) and not np.isnan(t) and s != t)
        if (codes or otherwise) and not any(
            o["kind"] in _CHANGES and any(window <= d <= e.p0_end for d in
                                          (o["effective_from"], o["archived_at"].astype("datetime64[D]")))
            for o in e.orders.get(int(e.files.owner[point]), [])
        ):  # fmt: skip
            key = key_of(point_id=e.point_id(point), period=str(e.p0))
            e.whole.changed.append(Changed(key, codes, otherwise))


def _code(e: Evidence, row: int) -> str | None:
    code = e.bills["tariff_code"][row]
    return None if code is None else str(code).strip()


def _leading_rows(e: Evidence) -> dict[tuple[int, int], int]:
    """The bill with the most energy per point and period."""
    point, period = e.bill_places
    found: dict[tuple[int, int], int] = {}
    kwh = np.where(e.bills["billed_kwh"] == NULL, NULL, e.bills["billed_kwh"])
    for row in np.flatnonzero((period >= e.last - 1) & (point >= 0)).tolist():
        key = int(point[row]), int(period[row])
        other = found.get(key)
        if other is None or (-kwh[row], str(e.bills["bill_id"][row])) < (-kwh[other], str(e.bills["bill_id"][other])):
            found[key] = row
    return found


def _capacity(e: Evidence, position: int) -> float:
    contract = e.customer["contract_capacity_kva"][position]
    return float(e.customer["operating_capacity_kva"][position] if np.isnan(contract) else contract)


def _tc016(e: Evidence) -> None:
    c = e.customer
    classes = (*_INDUSTRIAL, "non_residential_other", "agricultural", "resale")
    for position in np.flatnonzero(e.mature & np.isin(c["usage_class"], classes)).tolist():
        points = e.of(position)
        if not _capacity(e, position) >= 100 or not points:
            continue
        if np.isin(e.fact("pf_standard")[points].astype(float), [0.80, 0.85, 0.90]).any():
            continue
        if not np.nansum(e.kwh[points, e.last]) > 0:
            continue
        less = c["operating_capacity_kva"][position] < 100 and any(
            o["kind"] == "reduce_capacity" and e.effective(o, e.as_of) for o in e.orders.get(position, [])
        )
        if not less:
            e.report("TC016", customer_id=e.customer_id(position))


def _standards(e: Evidence, position: int) -> set[float] | None:
    c = e.customer
    kva, usage = c["contract_capacity_kva"][position], c["usage_class"][position]
    code = c["industry_code"][position]
    if np.isnan(kva):
        return None
    if kva < 100 or usage == "residential":
        return set()
    volts = c["voltage_v"][position]
    industry = "06" <= str(code)[:2] <= "46" and kva > 160 and not volts < 1000
    if code is not None and str(code).startswith("76"):
        expected = {0.90 if kva >= 3200 else 0.85}
    elif usage in ("agricultural", "resale"):
        expected = {0.80}
    elif code is None or (industry and np.isnan(volts)):
        expected = {0.85, 0.90}
    else:
        expected = {0.90 if industry else 0.85}
    return expected


def _tc017(e: Evidence) -> None:
    standard = e.fact("pf_standard").astype(float)
    for point in np.flatnonzero(e.settles & ~np.isnan(standard)).tolist():
        expected = _standards(e, int(e.files.owner[point]))
        if expected is not None and standard[point] not in expected:
            e.report("TC017", point_id=e.point_id(point))


def _tiered(e: Evidence, position: int) -> list[int]:
    return [p for p in e.of(position) if e.fact("tariff_code")[p] in e.right.books.ladders]


def _tc019(e: Evidence) -> None:
    c = e.customer
    for position in np.flatnonzero(e.mature & ~np.isnan(c["household_size"])).tolist():
        points = _tiered(e, position)
        if not points:
            continue
        size, until = c["household_size"][position], c["household_size_until"][position]
        used = np.nan_to_num(e.kwh_of_customer[position, e.last]) > 0
        wrong = size > 4 and bool(until < e.p0) and used
        wrong |= (size > 4 and bool(np.isnat(until))) or size > 12 or c["usage_class"][position] != "residential"
        if wrong:
            e.report("TC019", customer_id=e.customer_id(position))


def _tc020(e: Evidence) -> None:
    c = e.customer
    who = [p for p in np.flatnonzero(e.mature & (c["usage_class"] == "residential")).tolist() if _tiered(e, p)]
    recent = e.kwh_of_customer[:, max(e.last - 11, 0) :]
    often = (np.nan_to_num(recent) > 0).sum(axis=1)
    groups: dict[tuple[str, str, str], list[int]] = defaultdict(list)
    for position in who:
        place = name_key(c["address"][position])
        if len(place) >= 8 and often[position] >= 6:
            number = c["id_number"][position]
            if number is not None:
                number = unicodedata.normalize("NFKC", str(number)).upper().replace(" ", "")
                groups[place, "id", number].append(position)
            if name_key(c["name"][position]):
                groups[place, "name", name_key(c["name"][position])].append(position)
    for members in groups.values():
        ordered = sorted(members, key=lambda p: (str(c["opened_on"][p]), e.customer_id(p)))
        for position in ordered[1:]:
            e.report("TC020", customer_id=e.customer_id(position))
    for position in who:
        if np.isnan(c["household_size"][position]) and _mean(recent[position]) > 2500:
            e.report("TC020", customer_id=e.customer_id(position))


def _mean(values: Any) -> float:
    known = values[~np.isnan(values)]
    return float(known.mean()) if len(known) else float("nan")


def _variation(values: Any) -> float:
    known = values[~np.isnan(values)]
    if len(known) < 2 or known.mean() == 0:
        return float("nan")
    return float(known.std(ddof=1) / known.mean())


def _tc021(e: Evidence) -> None:
    c = e.customer
    recent = e.kwh_of_customer[:, max(e.last - 11, 0) :]
    scores: dict[int, tuple[int, bool]] = {}
    for position in np.flatnonzero(e.mature & (c["usage_class"] == "residential")).tolist():
        if not any(e.metered[p] for p in _tiered(e, position)):
            continue
        large = _mean(recent[position]) > 1500
        name = name_key(c["name"][position])
        named = any(word in name for word in BUSINESS_WORDS)
        score = large + (_variation(recent[position]) < 0.25) + named
        score += bool(c["voltage_v"][position] == 380 and c["contract_capacity_kva"][position] >= 30)
        scores[position] = int(score), large and named
    near = {p: s for p, s in scores.items() if s[0] >= 2 or s[1]}
    mine = [q for p in near for q in e.of(p) if e.metered[q]]
    days = e.days_of(e.daily, mine, ["energy_kwh"])
    for position, (score, certain) in near.items():
        if certain or score + _flat_week(e, [days[q] for q in e.of(position) if q in days]) >= 3:
            e.report("TC021", customer_id=e.customer_id(position))


def _flat_week(e: Evidence, points: list[dict[str, Any]]) -> bool:
    sums: dict[Any, float] = defaultdict(float)
    for rows in points:
        for day, kwh in zip(rows["day"], rows["energy_kwh"], strict=True):
            if not np.isnan(kwh) and e.as_of - 90 <= day < e.as_of:
                sums[day] += kwh
    if len(sums) < 80:
        return False
    days, kwh = np.array(list(sums), dtype="datetime64[D]"), np.array(list(sums.values()))
    weekend = (days.astype(np.int64) + 3) % 7 >= 5
    if kwh.mean() <= 0 or kwh[~weekend].mean() <= 0:
        return False
    return bool(kwh[weekend].mean() / kwh[~weekend].mean() < 0.6 or kwh.std(ddof=1) / kwh.mean() < 0.15)


def _tc022(e: Evidence) -> None:
    c = e.customer
    words = [w for w in BUSINESS_WORDS if w not in ("养殖", "合作社", "农场", "水利")]
    recent = e.kwh_of_customer[:, max(e.last - 11, 0) :]
    for position in np.flatnonzero(e.mature & (c["usage_class"] == "agricultural")).tolist():
        known = recent[position][~np.isnan(recent[position])]
        if len(known) < 12 or not known.mean() >= 2000:
            continue
        code = str(c["industry_code"][position] or "")
        steady = _variation(known) < 0.15 and known.min() > 0.7 * known.mean()
        farm = code.startswith(("03", "04", "013", "015"))
        name = name_key(c["name"][position])
        if (steady and not farm) or any(word in name for word in words):
            e.report("TC022", customer_id=e.customer_id(position))


def _tc024(e: Evidence) -> None:
    c, timed = e.customer, e.fact("is_time_of_use")
    last3 = range(max(e.last - 2, 0), e.last + 1)
    bands = {n: e.billed(f"{n}_kwh") if f"{n}_kwh" in e.bills.columns else np.full(e.kwh.shape, np.nan)
             for n in ("tip", "peak", "valley", "deep_valley")}  # fmt: skip
    for point in np.flatnonzero(e.settles).tolist():
        position = int(e.files.owner[point])
        usage = c["usage_class"][position]
        if timed[point] is not True:
            due = usage in _INDUSTRIAL and c["contract_capacity_kva"][position] >= 100
            if due and e.metered[point] and not e.has_parent[point]:
                e.report("TC024", point_id=e.point_id(point))
            continue
        if usage in ("street_lighting", "ev_charging") or str(c["industry_code"][position] or "").startswith("44"):
            continue
        if not all(e.kwh[point, m] >= 500 for m in last3) or len(last3) < 3:
            continue
        odd = 0
        for m in last3:
            tip, peak, valley, deep = (np.nan_to_num(bands[n][point, m]) for n in bands)
            odd += bool((valley + deep) / e.kwh[point, m] > 0.9 or tip + peak == 0)
        if odd == 3:
            e.report("TC024", point_id=e.point_id(point))


def _tc025(e: Evidence) -> None:
    point = e.district.tables["metering_point"]
    reviewed = point["allocation_reviewed_on"][e.files.row]
    value, kind = e.fact("allocation_value").astype(float), e.fact("allocation")
    metered = e.billed("metered_kwh")
    sums: dict[Any, float] = defaultdict(float)
    parents = point["parent_point_id"][e.files.row]
    for place in np.flatnonzero(e.settles & (kind == "ratio") & e.has_parent).tolist():
        sums[parents[place]] += float(np.nan_to_num(value[place]))
    for place in np.flatnonzero(e.settles & np.isin(kind.astype(str), ["ratio", "quantity"])).tolist():
        day = reviewed[place]
        wrong = bool(np.isnat(day)) or _year_after(day) < e.as_of or not value[place] > 0
        wrong |= kind[place] == "ratio" and sums.get(parents[place], 0.0) > 100
        main = int(e.files.parent[place])
        if kind[place] == "quantity" and main >= 0:
            wrong |= sum(value[place] > 0.9 * metered[main, m] for m in range(max(e.last - 2, 0), e.last + 1)) >= 2
        if wrong:
            e.report("TC025", point_id=e.point_id(place))


def _year_after(day: Any) -> Any:
    month = day.astype("datetime64[M]") + 12
    end = (month + 1).astype("datetime64[D]") - 1
    return min(month.astype("datetime64[D]") + (day - day.astype("datetime64[M]").astype("datetime64[D]")), end)
