"""Cases for tests: put into any state by the table itself, so that parts and dispatches are there as in life."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from jicha_web.cases import gates
from jicha_web.cases.models import Case, Dispatch, Party
from jicha_web.cases.moves import move
from jicha_web.history import record as history
from jicha_web.organisation.models import Organisation
from tests.web.conftest import NOW, World

# gates of the other parts; here they are open unless a test shuts them
FOREIGN_GATES = ("visit_complete", "assessment_complete", "rectification_demanded", "rectification_complete", "proved",
                 "proof_overdue", "hand_evidence")  # fmt: skip

# the road to each state: (event, person)
ROAD: dict[str, list[tuple[str, str | None]]] = {
    "proposed": [],
    "registered": [("open", "city")],
    "county_pending": [("dispatch_county", "city")],
    "station_pending": [("assign_station", "county_a")],
    "checking": [("start_check", "station_a1")],
    "assessing": [("submit_check", "station_a1")],
    "approving": [("submit_assessment", "county_a")],
    "rectifying": [("approve", "reviewer")],
    "county_review": [("submit_rectification", "station_a1")],
    "city_review": [("accept_county", "county_a")],
    "awaiting_proof": [("accept_city", "city")],
    "closed": [("prove", None)],
    "cancelled": [],
}
_numbers = iter(range(1, 1_000_000))


@pytest.fixture
def open_gates(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in FOREIGN_GATES:
        monkeypatch.setitem(gates._gates, name, lambda case, by: [])


def make_case(world: World, unit: str = "C", happened: str = "A1", **fields: Any) -> Case:
    values: dict[str, Any] = {
        "number": f"JC20261015{next(_numbers):05d}", "title": "倍率异常", "source": "findings", "state": "proposed",
        "description": "倍率与互感器变比不符", "state_since": NOW, "severity": "high", "subject": "customer",
        "subject_id": "3300000001", "customer_id": "3300000001", "customer_name": "张三",
        "organisation": world.units[unit], "subject_organisation": world.units[happened], "opened_at": NOW,
        **fields,
    }  # fmt: skip
    case = Case(**values)
    history.create(case, verb="proposed", by=None, at=NOW)
    return case


def given_for(world: World, event: str, station: str = "A1") -> dict[str, Any]:
    county = world.units[station].parent
    inspector = world.people[f"station_{station.lower()}"]
    known: dict[str, dict[str, Any]] = {
        "dispatch_county": {"organisation": county, "analysis": "倍率疑似录错"},
        "dispatch_station": {"organisation": world.units[station], "assignee": inspector, "analysis": "现场核对倍率"},
        "assign_station": {"organisation": world.units[station], "assignee": inspector, "analysis": "现场核对倍率"},
        "reassign": {"assignee": inspector},
    }
    return known.get(event, {})


def case_in(world: World, state: str, *, at: datetime = NOW, **fields: Any) -> Case:
    """Return a case that went the whole road to a state."""
    case = make_case(world, **fields)
    if state == "cancelled":
        return move(case=case, event="drop", by=world.people["city"], at=at, note="重复")
    for events in ROAD.values():
        for event, username in events:
            if case.state == state:
                return case
            changes = {"outcome": "metering_fault"} if event == "submit_assessment" else None
            move(
                case=case, event=event, by=world.people[username] if username else None, at=at, note="见分析",
                given=given_for(world, event), changes=changes,
            )  # fmt: skip
    assert case.state == state
    return case


def add_party(case: Case, *, staff_id: str, unit: Organisation | None) -> None:
    Party.objects.create(case=case, staff_id=staff_id, name="李四", organisation=unit, part="reader_id", rule="RC011")
    case.__dict__.pop("_known_parties", None)


def dispatched_from(case: Case) -> Dispatch | None:
    return Dispatch.objects.filter(case=case).order_by("-pk").first()
