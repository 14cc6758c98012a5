"""Nothing jumps on the pages of a feeder and a customer: one part is there, the others come before they are seen."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from tests.web.conftest import NOW, World
from tests.web.overview.test_browser import SHIFTS
from tests.web.small_data import CUSTOMERS, DAY, ORGS, Store

AREAS = 40  # of the feeder: their list is far taller than any height that could have been kept for it


@pytest.fixture
def grid(world: World, data: Path, store: Store, monkeypatch: pytest.MonkeyPatch) -> World:
    """Feeder F1 with many areas; customer 1001 with months of readings and 90 days of energies."""
    monkeypatch.setattr("jicha_web.organisation.middleware.now", lambda: NOW)
    store(data, {
        "organization": ORGS, "customer": CUSTOMERS,
        "feeder": [{"feeder_id": "F1", "name": "一线", "substation": "云岭变", "org_id": "A1"}],
        "area": [{"area_id": f"T{n}", "name": f"云岭{n}台区", "org_id": "A1", "feeder_id": "F1"} for n in range(AREAS)],
        "metering_point": [{"point_id": "P1001", "customer_id": "1001", "area_id": "T1", "purpose": "settlement",
                            "status": "active"}],
        "daily_energy": [{"point_id": "P1001", "day": DAY - timedelta(days=back), "energy_kwh": 10.0 + back % 7}
                         for back in range(1, 90)],
        "reading": [{"point_id": "P1001", "meter_id": "M1", "period": date(DAY.year, month, 1), "register": "total",
                     "multiplier": 1.0} for month in range(1, 9)],
    })  # fmt: skip
    return world


@pytest.mark.django_db
def test_the_first_part_comes_with_the_page(grid: World) -> None:
    for path, part, told in (("/feeders/F1/", "about", "云岭39台区"), ("/customers/1001/", "files", "王**")):
        page = grid.client("county_a").get(path).content.decode()
        first = page.split('<section class="card"')[1]
        assert f'data-test="about-{part}"' in first and told in first, path
        assert f'hx-get="{path}{part}/"' not in page and page.count('hx-trigger="near once"') >= 4
        assert grid.client("county_a").get(f"{path}{part}/").status_code == 200  # a page of its own all the same


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("width", [1440, 390])
@pytest.mark.parametrize("path", ["/feeders/F1/", "/customers/1001/"])
def test_scrolling_down_nothing_jumps(chromium: Any, live_server: Any, grid: World, path: str, width: int) -> None:
    context = chromium.new_context(viewport={"width": width, "height": 844}, locale="zh-CN")
    cookie = grid.client("city").cookies[settings.SESSION_COOKIE_NAME].value
    context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": live_server.url}])
    page = context.new_page()
    page.add_init_script(SHIFTS)
    page.goto(live_server.url + path)
    for _ in range(60):
        page.wait_for_load_state("networkidle")
        page.wait_for_timeout(100)
        page.evaluate("window.scrollBy(0, 300)")
        if page.evaluate("scrollY + innerHeight >= document.documentElement.scrollHeight"):
            break
    page.wait_for_load_state("networkidle")
    assert page.locator(".section-part:not(:has(.section-body))").count() == 0  # all have come
    shifts = page.evaluate("window.shifts")
    assert sum(value for value, _ in shifts) <= 0.1, shifts  # up to here it counts as good
    context.close()
