"""What lies in static/vendor is what vendor.toml says, and asks for nothing from elsewhere."""

from __future__ import annotations

import hashlib
import re
import tomllib
from pathlib import Path

import jicha_web

STATIC = Path(jicha_web.__file__).parent / "static"
VENDOR = STATIC / "vendor"
LIST = tomllib.loads((VENDOR / "vendor.toml").read_text(encoding="utf-8"))


def test_files_are_those_that_were_fetched() -> None:
    expected = {one["to"]: one["sha256"] for package in LIST["package"] for one in package["files"]}
    found = {name: hashlib.sha256((VENDOR / name).read_bytes()).hexdigest() for name in expected}
    assert found == expected


def test_nothing_lies_there_unlisted() -> None:
    listed = {(VENDOR / one["to"]).resolve() for package in LIST["package"] for one in package["files"]}
    lying = {path.resolve() for path in VENDOR.rglob("*") if path.is_file()}
    assert lying - listed == {VENDOR / "vendor.toml"}


def test_every_package_names_its_licence() -> None:
    assert all(package["licence"] and package["version"] for package in LIST["package"])


def test_the_texts_of_licences_are_handed_on_with_the_files() -> None:
    texts = {path.stem for path in (VENDOR / "licences").iterdir()}
    assert {package["name"].removeprefix("@").split("/")[0] for package in LIST["package"]} <= texts
    apache = {package["name"] for package in LIST["package"] if package["licence"] == "Apache-2.0"}
    assert {f"{name}-notice" for name in apache} <= texts  # its section 4 (d)


def test_no_source_maps_and_no_foreign_addresses_in_styles() -> None:
    for path in [*VENDOR.rglob("*.css"), *VENDOR.rglob("*.js"), STATIC / "jicha.css"]:
        text = path.read_text(encoding="utf-8")
        assert "sourceMappingURL" not in text, path
        if path.suffix == ".css":
            assert not re.search(r"url\(['\"]?(https?:)?//", text), path


def test_every_icon_that_pages_name_is_in_the_sprite() -> None:
    sprite = set(re.findall(r'<symbol id="([\w-]+)"', (STATIC / "icons.svg").read_text(encoding="utf-8")))
    named = set()
    for path in STATIC.parent.rglob("*.html"):
        named |= set(re.findall(r'\{% icon "([\w-]+)"', path.read_text(encoding="utf-8")))
        named |= set(re.findall(r'icon_name="([\w-]+)"', path.read_text(encoding="utf-8")))
    for path in STATIC.parent.glob("*/apps.py"):
        named |= set(re.findall(r'icon="([\w-]+)"', path.read_text(encoding="utf-8")))
    assert named - sprite == set()
