"""The pages of the field: who may open them, what they keep, what they say is missing; with scripts and without."""

from __future__ import annotations

import base64
import json
import re
from datetime import UTC, datetime, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from pytest_django.fixtures import DjangoAssertNumQueries

from jicha_web.cases.models import Case, ChecklistItem, Dispatch
from jicha_web.field import flags, photos, registers, visits
from jicha_web.field.models import Photo, Position, SiteReading, Visit
from jicha_web.field.registers import LastReading, label_of
from jicha_web.field.values import map_of
from tests.web.cases.building import case_in
from tests.web.conftest import NOW, World
from tests.web.field import making
from tests.web.field.conftest import Site, begin
from tests.web.field.test_visits import drawn


@pytest.fixture(autouse=True)
def that_day(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jicha_web.organisation.middleware.now", lambda: NOW)


@pytest.fixture
def phone(site: Site) -> Client:
    return site.world.client("station_a1")


def upload(content: bytes, name: str = "photo.jpg") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, content_type="image/jpeg")


def test_a_visit_begins_on_its_page(world: World, all_units: None) -> None:
    case = case_in(world, "station_pending")
    client, url = world.client("station_a1"), reverse("visit_start", args=[case.pk])
    page = client.get(url).content.decode()
    assert 'data-test="qualification"' in page
    uuid = page.split('name="client_uuid" value="')[1].split('"')[0]
    first = client.post(url, {"client_uuid": uuid, "companion": "赵六"})
    again = client.post(url, {"client_uuid": uuid, "companion": "赵六"})
    assert first.headers["Location"] == again.headers["Location"] == reverse("visit", args=[Visit.objects.get().pk])
    assert "reload" in str(client.post(url, {"client_uuid": "x"}).content) or Visit.objects.count() == 1


def test_the_inspector_reads_what_the_county_wants_looked_at(site: Site, phone: Client) -> None:
    county = site.world.units["A"]
    Dispatch.objects.create(
        case=site.case, from_organisation=county, to_organisation=site.case.organisation,
        by=site.world.people["county_a"], at=NOW, due_at=NOW, analysis="先核对互感器铭牌，再抄示数",
    )  # fmt: skip
    page = phone.get(reverse("visit", args=[site.visit.pk])).content.decode()
    assert "先核对互感器铭牌，再抄示数" in page.split('data-test="asked"')[1].split("</div>")[0]


@pytest.mark.parametrize("username", ["station_a2", "station_b1", "county_b"])
def test_strangers_find_nothing(site: Site, username: str) -> None:
    photo = site.photo("site", 1)
    client, item = site.world.client(username), ChecklistItem.objects.first()
    assert item is not None
    pages = [("visit", [site.visit.pk]), ("photo", [photo.pk]), ("photo_original", [photo.pk])]
    for name, args in [*pages, ("visit_registers", [site.visit.pk])]:
        assert client.get(reverse(name, args=args)).status_code == 404
    for name in ("details", "positions", "readings", "seals", "signature", "photos", "submit"):
        assert client.post(reverse(f"visit_{name}", args=[site.visit.pk])).status_code in {403, 404}
    assert client.post(reverse("visit_answer", args=[site.visit.pk, item.pk])).status_code in {403, 404}
    assert client.get(reverse("visit_start", args=[site.case.pk])).status_code in {403, 404}


def test_who_sees_the_case_sees_the_visit_but_changes_nothing(site: Site) -> None:
    client = site.world.client("county_a")
    page = client.get(reverse("visit", args=[site.visit.pk]))
    assert page.status_code == 200
    assert b"<canvas" not in page.content
    assert client.post(reverse("visit_details", args=[site.visit.pk]), {"verdict": "true"}).status_code == 403


