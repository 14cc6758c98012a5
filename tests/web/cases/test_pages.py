"""The pages of cases: they answer, tell, ask and refuse."""

from __future__ import annotations

import pytest
from django.urls import reverse

from tests.web.cases.building import case_in, make_case
from tests.web.conftest import World

pytestmark = pytest.mark.usefixtures("open_gates", "all_units", "acts_then")

PAGES = ("my_work", "cases", "case_new", "case_proposals", "case_special", "case_workflow", "leads", "lead_new",
         "lead_import", "lead_template")  # fmt: skip


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_pages_answer(world: World, name: str, language: str) -> None:
    make_case(world, state="registered")
    client = world.client("city")
    client.cookies["django_language"] = language
    assert client.get(reverse(name)).status_code == 200


@pytest.mark.parametrize("state", ["proposed", "registered", "county_pending", "station_pending", "checking",
                                   "assessing", "approving", "rectifying", "county_review", "city_review",
                                   "awaiting_proof", "closed", "cancelled"])  # fmt: skip
def test_the_case_page_in_each_state(world: World, state: str) -> None:
    case = case_in(world, state)
    for username in ("city", "county_a", "reviewer", "auditor"):
        if username == "county_a" and not case.organisation.path.startswith(world.units["A"].path):
            continue
        answer = world.client(username).get(reverse("case", args=[case.pk]))
        assert answer.status_code == 200
        page = answer.content.decode()
        assert f'data-state="{state}"' in page
        assert page.count('aria-current="step"') == (state not in {"closed", "cancelled"})
        assert f'href="/customers/{case.customer_id}/"' in page
