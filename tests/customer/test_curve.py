"""The normal band of a daily curve."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from jicha.customer.curve import LEAST_DAYS, band_of, curve_of

DAY = date(2026, 9, 1)


def energies(*values: float | None) -> dict[date, float | None]:
    return {DAY + timedelta(days=i): value for i, value in enumerate(values)}


def test_too_few_days_make_no_band() -> None:
    assert band_of([5.0] * (LEAST_DAYS - 1)) is None
    assert band_of([5.0] * LEAST_DAYS) is not None


def test_the_band_by_hand() -> None:
    # median 10, deviations 1,1,1,1,2,2,2,2,3,3,3: median 2 -> 3 x 1.4826 x 2 = 8.8956
    known = [9, 11, 9, 11, 8, 12, 8, 12, 7, 13, 10 + 3]
    assert band_of(known) == pytest.approx((11 - 3 * 1.4826 * 2, 11 + 3 * 1.4826 * 2))


def test_a_customer_that_never_varies_has_a_band() -> None:
    assert band_of([10.0] * 20) == pytest.approx((8.5, 11.5))


def test_odd_days_do_not_widen_the_band() -> None:
    assert band_of([10.0] * 20 + [500.0] * 5) == pytest.approx((8.5, 11.5))


def test_a_fall_is_outside_and_an_uncollected_day_is_not() -> None:
    curve = curve_of(energies(*[10.0] * 20, 1.0, None, 10.0), {}, shown_from=DAY)
    assert [day.day - DAY for day in curve.days if day.is_outside] == [timedelta(days=20)]
    assert curve.days[21].energy_kwh is None and not curve.days[21].is_outside
    assert (len(curve.days), curve.collected, curve.outside) == (23, 22, 1)


def test_earlier_days_feed_the_band_only() -> None:
    curve = curve_of(energies(*[10.0] * 20), {}, shown_from=DAY + timedelta(days=15))
    assert len(curve.days) == 5
    assert curve.days[0].low_kwh == pytest.approx(8.5)


def test_nothing_collected_is_an_empty_curve() -> None:
    assert curve_of({}, {}, shown_from=DAY).days == ()
