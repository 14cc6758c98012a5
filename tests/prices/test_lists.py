"""Price lists: what is shipped reads, what is broken is refused by name, hours are told or refused."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pytest

from jicha.errors import BadInput
from jicha.prices.read import read_list
from jicha.prices.shipped import find_list, series_problems, shipped_lists, time_band_of

LIST = """
kind: agency
province: hubei
zh: 表
en: List
effective_from: 2026-01-01
effective_to: 2026-01-31
documents:
  list: {title: 通知, number: null, published_on: 2026-01-08, source: somewhere, verified: true}
columns:
  flat: {unit: yuan_per_kwh, places: 6}
rows:
  - {structure: single, voltage: 10kv, flat: "0.715686"}
"""
HOURS = """
kind: time_of_use
province: hubei
zh: 时段
en: Hours
effective_from: 2026-01-01
effective_to: null
documents:
  list: {title: 通知, number: null, published_on: null, source: somewhere, verified: true}
bands:
  - {band: peak, hours: ["16:00-20:00"]}
  - {band: valley, hours: ["23:30-06:00"]}
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "list.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_every_shipped_list_reads_and_the_provinces_are_there() -> None:
    lists = shipped_lists()
    kinds = [item.kind for item in lists.values()]
    assert {kind: kinds.count(kind) for kind in set(kinds)} == {
        "agency": 2, "transmission": 4, "residential": 9, "time_of_use": 34, "funds": 1, "rules": 1,
    }  # fmt: skip
    assert series_problems(lists.values()) == []
    every = [value for item in lists.values() for row in item.rows for value in row.values.values()]
    assert all(value.document.title and value.document.source and value.places <= 6 for value in every)


def test_what_is_from_memory_is_marked() -> None:
    rows = find_list("residential/beijing").rows
    assert rows[0].values["price"].amount == Decimal("0.4883") and not rows[0].values["price"].verified
    assert find_list("residential/zhejiang").rows[0].values["price"].verified


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('"0.715686"', '"0.7156861"', "more than 6 decimals"),
        ("places: 6", "places: 7", "expected 0 to 6"),
        ('"0.715686"', "0.715686", "write a quoted decimal"),
        ("unit: yuan_per_kwh", "unit: fen", "'fen' is no known code"),
        ("province: hubei", "province: atlantis", "'atlantis' is no known code"),
        ("title: 通知", "title: ''", "may not be empty"),
        ("effective_to: 2026-01-31", "effective_to: 2025-01-31", "is before effective_from"),
        ("effective_from: 2026-01-01", "effective_from: yesterday", "is no date"),
        ("voltage: 10kv", "voltage: 11kv", "'11kv' is no known code"),
        ('flat: "0.7', 'peak: "0.7', "'peak' is no known code"),
        ("zh: 表", "label: 表", "unknown label"),
        ("structure: single, ", "", "missing structure"),
    ],
)
def test_a_broken_list_is_refused_by_name(tmp_path: Path, old: str, new: str, says: str) -> None:
    assert read_list(written(tmp_path, LIST)).rows[0].values["flat"].amount == Decimal("0.715686")
    path = written(tmp_path, LIST.replace(old, new))
    with pytest.raises(BadInput) as caught:
        read_list(path)
    assert says in caught.value.text.en and str(path) in caught.value.text.en and str(path) in caught.value.text.zh


def test_a_list_without_document_and_a_doubled_row_are_refused(tmp_path: Path) -> None:
    start = LIST.index("documents:")
    end = LIST.index("columns:")
    with pytest.raises(BadInput, match="every price needs a document"):
        read_list(written(tmp_path, LIST[:start] + "documents: {}\n" + LIST[end:]))
    row = '  - {structure: single, voltage: 10kv, flat: "0.7"}\n'
    with pytest.raises(BadInput, match="twice"):
        read_list(written(tmp_path, LIST + row))


