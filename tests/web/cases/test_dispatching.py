"""To whom: workload, distance, who is barred; proposals with their reasons; many at once."""

from __future__ import annotations

import pytest
from django.urls import reverse

from jicha_web.cases import dispatching, moves, parties
from jicha_web.cases.geography import distance_km
from jicha_web.cases.models import Case, Dispatch
from jicha_web.history import record as history
from jicha_web.history.read import entries_of
from jicha_web.jobs.models import Job
from jicha_web.organisation.models import Membership, Organisation, Person
from tests.web.cases.building import add_party, case_in, make_case
from tests.web.conftest import NOW, World

pytestmark = pytest.mark.usefixtures("all_units", "open_gates", "data", "acts_then")


def place(world: World) -> None:
    for code, latitude, longitude in (("A", 29.1, 119.1), ("B", 29.5, 119.5), ("A1", 29.1, 119.1), ("A2", 29.2, 119.2),
                                      ("B1", 29.6, 119.6)):  # fmt: skip
        Organisation.objects.filter(code=code).update(latitude=latitude, longitude=longitude)


def inspector(world: World, username: str, unit: str) -> Person:
    person = Person.objects.create_person(
        username, name=username, organisation=world.units[unit], staff_id=f"S-{username}"
    )
    member = Membership(person=person, role="station_inspector", organisation=world.units[unit])
    history.create(member, verb="granted", by=None, at=NOW)
    return person


def managing_the_area(world: World) -> Person:
    """Let the inspector of A1 be who manages the area TQ1, in which the cases of these tests lie."""
    person = world.people["station_a1"]
    person.staff_id = "SG-TQ1"
    person.save(update_fields=["staff_id"])
    return person


def test_distance() -> None:
    beijing, shanghai = (39.9042, 116.4074), (31.2304, 121.4737)
    assert distance_km(*beijing, *shanghai) == pytest.approx(1067, abs=2)
    assert distance_km(*beijing, *beijing) == 0
    assert distance_km(None, 1.0, 2.0, 3.0) is None


def test_where_it_happened_is_proposed(world: World) -> None:
    place(world)
    case = make_case(world, state="registered", latitude=29.1, longitude=119.1)
    choices = dispatching.unit_choices(case, "county", NOW)
    assert choices.unit == world.units["A"]
    assert [c.unit.code for c in choices.units] == ["A", "B"]
    assert "发生单位" in choices.why.zh


def test_a_peer_is_proposed_where_the_station_is_barred(world: World) -> None:
    place(world)
    case = make_case(world, state="county_pending", unit="A", latitude=29.1, longitude=119.1)
    add_party(case, staff_id="SG1", unit=world.units["A1"])
    choices = dispatching.unit_choices(case, "station", NOW)
    assert choices.unit == world.units["A2"]
    assert "云岭供电所需回避" in choices.why.zh
    assert "14.8公里" in choices.why.zh
    assert [(c.unit.code, c.barred is not None) for c in choices.units] == [("A2", False), ("A1", True)]
    add_party(case, staff_id="SG3", unit=world.units["A2"])
    assert dispatching.unit_choices(case, "station", NOW).unit is None


def test_a_county_whose_stations_are_all_barred_is_not_proposed(world: World) -> None:
    place(world)
    case = make_case(world, state="registered")
    add_party(case, staff_id="SG1", unit=world.units["A1"])
    assert dispatching.unit_choices(case, "county", NOW).unit == world.units["A"]  # A2 is left
    add_party(case, staff_id="SG3", unit=world.units["A2"])
    assert dispatching.unit_choices(case, "county", NOW).unit == world.units["B"]


