"""The workflow as people see it: drawn, and as a table of who may do what."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_GET

from jicha_web.cases.deadlines import deadlines, present_calendar
from jicha_web.cases.diagram import draw
from jicha_web.cases.workflow import workflow
from jicha_web.core import Text
from jicha_web.organisation.roles import actions
from jicha_web.pages.views import signed_in

LANE_NAMES = {
    "city": Text("市公司", "City"),
    "county": Text("县公司", "County"),
    "station": Text("供电所", "Station"),
    "system": Text("系统", "System"),
    "none": Text("结束", "End"),
}


@require_GET
@signed_in("case_view")
def case_workflow(request: HttpRequest) -> HttpResponseBase:
    """The workflow."""
    flow, rules = workflow(), deadlines()
    moves = [
        {
            "number": number, "move": move, "to": flow.states[move.to].label if move.to else None,
            "sources": [flow.states[s].label for s in move.sources],
            "right": actions().get(move.who.action), "level": LANE_NAMES.get(move.who.level),
            "gates": [flow.gates[g].label for g in move.gates],
        }
        for number, move in enumerate(flow.moves, 1)
    ]  # fmt: skip
    way = [
        (state, LANE_NAMES[state.level], [
            (number, move, flow.states[target].label)
            for number, move in enumerate(flow.moves, 1)
            if code in move.sources and (target := move.target(code)) != code and target in flow.states
        ])
        for code, state in flow.states.items()
    ]  # fmt: skip
    days = [(s.label, rules.days[s.code]) for s in flow.states.values() if s.code in rules.days]
    return render(request, "cases/workflow.html", {
        "drawing": draw(flow), "lanes": LANE_NAMES, "moves": moves, "way": way, "days": days,
        "years": sorted(present_calendar().years),
        "four_eyes": [(flow.parts[a], [flow.parts[b] for b in sorted(others)]) for a, others in flow.four_eyes.items()],
    })  # fmt: skip