def test_without_scripts_every_part_saves(site: Site, phone: Client) -> None:
    pk, item = site.visit.pk, ChecklistItem.objects.filter(case=site.case).first()
    assert item is not None

    def send(name: str, values: dict[str, object], *args: int) -> None:
        answer = phone.post(reverse(name, args=[pk, *args]), values)
        assert answer.status_code == 302, name
        assert answer.headers["Location"].startswith(reverse("visit", args=[pk]))

    send("visit_positions", {"kind": "point", "latitude": "29.1", "longitude": "119.6"})
    send("visit_photos", {"kind": "site", "photo": [upload(making.jpeg(seed=1)), upload(making.jpeg(seed=2))]})
    send("visit_answer", {"answer": "problem", "note": "户名不符"}, item.pk)
    send("visit_readings", {"meter_id": "M1", "register": "total", "index_kwh": "12.5"})
    send("visit_seals", {"place": "表盖", "state": "broken", "number_found": "F1"})
    send("visit_details", {"verdict": "true", "summary": "倍率录错", "other_problems": "无", "companion": "赵六"})
    send("visit_signature", {"refused": "1", "reason": "不在", "witness": "王五"})
    page = phone.get(reverse("visit", args=[pk])).content.decode()
    for shown in ("户名不符", "倍率录错", "拒签" if "拒签" in page else "不在；见证人：王五", "F1", "12.5"):
        assert shown in page
    assert Photo.objects.count() == 2
    send("visit_readings", {"remove": str(SiteReading.objects.get().pk)})
    assert SiteReading.objects.count() == 0


def test_with_scripts_the_part_comes_back_with_the_progress(site: Site, phone: Client) -> None:
    url = reverse("visit_photos", args=[site.visit.pk])
    answer = phone.post(url, {"kind": "meter", "photo": upload(making.jpeg(seed=3))}, headers={"HX-Request": "true"})
    text = answer.content.decode()
    assert answer.status_code == 200
    assert 'id="photos"' in text
    assert 'id="progress"' in text and 'hx-swap-oob="true"' in text and 'data-done="1"' in text
    assert "<html" not in text


def test_what_cannot_be_taken_is_named_with_its_file(site: Site, phone: Client) -> None:
    url = reverse("visit_photos", args=[site.visit.pk])
    files = [upload(b"<svg xmlns='x'/>", "a.jpg"), upload(making.jpeg(seed=4), "b.jpg"), upload(making.bomb(), "c.jpg"),
             upload(b"\0" * (13 * 1024 * 1024), "d.jpg")]  # fmt: skip
    answer = phone.post(url, {"kind": "site", "photo": files}, headers={"HX-Request": "true"})
    text = answer.content.decode()
    for name in ("a.jpg", "c.jpg", "d.jpg"):
        assert name in text
    assert "b.jpg" not in text
    assert "12 MB" in text
    assert Photo.objects.count() == 1


def test_an_answer_comes_back_alone(site: Site, phone: Client) -> None:
    item = ChecklistItem.objects.get(case=site.case, code="files_holder")
    url, htmx = reverse("visit_answer", args=[site.visit.pk, item.pk]), {"HX-Request": "true"}
    text = phone.post(url, {"answer": "ok"}, headers=htmx).content.decode()
    assert f'id="item-{item.pk}"' in text and 'data-answer="ok"' in text and 'id="progress"' in text
    text = phone.post(url, {"answer": "not_possible"}, headers=htmx).content.decode()
    assert 'data-test="error"' in text and 'name="note"' in text
    item.refresh_from_db()
    assert item.answer == "ok"


def test_the_track_comes_in_bundles(site: Site, phone: Client) -> None:
    url, at = reverse("visit_positions", args=[site.visit.pk]), NOW.timestamp() * 1000
    points = [[29.1, 119.6, 8, at], [29.1001, 119.6, None, at + 20_000]]
    phone.post(url, {"kind": "track", "points": json.dumps(points)})
    assert list(Position.objects.values_list("kind", "accuracy_m")) == [("track", 8.0), ("track", None)]
    assert Position.objects.latest("pk").at == NOW + timedelta(seconds=20)
    for wrong in ("[[1]]", "{}", '[["a","b",1,1]]', "[[1,2,3,1e300]]", "nonsense", "[" * 100_000):
        answer = phone.post(url, {"kind": "track", "points": wrong}, headers={"HX-Request": "true"})
        assert answer.status_code == 200 and b'data-test="error"' in answer.content
    assert Position.objects.count() == 2


