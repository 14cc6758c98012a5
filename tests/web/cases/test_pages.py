"""The pages of cases: they answer, tell, ask and refuse."""

from __future__ import annotations

import re

import pytest
from django.conf import settings
from django.urls import reverse

from jicha_web.cases.models import Case, Party
from jicha_web.cases.opening import open_from_findings
from jicha_web.cases.workflow import workflow
from tests.web.cases.building import case_in, make_case
from tests.web.cases.stands import finding
from tests.web.conftest import NOW, World

pytestmark = pytest.mark.usefixtures("open_gates", "all_units", "acts_then")

PAGES = ("my_work", "cases", "case_new", "case_proposals", "case_special", "case_workflow", "leads", "lead_new",
         "lead_import", "lead_template")  # fmt: skip


def test_the_way_of_a_case_stands_in_lines_for_narrow_screens(world: World) -> None:
    """The drawing is three screens wide on a phone."""
    page = world.client("city").get(reverse("case_workflow")).content.decode()
    way = page.split('data-test="way"')[1].split("</section>")[0]
    flow = workflow()
    assert way.count("<b>") == len(flow.states)
    for move in flow.moves:
        if any(move.target(source) != source for source in move.sources):
            assert move.label.zh in way, move.event
    assert "narrow-only" in page.split('data-test="way"')[0][-60:]
    assert "wide-only" in page.split('data-test="diagram"')[0][-60:]


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


@pytest.mark.usefixtures("data")
def test_an_english_dispatch_page_says_the_reasons_in_english(world: World) -> None:
    one = finding(world)
    [case] = open_from_findings(findings=[one], by=world.people["city"], at=NOW)
    client = world.client("city")
    client.cookies["django_language"] = "en"
    text = client.get(f"/cases/{case.pk}/dispatch/dispatch_county/").content.decode()
    assert one.reason_en in text and one.reason_zh not in text


@pytest.mark.usefixtures("data")
def test_a_party_is_named_by_what_the_evidence_calls_them(world: World) -> None:
    case = case_in(world, "registered")
    Party.objects.create(case=case, staff_id="SG1", name="赵六", organisation=world.units["A1"], part="reader_id",
                         rule="RC011")  # fmt: skip
    text = world.client("city").get(f"/cases/{case.pk}/").content.decode()
    assert "reader_id" not in text and "SG1" in text


@pytest.mark.usefixtures("data")
def test_proposals_name_their_customers_masked(world: World) -> None:
    finding(world)
    text = world.client("city").get("/cases/proposals/").content.decode()
    assert "张*" in text and "张三" not in text


@pytest.mark.usefixtures("data")
def test_a_single_finding_is_told_once(world: World) -> None:
    """The reason, the table of findings and the description said the same of a case of one finding."""
    one = finding(world)
    [case] = open_from_findings(findings=[one], by=world.people["city"], at=NOW)
    text = world.client("city").get(f"/cases/{case.pk}/").content.decode()
    before_checks, _, _ = text.partition('data-test="section-checklist"')
    assert before_checks.count(one.reason_zh) == 1
    assert f'href="/findings/{one.pk}/" data-test="first-finding"' in text
    assert 'data-test="section-findings"' not in text and 'data-test="description"' not in text
    case.description += "\n客户来电称箱变已更换"
    case.save(update_fields=["description"])
    told = world.client("city").get(f"/cases/{case.pk}/").content.decode()
    assert re.search(r'data-test="description">客户来电称箱变已更换<', told)
    second = finding(world, rule="CF001")
    open_from_findings(findings=[second], by=world.people["city"], at=NOW)
    both = world.client("city").get(f"/cases/{case.pk}/").content.decode()
    assert 'data-test="section-findings"' in both and second.reason_zh in both


@pytest.mark.parametrize("path", ["/cases/workflow/", "/library/checklists/"])
def test_lists_in_english_are_written_with_english_signs(world: World, path: str) -> None:
    client = world.client("city")
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    page = client.get(path).content.decode()
    assert 'lang="en"' in page
    assert [sign for sign in "、；" if sign in page] == []
    assert any(sign in world.client("city").get(path).content.decode() for sign in "、；")


def test_a_special_inspection_asks_first_and_says_how_many_cases_it_made(world: World) -> None:
    """One press of a button made five hundred cases, and said nothing of them."""
    for n, unit in enumerate(["A1", "A2", "B1"] * 2):
        finding(world, "MT011", customer=f"33000001{n:02d}", unit=unit)
    city = world.client("city")
    assert world.units["B1"].name in city.get("/cases/special/").text
    sent = {"rule": "MT011", "reason": "检验不合格未处理"}
    assert "confirmed" in city.post("/cases/special/open/", sent).text
    assert not Case._base_manager.exists()
    page = city.post("/cases/special/open/", {**sent, "confirmed": "1"}, follow=True)
    assert page.redirect_chain[-1][0] == "/cases/?rule=MT011&source=special"
    assert "立案或并入工单 6 件" in page.text
    assert Case._base_manager.filter(source="special").count() == 6