def test_the_one_with_the_least_work_and_the_shortest_way_is_proposed(world: World) -> None:
    place(world)
    near = inspector(world, "near", "A1")
    # station_a1 has two open cases, one late; near has one, beside the site
    for late in (True, False):
        make_case(world, state="checking", unit="A1", assignee=world.people["station_a1"], due_at=NOW if late else None)
    Case._base_manager.filter(due_at=NOW).update(due_at=NOW.replace(day=1))
    make_case(world, state="checking", unit="A1", assignee=near, latitude=29.3, longitude=119.3)
    case = make_case(world, state="county_pending", unit="A", customer_id="3300000002", latitude=29.3, longitude=119.3)
    found = dispatching.person_choices(case, Organisation.objects.get(code="A1"), NOW)
    assert [c.person.username for c in found] == ["near", "station_a1"]
    assert (found[0].load.open, found[0].distance_km) == (1, 0.0)
    assert (found[1].load.open, found[1].load.late) == (2, 1)
    assert found[1].weight == pytest.approx(2 + 1 + found[1].distance_km / 10, abs=0.01)  # type: ignore[operator]
    assert "在办2件，其中逾期1件" in found[1].why.zh


def test_the_manager_of_the_area_does_not_check_there(world: World) -> None:
    managing_the_area(world)
    case = make_case(world, state="county_pending", unit="A")
    found = dispatching.person_choices(case, world.units["A1"], NOW)
    assert [(c.person.username, c.barred is not None) for c in found] == [("station_a1", True)]
    assert "台区经理" in found[0].barred.zh  # type: ignore[union-attr]


def test_nor_when_chosen_past_the_page(world: World) -> None:
    """The page does not let them be chosen; what is sent by hand or by the API is judged all the same."""
    case = make_case(world, state="county_pending", unit="A")
    given = {"organisation": world.units["A1"], "assignee": managing_the_area(world), "analysis": "核对倍率"}
    with pytest.raises(moves.UnableToMove) as refused:
        moves.move(case=case, event="assign_station", by=world.people["county_a"], at=NOW, given=given)
    assert [r.code for r in refused.value.reasons] == ["party_assignee"]
    moves.move(
        case=make_case(world, state="county_pending", unit="A"), event="assign_station", by=world.people["county_a"],
        at=NOW, given={**given, "assignee": inspector(world, "near", "A1")},
    )  # fmt: skip


def test_many_at_once_and_one_refused_stops_no_other(world: World) -> None:
    inspector(world, "near", "A1")
    managing_the_area(world)
    good = [make_case(world, state="registered") for _ in range(3)]
    bad = make_case(world, state="registered", description="")
    outcomes = dispatching.dispatch_many(
        cases=[good[0], bad, *good[1:]], event="dispatch_station", by=world.people["city"], at=NOW, analysis="核对倍率"
    )
    assert [o.refused is None for o in outcomes] == [True, False, True, True]
    assert "缺问题描述" in outcomes[1].refused.zh  # type: ignore[union-attr]
    assert {o.person.username for o in outcomes if o.person} == {"near"}  # not the area's manager
    assert Dispatch.objects.count() == 3
    assert Case.objects.get(pk=bad.pk).state == "registered"


def test_many_on_the_page(world: World) -> None:
    cases = [make_case(world, state="registered"), make_case(world, state="registered"), case_in(world, "checking")]
    client, url = world.client("city"), reverse("cases_dispatch")
    chosen = {"case": [str(c.pk) for c in cases]}
    body = client.post(url, {**chosen}).content.decode()
    assert body.count('name="case"') == 2
    body = client.post(url, {**chosen, "event": "dispatch_county", "go": "1"}).content.decode()
    assert "outcomes" not in body
    body = client.post(
        url, {**chosen, "event": "dispatch_county", "go": "1", "analysis": "核对", "due": "2026-10-20"}
    ).content.decode()
    assert body.count('data-test="outcome"') == 2
    assert Case.objects.filter(state="county_pending", organisation=world.units["A"]).count() == 2
    assert client.post(url, {}).status_code == 302
    assert world.client("station_a1").post(url, chosen).status_code == 403


