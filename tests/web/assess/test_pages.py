"""The pages of assessing: walked by those who may, refused to those who may not, not found by strangers."""

from __future__ import annotations

import io
import re
from typing import Any

import docx
import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from jicha_web.assess import calculations, outcome, rectification
from jicha_web.assess.models import Calculation, CaseFile, Money, OwnTemplate, Paper
from jicha_web.cases.models import Case
from jicha_web.core import assessing
from jicha_web.field.models import Photo
from tests.web.assess.building import PDF, approved, assessing_case, waiting_case
from tests.web.conftest import NOW, World

pytestmark = pytest.mark.usefixtures("all_units")
THEFT = {"in.capacity_kw": "4", "in.load": "lighting", "in.price_yuan_per_kwh": "0.558"}


@pytest.fixture(autouse=True)
def today(settings: Any) -> None:
    settings.AS_OF = "2026-10-15"


def fresh(case: Case) -> Case:
    return Case._base_manager.get(pk=case.pk)


def verdict_fields(case: Case, verdict: str = "confirmed") -> dict[str, str]:
    return {f"finding-{pk}": verdict for pk in case.findings.values_list("pk", flat=True)}


def test_the_way_from_assessment_to_papers_in_the_browser(world: World) -> None:
    case = assessing_case(world)
    county = world.client("county_a")
    page = county.get(f"/cases/{case.pk}/")
    assert 'data-test="assess"' in page.text
    assert county.get(f"/cases/{case.pk}/assess/").status_code == 200
    assert county.get(f"/cases/{case.pk}/calculate/").status_code == 200
    address = f"/cases/{case.pk}/calculate/theft_equipment/"
    tried = county.post(address, {**THEFT, "try": "1"})
    assert "2,410.56" in tried.text
    assert not Calculation.objects.exists()
    kept = county.post(address, {**THEFT, "keep": "1"}, follow=True)
    assert "9642.24" in kept.text
    made = Calculation.objects.get()
    checked = county.get(f"/cases/{case.pk}/calculations/{made.pk}/?check=1")
    assert 'data-test="holds"' in checked.text
    form = {
        "outcome": "theft", "reasoning": "表前接线", "demand": "拆除", "due_on": "2026-10-30", **verdict_fields(case),
    }  # fmt: skip
    saved = county.post(f"/cases/{case.pk}/assess/", form, follow=True)
    assert 'data-state="draft"' in saved.text
    county.post(f"/cases/{case.pk}/move/submit_assessment/")
    world.client("reviewer").post(f"/cases/{case.pk}/move/approve/", {"note": "同意"})
    assert fresh(case).state == "rectifying"
    new = f"/cases/{case.pk}/papers/theft_notice/"
    assert 'data-test="issue"' in county.get(f"{new}new/").text
    preview = county.get(f"{new}preview/")
    assert preview.headers["Content-Type"] == "application/pdf"
    assert "confirm-page" in county.post(f"{new}new/").text
    assert not Paper.objects.exists()
    issued = county.post(f"{new}new/", {"confirmed": "1"}, follow=True)
    assert "窃用〔2026〕A-0001号" in issued.text


def test_a_form_that_lacks_something_says_so_and_keeps_what_was_written(world: World) -> None:
    case = assessing_case(world)
    county = world.client("county_a")
    form = {"outcome": "theft", "reasoning": "表前接线", "demand": "拆除", **verdict_fields(case)}
    page = county.post(f"/cases/{case.pk}/assess/", form)
    assert "整改期限" in page.text
    assert "表前接线" in page.text
    assert outcome.latest(case) is None  # all or nothing
    wrong = county.post(f"/cases/{case.pk}/calculate/theft_equipment/", {"in.capacity_kw": "<i>x", "try": "1"})
    assert "capacity_kw" in wrong.text
    assert "<i>x" not in wrong.text


