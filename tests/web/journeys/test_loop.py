"""The whole way: screened, opened, sent down, checked on a phone, assessed, rectified, proved by the next data."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.conf import LazySettings
from playwright.sync_api import expect

from jicha_web.cases.models import Case
from jicha_web.history.read import check
from tests.web.conftest import World
from tests.web.journeys import steps
from tests.web.journeys.conftest import SignIn, worker_looks

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]


def test_from_the_finding_to_the_proof(data: Path, city: World, sign_in: SignIn, settings: LazySettings) -> None:
    steps.deliver_files(data)
    worker_looks()
    desk = sign_in("city")
    steps.start_run(desk, "2026-10-15")
    case = steps.take_into_case(desk, "CF006")
    assert steps.state(desk) == "registered"
    steps.dispatch(desk, case, "dispatch_county")

    county = sign_in("county_a")
    steps.dispatch(county, case, "assign_station", "station_a1")

    phone = sign_in("station_a1", phone=True)
    phone.goto("/my-work/")
    phone.locator(f"a[href='{case}']").first.click()
    phone.goto(f"{case}visit/")
    phone.click("[data-test=start]")
    phone.click("[data-test=locate]")
    expect(phone.locator("[data-test=point]")).to_be_visible()
    steps.photograph(phone, "site", 1)
    steps.photograph(phone, "meter", 2)
    steps.answer_checklist(phone)
    steps.describe(phone)
    steps.sign(phone)
    steps.send(phone, phone.locator("[data-test=submit]"))

    county.goto(case)
    assert steps.state(county) == "assessing"
    county.goto(f"{case}calculate/basic_charge/?example=1")
    steps.send(county, county.locator("[data-test=keep]"))
    county.goto(f"{case}assess/")
    county.locator("[data-test=finding] input[value=confirmed]").check()
    county.select_option("[name=outcome]", "file_error")
    county.fill("[name=reasoning]", "合同容量档案未随增容工单更新")
    county.fill("[name=demand]", "更正合同容量档案，追补基本电费")
    county.fill("[name=due_on]", "2026-10-30")
    steps.send(county, county.locator("[data-test=assess-form] .btn-primary"))
    steps.step(county, case, "submit_assessment")
    steps.step(sign_in("reviewer"), case, "approve")

    county.goto(case)
    county.click("[data-test=paper-new-rectification_notice]")
    steps.send(county, county.locator("[data-test=issue]"))
    with county.expect_download() as fetched:
        county.locator("[data-test=paper-docx]").first.click()
    assert Path(fetched.value.path()).read_bytes()[:2] == b"PK"

    steps.rectify(phone, case, "2026-10-15")
    steps.step(phone, case, "submit_rectification")
    steps.step(county, case, "accept_county")
    steps.step(desk, case, "accept_city")
    assert steps.state(desk) == "awaiting_proof"

    settings.AS_OF = "2026-10-19"
    steps.start_run(desk, "2026-10-19")  # on the data of before: they prove nothing, either way
    desk.goto(case)
    assert steps.state(desk) == "awaiting_proof"
    steps.deliver_customer(data, contract_capacity_kva="400")
    worker_looks()
    steps.start_run(desk, "2026-10-19")  # the files are as they were: the case is sent back
    desk.goto(case)
    assert steps.state(desk) == "rectifying"
    steps.rectify(phone, case, "2026-10-19")
    steps.step(phone, case, "submit_rectification")
    steps.step(county, case, "accept_county")
    steps.step(desk, case, "accept_city")
    settings.AS_OF = "2026-10-20"
    steps.deliver_customer(data, contract_capacity_kva="650.5")
    worker_looks()
    steps.start_run(desk, "2026-10-20")
    desk.goto(case)
    assert steps.state(desk) == "closed"
    assert Case._base_manager.get().outcome == "file_error"
    assert list(check()) == []
