"""Visits: begun once, kept answer by answer, handed in only when all that is asked for is there."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied
from PIL import Image, ImageDraw

from jicha_web.cases.models import Case, ChecklistItem, Part
from jicha_web.cases.moves import UnableToMove, move
from jicha_web.field import visits
from jicha_web.field.demands import evidence, parse
from jicha_web.field.errors import UnableToVisit
from jicha_web.field.gate import items, visit_complete
from jicha_web.field.models import Photo, Position, Visit
from jicha_web.history import record as history
from jicha_web.history.read import check, entries_of
from jicha_web.organisation.models import Qualification
from tests.web.cases.building import add_party, case_in
from tests.web.conftest import NOW, World
from tests.web.field.conftest import Site, begin

ALL_MISSING = {
    "no_site_photo", "no_meter_photo", "no_point", "no_checklist", "no_verdict", "no_summary", "no_other_problems",
    "no_signature", "no_companion",
}  # fmt: skip


def fresh(visit: Visit) -> Visit:
    return Visit._base_manager.select_related("case").get(pk=visit.pk)


def certificate(world: World, username: str, until: date) -> None:
    person = world.people[username]
    made = Qualification(
        person=person, organisation=person.organisation, kind="usage_inspection", valid_until=until, number="1"
    )  # fmt: skip
    history.create(made, verb="qualification_added", by=None, at=NOW)


# --- starting


def test_the_same_form_sent_twice_is_one_visit(world: World, all_units: None) -> None:
    case, uuid, by = case_in(world, "station_pending"), uuid4(), world.people["station_a1"]
    first = visits.start(case=case, by=by, at=NOW, client_uuid=uuid)
    again = visits.start(case=Case.objects.get(pk=case.pk), by=by, at=NOW, client_uuid=uuid)
    other_form = visits.start(case=Case.objects.get(pk=case.pk), by=by, at=NOW, client_uuid=uuid4())
    assert first == again == other_form
    assert Case.objects.get(pk=case.pk).state == "checking"
    assert Part.objects.filter(case=case, person=by, part="check").count() == 1


def test_a_used_number_is_refused_for_another_case(world: World, all_units: None) -> None:
    uuid, by = uuid4(), world.people["station_a1"]
    visits.start(case=case_in(world, "station_pending"), by=by, at=NOW, client_uuid=uuid)
    with pytest.raises(UnableToVisit, match="used already"):
        visits.start(case=case_in(world, "station_pending"), by=by, at=NOW, client_uuid=uuid)


@pytest.mark.parametrize("username", ["station_a2", "station_b1", "county_a", "city", "manager"])
def test_only_the_assignee_starts(world: World, all_units: None, username: str) -> None:
    case = case_in(world, "station_pending")
    with pytest.raises((PermissionDenied, UnableToMove)):
        visits.start(case=case, by=world.people[username], at=NOW, client_uuid=uuid4())
    assert Visit.objects.count() == 0


def test_a_party_does_not_start(world: World, all_units: None) -> None:
    case = case_in(world, "station_pending")
    add_party(case, staff_id="S-station_a1", unit=None)
    with pytest.raises(UnableToMove, match="whom the case is about"):
        visits.start(case=case, by=world.people["station_a1"], at=NOW, client_uuid=uuid4())


@pytest.mark.parametrize("state", ["registered", "county_pending", "assessing", "rectifying", "closed"])
def test_other_states_refuse(world: World, all_units: None, open_gates: None, state: str) -> None:
    case = case_in(world, state)
    with pytest.raises((UnableToVisit, UnableToMove, PermissionDenied)):
        visits.start(case=case, by=world.people["station_a1"], at=NOW, client_uuid=uuid4())


def test_an_expired_certificate_refuses(world: World, all_units: None) -> None:
    case, by = case_in(world, "station_pending"), world.people["station_a1"]
    certificate(world, "station_a1", NOW.date() - timedelta(days=1))
    with pytest.raises(UnableToVisit, match=r"ended on 2026-10-14"):
        visits.start(case=case, by=by, at=NOW, client_uuid=uuid4())
    assert case.state == "station_pending"
    certificate(world, "station_a1", NOW.date())  # holds on its last day
    assert visits.qualification(by, NOW.date()) is None
    visits.start(case=case, by=by, at=NOW, client_uuid=uuid4())


def test_no_certificate_warns_as_configured(site: Site) -> None:
    against = visits.qualification(site.inspector, NOW.date())
    assert against is not None
    assert not against.refuses
    assert entries_of(site.visit)[0].data["qualification"] == "none"


def test_the_second_inspector_is_another(world: World, all_units: None) -> None:
    case, by = case_in(world, "station_pending"), world.people["station_a1"]
    with pytest.raises(UnableToVisit, match="another person"):
        visits.start(case=case, by=by, at=NOW, client_uuid=uuid4(), companion=by.name)
    assert Case.objects.get(pk=case.pk).state == "station_pending"  # nothing half done


# --- the gate


def test_what_is_missing_is_named(site: Site) -> None:
    missing = visit_complete(site.case, site.inspector)
    assert {m.code for m in missing} == ALL_MISSING
    assert {m.place for m in missing} == {"photos", "places", "checklist", "details", "signature"}
    with pytest.raises(UnableToMove) as refused:
        visits.submit(visit=site.visit, by=site.inspector, at=NOW)
    assert {r.code for r in refused.value.reasons} == ALL_MISSING
    assert Case.objects.get(pk=site.case.pk).state == "checking"
    assert fresh(site.visit).state == "draft"


def test_each_demand_shuts_the_gate_alone(site: Site) -> None:
    site.complete()
    assert visit_complete(site.case, None) == []
    held = fresh(site.visit)
    undo: dict[str, Callable[[], object]] = {
        "no_site_photo": lambda: Photo.objects.filter(kind="site").update(removed=True),
        "no_meter_photo": lambda: Photo.objects.filter(kind="meter").update(removed=True),
        "no_point": lambda: Position.objects.all().delete(),
        "no_checklist": lambda: ChecklistItem.objects.filter(code="device_meter").update(answer=""),
        "no_verdict": lambda: Visit.objects.filter(pk=held.pk).update(verdict=""),
        "no_summary": lambda: Visit.objects.filter(pk=held.pk).update(summary=" "),
        "no_other_problems": lambda: Visit.objects.filter(pk=held.pk).update(other_problems=""),
        "no_signature": lambda: Visit.objects.filter(pk=held.pk).update(refused_signature=""),
        "no_companion": lambda: Visit.objects.filter(pk=held.pk).update(companion=""),
    }
    assert set(undo) == ALL_MISSING
    seen: set[str] = set()
    for code, break_it in undo.items():
        break_it()
        now = {m.code for m in visit_complete(site.case, None)}
        assert now - seen == {code}
        seen = now


def test_a_case_about_staff_needs_no_meter(world: World, all_units: None) -> None:
    site = begin(world, subject="staff", subject_id="S9", subject_name="某员工", customer_id="", customer_name="")
    assert {m.code for m in visit_complete(site.case, None)} == {
        "no_checklist", "no_verdict", "no_summary", "no_other_problems", "no_companion",
    }  # fmt: skip


def test_handed_in_it_is_closed_and_whole(site: Site) -> None:
    site.complete()
    visits.submit(visit=site.visit, by=site.inspector, at=NOW, note="见照片")
    visit = fresh(site.visit)
    assert visit.case.state == "assessing"
    assert (visit.state, visit.submitted_at) == ("submitted", NOW)
    assert visit.answers == {"files_holder": ["ok", ""], "device_meter": ["ok", ""], "extra": ["ok", ""]}
    assert list(check()) == []
    with pytest.raises(UnableToVisit, match="handed in"):
        visits.set_details(visit=visit, by=site.inspector, at=NOW, summary="other")
    with pytest.raises(UnableToVisit):
        site.photo("site", 50)


def test_rows_changed_behind_its_back_are_found(site: Site) -> None:
    site.complete()
    assert list(check()) == []
    site.visit.readings.update(index_kwh=Decimal("1.0"))
    assert {(d.kind, d.object_type, d.object_id) for d in check()} == {("rows", "visit", site.visit.pk)}
    site.visit.readings.update(index_kwh=Decimal("1234.5"))
    assert list(check()) == []
    Position.objects.all().delete()
    assert {d.kind for d in check("visit", site.visit.pk)} == {"rows"}


def test_after_a_return_a_new_visit_builds_on_the_old(site: Site, world: World) -> None:
    site.complete()
    visits.submit(visit=site.visit, by=site.inspector, at=NOW)
    later = NOW + timedelta(days=1)
    case = Case.objects.get(pk=site.case.pk)
    move(case=case, event="return_check", by=world.people["county_a"], at=later, note="说明不清")
    assert {m.code for m in visit_complete(case, None)} == {"no_visit"}
    second = visits.start(case=case, by=site.inspector, at=later, client_uuid=uuid4(), companion="赵六")
    assert second.pk != site.visit.pk
    assert {i.code for i in items(second) if not i.done} == {"verdict", "summary", "other_problems", "signature"}


def test_a_draft_is_given_up_when_the_case_goes_elsewhere(site: Site, world: World) -> None:
    move(case=site.case, event="return_to_dispatcher", by=site.inspector, at=NOW, note="客户不在本所")
    assert fresh(site.visit).state == "abandoned"
    assert [e.verb for e in entries_of(site.visit)][-1] == "visit_abandoned"


# --- what is kept


def test_an_answer_is_kept_at_once_and_told(site: Site) -> None:
    item = ChecklistItem.objects.get(case=site.case, code="files_holder")
    visits.answer(visit=site.visit, item=item, answer="problem", note="户名不符", by=site.inspector, at=NOW)
    visits.answer(visit=site.visit, item=item, answer="problem", note="户名不符", by=site.inspector, at=NOW)
    item.refresh_from_db()
    assert (item.answer, item.answered_by_id) == ("problem", site.inspector.pk)
    told = entries_of(site.visit)
    assert [e.verb for e in told] == ["visit_started", "answered"]  # nothing new, nothing told
    assert told[1].data == {"code": "files_holder", "answer": [["", ""], ["problem", "户名不符"]]}
    with pytest.raises(UnableToVisit, match="could not be checked"):
        visits.answer(visit=site.visit, item=item, answer="not_possible", note=" ", by=site.inspector, at=NOW)


def test_an_answer_of_another_case_is_refused(site: Site, world: World) -> None:
    other = begin(world)
    item = ChecklistItem.objects.filter(case=other.case).first()
    assert item is not None
    with pytest.raises(UnableToVisit):
        visits.answer(visit=site.visit, item=item, answer="ok", note="", by=site.inspector, at=NOW)


@pytest.mark.parametrize(("latitude", "longitude"), [(91, 0), (0, 181), (float("nan"), 0), (0, float("inf"))])
def test_places_that_are_none(site: Site, latitude: float, longitude: float) -> None:
    with pytest.raises(UnableToVisit):
        visits.add_positions(
            visit=site.visit, places=[visits.Place(latitude, longitude)], kind="point", by=site.inspector, at=NOW
        )
    assert Position.objects.count() == 0


def test_a_wrong_clock_of_the_phone_is_not_believed(site: Site) -> None:
    good, wrong = NOW + timedelta(minutes=2), NOW - timedelta(days=3)
    visits.add_positions(
        visit=site.visit, kind="track", by=site.inspector, at=NOW + timedelta(minutes=3),
        places=[visits.Place(29, 119, at=good), visits.Place(29, 119, at=wrong)],
    )  # fmt: skip
    times = list(Position.objects.order_by("pk").values_list("at", flat=True))
    assert times == [good, NOW + timedelta(minutes=3)]


def drawn() -> bytes:
    picture = Image.new("RGBA", (300, 120))
    ImageDraw.Draw(picture).line((20, 60, 280, 90), fill=(0, 0, 80, 255), width=4)
    made = io.BytesIO()
    picture.save(made, "PNG")
    return made.getvalue()


def test_a_signature_replaces_a_refusal(site: Site) -> None:
    visits.refuse_signature(visit=site.visit, reason="不在", witness="王五", by=site.inspector, at=NOW)
    made = visits.sign(visit=site.visit, content=drawn(), by=site.inspector, at=NOW)
    assert (made.kind, made.media_type) == ("signature", "image/png")
    assert fresh(site.visit).refused_signature == ""


def test_a_blank_signature_and_an_own_witness_are_refused(site: Site) -> None:
    made = io.BytesIO()
    Image.new("RGBA", (300, 120)).save(made, "PNG")
    with pytest.raises(UnableToVisit, match="blank"):
        visits.sign(visit=site.visit, content=made.getvalue(), by=site.inspector, at=NOW)
    for reason, witness in (("", "王五"), ("不在", ""), ("不在", site.inspector.name)):
        with pytest.raises(UnableToVisit):
            visits.refuse_signature(visit=site.visit, reason=reason, witness=witness, by=site.inspector, at=NOW)


def test_rows_are_taken_back_and_told(site: Site) -> None:
    seal = visits.add_seal(
        visit=site.visit, place="表盖", number_found="F1", state="broken", number_set="F2", by=site.inspector, at=NOW
    )
    visits.remove_seal(visit=site.visit, seal=seal, by=site.inspector, at=NOW)
    assert [e.verb for e in entries_of(site.visit)][1:] == ["seal_added", "seal_removed"]
    assert fresh(site.visit).rows_hash == ""
    assert list(check()) == []
    with pytest.raises(UnableToVisit):
        visits.add_seal(
            visit=site.visit, place="表盖", number_found="", state="green", number_set="", by=site.inspector, at=NOW
        )
    with pytest.raises(UnableToVisit):
        visits.add_reading(
            visit=site.visit, meter_id="M", register="total", index_kwh=Decimal("-1"), note="", by=site.inspector,
            at=NOW,
        )  # fmt: skip


def test_evidence_that_names_what_nobody_knows_is_refused() -> None:
    from jicha_web.core import application_file

    content = application_file("evidence")
    wrong = {**content, "demands": {**content["demands"], "selfie": content["demands"]["point"]}}
    with pytest.raises(ValueError, match="selfie"):
        parse(wrong)
    wrong = {**content, "qualification": {**content["qualification"], "expired": "perhaps"}}
    with pytest.raises(ValueError, match="perhaps"):
        parse(wrong)
    assert evidence().far_m > 0


def test_a_visit_that_was_given_up_opens_no_gate(site: Site, world: World) -> None:
    site.complete()
    case = Case.objects.get(pk=site.case.pk)
    again = {"assignee": world.people["station_a1"]}
    move(case=case, event="reassign", by=world.people["county_a"], at=NOW, note="重新核查", given=again)
    assert fresh(site.visit).state == "abandoned"
    assert {m.code for m in visit_complete(case, None)} == {"no_visit"}
    second = visits.start(case=case, by=site.inspector, at=NOW, client_uuid=uuid4())
    assert "no_site_photo" in {m.code for m in visit_complete(case, None)}
    assert second.pk != site.visit.pk