@pytest.mark.parametrize(
    ("entry", "says"),
    [
        ('  - {band: peak, hours: ["18:00-21:00"]}', "peak has two entries"),
        ('  - {band: tip, hours: ["18:15-21:00"]}', "edges on the half hour"),
        ('  - {band: tip, hours: ["18:00-25:00"]}', "edges on the half hour"),
        ('  - {band: tip, months: [13], hours: ["18:00-19:00"]}', "numbers 1 to 12"),
        ('  - {band: noon, hours: ["11:00-12:00"]}', "'noon' is no known code"),
    ],
)
def test_broken_hours_are_refused(tmp_path: Path, entry: str, says: str) -> None:
    with pytest.raises(BadInput) as caught:
        read_list(written(tmp_path, HOURS + entry + "\n"))
    assert says in caught.value.text.en


def test_two_bands_of_one_half_hour_are_told_and_never_chosen_from(tmp_path: Path) -> None:
    item = read_list(written(tmp_path, HOURS + '  - {band: valley, months: [5], hours: ["19:00-21:00"]}\n'))
    assert item.timetable is not None
    clashes = list(item.timetable.overlaps())
    assert [(clash.month, clash.bands, clash.halves) for clash in clashes] == [(5, ("peak", "valley"), (38, 39))]
    with pytest.raises(BadInput, match="peak and valley"):
        time_band_of("hubei", datetime(2026, 5, 3, 19, 30), lists=[item])
    assert time_band_of("hubei", datetime(2026, 4, 3, 19, 30), lists=[item]) == "peak"


@pytest.mark.parametrize(
    ("province", "at", "given", "band"),
    [
        ("hubei", "2026-01-05T18:00", {}, "tip"),
        ("hubei", "2026-01-05T17:59", {}, "peak"),
        ("hubei", "2026-07-05T19:00", {}, "peak"),
        ("hubei", "2026-07-05T20:00", {}, "tip"),
        ("hubei", "2026-01-05T06:00", {}, "flat"),
        ("beijing", "2026-01-05T23:30", {}, "valley"),  # wraps past midnight
        ("beijing", "2026-01-05T06:59", {}, "valley"),
        ("beijing", "2026-07-05T16:30", {}, "tip"),  # outside peak
        ("heilongjiang", "2026-03-05T11:29", {}, "peak"),  # half-hour edge
        ("heilongjiang", "2026-03-05T11:30", {}, "flat"),
        ("shandong", "2026-03-05T12:00", {}, "deep_valley"),
        ("shandong", "2026-06-05T12:00", {}, "flat"),
        ("guangdong", "2026-05-05T15:00", {}, "peak"),
        ("guangdong", "2026-05-05T15:00", {"days": ["hot_day"]}, "tip"),
        ("shanghai", "2026-05-05T23:00", {"group": "large_industry", "days": ["rest_day"]}, "deep_valley"),
        ("shanghai", "2026-05-05T12:00", {"group": "single"}, "peak"),
        ("shanghai", "2026-05-05T12:00", {"group": "two_part"}, "flat"),
        ("zhejiang", "2026-01-05T10:30", {}, "tip"),
        ("zhejiang", "2026-01-05T10:30", {"days": ["long_holiday"]}, "deep_valley"),
    ],
)
def test_the_band_of_an_instant(province: str, at: str, given: dict[str, object], band: str) -> None:
    assert time_band_of(province, datetime.fromisoformat(at), **given) == band  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("province", "at", "given", "says"),
    [
        ("shanghai", "2026-05-05T12:00", {}, "name one of two_part, large_industry, single"),
        ("hubei", "2026-05-05T12:00", {"days": ["hot_day"]}, "no kind of day hot_day"),
        ("tianjin", "2026-05-05T12:00", {}, "tip is seasonal"),
        ("jiangxi", "2026-05-05T12:00", {}, "not clear from the transcript"),
        ("zhejiang", "2026-07-01T12:00", {}, "summer and winter are not known"),
        ("hubei", "2024-05-05T12:00", {}, "not for 2024-05-05"),
        ("yulin", "2026-05-05T12:00", {}, "no time-of-use hours of yulin"),
    ],
)
def test_hours_that_are_not_known_are_refused(province: str, at: str, given: dict[str, object], says: str) -> None:
    with pytest.raises(BadInput) as caught:
        time_band_of(province, datetime.fromisoformat(at), **given)  # type: ignore[arg-type]
    assert says in caught.value.text.en
