"""The tree of units, a unit's people, and the tools register."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from jicha_web.jobs.work import enqueue
from jicha_web.organisation import registers
from jicha_web.organisation.forms import ToolChangeForm, ToolForm
from jicha_web.organisation.models import Tool
from jicha_web.organisation.people_list import SEE
from jicha_web.organisation.registers import validity
from jicha_web.organisation.tree import tree, units_in_sight
from jicha_web.organisation.verbs import timeline_of
from jicha_web.pages import confirm
from jicha_web.pages.paging import page_of
from jicha_web.pages.views import acting_of, signed_in


@require_GET
@signed_in(*SEE)
def units(request: HttpRequest) -> HttpResponseBase:
    """The tree."""
    acting = acting_of(request)
    return render(request, "organisation/units.html", {"forest": tree(acting.at)})


@require_POST
@signed_in("people_edit")
def take_over(request: HttpRequest) -> HttpResponseBase:
    """Take over units and staff from the data, as a job."""
    if page := confirm.ask(
        request, question=_("Take over units and staff from the data?"),
        consequence=_("Units and people are added and brought up to date. None is removed; nobody can sign in by it."),
        back="/units/",
    ):  # fmt: skip
        return page
    acting = acting_of(request)
    job = enqueue("organisation.synchronise", by=acting.person, at=acting.at)
    return redirect("job", pk=job.pk)


@require_GET
@signed_in(*SEE)
def tools(request: HttpRequest) -> HttpResponseBase:
    """The tools register, those whose calibration ends first at the top."""
    acting = acting_of(request)
    rows = Tool.objects.select_related("organisation", "holder").order_by("calibrated_until", "pk")
    if words := request.GET.get("q", "").strip():
        rows = rows.filter(kind__icontains=words) | rows.filter(number__icontains=words)
    if state := request.GET.get("state", ""):
        rows = rows.filter(state=state)
    page = page_of(rows, request)
    shown = [(one, validity(one.calibrated_until, acting.today, calibration=True)) for one in page.rows]
    values = {"page": page, "shown": shown, "states": Tool.STATES, "may_edit": acting.may("people_edit")}
    return render(request, "organisation/tools.html", values)


@require_http_methods(["GET", "POST"])
@signed_in("people_edit")
def tool_new(request: HttpRequest) -> HttpResponseBase:
    """Enter a tool."""
    acting = acting_of(request)
    form = ToolForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        registers.add_tool(**form.cleaned_data, by=acting.person, at=acting.at)
        messages.success(request, _("The tool is entered."))
        return redirect("tools")
    return render(request, "organisation/form.html", _form(_("New tool"), form, "/tools/"))


@require_http_methods(["GET", "POST"])
@signed_in(*SEE)
def tool(request: HttpRequest, pk: int) -> HttpResponseBase:
    """One tool: its state, its history, changing it."""
    acting = acting_of(request)
    one = get_object_or_404(Tool.objects.select_related("organisation", "holder"), pk=pk)
    may_edit = acting.may("people_edit", one.organisation)
    initial = {"state": one.state, "holder": one.holder, "calibrated_until": one.calibrated_until}
    form = ToolChangeForm(request.POST or None, tool=one, initial=initial)
    if request.method == "POST" and form.is_valid():
        registers.change_tool(tool=one, **form.cleaned_data, by=acting.person, at=acting.at)
        messages.success(request, _("The change is kept."))
        return redirect("tool", pk=one.pk)
    values = {"tool": one, "form": form, "may_edit": may_edit, "entries": timeline_of([(one, "")]),
              "holds": validity(one.calibrated_until, acting.today, calibration=True)}  # fmt: skip
    return render(request, "organisation/tool.html", values)


def _form(title: str, form: Any, back: str) -> dict[str, Any]:
    return {"title": title, "form": form, "back": back}


def unit_choices() -> list[tuple[int, str]]:
    """Return the units in sight for a filter, indented as in the tree."""
    return [(unit.pk, "　" * unit.depth + unit.name) for unit in units_in_sight()]
