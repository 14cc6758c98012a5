"""Reading the hours and the tiers of a price file."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from jicha.errors import BadInput
from jicha.prices.fields import MOST_PLACES, code, day, number, optional_number, record, rows_of, text
from jicha.prices.hours import BANDS, HALF_HOURS, Ratio, Slot, Timetable, Unclear, halves
from jicha.prices.tiers import Household, TierTable

_ALL_MONTHS = frozenset(range(1, 13))
_OTHERS = "others"
_RATIOS = ("tip", "peak", "valley", "deep_valley", "tip_over_peak", "deep_over_valley")


def read_timetable(content: Mapping[str, Any], day_kinds: Collection[str], place: str) -> Timetable:
    """Read bands, ratios and what is unclear of a file of kind time_of_use."""
    groups = tuple(content.get("groups") or ())
    entries = rows_of(content.get("bands") or [], f"{place} bands")
    slots = []
    for position, entry in enumerate(entries):
        where = f"{place} bands[{position}]"
        record(entry, where, required=("band", "hours"), optional=("months", "groups", "days"))
        slots.append(
            Slot(
                band=code(entry["band"], BANDS, where),
                months=_months(entry, entries, ("band", "groups", "days"), where),
                groups=frozenset(code(group, groups, f"{where} groups") for group in entry.get("groups") or ()),
                days=frozenset(code(kind, day_kinds, f"{where} days") for kind in entry.get("days") or ()),
                halves=halves(entry["hours"], where),
            )
        )
    _check_months(slots, place)
    given = rows_of(content.get("ratios") or [], f"{place} ratios")
    seen = content.get("seen")
    bounds = None
    if seen is not None:
        record(seen, f"{place} seen", required=("from", "to"))
        first, last = day(seen["from"], f"{place} seen"), day(seen["to"], f"{place} seen")
        bounds = (first, last) if first and last else None
    return Timetable(
        slots=tuple(slots),
        groups=groups,
        unclear=tuple(_unclear(entry, f"{place} unclear") for entry in content.get("unclear") or ()),
        ratios=tuple(_ratio(entry, given, f"{place} ratios[{n}]") for n, entry in enumerate(given)),
        floats=tuple(content.get("floats") or ()),
        fixed=tuple(content.get("fixed") or ()),
        price_places=content.get("price_places"),
        conditions=tuple((entry["kind"], text(entry, place)) for entry in content.get("conditions") or ()),
        seen=bounds,
    )


def _months(
    entry: Mapping[str, Any], entries: Sequence[Mapping[str, Any]], alike: Sequence[str], place: str
) -> frozenset[int]:
    """Return the months of an entry; `others` are those that no entry like it names."""
    given = entry.get("months")
    if given is None:
        return _ALL_MONTHS
    if given == _OTHERS:
        same = [item for item in entries if all(item.get(name) == entry.get(name) for name in alike)]
        named = {month for item in same if isinstance(item.get("months"), list) for month in item["months"]}
        return _ALL_MONTHS - named
    if not isinstance(given, list) or not set(given) <= _ALL_MONTHS or len(set(given)) != len(given):
        raise BadInput(
            zh=f"{place}：months 应为 1 到 12 的不重复列表，或 others。",
            en=f"{place}: months is a list of different numbers 1 to 12, or others",
        )
    return frozenset(given)


def _check_months(slots: Sequence[Slot], place: str) -> None:
    """Refuse a band that one month's half hour gets from two entries: one of them is wrong."""
    for position, slot in enumerate(slots):
        for other in slots[position + 1 :]:
            if (slot.band, slot.groups, slot.days) != (other.band, other.groups, other.days):
                continue
            months, doubled = slot.months & other.months, slot.halves & other.halves
            if months and doubled:
                raise BadInput(
                    zh=f"{place}：{slot.band} 在 {min(months)} 月的 {min(doubled) / 2:g} 时有两条，请只留一条。",
                    en=f"{place}: {slot.band} has two entries in month {min(months)} at {min(doubled) / 2:g} h; "
                    "keep one",
                )


def _unclear(entry: Any, place: str) -> Unclear:
    record(entry, place, required=("band", "zh", "en"), optional=("months", "hours"))
    spans = entry.get("hours")
    return Unclear(
        band=code(entry["band"], BANDS, place),
        months=_months(entry, (), (), place),
        halves=halves(spans, place) if spans else frozenset(range(HALF_HOURS)),
        text=text(entry, place),
    )


def _ratio(entry: Any, entries: Sequence[Mapping[str, Any]], place: str) -> Ratio:
    record(entry, place, required=("applies",), optional=("months", *_RATIOS))
    values = tuple((name, str(number(entry[name], f"{place} {name}", places=4))) for name in _RATIOS if name in entry)
    return Ratio(str(entry["applies"]), _months(entry, entries, ("applies",), place), values)


def read_tiers(content: Any, place: str) -> TierTable:
    """Read the tiers of a file of kind residential."""
    names = ("cycle", "cycle_verified", "month", "year", "limits_verified", "add", "household", "free_kwh_month",
             "free_yuan_month")  # fmt: skip
    record(content, place, required=names, optional=("seasons",))
    add = tuple(number(value, f"{place} add", places=MOST_PLACES) for value in content["add"])
    limits = {name: _limits(content[name], len(add), f"{place} {name}") for name in ("month", "year")}
    seasons = {
        name: _limits(given, len(add), f"{place} {name}") for name, given in (content.get("seasons") or {}).items()
    }
    cycle = content["cycle"]
    household = content["household"]
    if household is not None:
        record(household, f"{place} household", required=("from_persons", "add_kwh_month", "per", "bands", "verified"))
        household = Household(
            **{**household, "add_kwh_month": number(household["add_kwh_month"], f"{place} household", places=2)}
        )
    return TierTable(
        cycle=None if cycle is None else code(cycle, ("month", "year"), f"{place} cycle"),
        cycle_verified=bool(content["cycle_verified"]),
        month=limits["month"],
        year=limits["year"],
        seasons={name: given for name, given in seasons.items() if given is not None},
        limits_verified=bool(content["limits_verified"]),
        add=add,
        household=household,
        free_kwh_month=optional_number(content["free_kwh_month"], f"{place} free_kwh_month", places=2),
        free_yuan_month=optional_number(content["free_yuan_month"], f"{place} free_yuan_month", places=2),
    )


def _limits(given: Any, tiers: int, place: str) -> tuple[Any, ...] | None:
    if given is None:
        return None
    found = tuple(optional_number(value, place, places=2) for value in rows_of(given, place))
    known = [value for value in found if value is not None]
    if len(found) != tiers - 1 or known != sorted(set(known)):
        raise BadInput(
            zh=f"{place}：应有 {tiers - 1} 个递增的上限。", en=f"{place}: expected {tiers - 1} limits that increase"
        )
    return found