def test_one_on_the_page(world: World) -> None:
    case = make_case(world, state="registered")
    url = reverse("case_dispatch", args=[case.pk, "dispatch_county"])
    client = world.client("city")
    body = client.get(url).content.decode()
    assert 'data-unit="A"' in body
    client.post(url, {"version": "1", "unit": str(world.units["B"].pk), "analysis": "异地核查", "due": "2026-10-30"})
    case = Case.objects.get(pk=case.pk)
    assert (case.state, case.organisation) == ("county_pending", world.units["B"])
    assert world.client("county_b").get(reverse("case", args=[case.pk])).status_code == 200
    # the other county no longer sees it
    assert world.client("county_a").get(reverse("case", args=[case.pk])).status_code == 404


def test_a_page_that_is_out_of_date_moves_nothing(world: World) -> None:
    case = make_case(world)
    client, url = world.client("city"), reverse("case_move", args=[case.pk, "open"])
    client.post(url, {"version": "0"})
    assert Case.objects.get(pk=case.pk).state == "proposed"
    client.post(url, {"version": "1"})
    assert Case.objects.get(pk=case.pk).state == "registered"


def test_a_foreign_case_is_not_there(world: World) -> None:
    case = make_case(world, state="county_pending", unit="A")
    client = world.client("county_b")
    for name, args in (("case", []), ("case_dispatch", ["assign_station"])):
        assert client.get(reverse(name, args=[case.pk, *args])).status_code == 404
    for name, args in (("case_move", ["return_to_city"]), ("case_unmask", []), ("case_describe", []),
                       ("extension_ask", []), ("case_dispatch", ["assign_station"])):  # fmt: skip
        assert client.post(reverse(name, args=[case.pk, *args]), {"note": "x"}).status_code == 404
    assert Case.objects.get(pk=case.pk).version == 1


def test_a_party_named_by_hand(world: World) -> None:
    case = case_in(world, "checking")
    client, url = world.client("county_a"), reverse("party_name", args=[case.pk])
    client.post(url, {"staff_id": "nobody"})
    assert parties.parties_of(Case.objects.get(pk=case.pk)) == []
    client.post(url, {"staff_id": "SG1"})
    client.post(url, {"staff_id": "SG1"})
    case = Case.objects.get(pk=case.pk)
    assert [(p.staff_id, p.part, p.organisation) for p in parties.parties_of(case)] == [
        ("SG1", "by_hand", world.units["A1"]),
    ]  # fmt: skip
    assert [e.verb for e in entries_of(case)].count("party_named") == 1
    assert [r.code for r in moves.against_part(case, "check", world.people["station_a1"])] == ["party"]
    assert world.client("station_a1").post(url, {"staff_id": "SG2"}).status_code == 403


@pytest.mark.django_db(transaction=True)
def test_above_the_limit_cases_are_dispatched_in_the_background(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jicha_web.cases.views.dispatch.AT_ONCE", 1)
    cases = [make_case(world, state="registered", subject_id=f"33000000{n}") for n in range(3)]
    history.record(cases[0], verb="described", by=None, at=NOW, changes={"customer_name": "", "customer_id": ""})
    client = world.client("city")
    wanted = {"case": [c.pk for c in cases], "event": "dispatch_county", "analysis": "核对倍率", "go": "1"}
    answer = client.post(reverse("cases_dispatch"), wanted)
    job = Job.objects.get()
    assert answer.headers["Location"] == reverse("job", args=[job.pk])
    assert (job.kind, job.state) == ("dispatch_cases", "done")
    many = job.result["many"]
    assert (many["done"], many["refused"], many["left"]) == (2, 1, 0)
    assert many["why"][0][0] == cases[0].number and many["why"][0][1]
    states = [Case._base_manager.get(pk=c.pk).state for c in cases]
    assert states == ["registered", "county_pending", "county_pending"]
    page = client.get(answer.headers["Location"]).content.decode()
    assert 'data-test="many-done">2<' in page and cases[0].number in page
    # the whole list, by its address
    again = client.post(reverse("cases_dispatch"), {"all": "1", "query": "", "event": "dispatch_county"})
    assert cases[0].number in again.content.decode()
