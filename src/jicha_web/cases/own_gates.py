"""The gates that cases themselves can tell."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jicha_web.cases import dispatching, gates, moves, parties
from jicha_web.cases.gates import Missing
from jicha_web.cases.models import Case
from jicha_web.cases.workflow import workflow
from jicha_web.core import Text
from jicha_web.organisation.models import Organisation, Person

UNFOUNDED = frozenset({"unfounded", "data_error"})


def described(case: Case, by: Person | None) -> list[Missing]:
    """Name, number, source and description of whom or what the case is about."""
    del by
    wanted = {
        "source": (case.source, Text("缺来源", "the source is missing")),
        "description": (case.description.strip(), Text("缺问题描述", "the description is missing")),
    }
    if case.subject == "customer":
        wanted["customer_name"] = (case.customer_name, Text("缺户名", "the customer's name is missing"))
        wanted["customer_id"] = (case.customer_id, Text("缺户号", "the customer's number is missing"))
    else:
        wanted["subject_name"] = (case.subject_name, Text("缺对象名称", "the name of the subject is missing"))
        wanted["subject_id"] = (case.subject_id, Text("缺对象编号", "the number of the subject is missing"))
    return [Missing(f"no_{code}", text, "describe") for code, (value, text) in wanted.items() if not value]


def unit_below(case: Case, by: Person | None, given: Mapping[str, Any]) -> list[Missing]:
    """The unit is one of the level that acts next, below where the case lies."""
    del by
    unit: Organisation | None = given.get("organisation")
    if unit is None:
        return []
    level = workflow().states[given["move"].target(case.state)].level
    if unit.level == level and unit.is_active and case.organisation.covers(unit):
        return []
    return [Missing("wrong_unit", Text(f"{unit.name}不是可派发的下级单位", f"{unit.name} is no unit to dispatch to"))]


def unit_without_parties(case: Case, by: Person | None, given: Mapping[str, Any]) -> list[Missing]:
    """The unit has nobody whom the case is about."""
    del by
    unit: Organisation | None = given.get("organisation")
    barred = parties.bars_unit(case, unit) if unit is not None else None
    return [Missing("party_unit", barred)] if barred else []


def assignee_can(case: Case, by: Person | None, given: Mapping[str, Any]) -> list[Missing]:
    """The person may check for the unit that the case goes to, is no party, and does not manage the area."""
    del by
    person: Person | None = given.get("assignee")
    if person is None:
        return []
    unit: Organisation = given.get("organisation") or case.organisation
    if not person.is_active or not moves.holds(person, "case_check", "station", unit, given["at"]):
        text = Text(f"{person.name}不是{unit.name}的核查人员", f"{person.name} does not check for {unit.name}")
        return [Missing("cannot_check", text)]
    barred = dispatching.bars_checking(case, person)
    return [Missing("party_assignee", barred)] if barred else []


def _came_from(case: Case, level: str) -> bool:
    dispatch = moves.latest_dispatch(case)
    return dispatch is not None and dispatch.from_organisation.level == level


def came_from_county(case: Case, by: Person | None) -> list[Missing]:
    """A county assigned it to the station."""
    del by
    text = Text("此工单由市公司直接派发", "this case came straight from the city")
    return [] if _came_from(case, "county") else [Missing("not_from_county", text)]


def came_from_city(case: Case, by: Person | None) -> list[Missing]:
    """The city dispatched it straight to the station."""
    del by
    text = Text("此工单由县公司分派", "this case came from the county")
    return [Missing("from_county", text)] if _came_from(case, "county") else []


def outcome_founded(case: Case, by: Person | None) -> list[Missing]:
    """The outcome says that something was wrong at the customer's or the utility's."""
    del by
    if case.outcome and case.outcome not in UNFOUNDED:
        return []
    return [Missing("not_founded", Text("定性不是属实", "the outcome is not that it is founded"))]


def outcome_unfounded(case: Case, by: Person | None) -> list[Missing]:
    """The outcome says that nothing was wrong, or only the data."""
    del by
    if case.outcome in UNFOUNDED:
        return []
    return [
        Missing("not_unfounded", Text("定性不是不属实或数据错误", "the outcome is neither unfounded nor a data error"))
    ]


def register_all() -> None:
    """Register them; called once, when the application starts."""
    gates.register("described", described)
    gates.register("came_from_county", came_from_county)
    gates.register("came_from_city", came_from_city)
    gates.register("outcome_founded", outcome_founded)
    gates.register("outcome_unfounded", outcome_unfounded)
    gates.register_of_given("unit_below", unit_below)
    gates.register_of_given("unit_without_parties", unit_without_parties)
    gates.register_of_given("assignee_can", assignee_can)
