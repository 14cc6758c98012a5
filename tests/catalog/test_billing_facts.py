"""The shipped settings, the power-factor table and the nameplates; overrides by organisation and date."""

from __future__ import annotations

from dataclasses import fields
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from jicha.catalog.billing import (
    BillingSettings,
    declared_settings,
    model_series,
    nameplates,
    power_factor_table,
    read_settings,
    settings_columns,
)
from jicha.errors import BadInput

D = Decimal
DAY = date(2026, 3, 1)
PARENTS = {"province": None, "city": "province", "station": "city", "other": "province"}


def test_every_declared_setting_is_a_field_and_has_a_beginning() -> None:
    assert [item.name for item in fields(BillingSettings)] == list(declared_settings())
    assert [name for name, s in declared_settings().items() if s.values[0].since != date.min] == []
    assert list(settings_columns())[3:] == list(declared_settings())


@pytest.mark.parametrize(
    ("standard", "factor", "pct"),
    [
        # cells that published worked examples use
        ("0.90", "0.65", "15"), ("0.90", "0.71", "9.5"), ("0.90", "0.76", "7"), ("0.90", "0.80", "5"),
        ("0.90", "0.86", "2"), ("0.90", "0.91", "-0.15"), ("0.90", "0.94", "-0.60"), ("0.90", "0.95", "-0.75"),
        ("0.85", "0.80", "2.5"), ("0.85", "0.94", "-1.10"), ("0.80", "0.92", "-1.30"),
        # corners of the steps
        ("0.90", "1.00", "-0.75"), ("0.90", "0.90", "0"), ("0.90", "0.70", "10"), ("0.90", "0.64", "17"),
        ("0.85", "0.93", "-0.95"), ("0.85", "0.90", "-0.50"), ("0.85", "0.85", "0"), ("0.85", "0.65", "10"),
        ("0.85", "0.60", "15"), ("0.85", "0.59", "17"), ("0.80", "0.91", "-1.15"), ("0.80", "0.90", "-1.00"),
        ("0.80", "0.80", "0"), ("0.80", "0.60", "10"), ("0.80", "0.55", "15"), ("0.80", "0.54", "17"),
        # 67 per cent really was billed
        ("0.90", "0.39", "67"), ("0.85", "0.34", "67"), ("0.90", "0.00", "145"),
    ],
)  # fmt: skip
def test_power_factor_cells(standard: str, factor: str, pct: str) -> None:
    assert power_factor_table()[D(standard), D(factor)] == D(pct)


def test_the_power_factor_table_is_whole_and_falls() -> None:
    for standard in ("0.90", "0.85", "0.80"):
        column = [power_factor_table()[D(standard), D(n) / 100] for n in range(101)]
        assert column == sorted(column, reverse=True)


def test_unknown_nameplate_figures_stay_unknown() -> None:
    assert nameplates()["S9", D(315)].no_load_current_pct == D("1.1")
    assert nameplates()["S11", D(315)].no_load_current_pct is None
    assert nameplates()["S13", D(1600)].load_loss_kw == D("14.5")
    assert (model_series("S11-400/10"), model_series("s9"), model_series(None)) == ("S11", "S9", None)


def test_the_day_basis_changes_with_the_rules_of_2024() -> None:
    book = read_settings(None, {})
    assert book.row(org=None, day=date(2024, 5, 31)).basic_day_basis == "thirty"
    assert book.row(org=None, day=date(2024, 6, 1)).basic_day_basis == "calendar"


def write(folder: Path, text: str) -> Path:
    (folder / "billing.yaml").write_text(text, encoding="utf-8")
    return folder


def test_the_nearest_organisation_in_force_wins(tmp_path: Path) -> None:
    text = """
settings: {loss_places: 2}
organizations:
  province: {kwh_places: 0}
  city:
    kwh_places:
      - {effective_from: 2026-01-01, effective_to: 2026-06-30, value: 1, document: 试点}
"""
    book = read_settings(write(tmp_path, text), PARENTS)

    def places(org: str | None, day: date) -> int:
        return book.row(org=org, day=day).kwh_places

    assert places("station", DAY) == 1
    assert places("station", date(2025, 12, 31)) == 0
    assert places("station", date(2026, 7, 1)) == 0
    assert places("other", DAY) == 0
    assert places(None, DAY) == 2
    assert book.row(org="other", day=DAY).loss_places == 2
    assert book.value("kwh_places", org="station", day=DAY).document == "试点"
    rows = [row for row in book.rows(["station"]) if row[1] <= DAY and (row[2] is None or row[2] >= DAY)]
    assert [row[3] for row in rows] == [1]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("wrong: {}", "fields may be"),
        ("settings: {kwh_place: 0}", "there is no setting kwh_place"),
        ("settings: {kwh_places: 7}", "kwh_places"),
        ("settings: {loss_band: peak}", "share / flat"),
        ("organizations: {nowhere: {kwh_places: 0}}", "there is no organisation nowhere"),
        ("settings: {kwh_places: [{value: 1, from: 2026-01-01}]}", "known fields"),
        ("settings: {kwh_places: [{effective_from: soon, value: 1}]}", "is no date"),
        ("settings: {kwh_places: [{effective_from: 2026-02-01, effective_to: 2026-01-01, value: 1}]}", "is before"),
        ("settings: {kwh_places: [{value: 1}, {value: 2}]}", "two values begin"),
    ],
)
def test_errors_name_the_place(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(BadInput) as caught:
        read_settings(write(tmp_path, text), PARENTS)
    assert words in caught.value.text.en
    assert "billing.yaml" in caught.value.text.zh
