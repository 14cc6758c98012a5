"""The checks of `peers.py` in pandas with Arrow-backed columns, reading only the columns needed; each returns its keys.

Amounts are float64 here (exact decimals would be objects, many times slower), with a margin of a millionth at limits.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds

AS_OF, P0 = pd.Timestamp(2026, 10, 15), date(2026, 9, 1)
Read = Callable[..., pd.DataFrame]


def month(back: int) -> date:
    """First day of the period so many months before the latest complete one."""
    number = P0.year * 12 + P0.month - 1 - back
    return date(number // 12, number % 12 + 1, 1)


def reader(files: Mapping[str, Sequence[str]]) -> Read:
    """Return a function that reads columns of a table, filtered while reading."""

    def read(table: str, columns: Sequence[str], where: Any = None) -> pd.DataFrame:
        hive = ds.partitioning(pa.schema([("period", pa.date32()), ("month_", pa.date32())]), flavor="hive")
        data = ds.dataset(list(files[table]), format="parquet", partitioning=hive)
        found = data.to_table(columns=list(columns), filter=where)
        for index, field in enumerate(found.schema):
            if pa.types.is_decimal(field.type):
                found = found.set_column(index, field.name, found.column(index).cast(pa.float64()))
            elif pa.types.is_date(field.type):
                found = found.set_column(index, field.name, found.column(index).cast(pa.timestamp("s")))
        return found.to_pandas(types_mapper={pa.string(): pd.ArrowDtype(pa.string())}.get)

    return read


def mature(read: Read, *more: str) -> pd.DataFrame:
    c = read("customer", ["customer_id", "opened_on", "closed_on", *more], pc.field("status") == "active")
    opened = c.opened_on.isna() | (c.opened_on + pd.DateOffset(months=2) <= AS_OF)
    return c[opened & (c.closed_on.isna() | (c.closed_on >= AS_OF))]


def settlement(read: Read, *more: str) -> pd.DataFrame:
    p = read("metering_point", ["point_id", "customer_id", "status", *more], pc.field("purpose") == "settlement")
    p = p[p.status.isna() | (p.status == "active")]
    return p[p.customer_id.isin(mature(read).customer_id)]


def flying(read: Read, kinds: list[str]) -> pd.Series:
    o = read(
        "service_order", ["customer_id", "applied_at"], (pc.field("status") == "open") & pc.field("kind").isin(kinds)
    )
    return o[o.applied_at < AS_OF + pd.Timedelta(days=1)].customer_id


def cf001(read: Read) -> pd.Series:
    names = ["name", "address", "voltage_v", "usage_class", "industry_code", "contract_capacity_kva"]
    m = mature(read, *names, "operating_capacity_kva")

    def lacks(text: pd.Series) -> pd.Series:
        return text.isna() | (text.str.strip() == "").fillna(True)

    high = m.voltage_v.isna() | (m.voltage_v >= 1000)
    wrong = lacks(m["name"]) | lacks(m.address) | m.voltage_v.isna() | m.opened_on.isna()
    wrong |= (m.usage_class != "residential").fillna(False) & lacks(m.industry_code)
    return m[wrong | (high & (m.contract_capacity_kva.isna() | m.operating_capacity_kva.isna()))].customer_id


def cf008(read: Read) -> pd.Series:
    t = read("customer_transformer", ["customer_id", "status"])
    t["present"], t["running"] = t.status != "removed", t.status.isin(["running", "hot_standby"])
    t["removed"] = ~t.present
    filed = t.groupby("customer_id")[["present", "running", "removed"]].sum()
    m = mature(read, "voltage_v", "usage_class", "direct_motor_kva").join(filed, on="customer_id")
    without = (m.voltage_v >= 1000) & ~m.usage_class.isin(["resale", "ev_charging"]) & m.usage_class.notna()
    without &= (m.present.fillna(0) == 0) & (m.direct_motor_kva.fillna(0) == 0)
    without &= m.customer_id.isin(settlement(read).customer_id)
    m = m[without | ((m.voltage_v < 1000) & (m.running > 0))]
    m = m[~m.customer_id.isin(flying(read, ["new_hv", "close_account"]))]
    counts = m[["running", "removed"]].fillna(0).astype(int).astype(str)
    return m.customer_id.astype(str) + " " + counts.running + " " + counts.removed


def cf011(read: Read) -> pd.Series:
    used = settlement(read, "area_id").area_id.dropna()
    a = read("area", ["area_id", "capacity_kva"])
    p = read("pms_area", ["area_id", "capacity_kva", "status"]).set_index("area_id")
    a = a[a.area_id.isin(used)].join(p, on="area_id", rsuffix="_pms")
    apart = (a.capacity_kva.round(4) - a.capacity_kva_pms.round(4)).abs() > 1 + 1e-6
    return a[~a.area_id.isin(p.index) | a.status.isin(["stopped", "removed"]) | apart].area_id


def cf012(read: Read) -> pd.Series:
    names = ["customer_id", "status", "opened_on", "closed_on", "is_temporary", "temporary_until"]
    c = read("customer", names)
    temporary = c.is_temporary.astype("boolean")
    wrong = c.status.isin(["active", "suspended"]) & (c.closed_on < AS_OF)
    wrong |= (c.status == "closed") & c.closed_on.isna()
    wrong |= c.closed_on < c.opened_on
    wrong |= (c.opened_on > AS_OF) & (c.status != "closed")
    wrong |= (~temporary).fillna(False) & c.temporary_until.notna()
    wrong |= temporary.fillna(False) & c.temporary_until.isna()
    return c[wrong.fillna(False)].customer_id


def cf013(read: Read) -> pd.Series:
    c = read("customer", ["customer_id", "closed_on"], pc.field("status") == "closed")
    c = c[c.closed_on + pd.Timedelta(days=30) <= AS_OF]
    p = read("metering_point", ["point_id", "customer_id", "purpose", "status"])
    p = p[p.customer_id.isin(c.customer_id)]
    t = read("meter", ["point_id"], (pc.field("status") == "installed") & ~pc.field("removed_on").is_valid())
    live = p.purpose.isin(["settlement", "generation"]) & (p.status == "active").fillna(False)
    return p[live | p.point_id.isin(t.point_id.dropna())].customer_id.drop_duplicates()


def cf014(read: Read) -> pd.Series:
    p = read("metering_point", ["customer_id", "purpose"], pc.field("customer_id").is_valid())
    p["generation"] = p.purpose == "generation"
    filed = p.groupby("customer_id").generation.agg(["size", "sum"])
    m = mature(read)
    m = m[~m.customer_id.isin(settlement(read).customer_id)].join(filed, on="customer_id")
    m = m[m["size"].isna() | (m["sum"] < m["size"])]
    kinds = ["new_lv_residential", "new_lv_other", "new_hv", "temporary", "close_account"]
    return m[~m.customer_id.isin(flying(read, kinds))].customer_id


def mt007(read: Read) -> pd.Series:
    names = ["meter_id", "point_id", "installed_on", "removed_on", "verified_on", "verification_months", "phases"]
    t = read("meter", [*names, "accuracy_class"], (pc.field("status") == "installed") & pc.field("point_id").is_valid())
    t = t[(t.installed_on.isna() | (t.installed_on <= AS_OF)) & (t.removed_on.isna() | (t.removed_on >= AS_OF))]
    t = t.sort_values("meter_id", ascending=False).sort_values(
        "installed_on", ascending=False, na_position="last", kind="stable"
    )
    t = t.drop_duplicates("point_id")
    t = t[t.phases.isna() | (t.phases != 1) | t.verification_months.notna()]
    p = read("metering_point", ["point_id", "status", "purpose", "multiplier"])
    p = p[p.status.isna() | (p.status == "active")].set_index("point_id")
    t = t[t.point_id.isin(p.index)]
    ratio = ((p.purpose == "settlement") & (p.multiplier > 1)).reindex(t.point_id).fillna(False).to_numpy(bool)
    stored = t.verified_on.isna() | (t.installed_on > t.verified_on + pd.DateOffset(months=24))
    base = t.verified_on.mask(stored, t.installed_on)
    exact = t.accuracy_class.str.strip().isin(["0.2S", "0.5S", "0.2", "0.5"])
    term = t.verification_months.fillna(exact.map({True: 72, False: 96})).astype(int)
    late = pd.Series(False, index=t.index)
    for number, rows in term.groupby(term).groups.items():
        late[rows] = base[rows] + pd.DateOffset(months=number) < AS_OF
    return t[late | (base.isna() & ratio)].meter_id


def mt008(read: Read) -> pd.Series:
    names = ["point_id", "kind", "status", "verified_on", "installed_on", "verification_months"]
    t = read("instrument_transformer", names)
    p = read("metering_point", ["point_id", "status"])
    voltage = t[t.kind == "voltage"].point_id.dropna()
    t = t[(t.status == "installed") & t.point_id.isin(p[p.status.isna() | (p.status == "active")].point_id)]
    t = t[(t.kind == "voltage") | t.verification_months.notna() | t.point_id.isin(voltage)]
    base, term = t.verified_on.fillna(t.installed_on), t.verification_months.fillna(120).astype(int)
    late = pd.Series(False, index=t.index)
    for number, rows in term.groupby(term).groups.items():
        late[rows] = base[rows] + pd.DateOffset(months=number) < AS_OF
    return t[late].point_id.drop_duplicates()


def mt014(read: Read) -> pd.Series:
    p = read("metering_point", ["point_id", "parent_point_id", "status", "allocation", "purpose"])
    active = p.status.isna() | (p.status == "active")
    child = p[active & (p.allocation.isna() | (p.allocation == "metered")) & (p.purpose != "generation").fillna(False)]
    child = child[
        child.parent_point_id.isin(p[active].point_id) & (child.point_id != child.parent_point_id).fillna(False)
    ]
    size = child.groupby("parent_point_id").size().rename("children")
    where = (pc.field("register") == "total") & pc.field("period").isin([month(n) for n in range(3)])
    total = read("reading", ["point_id", "period", "quantity"], where)
    sub = total.merge(child[["point_id", "parent_point_id"]], on="point_id")
    sub = sub.groupby(["parent_point_id", "period"]).quantity.agg(["count", "sum"])
    main = total[total.quantity.notna() & total.point_id.isin(size.index)].join(size, on="point_id")
    main = main.join(sub, on=["point_id", "period"], how="inner")
    main = main[main.children == main["count"]]
    main = main[main["sum"] > main.quantity * 1.02 + 10 + 1e-6]
    counted = main.groupby("point_id").period.agg(["size", "max"])
    counted = counted[(counted["size"] >= 2) & (counted["max"] == pd.Timestamp(P0))]
    found = main[(main.period == pd.Timestamp(P0)) & main.point_id.isin(counted.index)].set_index("point_id")
    # the reference price of the suspects: their bills of twelve periods, else the price of their tariff
    where = pc.field("period").isin([month(n) for n in range(12)])
    where &= pc.field("point_id").isin(found.index.to_list())
    b = read("bill", ["point_id", "period", "billed_kwh", "total_yuan"], where)
    b = b.groupby(["point_id", "period"])[["billed_kwh", "total_yuan"]].sum(min_count=1)
    b = b[(b.billed_kwh > 0) & b.total_yuan.notna()].groupby("point_id").sum()
    t = read("tariff", ["tariff_code", "effective_from", "effective_to", "energy_price"])
    t = t[(t.effective_from <= AS_OF) & (t.effective_to.isna() | (t.effective_to >= AS_OF))]
    t = t.sort_values("effective_from").groupby("tariff_code").energy_price.last()
    p = read("metering_point", ["point_id", "tariff_code"]).set_index("point_id").tariff_code
    price = (b.total_yuan / b.billed_kwh).round(10).reindex(found.index)
    price = price.fillna(p.reindex(found.index).map(t))
    amount = (found["sum"] - found.quantity) * price
    return pd.Series([f"{point} " + ("" if pd.isna(yuan) else f"{yuan + 1e-9:.2f}") for point, yuan in amount.items()])


def recent(read: Read, where: Any = None) -> pd.DataFrame:
    points = settlement(read, "allocation", "reading_cycle_months")
    points = points[points.allocation.fillna("metered") == "metered"]
    points = points.assign(cycle=points.reading_cycle_months.fillna(1).astype(int))[
        ["point_id", "customer_id", "cycle"]
    ]
    total = pc.field("register") == "total"
    parts = []
    for wanted, most in ((points[points.cycle <= 1], 3), (points[points.cycle > 1], 36)):
        periods = total & pc.field("period").isin([month(n) for n in range(most + 1)])
        rows = read(
            "reading", ["point_id", "period", "quantity", "method"], periods if where is None else periods & where
        )
        parts.append(rows.merge(wanted, on="point_id"))
    found = pd.concat(parts)
    distance = P0.year * 12 + P0.month - found.period.dt.year * 12 - found.period.dt.month
    found["back"] = distance // found.cycle
    return found[(distance <= 3 * found.cycle) & (distance % found.cycle == 0)]


def rc001(read: Read) -> pd.Series:
    c = read("customer", ["customer_id"], pc.field("status") == "suspended").customer_id
    t = read("customer_transformer", ["customer_id", "status"], pc.field("status") != "removed")
    still = t.status.isin(["suspended", "cold_standby"]).groupby(t.customer_id).all()
    r = recent(read, pc.field("method") == "estimated")
    r = r[(r.back < 3) & ~r.customer_id.isin(c) & ~r.customer_id.isin(still[still].index)]
    counted = r.groupby("point_id").quantity.agg(["size", "sum"])
    return pd.Series([f"{point} {kwh:.2f}" for point, kwh in counted[counted["size"] == 3]["sum"].items()])


def rc005(read: Read) -> pd.Series:
    hand = ["manual", "local", "estimated"]
    r = recent(read)[["point_id", "back", "quantity", "method"]]
    s = r[(r.back == 0) & (r.quantity >= 10)].merge(r[r.back > 0], on="point_id", suffixes=("", "_"))
    s = s[(s.quantity_ >= 10) & ((s.quantity_ - s.quantity).abs() <= 0.01 + 1e-6)]
    near = s.back_ < 3
    s["hand"], s["hand_"] = s.method.isin(hand), near & s.method_.isin(hand)
    s["remote"], s["near"] = (s.method == "remote") & (s.method_ == "remote"), near
    s["near_quantity"] = s.quantity_.where(near)
    g = s.groupby("point_id").agg(
        quantity=("quantity", "first"), hand=("hand", "max"), hand_=("hand_", "sum"), remote=("remote", "sum"),
        near=("near", "sum"), high=("near_quantity", "max"), low=("near_quantity", "min"), high3=("quantity_", "max"),
        low3=("quantity_", "min"),
    )  # fmt: skip

    def spread(high: pd.Series, low: pd.Series) -> pd.Series:
        return g.quantity.combine(high, max) - g.quantity.combine(low, min) <= 0.01 + 1e-6

    by_hand = (g.near == 2) & (g.hand.astype(int) + g.hand_ >= 2) & spread(g.high, g.low)
    return g[
        by_hand | ((g.remote == 3) & (g.quantity >= 100) & (g.low3 >= 100) & spread(g.high3, g.low3))
    ].index.to_series()


def rc007(read: Read) -> pd.Series:
    where = (pc.field("register") == "total") & (pc.field("method") == "manual") & pc.field("reader_id").is_valid()
    where &= pc.field("current_index").is_valid() & pc.field("read_at").is_valid()
    where &= pc.field("period").isin([month(n) for n in range(12)])
    r = read("reading", ["point_id", "reader_id", "current_index", "read_at", "multiplier"], where)
    p = read("metering_point", ["point_id", "multiplier"]).set_index("point_id").multiplier
    r["times"] = r.multiplier.fillna(r.point_id.map(p)).fillna(1)
    r["day"] = r.read_at.dt.normalize().astype("datetime64[s]")
    where = pc.field("index_kwh").is_valid() & pc.field("day").isin(pa.array(r.day.dt.date.unique(), pa.date32()))
    where &= pc.field("point_id").isin(r.point_id.unique().tolist())
    compared = read("daily_energy", ["point_id", "day", "index_kwh"], where).merge(r, on=["point_id", "day"])
    compared["equal"] = (compared.current_index - compared.index_kwh).abs() <= 0.005 + 1e-9
    suspect = compared.groupby("reader_id").equal.agg(["size", "sum"])
    suspect = suspect[(suspect["size"] >= 60) & (suspect["sum"] * 10 > suspect["size"] * 9)]
    compared = compared[compared.reader_id.isin(suspect.index)]
    where = (pc.field("day") >= (AS_OF - pd.Timedelta(days=90)).date()) & (pc.field("day") < AS_OF.date())
    where &= pc.field("point_id").isin(compared.point_id.unique().tolist())
    moved = read("daily_energy", ["point_id", "energy_kwh"], where).groupby("point_id").energy_kwh.agg(["sum", "count"])
    compared = compared.join(moved, on="point_id")
    moving = (2 * compared["sum"] > compared["count"] * compared.times + 1e-6).groupby(compared.reader_id).sum()
    return moving[5 * moving >= 4 * suspect["size"].reindex(moving.index)].index.to_series()


def arrears(read: Read) -> pd.Series:
    p = read("payment", ["bill_id", "yuan", "received_at", "reversed_at"], pc.field("bill_id").is_valid())
    day_after = AS_OF + pd.Timedelta(days=1)
    p = p[(p.reversed_at.isna() | (p.reversed_at >= day_after)) & (p.received_at < day_after)]
    paid = p.groupby("bill_id").yuan.sum().rename("paid")
    del p
    names = ["bill_id", "customer_id", "point_id", "period", "kind", "total_yuan", "issued_on", "due_on"]
    b = read("bill", names)
    reversal = (b.kind == "reversal").fillna(False)
    keys = ["point_id", "period", "total_yuan"]
    back = b[reversal].sort_values("bill_id").assign(total_yuan=lambda x: -x.total_yuan)
    back["place"] = back.groupby(keys).cumcount()
    hit = (
        b[~reversal & b.point_id.isin(back.point_id)]
        .merge(back[keys].drop_duplicates(), on=keys)
        .sort_values("bill_id")
    )
    hit["place"] = hit.groupby(keys).cumcount()
    pairs = hit.merge(back, on=[*keys, "place"], suffixes=("", "_reversal"))
    b["due"] = b.due_on.mask(reversal, b.issued_on)
    b = b.assign(reversal=reversal)[["bill_id", "customer_id", "total_yuan", "issued_on", "due", "reversal"]]
    b = b[(b.issued_on <= AS_OF) & (b.due < AS_OF)]
    b = b[~b.bill_id.isin(pairs.bill_id) & ~b.bill_id.isin(pairs.bill_id_reversal)].merge(
        paid, on="bill_id", how="left"
    )
    owed = (b.total_yuan - b.paid.fillna(0)).round(2)
    return b[owed > 0.01 + 1e-6].customer_id.drop_duplicates()


def still(read: Read) -> pd.Series:
    """All columns of the relation, as those of jicha."""

    def ago(days: int) -> pd.Timestamp:
        return AS_OF - pd.Timedelta(days=days)

    where = (pc.field("day") >= ago(105).date()) & (pc.field("day") < AS_OF.date())
    d = read("daily_energy", ["point_id", "day", "energy_kwh", "index_kwh"], where)
    recent = d[d.day >= ago(15)]
    most = recent.energy_kwh.round(4).abs().groupby(recent.point_id).max()
    still_ids = most[most == 0].index
    indexes = recent[recent.point_id.isin(still_ids)].groupby("point_id").index_kwh.agg(["min", "max"])
    known = d[d.point_id.isin(still_ids) & d.energy_kwh.notna()]
    before = known[known.day <= ago(16)]
    found = indexes.assign(
        month_days=known[known.day >= ago(30)].groupby("point_id").size(),
        kwh_before=before.energy_kwh.round(4).groupby(before.point_id).sum(),
        days_before=before.groupby("point_id").size(),
        last_used_on=known[known.energy_kwh.round(4) != 0].groupby("point_id").day.max(),
    )
    return found.index.to_series()


def median(read: Read) -> pd.Series:
    where = (pc.field("register") == "total") & pc.field("period").isin([month(n) for n in range(12)])
    r = read("reading", ["point_id", "quantity"], where)
    found = r.groupby("point_id").quantity.agg(["median", "count"])
    return found[found["median"] > 1000].index.to_series()


CHECKS: Mapping[str, Callable[[Read], pd.Series]] = {
    "CF001": cf001, "CF008": cf008, "CF011": cf011, "CF012": cf012, "CF013": cf013, "CF014": cf014, "MT007": mt007,
    "MT008": mt008, "MT014": mt014, "RC001": rc001, "RC005": rc005, "RC007": rc007,
    "arrears_age": arrears, "still_point": still, "median_quantity": median,
}  # fmt: skip


def keys(files: Mapping[str, list[str]], check: str) -> list[str]:
    """Return the keys that a check finds."""
    return [str(key) for key in CHECKS[check](reader(files))]
