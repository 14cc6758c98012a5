"""Units of numbers: which unit a column has, and exact factors between units of one kind."""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal

from jicha.catalog.schema import Column

# unit (as compared: lower case, without blanks) -> (kind, factor to the kind's base unit)
_UNITS: dict[str, tuple[str, Decimal]] = {
    "wh": ("energy", Decimal("0.001")),
    "kwh": ("energy", Decimal(1)),
    "千瓦时": ("energy", Decimal(1)),
    "度": ("energy", Decimal(1)),
    "mwh": ("energy", Decimal(1000)),
    "兆瓦时": ("energy", Decimal(1000)),
    "万kwh": ("energy", Decimal(10_000)),
    "万千瓦时": ("energy", Decimal(10_000)),
    "万度": ("energy", Decimal(10_000)),
    "gwh": ("energy", Decimal(1_000_000)),
    "亿kwh": ("energy", Decimal(100_000_000)),
    "亿千瓦时": ("energy", Decimal(100_000_000)),
    "kvarh": ("reactive energy", Decimal(1)),
    "千乏时": ("reactive energy", Decimal(1)),
    "mvarh": ("reactive energy", Decimal(1000)),
    "万kvarh": ("reactive energy", Decimal(10_000)),
    "分": ("money", Decimal("0.01")),
    "角": ("money", Decimal("0.1")),
    "元": ("money", Decimal(1)),
    "yuan": ("money", Decimal(1)),
    "千元": ("money", Decimal(1000)),
    "万元": ("money", Decimal(10_000)),
    "亿元": ("money", Decimal(100_000_000)),
    "va": ("apparent power", Decimal("0.001")),
    "kva": ("apparent power", Decimal(1)),
    "千伏安": ("apparent power", Decimal(1)),
    "mva": ("apparent power", Decimal(1000)),
    "兆伏安": ("apparent power", Decimal(1000)),
    "万kva": ("apparent power", Decimal(10_000)),
    "w": ("power", Decimal("0.001")),
    "瓦": ("power", Decimal("0.001")),
    "kw": ("power", Decimal(1)),
    "千瓦": ("power", Decimal(1)),
    "mw": ("power", Decimal(1000)),
    "兆瓦": ("power", Decimal(1000)),
    "万kw": ("power", Decimal(10_000)),
    "v": ("voltage", Decimal(1)),
    "伏": ("voltage", Decimal(1)),
    "kv": ("voltage", Decimal(1000)),
    "千伏": ("voltage", Decimal(1000)),
    "ma": ("current", Decimal("0.001")),
    "a": ("current", Decimal(1)),
    "安": ("current", Decimal(1)),
    "ka": ("current", Decimal(1000)),
    "%": ("ratio", Decimal(1)),
    "百分比": ("ratio", Decimal(1)),
    "pct": ("ratio", Decimal(1)),
    "‰": ("ratio", Decimal("0.1")),
    "元/kwh": ("energy price", Decimal(1)),
    "元/千瓦时": ("energy price", Decimal(1)),
    "元/度": ("energy price", Decimal(1)),
    "分/kwh": ("energy price", Decimal("0.01")),
    "元/mwh": ("energy price", Decimal("0.001")),
    "天": ("time", Decimal(1)),
    "日": ("time", Decimal(1)),
    "月": ("months", Decimal(1)),
    "年": ("months", Decimal(12)),
    "分钟": ("minutes", Decimal(1)),
    "小时": ("minutes", Decimal(60)),
}
_SUFFIXES = {"yuan": "元", "pct": "%"}


def _normal(unit: str) -> str:
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", unit).lower())


def column_unit(column: Column) -> str | None:
    """Return the unit of a canonical column: in brackets in its label, or the suffix of its name."""
    match = re.search(r"\(([^()]*)\)$", column.zh)
    if match:
        return match[1]
    if column.name in {"yuan", "kwh"}:
        return "元" if column.name == "yuan" else "kWh"
    suffix = column.name.rpartition("_")[2]
    if suffix in {"kwh", "kvarh", "kva", "kw", "v", "a"} and "_" in column.name:
        return suffix
    if suffix in _SUFFIXES:
        return _SUFFIXES[suffix]
    return "元/kWh" if column.name.endswith("price") else None


def conversion(source: str, target: str) -> Decimal | None:
    """Return the factor from one unit to another of the same kind; None where there is none."""
    there, here = _UNITS.get(_normal(source)), _UNITS.get(_normal(target))
    if there is None or here is None or there[0] != here[0]:
        return None
    return there[1] / here[1]


def units_like(target: str) -> list[str]:
    """Return the units that convert to a unit: for messages."""
    kind = _UNITS.get(_normal(target))
    return [name for name, (other, _) in _UNITS.items() if kind is not None and other == kind[0]]