def test_prices_and_capacity_are_filled_in_from_the_files(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    from decimal import Decimal

    facts = {"price_yuan_per_kwh": Decimal("0.661700"), "residential": True, "multiplier": Decimal("40.0")}
    monkeypatch.setattr(assessing, "customer_facts", lambda data, customer, day: dict(facts))
    case = assessing_case(world)
    page = world.client("county_a").get(f"/cases/{case.pk}/calculate/theft_equipment/").text
    assert 'value="0.6617"' in page
    assert '<option value="residential" selected>' in page
    assert calculations.prefilled(case, "metering_multiplier", NOW.date()) == {
        "price_yuan_per_kwh": "0.6617", "billed": "40",
    }  # fmt: skip


def test_more_rows_and_other_alternatives_are_drawn_anew(world: World) -> None:
    case = assessing_case(world)
    county = world.client("county_a")
    address = f"/cases/{case.pk}/calculate/metering_correction/"
    page = county.post(address, {"in.correction.kind": "wiring", "redraw": "1"}).text
    assert 'name="in.correction.power_factor"' in page or "in.correction.wiring" in page
    rows = county.post(address, {"in.bands.0.name": "peak", "in.bands.1.name": "flat", "redraw": "1"}).text
    assert 'name="in.bands.3.name"' in rows


PAGES = (
    "/cases/{pk}/assess/", "/cases/{pk}/calculate/", "/cases/{pk}/calculate/theft_equipment/",
    "/cases/{pk}/papers/inspection_result/new/", "/cases/{pk}/papers/inspection_result/preview/", "/papers/templates/",
)  # fmt: skip


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize(
    ("username", "own", "general"),
    [
        ("county_b", {404}, {403}),
        ("admin", {403}, {403}),
        ("auditor", {403, 200, 302}, {403}),
        ("station_b1", {404, 403}, {403}),
    ],
)
def test_strangers_and_those_without_the_right(
    world: World, page: str, username: str, own: set[int], general: set[int]
) -> None:
    case = assessing_case(world)
    answer = world.client(username).get(page.format(pk=case.pk))
    assert answer.status_code in (general if "{pk}" not in page else own)


def test_unknown_calculators_kinds_and_templates_are_not_found(world: World) -> None:
    case = assessing_case(world)
    for page in ("calculate/nonsense/", "papers/nonsense/new/", "papers/nonsense/preview/"):
        assert world.client("county_a").get(f"/cases/{case.pk}/{page}").status_code == 404
    assert world.client("city").get("/papers/templates/nonsense/").status_code == 404


def test_rectification_money_and_files_in_the_browser(world: World) -> None:
    case = approved(world, assessing_case(world))
    station, collector = world.client("station_a1"), world.client("collector_a")
    assert 'data-test="rectify-form"' in station.get(f"/cases/{case.pk}/").text
    station.post(
        f"/cases/{case.pk}/rectify/",
        {"started_on": "2026-10-15", "done_on": "2026-10-15", "order_number": "GD-9", "result": "已换表"},
    )
    sent = SimpleUploadedFile("整改.pdf", PDF)
    page = station.post(f"/cases/{case.pk}/files/", {"kind": "rectified", "file": sent}, follow=True)
    assert "整改.pdf" in page.text
    kept = CaseFile.objects.get()
    fetched = station.get(f"/cases/{case.pk}/files/{kept.pk}/")
    assert b"".join(fetched) == PDF
    assert fetched.headers["Content-Disposition"].startswith("attachment")
    assert "sandbox" in fetched.headers["Content-Security-Policy"]
    assert world.client("county_b").get(f"/cases/{case.pk}/files/{kept.pk}/").status_code == 404
    form = {"kind": "collected", "amount_yuan": "100.00", "booked_on": "2026-10-15", "reference": "SK-1"}
    page = collector.post(f"/cases/{case.pk}/money/", form, follow=True)
    assert 'data-test="total-collected"' in page.text
    booked = Money.objects.get()
    assert "confirm-page" in collector.post(f"/cases/{case.pk}/money/{booked.pk}/cancel/", {"reason": "重复"}).text
    collector.post(f"/cases/{case.pk}/money/{booked.pk}/cancel/", {"reason": "重复", "confirmed": "1"})
    assert Money.objects.get().cancelled
    refused = world.client("county_a").post(f"/cases/{case.pk}/money/", {**form, "reference": "SK-2"}, follow=True)
    assert "alert" in refused.text
    assert Money.objects.count() == 1


def test_an_own_template_is_checked_used_and_taken_back(world: World) -> None:
    city = world.client("city")
    document = docx.Document()
    document.add_paragraph("本单位模板 {{ number }} {{ unknown_value }}")
    wrong = io.BytesIO()
    document.save(wrong)
    put = "/papers/templates/theft_notice/put/"
    page = city.post(put, {"file": SimpleUploadedFile("t.docx", wrong.getvalue())}, follow=True)
    assert "unknown_value" in page.text
    assert not OwnTemplate.objects.exists()
    right = city.get("/papers/templates/theft_notice/")
    content = b"".join(right)
    page = city.post(put, {"file": SimpleUploadedFile("t.docx", content)}, follow=True)
    assert OwnTemplate.objects.get().removed is False
    assert (settings.DATA / "templates" / "theft_notice.docx").read_bytes() == content
    city.post(put, {"file": SimpleUploadedFile("t.docx", content)})
    assert OwnTemplate.objects.filter(removed=False).count() == 1
    city.post("/papers/templates/theft_notice/remove/", {"confirmed": "1"})
    assert not (settings.DATA / "templates" / "theft_notice.docx").exists()
    assert world.client("county_a").post(put, {"file": SimpleUploadedFile("t.docx", content)}).status_code == 403


def test_what_was_typed_into_a_refused_form_is_shown_again_once(world: World) -> None:
    """A day in the future or a number booked already took the whole text away."""
    case = approved(world, assessing_case(world))
    station, collector, page = world.client("station_a1"), world.client("collector_a"), f"/cases/{case.pk}/"
    typed = {"started_on": "2026-10-15", "order_number": "GD-77", "done_on": "2026-10-16", "result": "档案已更正"}
    assert "日期不能晚于今天" in (answer := station.post(f"{page}rectify/", typed, follow=True).text)
    assert 'value="GD-77"' in answer and "档案已更正" in answer and 'value="2026-10-16"' in answer
    assert "GD-77" not in station.get(page).text
    amount = {"kind": "collected", "amount_yuan": "12.345", "booked_on": "2026-10-14", "reference": "SK-9"}
    answer = collector.post(f"{page}money/", amount, follow=True).text
    assert 'value="12.345"' in answer and 'value="SK-9"' in answer and 'value="2026-10-14"' in answer
    station.post(f"{page}rectify/", typed)
    other = approved(world, assessing_case(world, customer_id="3300000077"))
    assert "GD-77" not in station.get(f"/cases/{other.pk}/").text


def test_the_page_of_a_paper_tells_that_word_and_pdf_may_differ(world: World) -> None:
    """An own Word template changes what Word says; the PDF of the same number keeps the shipped wording."""
    case, county, city = assessing_case(world), world.client("county_a"), world.client("city")
    new = f"/cases/{case.pk}/papers/inspection_result/new/"
    assert 'data-test="own-template"' not in county.get(new).text
    content = b"".join(city.get("/papers/templates/inspection_result/"))
    city.post("/papers/templates/inspection_result/put/", {"file": SimpleUploadedFile("t.docx", content)})
    assert 'data-test="own-template"' in county.get(new).text


def test_the_sections_ask_the_database_so_often(world: World, django_assert_max_num_queries: Any) -> None:
    case = waiting_case(world, "MT003", "TC006", "UI007")
    client = world.client("city")
    client.get(f"/cases/{case.pk}/")
    with django_assert_max_num_queries(75):
        assert client.get(f"/cases/{case.pk}/").status_code == 200


def test_a_picture_of_the_rectification_is_kept_as_a_photo(world: World) -> None:
    case = approved(world, assessing_case(world))
    target = io.BytesIO()
    Image.new("RGB", (800, 600), "red").save(target, "JPEG")
    sent = SimpleUploadedFile("整改后.jpg", target.getvalue())
    world.client("station_a1").post(f"/cases/{case.pk}/files/", {"kind": "rectified", "file": sent})
    photo = Photo.objects.get()
    assert (photo.kind, photo.visit_id, photo.case_id) == ("rectified", None, case.pk)
    there = rectification.latest(case)
    assert there is not None
    assert rectification.proofs(case, there.at) == (1, 0)


def test_what_is_missing_leads_to_where_it_is_put_in(world: World) -> None:
    case = assessing_case(world)
    text = world.client("county_a").get(f"/cases/{case.pk}/").content.decode()
    missing = text.partition('data-test="why-not"')[2].partition("</ul>")[0]
    places = re.findall(r'href="#([\w-]+)"', missing)
    assert places and all(f'id="{place}"' in text for place in places)


def test_a_file_above_the_limit_is_named_with_the_limit(world: World, settings: Any) -> None:
    settings.MAX_UPLOAD_BYTES = 3 * 1024 * 1024
    case = approved(world, assessing_case(world))
    sent = SimpleUploadedFile("扫描件.pdf", b"%PDF" + bytes(3 * 1024 * 1024))
    page = world.client("station_a1").post(f"/cases/{case.pk}/files/", {"kind": "rectified", "file": sent}, follow=True)
    assert "扫描件.pdf: 文件超过 3 MB" in page.content.decode()
