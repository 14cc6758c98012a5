"""A shipped list as rows of the canonical tables, for a utility to start from; what is not known is refused by name."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from jicha.catalog.billing import power_factor_document, power_factor_table
from jicha.catalog.schema import schema
from jicha.language import Language, Text
from jicha.prices.model import PriceList, Row
from jicha.prices.read import word, words
from jicha.prices.shipped import shipped_lists

TABLES = ("tariff", "tariff_component", "tariff_tier", "pf_adjustment", "transformer_loss")
_COMPONENTS = ("purchase", "grid_loss", "transmission_distribution", "system_operation", "government_funds")
_BANDS = {"tip": "tip_price", "peak": "peak_price", "valley": "valley_price", "deep_valley": "deep_valley_price"}
_SHORT = {"single": "S", "two_part": "T", "household": "H", "shared": "G"}


@dataclass(frozen=True)
class Refusal:
    """What was not written, and the value that is not known."""

    row: str
    reason: Text


@dataclass(frozen=True)
class Canonical:
    """Rows by table, and what was refused."""

    tables: Mapping[str, list[dict[str, Any]]] = field(default_factory=lambda: {name: [] for name in TABLES})
    refused: list[Refusal] = field(default_factory=list)

    def refuse(self, row: str, zh: str, en: str) -> None:
        """Note a row that is not written."""
        self.refused.append(Refusal(row, Text(zh, en)))


def tariff_code(item: PriceList, row: Row) -> str:
    """Return the code of a row: HUBEI-T-10 is Hubei, two-part, 10 kV."""
    kind = row.labels.get("structure") or row.labels["usage"]
    voltage = words()["voltages"][row.labels["voltage"]]["code"]
    return f"{row.labels.get('province', item.province).upper()}-{_SHORT[kind]}-{voltage}"


def canonical(item: PriceList, *, accept_unverified: bool = False, since: date | None = None) -> Canonical:
    """Return a list as canonical rows.

    accept_unverified: values from memory are written too. since: first day, for a list that does not know its own.
    """
    made = Canonical()
    start = since or item.effective_from
    if start is None:
        made.refuse(
            item.name, "执行日期未知，可用 --effective-from 给出", "its first day is not known; give --effective-from"
        )
    elif item.kind == "agency":
        for row in item.rows:
            _agency(made, item, row, start, accept_unverified=accept_unverified)
    elif item.kind == "residential":
        for row in item.rows:
            _residential(made, item, row, start, accept_unverified=accept_unverified)
        if not item.rows:
            made.refuse(item.name, "第一档电价未知", "the first price is not known")
    else:
        kind = word("kinds", item.kind, Language.ZH), word("kinds", item.kind, Language.EN)
        made.refuse(
            item.name, f"{kind[0]}不含完整电价（购电、系统运行费、基金未知）",
            f"{kind[1]} holds no whole price: purchase, system operation and funds are not known",
        )  # fmt: skip
    _shared(made, accept_unverified=accept_unverified)
    return made


def _base(item: PriceList, row: Row, start: date, price: Decimal) -> dict[str, Any]:
    voltage = words()["voltages"][row.labels["voltage"]]
    kind = row.labels.get("structure") or row.labels["usage"]
    shown = word("structures" if "structure" in row.labels else "usages", kind, Language.ZH)
    return {
        "tariff_code": tariff_code(item, row),
        "name": f"{word('provinces', item.province, Language.ZH)}{shown} {voltage['zh']}",
        "voltage_min_v": voltage["min_v"],
        "voltage_max_v": voltage["max_v"],
        "parts": 2 if kind == "two_part" else 1,
        "effective_from": start,
        "effective_to": item.effective_to,
        "energy_price": price,
    }


def _unverified(made: Canonical, name: str, row: Row, *, accept: bool) -> bool:
    """Whether a row holds values from memory that nobody accepted; then it is refused."""
    doubtful = sorted(column for column, value in row.values.items() if not value.verified)
    if doubtful and not accept:
        made.refuse(
            name, f"{'、'.join(doubtful)} 凭记忆，未核实；核对后可用 --accept-unverified",
            f"{', '.join(doubtful)} from memory, not verified; check, then --accept-unverified",
        )  # fmt: skip
    return bool(doubtful) and not accept


def _agency(made: Canonical, item: PriceList, row: Row, start: date, *, accept_unverified: bool) -> None:
    name = f"{item.name} {row.name}"
    missing = [column for column in ("flat", "government_funds") if item.value(row, column) is None]
    two_part = row.labels["structure"] == "two_part"
    if two_part:
        missing += [column for column in ("demand", "capacity") if item.value(row, column) is None]
    if missing:
        zh = "、".join(word("columns", column, Language.ZH) for column in missing)
        made.refuse(name, f"{zh}未知", f"{', '.join(missing)} not known")
        return
    if _unverified(made, name, row, accept=accept_unverified):
        return
    known = {column: value.amount for column, value in {**item.common, **row.values}.items()}
    record = _base(item, row, start, known["flat"]) | {"surcharge_price": known["government_funds"]}
    record |= {column: known[band] for band, column in _BANDS.items() if band in known}
    if two_part:
        rule = discount_rule(start)
        if rule is None or not (rule[2] or accept_unverified):
            made.refuse(
                name, "需量电价折扣规则凭记忆，未核实；核对后可用 --accept-unverified",
                "the discount rule of the demand price is from memory; check, then --accept-unverified",
            )  # fmt: skip
            return
        record |= {
            "demand_price": known["demand"], "capacity_price": known["capacity"],
            "demand_discount_kwh_per_kva": rule[0], "demand_discount_factor": rule[1],
        }  # fmt: skip
    made.tables["tariff"].append(record)
    made.tables["tariff_component"].extend(
        {"tariff_code": record["tariff_code"], "effective_from": start, "component": component, "time_band": "all",
         "price": known[component]}
        for component in _COMPONENTS if component in known
    )  # fmt: skip


def discount_rule(day: date) -> tuple[Decimal, Decimal, bool] | None:
    """Return (kWh per kVA, factor, verified) of the demand discount in force on a day."""
    rules = [rule for item in shipped_lists().values() for rule in item.rules if "discount_factor" in rule.values]
    held = [rule for rule in rules if rule.since is not None and rule.since <= day]
    if not held:
        return None
    rule = max(held, key=lambda found: found.since or date.min)
    return rule.values["discount_from_kwh_per_kva"], rule.values["discount_factor"], rule.document.verified


def _residential(made: Canonical, item: PriceList, row: Row, start: date, *, accept_unverified: bool) -> None:
    name = f"{item.name} {row.name}"
    price, tiers = row.values.get("price"), item.tiers
    if row.labels["usage"] != "household":
        made.refuse(
            name,
            "政府性基金未知，合表用户可能参与力调",
            "funds not known, and shared meters may have a power-factor standard",
        )
        return
    limits = tiers.limits if tiers else None
    if price is None or tiers is None or limits is None or None in limits:
        what = ("按季节分档，标准表不能表达", "limits differ by season, which the table cannot hold")
        if tiers is None or not tiers.seasons:
            what = "周期或上限未知", "cycle or limits not known"
        made.refuse(name, *what)
        return
    if not accept_unverified and not (tiers.cycle_verified and tiers.limits_verified):
        made.refuse(name, "周期或上限凭记忆，未核实", "cycle or limits from memory, not verified")
        return
    if _unverified(made, name, row, accept=accept_unverified):
        return
    record = _base(item, row, start, price.amount) | {"usage_class": "residential"}
    record |= {column: row.values[band].amount for band, column in _BANDS.items() if band in row.values}
    made.tables["tariff"].append(record)
    person = tiers.household
    extra = None
    if person is not None and person.per == "person" and person.bands == "all" and person.from_persons is not None:
        extra = person
    elif person is not None:
        made.refuse(
            f"{name} extra_person_kwh",
            "一户多人口增量不是“每多一人、每档”，须人工填写：只加第一档的，其余各档的 extra_person_kwh 填 0；"
            "按户只加一次的，household_size 导入时以 base_household 加 1 为上限",
            "the household addition is not per further person and limit, fill it in by hand: where it raises the first "
            "limit only, extra_person_kwh of the other tiers is 0; where it is once per household, load household_size "
            "as at most base_household + 1",
        )  # fmt: skip
    for number, (limit, add) in enumerate(zip((*limits, None), tiers.add, strict=True), start=1):
        made.tables["tariff_tier"].append({
            "tariff_code": record["tariff_code"], "effective_from": start, "tier": number, "upper_kwh": limit,
            "cycle": tiers.cycle, "price_add": add,
            "extra_person_kwh": extra.add_kwh_month if extra else None,
            "base_household": extra.from_persons - 1 if extra and extra.from_persons else None,
        })  # fmt: skip


def _shared(made: Canonical, *, accept_unverified: bool) -> None:
    """The tables that belong to no list."""
    document = power_factor_document()
    if accept_unverified:
        made.tables["pf_adjustment"].extend(
            {"pf_standard": standard, "power_factor": factor, "adjustment_pct": pct}
            for (standard, factor), pct in sorted(power_factor_table().items())
        )
    else:
        made.refuse(
            "pf_adjustment", f"{document}未与原件核对；不装此表时按内置表计费，核对后可用 --accept-unverified",
            f"{document} was not compared with the original; bills use the shipped table anyway",
        )  # fmt: skip
    made.refuse(
        "transformer_loss", "没有可照录的月变损表；变损可按铭牌数据以公式计算",
        "there is no published monthly table to copy; losses can be had by formula from nameplates",
    )  # fmt: skip


def write_canonical(made: Canonical, folder: Path) -> list[Path]:
    """Write one CSV per table that has rows; columns as the canonical model names them."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name, rows in made.tables.items():
        if rows:
            path = folder / f"{name}.csv"
            _write(path, list(schema()[name].columns), rows)
            written.append(path)
    return written


def _write(path: Path, columns: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
