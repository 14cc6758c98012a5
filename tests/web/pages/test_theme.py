"""The theme's colours meet WCAG AA; the keys of the menu are each one's own."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

import jicha_web
from jicha_web.pages.navigation import _entries

CSS = (Path(jicha_web.__file__).parent / "static/jicha.css").read_text(encoding="utf-8")


def luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(text: str, ground: str) -> float:
    light, dark = sorted((luminance(text), luminance(ground)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def variable(name: str) -> str:
    found = re.search(rf"--{name}: (#[0-9a-f]{{6}})", CSS)
    assert found is not None, name
    return found[1]


def test_the_measure() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") < 4.5


@pytest.mark.parametrize("tone", ["bad", "warn", "good", "info", "calm"])
def test_tags_can_be_read(tone: str) -> None:
    assert contrast(variable(tone), variable(f"{tone}-ground")) >= 4.5


@pytest.mark.parametrize(
    "text, ground",
    [
        ("tblr-secondary", "tblr-body-bg"), ("tblr-secondary", "head"), ("tblr-link-color", "tblr-body-bg"),
        ("tblr-link-color", "head"), ("tblr-body-color", "tblr-body-bg"), ("bad", "tblr-body-bg"),
    ],
)  # fmt: skip
def test_texts_can_be_read(text: str, ground: str) -> None:
    assert contrast(variable(text), variable(ground)) >= 4.5


@pytest.mark.parametrize(
    "text, ground",
    [
        ("#d5e0e8", "#102a3a"), ("#a9bccb", "#0b2130"), ("#9db3c3", "#102a3a"), ("#ffffff", "#0b5d63"),
        ("#ffffff", "#0b6b62"), ("#ffffff", "#b3261e"), ("#33414f", "#eaf0f4"), ("#ffffff", "#35566a"),
    ],
)  # fmt: skip
def test_what_the_theme_writes_by_hand_can_be_read(text: str, ground: str) -> None:
    short = {"#ffffff": "#fff"}
    for colour in (text, ground):
        assert colour in CSS or short.get(colour, "") in CSS, colour
    assert contrast(text, ground) >= 4.5


def test_each_key_goes_to_one_place() -> None:
    keys = Counter(entry.key for entry in _entries if entry.key)
    assert [key for key, n in keys.items() if n > 1] == []
