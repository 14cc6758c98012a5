"""Days and months of the sandbox on other screening days than the fifteenth."""

from __future__ import annotations

from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest

from jicha.sandbox.calendar import Calendar, add_months, reported_days
from jicha.sandbox.faults.metering.tools import months_ago

YEARS = [date(2023, 12, 1) + timedelta(days=number) for number in range(400)]


@pytest.mark.parametrize("days", [80, 90, 366])
def test_daily_data_reach_the_last_reading_but_two(days: int) -> None:
    for as_of in YEARS:
        p0 = Calendar(as_of, 1, 1, 0).p0
        first = as_of - timedelta(days=reported_days(as_of, days))
        assert first <= add_months(p0, -1) - timedelta(days=1), as_of
        assert reported_days(as_of, days) >= days


def test_few_days_stay_as_few() -> None:
    assert {reported_days(as_of, 79) for as_of in YEARS} == {79}
    assert reported_days(date(2026, 10, 15), 90) == 90
    assert reported_days(date(2026, 6, 9), 90) == 115  # P0 ended 39 days ago instead of 14


def _scene(as_of: date) -> Any:
    calendar = Calendar(as_of, 24, 90, 1)
    return cast("Any", SimpleNamespace(today=np.datetime64(as_of), district=SimpleNamespace(calendar=calendar)))


@pytest.mark.parametrize("months", [6, 12, 24, 60, 72, 96])
def test_terms_end_on_the_screening_day_or_later_unless_days_are_over(months: int) -> None:
    for as_of in YEARS:
        ends = add_months(months_ago(_scene(as_of), months).item(), months)
        assert as_of <= ends <= as_of + timedelta(days=3), as_of
        assert add_months(months_ago(_scene(as_of), months, 1).item(), months) < as_of, as_of
