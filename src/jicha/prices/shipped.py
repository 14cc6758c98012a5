"""The lists that the catalog holds: found by name, by province and day; the band of an instant."""

from __future__ import annotations

import difflib
import functools
import itertools
from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime, timedelta

from jicha.catalog.files import catalog_path
from jicha.errors import BadInput
from jicha.prices.model import PriceList
from jicha.prices.read import read_list, words


@functools.cache
def shipped_lists() -> Mapping[str, PriceList]:
    """Return every list of the catalog by name, `agency/hubei-2026-01`."""
    folder = catalog_path("tariffs")
    names = sorted(path.relative_to(folder).with_suffix("").as_posix() for path in folder.rglob("*/*.yaml"))
    return {name: read_list(folder / f"{name}.yaml", name) for name in names}


def find_list(name: str) -> PriceList:
    """Return one shipped list; BadInput names the nearest."""
    known = shipped_lists()
    if name in known:
        return known[name]
    near = difflib.get_close_matches(name, known, n=3, cutoff=0.4)
    raise BadInput(
        zh=f"没有价格表 {name}" + (f"，相近的有 {'、'.join(near)}" if near else "") + "。全部见 jicha prices list。",
        en=f"there is no price list {name}"
        + (f"; near: {', '.join(near)}" if near else "")
        + ". See `jicha prices list`",
    )


def lists_of(kind: str, province: str, lists: Iterable[PriceList] | None = None) -> list[PriceList]:
    """Return the lists of a kind and province by first day."""
    known = shipped_lists().values() if lists is None else lists
    found = [item for item in known if item.kind == kind and item.province == province]
    return sorted(found, key=lambda item: item.effective_from or date.min)


def series_problems(lists: Iterable[PriceList]) -> list[tuple[PriceList, PriceList, str, int]]:
    """Return neighbours of one kind and province whose days overlap or leave a gap: (earlier, later, which, days).

    Lists without a first day reach back without bound; monthly agency lists claim no continuity, so only their overlaps
    count.
    """
    found = []
    ordered = sorted(lists, key=lambda item: (item.kind, item.province, item.effective_from or date.min))
    for earlier, later in itertools.pairwise(ordered):
        if (earlier.kind, earlier.province) != (later.kind, later.province) or earlier.kind in {"rules", "funds"}:
            continue
        if earlier.effective_to is None or later.effective_from is None:
            found.append((earlier, later, "overlap", 0))
            continue
        between = (later.effective_from - earlier.effective_to).days - 1
        if between < 0:
            found.append((earlier, later, "overlap", -between))
        elif between > 0 and earlier.kind != "agency":
            found.append((earlier, later, "gap", between))
    return found


def time_band_of(
    province: str, instant: datetime, *, group: str | None = None, days: Collection[str] = (),
    lists: Iterable[PriceList] | None = None,
) -> str:  # fmt: skip
    """Return the band of an instant in a province: tip, peak, flat, valley or deep_valley.

    instant: local time without zone. group: customer group, where the hours differ by it. days: the kinds of the day
    (holiday, rest_day, long_holiday, hot_day); the caller knows the calendar and the weather.
    BadInput names what is not known: no hours for the province or day, or hours that the source does not settle.
    """
    known = lists_of("time_of_use", province, lists)
    day = instant.date()
    for item in reversed(known):
        if item.timetable is not None and _first_day(item) <= day and (item.effective_to or date.max) >= day:
            return item.timetable.band(instant, group=group, days=days, place=item.name)
    if province not in words()["provinces"] or not known:
        raise BadInput(zh=f"没有 {province} 的分时时段。", en=f"there are no time-of-use hours of {province}")
    first, last = _first_day(known[0]), known[-1].effective_to
    raise BadInput(
        zh=f"{province} 的分时时段自 {first} 起" + (f"到 {last}" if last else "") + f"，{day} 的未知。",
        en=f"hours of {province} are known from {first}" + (f" to {last}" if last else "") + f", not for {day}",
    )


def _first_day(item: PriceList) -> date:
    """The first day for which a list's hours are known: in force, or seen in force."""
    if item.effective_from is not None:
        return item.effective_from
    seen = item.timetable.seen if item.timetable else None
    return seen[0] if seen else date.max - timedelta(days=1)
