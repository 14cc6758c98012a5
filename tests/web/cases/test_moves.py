"""Every move for every person: who may and who may not, by the table alone."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from jicha_web import core
from jicha_web.cases import gates
from jicha_web.cases.gates import Missing
from jicha_web.cases.models import Case, Dispatch, Part
from jicha_web.cases.moves import UnableToMove, available_moves, move, on_entering, require_part
from jicha_web.cases.workflow import WrongWorkflow, read, workflow
from jicha_web.core import Text
from jicha_web.history.read import check, entries_of
from jicha_web.history.record import ChangedMeanwhile
from tests.web.cases.building import FOREIGN_GATES, add_party, case_in, given_for, make_case
from tests.web.conftest import NOW, PEOPLE, World

pytestmark = pytest.mark.usefixtures("all_units")
RANK = {"city": 1, "county": 2, "station": 3}
UNIT_LEVEL = {"C": "city", "A": "county", "B": "county", "A1": "station", "A2": "station", "B1": "station"}
FLOW = workflow()
SHUT = [Missing("shut", Text("没有", "not there"))]
STEPS = [(state, one.event) for state in FLOW.states for one in FLOW.moves_from(state)]


def _covers(unit: str, case_unit: str) -> bool:
    return unit == "C" or case_unit.startswith(unit)


def _expected(case: Case, event: str, username: str) -> bool:
    """Who may, told a second time from the table and the small world, without the code under test."""
    one = FLOW.move(case.state, event)
    assert one is not None
    if one.who.system:
        return False
    role, unit = PEOPLE[username]
    if role not in {r for r, d in core.application_file("roles")["roles"].items() if one.who.action in d["actions"]}:
        return False
    if RANK[UNIT_LEVEL[unit]] > RANK[one.who.level] or not _covers(unit, case.organisation.code):
        return False
    if one.who.assignee and username != "station_a1":
        return False
    taken = set(Part.objects.filter(case=case, person__username=username).values_list("part", flat=True))
    return not taken & set(core.application_file("workflow")["four_eyes"].get(one.part, []))


def _world_for(world: World, state: str, event: str) -> Case:
    case = case_in(world, state)
    unfounded = {"approve_unfounded", "close_unfounded", "return_assessment"}
    if event in unfounded:
        Case._base_manager.filter(pk=case.pk).update(outcome="data_error")
    if event == "return_to_city_from_station":
        case = make_case(world, state="registered")
        move(case=case, event="dispatch_station", by=world.people["city"], at=NOW,
             given=given_for(world, "dispatch_station"))  # fmt: skip
        if state == "checking":
            move(case=case, event="start_check", by=world.people["station_a1"], at=NOW)
    return Case._base_manager.get(pk=case.pk)


@pytest.mark.usefixtures("open_gates")
@pytest.mark.parametrize(("state", "event"), STEPS)
def test_who_may(world: World, state: str, event: str) -> None:
    original = _world_for(world, state, event)
    allowed = []
    for username, person in world.people.items():
        case = Case._base_manager.select_related("organisation").get(pk=original.pk)
        before, rows = case.version, len(entries_of(case))
        expected = _expected(case, event, username)
        savepoint_case = case
        from django.db import transaction

        try:
            with transaction.atomic():
                move(case=case, event=event, by=person, at=NOW, note="因为", given=given_for(world, event))
                allowed.append(username)
                entries = entries_of(case)
                assert (case.version, len(entries)) == (before + 1, rows + 1)
                assert (entries[-1].verb, entries[-1].by_id) == (event, person.pk)
                one = FLOW.move(state, event)
                assert one is not None
                assert case.state == one.target(state)
                assert Part.objects.filter(case=case, person=person, part=one.part).exists()
                assert list(check("case", case.pk)) == []
                raise _Undo
        except _Undo:
            assert expected, f"{username} may {event} in {state}, but the table says no"
        except UnableToMove as refused:
            assert not expected, f"{username} may not {event} in {state}: {refused}"
            assert Case._base_manager.get(pk=savepoint_case.pk).version == before
    if not FLOW.move(state, event).who.system:  # type: ignore[union-attr]
        assert allowed, f"nobody may {event} in {state}"


class _Undo(Exception):
    pass


@pytest.mark.usefixtures("open_gates")
@pytest.mark.parametrize("state", list(FLOW.states))
def test_other_events_are_refused(world: World, state: str) -> None:
    case = case_in(world, state)
    for event in {m.event for m in FLOW.moves} - {m.event for m in FLOW.moves_from(state)}:
        with pytest.raises(UnableToMove, match="cannot be done"):
            move(case=case, event=event, by=world.people["city"], at=NOW, note="x", given=given_for(world, event))


@pytest.mark.usefixtures("open_gates")
@pytest.mark.parametrize(("state", "event"), STEPS)
def test_each_gate_stops_its_move(world: World, state: str, event: str, monkeypatch: pytest.MonkeyPatch) -> None:
    one = FLOW.move(state, event)
    assert one is not None
    if not one.gates:
        return
    case = _world_for(world, state, event)
    by = None if one.who.system else _someone(case, event, world)
    for gate in one.gates:
        if gate in gates._gates_of_given:
            monkeypatch.setitem(gates._gates_of_given, gate, lambda case, by, given: SHUT)
        else:
            monkeypatch.setitem(gates._gates, gate, lambda case, by: SHUT)
        with pytest.raises(UnableToMove) as refused:
            move(case=case, event=event, by=by, at=NOW, note="因为", given=given_for(world, event))
        assert [r.code for r in refused.value.reasons] == ["shut"]
        monkeypatch.undo()
        for name in FOREIGN_GATES:
            monkeypatch.setitem(gates._gates, name, lambda case, by: [])


def _someone(case: Case, event: str, world: World) -> Any:
    return next(p for u, p in world.people.items() if _expected(case, event, u))


@pytest.mark.usefixtures("open_gates")
@pytest.mark.parametrize(("state", "event"), [(s, e) for s, e in STEPS if FLOW.move(s, e).note])  # type: ignore[union-attr]
def test_a_reason_is_wanted(world: World, state: str, event: str) -> None:
    case = _world_for(world, state, event)
    one = FLOW.move(state, event)
    assert one is not None
    by = None if one.who.system else _someone(case, event, world)
    with pytest.raises(UnableToMove) as refused:
        move(case=case, event=event, by=by, at=NOW, note="  ", given=given_for(world, event))
    assert [r.code for r in refused.value.reasons] == ["no_note"]


def test_a_gate_that_nobody_tells_is_shut(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(gates._gates, "visit_complete", raising=False)
    case = make_case(world, state="checking", unit="A1", assignee=world.people["station_a1"])
    with pytest.raises(UnableToMove) as refused:
        move(case=case, event="submit_check", by=world.people["station_a1"], at=NOW)
    assert [r.code for r in refused.value.reasons] == ["unknown_gate"]


def test_not_dispatched_without_name_number_source_description(world: World) -> None:
    case = make_case(world, state="registered", customer_name="", customer_id="", source="", description=" ")
    with pytest.raises(UnableToMove) as refused:
        move(
            case=case,
            event="dispatch_county",
            by=world.people["city"],
            at=NOW,
            given=given_for(world, "dispatch_county"),
        )
    assert {r.code for r in refused.value.reasons} == {
        "no_customer_name", "no_customer_id", "no_source", "no_description",
    }  # fmt: skip
    assert "缺户名" in {r.text.zh for r in refused.value.reasons}
    area = make_case(world, state="registered", subject="area", customer_id="", customer_name="", subject_name="")
    with pytest.raises(UnableToMove) as refused:
        move(
            case=area,
            event="dispatch_county",
            by=world.people["city"],
            at=NOW,
            given=given_for(world, "dispatch_county"),
        )
    assert [r.code for r in refused.value.reasons] == ["no_subject_name"]


def test_dispatch_goes_down_only_and_to_the_level_that_acts(world: World) -> None:
    case = make_case(world, state="registered")
    for unit in ("C", "A1"):
        given = {"organisation": world.units[unit], "analysis": "x"}
        with pytest.raises(UnableToMove) as refused:
            move(case=case, event="dispatch_county", by=world.people["city"], at=NOW, given=given)
        assert "wrong_unit" in {r.code for r in refused.value.reasons}
    case = make_case(world, state="county_pending", unit="A")
    given = {"organisation": world.units["B1"], "assignee": world.people["station_b1"], "analysis": "x"}
    with pytest.raises(UnableToMove) as refused:
        move(case=case, event="assign_station", by=world.people["county_a"], at=NOW, given=given)
    assert {r.code for r in refused.value.reasons} == {"wrong_unit"}


def test_the_assignee_checks_there(world: World) -> None:
    case = make_case(world, state="county_pending", unit="A")
    for username in ("station_a2", "county_a", "collector_a"):
        given = {"organisation": world.units["A1"], "assignee": world.people[username], "analysis": "x"}
        with pytest.raises(UnableToMove) as refused:
            move(case=case, event="assign_station", by=world.people["county_a"], at=NOW, given=given)
        assert [r.code for r in refused.value.reasons] == ["cannot_check"]


def test_all_that_is_missing_is_said_at_once(world: World) -> None:
    case = make_case(world, state="registered", description="")
    with pytest.raises(UnableToMove) as refused:
        move(case=case, event="dispatch_station", by=world.people["city"], at=NOW)
    codes = {r.code for r in refused.value.reasons}
    assert codes == {"no_organisation", "no_assignee", "no_analysis", "no_description"}


def test_the_second_of_two_at_once_is_told(world: World) -> None:
    case = make_case(world)
    other = Case.objects.get(pk=case.pk)
    move(case=case, event="open", by=world.people["city"], at=NOW)
    with pytest.raises(ChangedMeanwhile):
        move(case=other, event="drop", by=world.people["city"], at=NOW, note="重复")
    now = Case.objects.get(pk=case.pk)
    assert now.state == "registered"
    assert [e.verb for e in entries_of(now)] == ["proposed", "open"]
    assert Part.objects.filter(case=case).count() == 1


@pytest.mark.usefixtures("open_gates")
def test_four_eyes(world: World) -> None:
    case = case_in(world, "assessing")
    city = world.people["city"]  # may assess and approve by right
    move(case=case, event="submit_assessment", by=city, at=NOW, changes={"outcome": "theft"})
    case = Case.objects.get(pk=case.pk)
    with pytest.raises(UnableToMove) as refused:
        move(case=case, event="approve", by=city, at=NOW)
    assert [r.code for r in refused.value.reasons] == ["four_eyes"]
    with pytest.raises(UnableToMove):
        require_part(case=case, part="collect", by=city)
    move(case=case, event="approve", by=world.people["reviewer"], at=NOW)
    with pytest.raises(UnableToMove):
        require_part(case=case, part="collect", by=world.people["reviewer"])
    with pytest.raises(UnableToMove):
        require_part(case=case, part="review", by=world.people["station_a1"])
    require_part(case=case, part="collect", by=world.people["collector_a"])


@pytest.mark.usefixtures("open_gates")
@pytest.mark.parametrize("state", ["registered", "county_pending", "station_pending", "checking", "assessing",
                                   "approving", "rectifying", "county_review", "city_review"])  # fmt: skip
def test_nobody_whom_it_is_about_has_a_hand_in_it(world: World, state: str) -> None:
    for username, unit in (("station_a1", "A1"), ("county_a", "A"), ("city", "C"), ("reviewer", "C")):
        case = case_in(world, state)
        add_party(case, staff_id=f"S-{username}", unit=world.units[unit])
        for one in FLOW.moves_from(state):
            with pytest.raises(UnableToMove) as refused:
                move(case=case, event=one.event, by=world.people[username], at=NOW, note="x",
                     given=given_for(world, one.event))  # fmt: skip
            assert "party" in {r.code for r in refused.value.reasons} or one.who.system


@pytest.mark.usefixtures("open_gates")
def test_nor_their_station(world: World) -> None:
    case = case_in(world, "county_pending")
    add_party(case, staff_id="S-stranger", unit=world.units["A1"])
    county = world.people["county_a"]
    with pytest.raises(UnableToMove) as refused:
        move(case=case, event="assign_station", by=county, at=NOW, given=given_for(world, "assign_station"))
    assert {r.code for r in refused.value.reasons} == {"party_unit", "party_assignee"}
    move(case=case, event="assign_station", by=county, at=NOW, given=given_for(world, "assign_station", "A2"))
    assert case.organisation == world.units["A2"]
    with pytest.raises(UnableToMove) as refused:
        move(case=case, event="reassign", by=county, at=NOW, note="x", given=given_for(world, "reassign", "A1"))
    assert "cannot_check" in {r.code for r in refused.value.reasons}


@pytest.mark.usefixtures("open_gates")
def test_a_party_of_a_county_bars_all_below_it(world: World) -> None:
    case = case_in(world, "registered")
    add_party(case, staff_id="S-stranger", unit=world.units["A"])
    city = world.people["city"]
    for event, station in (("dispatch_county", "A1"), ("dispatch_station", "A1"), ("dispatch_station", "A2")):
        with pytest.raises(UnableToMove) as refused:
            move(case=case, event=event, by=city, at=NOW, given=given_for(world, event, station))
        assert "party_unit" in {r.code for r in refused.value.reasons}
    move(case=case, event="dispatch_county", by=city, at=NOW, given=given_for(world, "dispatch_county", "B1"))
    assert case.organisation == world.units["B"]


@pytest.mark.usefixtures("open_gates")
def test_returns_go_back_where_it_came_from(world: World) -> None:
    straight = make_case(world, state="registered")
    city, station = world.people["city"], world.people["station_a1"]
    move(case=straight, event="dispatch_station", by=city, at=NOW, given=given_for(world, "dispatch_station"))
    assert [o.move.event for o in available_moves(straight, station, NOW)] == [
        "start_check", "return_to_city_from_station",
    ]  # fmt: skip
    move(case=straight, event="return_to_city_from_station", by=station, at=NOW, note="非本所")
    assert (straight.state, straight.organisation, straight.assignee, straight.returns) == (
        "registered", world.units["C"], None, 1,
    )  # fmt: skip
    stepwise = case_in(world, "checking")
    move(case=stepwise, event="return_to_dispatcher", by=station, at=NOW, note="非本所")
    assert (stepwise.state, stepwise.organisation) == ("county_pending", world.units["A"])
    move(case=stepwise, event="return_to_city", by=world.people["county_a"], at=NOW, note="非本县")
    assert (stepwise.state, stepwise.organisation, stepwise.returns) == ("registered", world.units["C"], 2)
    assert Dispatch.objects.filter(case=stepwise).count() == 2


def test_offers_tell_why_not(world: World) -> None:
    case = make_case(world, state="registered", description="")
    offers = {o.move.event: o for o in available_moves(case, world.people["city"], NOW)}
    assert set(offers) == {"dispatch_county", "dispatch_station", "cancel"}
    assert [r.code for r in offers["dispatch_county"].reasons] == ["no_description"]
    assert offers["cancel"].allowed
    assert available_moves(case, world.people["auditor"], NOW) == []


def test_effects_run_in_the_same_transaction(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    from jicha_web.cases import moves

    monkeypatch.setattr(moves, "_on_entering", {})
    seen: list[str] = []
    on_entering("registered", lambda *, case, by, at: seen.append(case.state))
    move(case=make_case(world), event="open", by=world.people["city"], at=NOW)
    assert seen == ["registered"]

    def fail(*, case: Case, by: Any, at: Any) -> None:
        raise RuntimeError

    on_entering("registered", fail)
    case = make_case(world)
    with pytest.raises(RuntimeError):
        move(case=case, event="open", by=world.people["city"], at=NOW)
    assert Case.objects.get(pk=case.pk).state == "proposed"


WRONG: list[tuple[str, Any, str]] = [
    ("unknown state", lambda c: c["moves"][0].update(to="nowhere"), "unknown state nowhere"),
    (
        "unreachable",
        lambda c: c["states"].update(lost={"zh": "x", "en": "x", "level": "city"}),
        "lost cannot be reached",
    ),
    ("no role", lambda c: c["moves"][0]["who"].update(action="fly"), "unknown action fly"),
    ("no level", lambda c: c["moves"][0]["who"].pop("level"), "unknown level"),
    ("no part", lambda c: c["moves"][0].pop("part"), "names no part"),
    ("unknown gate", lambda c: c["moves"][0].update(gates=["luck"]), "unknown gate luck"),
    ("twice", lambda c: c["moves"].append(c["moves"][0]), "leaves state proposed twice"),
    ("end left", lambda c: c["moves"][0].update({"from": ["closed"]}), "closed is an end"),
    ("stuck", lambda c: c["states"]["closed"].pop("end"), "no move leaves state closed"),
    ("one-sided", lambda c: c["four_eyes"].update(assess=["approve"]), "collect excludes assess"),
    ("typing error", lambda c: c["moves"][0].update(gate=["described"]), "unknown field gate"),
    ("place", lambda c: c["moves"][0].update(lies="given"), "does not tell where the case lies"),
]


@pytest.mark.parametrize(("change", "message"), [w[1:] for w in WRONG], ids=[w[0] for w in WRONG])
def test_a_table_that_contradicts_itself_is_refused(change: Any, message: str) -> None:
    content = copy.deepcopy(core.application_file("workflow"))
    change(content)
    with pytest.raises(WrongWorkflow, match=message):
        read(content, core.application_file("gates"))
