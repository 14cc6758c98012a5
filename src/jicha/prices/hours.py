"""Time-of-use hours: which band a half hour belongs to, and whether a table says it for all of them exactly once."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime

from jicha.errors import BadInput
from jicha.language import Text

BANDS = ("tip", "peak", "flat", "valley", "deep_valley")
_WITHIN = {"tip": {"peak", "flat"}, "deep_valley": {"valley", "flat"}}  # what a band may be cut out of
HALF_HOURS = 48


@dataclass(frozen=True)
class Slot:
    """A band's half hours (0 is 0:00 to 0:30) in some months; no groups, no days: for all of them."""

    band: str
    months: frozenset[int]
    groups: frozenset[str]
    days: frozenset[str]
    halves: frozenset[int]

    def applies(self, month: int, group: str | None, days: Collection[str]) -> bool:
        """Whether the slot counts in a month, for a customer group, on a day of these kinds."""
        return (
            month in self.months
            and (not self.groups or group in self.groups)
            and (not self.days or not self.days.isdisjoint(days))
        )


@dataclass(frozen=True)
class Unclear:
    """A band that the source does not settle: in these months and half hours no band is given."""

    band: str
    months: frozenset[int]
    halves: frozenset[int]
    text: Text


@dataclass(frozen=True)
class Ratio:
    """Bands as multiples of the flat base, by customers and months, as the document words it."""

    applies: str
    months: frozenset[int]
    values: tuple[tuple[str, str], ...]  # band or `tip_over_peak`, `deep_over_valley` → multiple


@dataclass(frozen=True)
class Overlap:
    """Half hours that two bands claim."""

    month: int
    group: str | None
    days: tuple[str, ...]
    bands: tuple[str, str]
    halves: tuple[int, ...]


@dataclass(frozen=True)
class Timetable:
    """The bands of a province's day. What no slot names is flat."""

    slots: tuple[Slot, ...]
    groups: tuple[str, ...]
    unclear: tuple[Unclear, ...]
    ratios: tuple[Ratio, ...]
    floats: tuple[str, ...]
    fixed: tuple[str, ...]
    price_places: int | None
    conditions: tuple[tuple[str, Text], ...]
    seen: tuple[date, date] | None  # days on which the source shows the hours in force

    @property
    def day_kinds(self) -> frozenset[str]:
        """Kinds of days that the table treats apart."""
        return frozenset(day for slot in self.slots for day in slot.days)

    def claims(self, month: int, half: int, group: str | None, days: Collection[str]) -> tuple[str, ...]:
        """Return the bands that claim a half hour, the winning one first; empty: flat.

        A slot of a named kind of day replaces those of all days; then tip goes before peak, deep valley before valley.
        """
        found = [slot for slot in self.slots if half in slot.halves and slot.applies(month, group, days)]
        special = [slot for slot in found if slot.days]
        bands = {slot.band for slot in special or found}
        order = ("tip", "deep_valley", "peak", "valley", "flat")
        return tuple(band for band in order if band in bands)

    def overlaps(self) -> Iterator[Overlap]:
        """Yield the half hours that belong to two bands of which neither is cut out of the other."""
        kinds: list[tuple[str, ...]] = [(), *((kind,) for kind in sorted(self.day_kinds))]
        for month in range(1, 13):
            for group in self.groups or (None,):
                for days in kinds:
                    clashes: dict[tuple[str, str], list[int]] = {}
                    for half in range(HALF_HOURS):
                        first, *others = self.claims(month, half, group, days) or ("flat",)
                        for other in others:
                            if other not in _WITHIN.get(first, ()):
                                clashes.setdefault((first, other), []).append(half)
                    for bands, halves in clashes.items():
                        yield Overlap(month, group, days, bands, tuple(halves))

    def band(self, instant: datetime, *, group: str | None, days: Collection[str], place: str) -> str:
        """Return the band of an instant; BadInput names what the table cannot say."""
        if self.groups and group not in self.groups:
            raise BadInput(
                zh=f"{place}：时段因用户类别而异，请给出类别（{'、'.join(self.groups)}）。",
                en=f"{place}: hours differ by customer group; name one of {', '.join(self.groups)}",
            )
        unknown = sorted(set(days) - self.day_kinds)
        if unknown:
            known = sorted(self.day_kinds)
            raise BadInput(
                zh=f"{place}：没有日类型 {'、'.join(unknown)}，已有：{'、'.join(known) or '无'}。",
                en=f"{place}: no kind of day {', '.join(unknown)}; known: {', '.join(known) or 'none'}",
            )
        half = instant.hour * 2 + instant.minute // 30
        for gap in self.unclear:
            if instant.month in gap.months and half in gap.halves:
                raise BadInput(
                    zh=f"{place}：{gap.text.zh}，{instant:%m-%d %H:%M} 的时段无法判定。",
                    en=f"{place}: {gap.text.en}; the band of {instant:%m-%d %H:%M} cannot be told",
                )
        bands = self.claims(instant.month, half, group, days)
        if len(bands) > 1 and bands[1] not in _WITHIN.get(bands[0], ()):
            raise BadInput(
                zh=f"{place}：{instant:%m-%d %H:%M} 同时属于 {'、'.join(bands)}，请核对时段表。",
                en=f"{place}: {instant:%m-%d %H:%M} belongs to {' and '.join(bands)}; check the hours",
            )
        return bands[0] if bands else "flat"


def halves(spans: Iterable[str], place: str) -> frozenset[int]:
    """Return the half hours of spans such as `23:00-07:00`, which wraps past midnight; edges are on the half hour."""
    found: set[int] = set()
    for span in spans:
        first, _, last = str(span).partition("-")
        start, end = (_edge(text, place, span) for text in (first, last))
        if start == end:
            raise _bad_span(place, span)
        ordered = range(start, end) if start < end else [*range(start, HALF_HOURS), *range(end)]
        if found & set(ordered):
            raise BadInput(
                zh=f"{place}：时段 {span} 与同一条的其他时段重叠。", en=f"{place}: {span} overlaps another of the entry"
            )
        found |= set(ordered)
    return frozenset(found)


def _edge(text: str, place: str, span: str) -> int:
    hour, _, minute = text.partition(":")
    if not (hour.isdecimal() and minute in {"00", "30"} and int(hour) * 60 + int(minute) <= 24 * 60):
        raise _bad_span(place, span)
    return int(hour) * 2 + (minute == "30")


def _bad_span(place: str, span: str) -> BadInput:
    return BadInput(
        zh=f"{place}：时段 {span!r} 不合要求，应写作 22:00-06:30，以半小时为界。",
        en=f"{place}: {span!r} is no span; write 22:00-06:30, edges on the half hour",
    )