def test_a_drawn_signature(site: Site, phone: Client) -> None:
    url = reverse("visit_signature", args=[site.visit.pk])
    text = "data:image/png;base64," + base64.b64encode(drawn()).decode()
    assert phone.post(url, {"drawn": "data:image/png;base64,%%%"}).status_code == 302
    assert phone.post(url, {"drawn": ""}).status_code == 302
    assert phone.post(url, {"drawn": "签名"}).status_code == 302
    assert Photo.objects.count() == 0
    phone.post(url, {"drawn": text})
    assert Photo.objects.get().kind == "signature"


def test_readings_stand_beside_the_data(site: Site, phone: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    from decimal import Decimal

    known = LastReading("M1", "total", label_of("total"), Decimal("2000.00"), NOW.date(), 40.0)
    monkeypatch.setattr("jicha_web.field.views.visit.last_readings", lambda case, day: [known])
    page = phone.get(reverse("visit_registers", args=[site.visit.pk])).content.decode()
    assert "2000" in page and 'value="M1"' in page
    url = reverse("visit_readings", args=[site.visit.pk])
    phone.post(url, {"meter_id": "M1", "register": "total", "index_kwh": "1999.5"})
    row = SiteReading.objects.get()
    assert (row.data_index_kwh, row.data_read_on) == (Decimal("2000.00"), NOW.date())
    assert "index_back" in phone.get(reverse("visit", args=[site.visit.pk])).content.decode()


def test_without_data_there_is_nothing_to_compare_with(site: Site) -> None:
    assert registers.last_readings(site.case, NOW.date()) == []


def test_places_far_from_the_customer_are_flagged_not_refused(site: Site, phone: Client) -> None:
    url = reverse("visit_positions", args=[site.visit.pk])
    phone.post(url, {"kind": "point", "latitude": "29.2", "longitude": "119.6"})
    page = phone.get(reverse("visit", args=[site.visit.pk])).content.decode()
    assert 'data-code="far_position"' in page and "11,12" in page
    phone.post(url, {"kind": "point", "latitude": "29.1001", "longitude": "119.6"})
    assert 'data-code="far_position"' not in phone.get(reverse("visit", args=[site.visit.pk])).content.decode()


def test_photos_from_elsewhere_and_from_before_are_flagged(site: Site, phone: Client) -> None:
    site.photo("site", 5, taken="2026:10:01 09:00:00", at=(29.5, 119.6))
    page = phone.get(reverse("visit", args=[site.visit.pk])).content.decode()
    assert 'data-code="far_photo"' in page and 'data-code="old_photo"' in page


def test_days_and_hours_are_those_of_the_place(site: Site, phone: Client) -> None:
    photo = site.photo("site", 7, taken="2026:10:01 05:00:00")  # 21:00 of the day before in UTC
    assert photo.taken_at is not None
    page = phone.get(reverse("visit", args=[site.visit.pk])).content.decode()
    assert "照片拍摄于 2026-10-01" in page
    visits.add_positions(
        visit=site.visit, places=[visits.Place(29.1, 119.6)], kind="point", by=site.inspector,
        at=datetime(2026, 10, 15, 17, 30, tzinfo=UTC),
    )  # fmt: skip
    other = begin(site.world)
    photo.at = datetime(2026, 10, 15, 17, 30, tzinfo=UTC)
    [flag] = flags.of_reuse([photos.Reuse(other.photo("site", 8), photo)])
    assert "2026-10-16" in flag.text.zh
    shown = map_of(site.case, [site.visit], [])
    assert shown is not None and "2026-10-16 01:30" in shown.points[1].label


def test_a_photo_used_twice_is_shown_to_reviewers_only(site: Site, world: World) -> None:
    site.photo("site", 6)
    other = begin(world)
    other.photo("meter", 6)
    for username, told in (("county_a", True), ("city", True), ("auditor", True), ("station_a1", False)):
        page = world.client(username).get(reverse("case", args=[other.case.pk])).content.decode()
        assert ('data-test="reused"' in page) is told, username
    assert site.case.number in world.client("county_a").get(reverse("case", args=[other.case.pk])).content.decode()


def test_it_is_handed_in_by_page_after_asking(site: Site, phone: Client) -> None:
    url = reverse("visit_submit", args=[site.visit.pk])
    phone.post(url, {"confirmed": "1"})
    page = phone.get(reverse("visit", args=[site.visit.pk])).content.decode()
    assert 'data-test="message"' in page
    assert Case.objects.get(pk=site.case.pk).state == "checking"
    site.complete()
    assert b"confirmed" in phone.post(url).content
    assert Case.objects.get(pk=site.case.pk).state == "checking"
    assert phone.post(url, {"confirmed": "1"}).headers["Location"] == reverse("case", args=[site.case.pk])
    assert Case.objects.get(pk=site.case.pk).state == "assessing"


def test_photos_are_served_through_the_scope_only(site: Site) -> None:
    photo = site.photo("site", 8)
    client = site.world.client("county_a")
    shown = client.get(reverse("photo", args=[photo.pk]))
    assert shown.headers["Content-Type"] == "image/jpeg"
    assert shown.headers["X-Content-Type-Options"] == "nosniff"
    assert b"".join(shown.streaming_content).startswith(b"\xff\xd8\xff")  # type: ignore[attr-defined]
    original = client.get(reverse("photo_original", args=[photo.pk]))
    assert original.headers["Content-Disposition"].startswith("attachment")
    assert original.headers["Content-Type"] == "application/octet-stream"
    assert b"".join(original.streaming_content) == making.jpeg(seed=8)  # type: ignore[attr-defined]
    assert Client().get(reverse("photo", args=[photo.pk])).status_code == 302
    assert client.get(f"/{photo.original}").status_code == 404


def test_a_removed_photo_asks_first(site: Site, phone: Client) -> None:
    photo = site.photo("site", 8)
    url = reverse("photo_remove", args=[photo.pk])
    assert b"confirmed" in phone.post(url).content
    phone.post(url, {"confirmed": "1"})
    assert Photo.objects.get(pk=photo.pk).removed


def test_queries_of_the_page_are_few(
    site: Site, phone: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    site.complete()
    with django_assert_max_num_queries(40):
        phone.get(reverse("visit", args=[site.visit.pk]))
    visits.submit(visit=site.visit, by=site.inspector, at=NOW)
    with django_assert_max_num_queries(40):
        phone.get(reverse("visit", args=[site.visit.pk]))


def test_a_question_has_answers_that_fit_it(site: Site, phone: Client) -> None:
    """“Is it so?” and “is it one of these?” were answered with “in order”, which could be read either way."""
    case = site.visit.case
    asked = {"CF001:7": ["属实", "不属实"], "CF001:near_miss1": ["属于", "不属于"], "CF001:remedy": ["正常", "有问题"]}
    for place, code in enumerate(asked, 900):
        ChecklistItem.objects.create(
            case=case,
            order=place,
            code=code,
            section="finding",
            rule="CF001",
            text_zh="问",
            text_en="?",
            required=False,
        )
    page = phone.get(reverse("visit", args=[site.visit.pk])).content.decode()
    for code, labels in asked.items():
        item = page.partition(f'data-code="{code}"')[2].partition("</li>")[0]
        assert re.findall(r'class="answer-\w+">([^<]+)<', item) == [*labels, "无法核查"]
    asked_first = ChecklistItem.objects.get(code="CF001:7")
    phone.post(reverse("visit_answer", args=[site.visit.pk, asked_first.pk]), {"answer": "problem"})
    asked_first.refresh_from_db()
    assert (asked_first.answer, asked_first.answer_label) == ("problem", "属实")


@pytest.mark.parametrize("part", ["visit_readings", "visit_seals"])
def test_a_number_beyond_all_rows_is_none_of_them(site: Site, phone: Client, part: str) -> None:
    url = reverse(part, args=[site.visit.pk])
    for number in ("9" * 5000, "9" * 17, "0", "²"):
        assert phone.post(url, {"remove": number}).status_code == 404, number[:20]
