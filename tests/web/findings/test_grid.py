"""An area all round: on its findings, on a page of its own; what it is called in lists."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client

from jicha_web.core import grid
from jicha_web.findings.models import Finding
from jicha_web.findings.views.grid import section_labels
from tests.web.conftest import NOW, World
from tests.web.small_data import CUSTOMERS, DAY, ORGS, Store

Found = dict[str, Finding]
JUMP = {"area_id": "T1", "direction": "rise", "recent_pct": "40.00", "base_pct": "5.00", "limit_points": "3.00"}


@pytest.fixture
def area(found: Found, data: Path, store: Store, monkeypatch: pytest.MonkeyPatch) -> Finding:
    """Area T1 of A1 with customers 1001, 1002, and a finding about it; what 1001 uses fell a week ago."""
    monkeypatch.setattr("jicha_web.organisation.middleware.now", lambda: NOW)
    points = [{"point_id": "M", "area_id": "T1", "purpose": "area_supply", "status": "active"}] + [
        {"point_id": f"P{number}", "customer_id": number, "area_id": "T1", "purpose": "settlement", "status": "active"}
        for number in ("1001", "1002")
    ]
    energies = [
        {"point_id": point, "day": DAY - timedelta(days=back), "energy_kwh": energy}
        for back in range(1, 36)
        for point, energy in (
            ("M", 100.0), ("P1001", 10.0 if back <= 7 else 45.0), ("P1002", None if back == 3 else 50.0),
        )
    ]  # fmt: skip
    store(data, {
        "organization": ORGS, "customer": CUSTOMERS, "metering_point": points, "daily_energy": energies,
        "area": [{"area_id": "T1", "name": "云岭一台区", "org_id": "A1", "feeder_id": "F1", "capacity_kva": 315.0,
                  "manager_id": "G1", "master_point_id": "M"}],
        "staff": [{"staff_id": "G1", "name": "李大山", "org_id": "A1"}],
        "feeder": [{"feeder_id": "F1", "name": "一线", "substation": "云岭变", "org_id": "A1"}],
    })  # fmt: skip
    own = Finding._base_manager.filter(pk=found["1002"].pk)
    own.update(subject="area", subject_id="T1", customer_id="", rule="LL004", evidence=JUMP)
    return own.get()


def test_a_finding_about_an_area_shows_the_area(world: World, area: Finding) -> None:
    page = world.client("county_a").get(f"/findings/{area.pk}/").content.decode()
    assert 'href="/areas/T1/"' in page and "台区全景" in page
    parts = [part.split('"')[0] for part in page.split('hx-get="') if part.startswith("/areas/T1/")]
    assert parts == [f"/areas/T1/{n}/?finding={area.pk}" for n in ("about", "loss", "changes", "gaps", "findings")]
    told = {}
    for part in parts:
        answer = world.client("county_a").get(part, headers={"HX-Request": "true"})
        assert answer.status_code == 200
        told[part.split("/")[3]] = answer.content.decode()
    for text in ("315", "云岭变 一线 F1", 'href="/feeders/F1/"', "李大山 G1", ">2<"):
        assert text in told["about"]
    assert "&quot;limit&quot;" in told["loss"] and "8.0" in told["loss"]  # 5 give or take 3 points
    assert "35 天中有 1 天采集不全" in told["loss"] and ">105.00<" in told["loss"]
    changes = told["changes"]
    assert changes.index("/customers/1001/") < changes.index("/customers/1002/")
    assert "-35.00" in changes and "王小明" not in changes
    assert told["gaps"].count('data-test="gap"') == 1 and "P1002" in told["gaps"]
    assert told["findings"].count('data-test="finding"') == 2 and "无地址客户" in told["findings"]


def test_an_area_of_another_unit_is_not_there(world: World, area: Finding) -> None:
    for path in ("/areas/T1/", "/areas/T1/loss/", "/areas/none/", "/feeders/F1/", "/feeders/F1/findings/"):
        assert world.client("county_b").get(path).status_code == 404
    assert world.client("station_a1").get("/areas/T1/").status_code == 200
    assert world.client("station_a1").get("/feeders/F1/loss/").status_code == 200
    assert world.client("county_a").get("/areas/T1/secrets/").status_code == 404


def test_the_search_box_opens_areas_and_feeders_within_sight(world: World, area: Finding) -> None:
    for number, path in (("T1", "/areas/T1/"), ("F1", "/feeders/F1/")):
        opened = world.client("county_a").get("/search/", {"q": number})
        assert (opened.status_code, opened.headers["Location"]) == (302, path)
        assert path not in world.client("county_b").get("/search/", {"q": number}).content.decode()


def test_a_finding_whose_area_is_gone_has_no_picture(world: World, area: Finding, data: Path, store: Store) -> None:
    store(data, {"area": []})
    page = world.client("county_a").get(f"/findings/{area.pk}/")
    assert page.status_code == 200 and "台区全景" not in page.content.decode()


def test_lists_say_what_the_number_is_of(world: World, area: Finding) -> None:
    page = world.client("county_a").get("/findings/").content.decode()
    cells = [cell.split("</td>")[0] for cell in page.split('data-label="对象"')[1:]]
    assert any("台区" in cell and 'href="/areas/T1/"' in cell for cell in cells)
    assert any("台区" not in cell and 'href="/customers/1001/"' in cell for cell in cells)


def test_every_part_has_its_place_before_it_comes() -> None:
    """Parts of unknown height pushed the page about: a shift of 0.3 on the page of an area."""
    style = (Path(__file__).parents[3] / "src/jicha_web/static/findings.css").read_text(encoding="utf-8")
    wide, narrow = style.split("/* the height that a part mostly has")[1].split("max-width: 767.98px")[:2]
    for name in (*section_labels(), "files", "metering", "readings", "daily", "bills", "payments", "area"):
        assert f"#about-{name} {{ --place:" in wide and f"#about-{name} {{ --place:" in narrow, name


def test_limits_by_the_names_of_the_evidence() -> None:
    assert [value for _text, value in grid.limits(JUMP)] == [8.0, 2.0]
    assert [value for _text, value in grid.limits({"high_limit": "10.000", "low_limit": "-1.000"})] == [10.0, -1.0]
    assert grid.limits({"loss_pct": "3"}) == grid.limits({"base_pct": None, "limit_points": "x"}) == []


def in_english(world: World, username: str) -> Client:
    client = world.client(username)
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    return client


def test_what_is_generated_and_sent_back_stands_beside_what_was_lost(
    world: World, area: Finding, data: Path, store: Store
) -> None:
    """Supplied less sold is not what was lost where there is generation: 200 + 60 - 190 - 10 = 60, of 260."""
    first = in_english(world, "county_a").get("/areas/T1/loss/").content.decode()
    assert "Generated (kWh)" not in first and "Days counted" in first
    points = [
        {"point_id": point, "customer_id": customer, "area_id": "T1", "purpose": purpose, "status": "active"}
        for point, customer, purpose in (
            ("M", None, "area_supply"), ("P1001", "1001", "settlement"), ("P1002", "1002", "settlement"),
            ("G", "1001", "generation"),
        )
    ]  # fmt: skip
    energies = [
        {"point_id": point, "day": DAY - timedelta(days=back), "energy_kwh": energy, "reverse_kwh": reverse}
        for back in (1, 2)
        for point, energy, reverse in (("M", 100.0, 5.0), ("P1001", 45.0, 0.0), ("P1002", 50.0, 0.0), ("G", 30.0, 0.0))
    ]
    store(data, {"metering_point": points, "daily_energy": energies})
    page = in_english(world, "county_a").get("/areas/T1/loss/").content.decode()
    assert re.findall(r'data-label="([^"]+)">([^<]+)<', page) == [
        ("Days counted", "2"), ("Supplied (kWh)", "200.00"), ("Generated (kWh)", "60.00"), ("Sold (kWh)", "190.00"),
        ("Sent back (kWh)", "10.00"), ("Lost (kWh)", "60.00"), ("Loss (%)", "23.08"),
    ]  # fmt: skip
    assert "Lost is what was supplied and generated, less what was sold and sent back." in page


def test_english_names_a_fact_with_its_unit(world: World, area: Finding) -> None:
    page = in_english(world, "county_a").get("/areas/T1/about/").content.decode()
    assert "<dt>Capacity (kVA)</dt>" in page and "<dt>Master point ID</dt>" in page
