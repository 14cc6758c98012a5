"""Dispatching: one case with the workload of units and people in view, or many at once."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from jicha_web.cases import deadlines, dispatching, moves, titles
from jicha_web.cases.listing import Asker, filtered, for_list, shown
from jicha_web.cases.models import Case
from jicha_web.cases.views.detail import as_read, attempt, case_or_404, end_of_day
from jicha_web.cases.workflow import Move, workflow
from jicha_web.findings.models import Finding
from jicha_web.jobs.many import AT_ONCE, MOST, keep
from jicha_web.jobs.models import Job
from jicha_web.jobs.work import enqueue
from jicha_web.organisation.models import Organisation, Person
from jicha_web.pages.tags import words
from jicha_web.pages.views import acting_of, signed_in


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else None


def _unit(choices: dispatching.Choices, text: str | None) -> Organisation | None:
    wanted = _number(text)
    return next((c.unit for c in choices.units if c.unit.pk == wanted), choices.unit)


@require_http_methods(["GET", "POST"])
@signed_in("case_dispatch")
def case_dispatch(request: HttpRequest, pk: int, event: str) -> HttpResponseBase:
    """Choose unit, person and deadline; the proposal and its reasons stand first."""
    case, acting = case_or_404(pk), acting_of(request)
    one = workflow().move(case.state, event)
    if one is None or not one.given:
        raise Http404
    acting.require(one.who.action, case.organisation)
    choices = None
    unit: Organisation | None = case.organisation
    if "organisation" in one.given:
        choices = dispatching.unit_choices(case, workflow().states[one.target(case.state)].level, acting.at)
        unit = _unit(choices, request.POST.get("unit") or request.GET.get("unit"))
    people = []
    if "assignee" in one.given and unit is not None:
        people = dispatching.person_choices(case, unit, acting.at)
    if request.method == "POST" and _dispatch(request, case, one, unit, people):
        in_sight = Case.objects.filter(pk=pk).exists()
        return redirect("case", pk=pk) if in_sight else redirect("cases")
    by_rule = deadlines.after_dispatch(state=one.target(case.state), severity=case.severity, at=acting.at)
    against = [r for o in moves.available_moves(case, acting.person, acting.at) if o.move == one for r in o.reasons]
    return _show(request, {
        "case": case, "move": one, "choices": choices, "unit": unit, "people": people, "due": by_rule,
        "proposed": next((c.person for c in people if c.barred is None), None), "reasons": against,
        "row": next(shown([case])), "description": _described(case), "longest": deadlines.deadlines().longest,
        "asked": moves.latest_dispatch(case),
    })  # fmt: skip


def _described(case: Case) -> str:
    if not titles.in_english():
        return case.description
    found = Finding.objects.filter(case=case).order_by("-priority", "pk")
    return titles.described(case.description, found.values_list("rule", "reason_zh", "reason_en"))


def _show(request: HttpRequest, values: dict[str, Any]) -> HttpResponse:
    return render(request, "cases/dispatch.html", values)


def _dispatch(
    request: HttpRequest, case: Case, one: Move, unit: Organisation | None, people: list[dispatching.PersonChoice]
) -> bool:
    acting, wanted = acting_of(request), _number(request.POST.get("assignee"))
    person: Person | None = next((c.person for c in people if c.person.pk == wanted), None)
    given: dict[str, Any] = {"analysis": request.POST.get("analysis", "").strip()}
    if "organisation" in one.given:
        given["organisation"] = unit
    if "assignee" in one.given:
        given["assignee"] = person
    if due_at := end_of_day(request.POST.get("due", "")):
        given["due_at"] = due_at

    def act() -> None:
        as_read(request, case)
        moves.move(
            case=case, event=one.event, by=acting.person, at=acting.at, note=request.POST.get("note", ""), given=given
        )

    return attempt(request, _("Dispatched."), act)


def _wanted(request: HttpRequest) -> list[int]:
    """Return the cases that were chosen; with `all` those of the whole list that the address asks for."""
    if request.POST.get("all") == "1":
        acting = acting_of(request)
        query = QueryDict(request.POST.get("query", ""))
        rows = filtered(query, Asker(acting.person, acting.at))
        return list(rows.values_list("pk", flat=True)[:MOST])
    return [n for text in request.POST.getlist("case")[:MOST] if (n := _number(text))]


@require_POST
@signed_in("case_dispatch")
def cases_dispatch(request: HttpRequest) -> HttpResponseBase:
    """Dispatch many cases to the units and people proposed for each: first shown, then done."""
    acting = acting_of(request)
    wanted = _wanted(request)
    cases = list(
        for_list(Case.objects.filter(pk__in=wanted)).select_related("subject_organisation", "organisation__parent")
        .order_by("-priority", "pk")
    )  # fmt: skip
    events = {"dispatch_county", "dispatch_station", "assign_station"}
    offered: dict[str, Move] = {
        m.event: m for c in cases for m in workflow().moves_from(c.state)
        if m.event in events and moves.holds(acting.person, m.who.action, m.who.level, c.organisation, acting.at)
    }  # fmt: skip
    event = request.POST.get("event", "") or next(iter(offered), "")
    if not cases or event not in offered:
        messages.error(request, _("None of the chosen cases can be dispatched by you now."))
        return redirect("cases")
    able = [c for c in cases if workflow().move(c.state, event)]
    analysis = request.POST.get("analysis", "").strip()
    outcomes: list[dispatching.Outcome] = []
    kept: Job | None = None
    if request.POST.get("go"):
        if not analysis:
            messages.error(request, _("Write the analysis first."))
        elif len(able) > AT_ONCE:
            due_at = end_of_day(request.POST.get("due", ""))
            job = enqueue(
                "dispatch_cases", by=acting.person, at=acting.at, cases=[c.pk for c in able], event=event,
                analysis=analysis, due_at=None if due_at is None else due_at.isoformat(),
            )  # fmt: skip
            return redirect("job", job.pk)
        else:
            outcomes = dispatching.dispatch_many(
                cases=able, event=event, by=acting.person, at=acting.at, analysis=analysis,
                due_at=end_of_day(request.POST.get("due", "")),
            )  # fmt: skip
            gone = sum(1 for o in outcomes if o.refused is None)
            if gone:
                said = [(o.case.number, words(o.refused) if o.refused else "") for o in outcomes]
                kept = keep("dispatch_cases", by=acting.person, at=acting.at, rows=said, event=event)
            messages.success(request, _("%(gone)d of %(all)d cases dispatched.") % {"gone": gone, "all": len(outcomes)})
    return render(request, "cases/dispatch_many.html", {
        "rows": list(shown(able)), "left_out": len(cases) - len(able), "offered": list(offered.values()),
        "event": event, "analysis": analysis, "outcomes": outcomes, "due": request.POST.get("due", ""),
        "job": kept,
    })  # fmt: skip
