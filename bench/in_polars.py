"""The checks of `peers.py` in Polars, lazily, as a practised user would write them; each returns its keys first."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date

import polars as pl

AS_OF, P0 = date(2026, 10, 15), date(2026, 9, 1)
Scan = Callable[[str], pl.LazyFrame]
c = pl.col


def months(number: int) -> list[date]:
    """First days of the latest complete period and of those before it."""
    return [date(P0.year + (P0.month - 1 - n) // 12, (P0.month - 1 - n) % 12 + 1, 1) for n in range(number)]


def mature(scan: Scan) -> pl.LazyFrame:
    return scan("customer").filter(
        (c("status") == "active")
        & (c("opened_on").is_null() | (c("opened_on").dt.offset_by("2mo") <= AS_OF))
        & (c("closed_on").is_null() | (c("closed_on") >= AS_OF))
    )


def answer(column: str) -> pl.Expr:
    """An amount as text with two places, as all engines give it."""
    return c(column).cast(pl.Decimal(38, 2)).cast(pl.String).fill_null("")


def settlement(scan: Scan) -> pl.LazyFrame:
    points = scan("metering_point").filter(
        (c("purpose") == "settlement") & (c("status").is_null() | (c("status") == "active"))
    )
    return points.join(mature(scan).select("customer_id"), on="customer_id", how="semi")


def metered(scan: Scan) -> pl.LazyFrame:
    return (
        settlement(scan)
        .filter(c("allocation").fill_null("metered") == "metered")
        .with_columns(cycle=c("reading_cycle_months").fill_null(1))
    )


def flying(scan: Scan, kinds: list[str]) -> pl.LazyFrame:
    return scan("service_order").filter(
        (c("status") == "open") & (c("applied_at").dt.date() <= AS_OF) & c("kind").is_in(kinds)
    )


def cf001(scan: Scan) -> pl.LazyFrame:
    blank, high = r"^[\s\u{00A0}\u{3000}]*$", c("voltage_v").is_null() | (c("voltage_v") >= 1000)

    def lacks(text: str) -> pl.Expr:
        return c(text).is_null() | c(text).str.contains(blank)

    found = mature(scan).filter(
        lacks("name") | lacks("address") | c("voltage_v").is_null() | c("opened_on").is_null()
        | ((c("usage_class") != "residential") & lacks("industry_code"))
        | (high & (c("contract_capacity_kva").is_null() | c("operating_capacity_kva").is_null()))
    )  # fmt: skip
    return found.select("customer_id")


def cf008(scan: Scan) -> pl.LazyFrame:
    filed = (
        scan("customer_transformer")
        .group_by("customer_id")
        .agg(
            present=(c("status") != "removed").sum(), running=c("status").is_in(["running", "hot_standby"]).sum(),
            removed=(c("status") == "removed").sum(),
        )
    )  # fmt: skip
    points = settlement(scan).select("customer_id").unique().with_columns(has_point=True)
    high = c("voltage_v") >= 1000
    without = (
        high & ~c("usage_class").is_in(["resale", "ev_charging"]) & (c("present").fill_null(0) == 0)
        & (c("direct_motor_kva").fill_null(0) == 0) & c("has_point").is_not_null()
    )  # fmt: skip
    found = mature(scan).join(filed, on="customer_id", how="left").join(points, on="customer_id", how="left")
    found = found.filter(without | (~high & (c("running") > 0)))
    found = found.join(flying(scan, ["new_hv", "close_account"]), on="customer_id", how="anti")
    return found.select(pl.format("{} {} {}", "customer_id", c("running").fill_null(0), c("removed").fill_null(0)))


def cf011(scan: Scan) -> pl.LazyFrame:
    used = settlement(scan).filter(c("area_id").is_not_null()).select("area_id").unique()
    pms = scan("pms_area").select("area_id", pms="capacity_kva", pms_status="status", known=True)
    found = scan("area").join(used, on="area_id", how="semi").join(pms, on="area_id", how="left")
    apart = (c("capacity_kva").round(4) - c("pms").round(4)).abs() > 1 + 1e-6
    wrong = c("known").is_null() | c("pms_status").is_in(["stopped", "removed"]) | apart
    return found.filter(wrong).select("area_id")


def cf012(scan: Scan) -> pl.LazyFrame:
    return (
        scan("customer")
        .filter(
            (c("status").is_in(["active", "suspended"]) & (c("closed_on") < AS_OF))
            | ((c("status") == "closed") & c("closed_on").is_null())
            | (c("closed_on") < c("opened_on"))
            | ((c("opened_on") > AS_OF) & (c("status") != "closed"))
            | (~c("is_temporary") & c("temporary_until").is_not_null())
            | (c("is_temporary") & c("temporary_until").is_null())
        )
        .select("customer_id")
    )


def cf013(scan: Scan) -> pl.LazyFrame:
    closed = scan("customer").filter((c("status") == "closed") & (c("closed_on").dt.offset_by("30d") <= AS_OF))
    points = scan("metering_point").join(closed.select("customer_id"), on="customer_id", how="semi")
    live = points.filter(c("purpose").is_in(["settlement", "generation"]) & (c("status") == "active"))
    placed = scan("meter").filter((c("status") == "installed") & c("removed_on").is_null())
    metered = points.join(placed.select("point_id"), on="point_id", how="semi")
    return pl.concat([live.select("customer_id"), metered.select("customer_id")]).unique()


def cf014(scan: Scan) -> pl.LazyFrame:
    filed = (
        scan("metering_point")
        .filter(c("customer_id").is_not_null())
        .group_by("customer_id")
        .agg(points=pl.len(), generation=(c("purpose") == "generation").sum())
    )
    kinds = ["new_lv_residential", "new_lv_other", "new_hv", "temporary", "close_account"]
    found = mature(scan).join(settlement(scan), on="customer_id", how="anti").join(filed, on="customer_id", how="left")
    found = found.filter(c("points").is_null() | (c("generation") < c("points")))
    return found.join(flying(scan, kinds), on="customer_id", how="anti").select("customer_id")


def mt007(scan: Scan) -> pl.LazyFrame:
    current = (
        scan("meter")
        .filter(
            c("point_id").is_not_null() & (c("status") == "installed")
            & (c("installed_on").is_null() | (c("installed_on") <= AS_OF))
            & (c("removed_on").is_null() | (c("removed_on") >= AS_OF))
        )
        .sort("installed_on", "meter_id", descending=[True, True], nulls_last=[True, True])
        .unique("point_id", keep="first", maintain_order=True)
    )  # fmt: skip
    points = scan("metering_point").filter(c("status").is_null() | (c("status") == "active"))
    points = points.select("point_id", has_ratio=(c("purpose") == "settlement") & (c("multiplier") > 1))
    exact = c("accuracy_class").str.strip_chars().is_in(["0.2S", "0.5S", "0.2", "0.5"]).fill_null(False)
    stored = c("verified_on").is_null() | (c("installed_on") > c("verified_on").dt.offset_by("24mo"))
    found = current.filter(c("phases").is_null() | (c("phases") != 1) | c("verification_months").is_not_null())
    found = found.join(points, on="point_id").with_columns(
        base=pl.when(stored).then("installed_on").otherwise("verified_on"),
        months=c("verification_months").fill_null(pl.when(exact).then(72).otherwise(96)),
    )
    late = c("base").dt.offset_by(pl.format("{}mo", "months")) < AS_OF
    return found.filter(late | (c("base").is_null() & c("has_ratio"))).select("meter_id")


def mt008(scan: Scan) -> pl.LazyFrame:
    assets = scan("instrument_transformer")
    voltage = assets.filter(c("kind") == "voltage").select("point_id").unique().with_columns(has_voltage=True)
    active = scan("metering_point").filter(c("status").is_null() | (c("status") == "active"))
    term = pl.format("{}mo", c("verification_months").fill_null(120))
    found = assets.filter(c("status") == "installed").join(active.select("point_id"), on="point_id", how="semi")
    return (
        found.join(voltage, on="point_id", how="left")
        .filter((c("kind") == "voltage") | c("verification_months").is_not_null() | c("has_voltage").is_not_null())
        .filter(pl.coalesce("verified_on", "installed_on").dt.offset_by(term) < AS_OF)
        .select("point_id")
        .unique()
    )


def mt014(scan: Scan) -> pl.LazyFrame:
    points = scan("metering_point").select("point_id", "parent_point_id", "status", "allocation", "purpose")
    active = c("status").is_null() | (c("status") == "active")
    child = points.filter(
        active & (c("allocation").is_null() | (c("allocation") == "metered")) & (c("purpose") != "generation")
        & (c("point_id") != c("parent_point_id"))
    ).join(points.filter(active), left_on="parent_point_id", right_on="point_id", how="semi")  # fmt: skip
    child = child.select("point_id", main="parent_point_id")
    total = scan("reading").filter((c("register") == "total") & c("period").is_in(months(3)))
    sub = (
        total.join(child, on="point_id")
        .group_by("main", "period")
        .agg(read=c("quantity").count(), sub=c("quantity").sum())
    )
    size = child.group_by("main").agg(children=pl.len())
    compared = (
        total.filter(c("quantity").is_not_null()).join(size, left_on="point_id", right_on="main")
        .join(sub, left_on=["point_id", "period"], right_on=["main", "period"]).filter(c("children") == c("read"))
        .with_columns(exceeds=c("sub").cast(pl.Float64) > c("quantity").cast(pl.Float64) * 1.02 + 10 + 1e-6)
    )  # fmt: skip
    now = c("period") == P0
    suspects = (
        compared.group_by("point_id")
        .agg(
            n=c("exceeds").sum(), now=(c("exceeds") & now).any(),
            over=(c("sub") - c("quantity")).filter(now).first().cast(pl.Float64),
        )
        .filter((c("n") >= 2) & c("now"))
    )  # fmt: skip
    # the reference price of the suspects: their bills of twelve periods, else the price of their tariff
    billed = (
        scan("bill").filter(c("period").is_in(months(12))).join(suspects, on="point_id", how="semi")
        .group_by("point_id", "period")
        .agg(kwh=c("billed_kwh").sum(), yuan=c("total_yuan").sum(), known=c("total_yuan").count())
        .filter((c("kwh") > 0) & (c("known") > 0))
        .group_by("point_id").agg(kwh=c("kwh").sum().cast(pl.Float64), yuan=c("yuan").sum().cast(pl.Float64))
        .select("point_id", price=(c("yuan") / c("kwh")).round(10))
    )  # fmt: skip
    tariff = (
        scan("tariff")
        .filter((c("effective_from") <= AS_OF) & (c("effective_to").is_null() | (c("effective_to") >= AS_OF)))
        .sort("effective_from").group_by("tariff_code").agg(c("energy_price").last().cast(pl.Float64))
    )  # fmt: skip
    found = suspects.join(billed, on="point_id", how="left")
    found = found.join(scan("metering_point").select("point_id", "tariff_code"), on="point_id", how="left")
    found = found.join(tariff, on="tariff_code", how="left").with_columns(
        amount=(c("over") * c("price").fill_null(c("energy_price"))).round(2, "half_away_from_zero")
    )
    return found.select(pl.format("{} {}", "point_id", answer("amount")))


def recent(scan: Scan) -> pl.LazyFrame:
    total = scan("reading").filter((c("register") == "total") & c("period").is_in(months(37)))
    distance = (P0.year * 12 + P0.month) - (c("period").dt.year().cast(pl.Int32) * 12 + c("period").dt.month())
    points = metered(scan).select("point_id", "customer_id", "cycle")
    joined = total.join(points, on="point_id").with_columns(distance=distance)
    return joined.filter((c("distance") <= 3 * c("cycle")) & (c("distance") % c("cycle") == 0)).with_columns(
        back=c("distance") // c("cycle")
    )


def rc001(scan: Scan) -> pl.LazyFrame:
    customers = scan("customer").filter(c("status") == "suspended").select("customer_id")
    units = (
        scan("customer_transformer")
        .filter(c("status") != "removed")
        .group_by("customer_id")
        .agg(still=c("status").is_in(["suspended", "cold_standby"]).all())
    )
    suspended = pl.concat([customers, units.filter("still").select("customer_id")])
    found = recent(scan).filter((c("method") == "estimated") & (c("back") < 3))
    found = found.join(suspended, on="customer_id", how="anti")
    found = found.group_by("point_id").agg(n=pl.len(), kwh=c("quantity").sum()).filter(c("n") == 3)
    return found.select(pl.format("{} {}", "point_id", answer("kwh")))


def rc005(scan: Scan) -> pl.LazyFrame:
    by_hand = ["manual", "local", "estimated"]
    rows = recent(scan).select("point_id", "back", "method", quantity=c("quantity").cast(pl.Float64))
    same = rows.filter((c("back") == 0) & (c("quantity") >= 10)).join(rows.filter(c("back") > 0), on="point_id")
    same = same.filter((c("quantity_right") >= 10) & ((c("quantity_right") - c("quantity")).abs() <= 0.01 + 1e-6))
    near = c("back_right") < 3
    counted = same.group_by("point_id").agg(
        quantity=c("quantity").first(),
        hand=c("method").is_in(by_hand).any().cast(pl.Int32) + (near & c("method_right").is_in(by_hand)).sum(),
        remote=((c("method") == "remote") & (c("method_right") == "remote")).sum(), equal=1 + near.sum(),
        high=c("quantity_right").filter(near).max(), low=c("quantity_right").filter(near).min(),
        high3=c("quantity_right").max(), low3=c("quantity_right").min(),
    )  # fmt: skip

    def spread(high: str, low: str) -> pl.Expr:
        return pl.max_horizontal("quantity", high) - pl.min_horizontal("quantity", low) <= 0.01 + 1e-6

    return counted.filter(
        ((c("equal") == 3) & (c("hand") >= 2) & spread("high", "low"))
        | ((c("remote") == 3) & (c("quantity") >= 100) & (c("low3") >= 100) & spread("high3", "low3"))
    ).select("point_id")


def rc007(scan: Scan) -> pl.LazyFrame:
    read = (
        scan("reading")
        .filter(
            (c("register") == "total") & (c("method") == "manual") & c("reader_id").is_not_null()
            & c("current_index").is_not_null() & c("read_at").is_not_null() & c("period").is_in(months(12))
        )
        .join(scan("metering_point").select("point_id", filed="multiplier"), on="point_id", how="left")
        .select(
            "point_id", "reader_id", "current_index", day=c("read_at").dt.date(),
            times=pl.coalesce(c("multiplier").cast(pl.Float64), c("filed").cast(pl.Float64), 1.0),
        )
    )  # fmt: skip
    days = scan("daily_energy")
    frozen = days.filter(c("index_kwh").is_not_null()).select("point_id", "day", "index_kwh")
    equal = (c("current_index").cast(pl.Float64) - c("index_kwh").cast(pl.Float64)).abs() <= 0.005 + 1e-9
    compared = frozen.join(read, on=["point_id", "day"]).select("point_id", "reader_id", "times", equal=equal)
    suspect = compared.group_by("reader_id").agg(n=pl.len(), same=c("equal").sum())
    suspect = suspect.filter((c("n") >= 60) & (c("same") * 10 > c("n") * 9))
    theirs = compared.join(suspect, on="reader_id")
    moved = (
        days.filter((c("day") >= pl.lit(AS_OF).dt.offset_by("-90d")) & (c("day") < AS_OF))
        .join(theirs.select("point_id").unique(), on="point_id", how="semi")
        .group_by("point_id")
        .agg(kwh=c("energy_kwh").cast(pl.Float64).sum(), days=c("energy_kwh").count())
    )
    counted = (
        theirs.join(moved, on="point_id", how="left")
        .group_by("reader_id")
        .agg(n=c("n").first(), moving=(2 * c("kwh") > c("days") * c("times") + 1e-6).sum())
    )
    return counted.filter(5 * c("moving") >= 4 * c("n")).select("reader_id")


def arrears(scan: Scan) -> pl.LazyFrame:
    paid = scan("payment").filter(
        c("bill_id").is_not_null() & (c("reversed_at").is_null() | (c("reversed_at").dt.date() > AS_OF))
        & (c("received_at").dt.date() <= AS_OF)
    ).group_by("bill_id").agg(paid=c("yuan").sum())  # fmt: skip
    bills = scan("bill").select(
        "bill_id", "customer_id", "point_id", "period", "kind", "total_yuan", "issued_on", "due_on"
    )
    reversal = c("kind") == "reversal"
    place = pl.int_range(pl.len()).over("point_id", "period", "total_yuan", order_by="bill_id")
    back = bills.filter(reversal).with_columns(total_yuan=-c("total_yuan")).with_columns(place=place)
    keys = ["point_id", "period", "total_yuan"]
    cancelled = bills.filter(reversal.not_() | c("kind").is_null()).join(
        back.select(keys).unique(), on=keys, how="semi"
    )
    pairs = cancelled.with_columns(place=place).join(back, on=[*keys, "place"], suffix="_reversal")
    gone = pl.concat([pairs.select("bill_id"), pairs.select(bill_id="bill_id_reversal")])
    due = bills.with_columns(is_reversal=reversal.fill_null(False)).with_columns(
        due=pl.when("is_reversal").then("issued_on").otherwise("due_on")
    )
    due = due.filter((c("issued_on") <= AS_OF) & (c("due") < AS_OF)).join(gone, on="bill_id", how="anti")
    owed = due.join(paid, on="bill_id", how="left").with_columns(owed=c("total_yuan") - c("paid").fill_null(0))
    owed = owed.filter((c("owed") > 0.01) | c("is_reversal"))
    return owed.group_by("customer_id").agg(worst=c("owed").max()).filter(c("worst") > 0.01).select("customer_id")


def still(scan: Scan) -> pl.LazyFrame:
    """All columns of the relation, as those of jicha."""
    as_of = pl.lit(AS_OF)
    days = scan("daily_energy").filter((c("day") >= as_of.dt.offset_by("-105d")) & (c("day") < AS_OF))
    recent = days.filter(c("day") >= as_of.dt.offset_by("-15d"))
    found = recent.group_by("point_id").agg(
        most=c("energy_kwh").round(4).abs().max(), low_index=c("index_kwh").min(), high_index=c("index_kwh").max()
    )
    known = days.filter(c("energy_kwh").is_not_null()).with_columns(
        kwh=c("energy_kwh").round(4), is_before=c("day") <= as_of.dt.offset_by("-16d")
    )
    return (
        found.filter(c("most") == 0)
        .join(known, on="point_id")
        .group_by("point_id", "low_index", "high_index")
        .agg(
            month_days=(c("day") >= as_of.dt.offset_by("-30d")).sum(),
            kwh_before=c("kwh").filter(c("is_before")).sum(),
            days_before=c("is_before").sum(),
            last_used_on=c("day").filter(c("kwh") != 0).max(),
        )
    )


def median(scan: Scan) -> pl.LazyFrame:
    total = scan("reading").filter(
        (c("register") == "total") & c("quantity").is_not_null() & c("period").is_in(months(12))
    )
    found = total.group_by("point_id").agg(m=c("quantity").cast(pl.Float64).median(), quantities=pl.len())
    return found.filter(c("m") > 1000)


CHECKS: Mapping[str, Callable[[Scan], pl.LazyFrame]] = {
    "CF001": cf001, "CF008": cf008, "CF011": cf011, "CF012": cf012, "CF013": cf013, "CF014": cf014, "MT007": mt007,
    "MT008": mt008, "MT014": mt014, "RC001": rc001, "RC005": rc005, "RC007": rc007,
    "arrears_age": arrears, "still_point": still, "median_quantity": median,
}  # fmt: skip


def keys(files: Mapping[str, list[str]], check: str) -> list[str]:
    """Return the keys that a check finds."""

    def scan(table: str) -> pl.LazyFrame:
        return pl.scan_parquet(files[table], hive_partitioning=True, hive_schema=None, try_parse_hive_dates=True)

    return CHECKS[check](scan).collect(engine="streaming").to_series().to_list()
