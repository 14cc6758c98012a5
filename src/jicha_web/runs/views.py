"""Pages of runs: the list, one run as it goes on, two side by side, schedules, deliveries."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from jicha_web import core
from jicha_web.core import rules as door_rules
from jicha_web.core import screening as door
from jicha_web.history.record import ChangedMeanwhile
from jicha_web.organisation.scope import current
from jicha_web.organisation.tree import codes_in_sight
from jicha_web.pages.paging import page_of
from jicha_web.pages.tags import listed, words
from jicha_web.pages.views import acting_of, signed_in
from jicha_web.runs import comparing, importing, inbox, schedules, screening, sight
from jicha_web.runs.forms import ExpectedForm, ScheduleForm, StartForm, codes
from jicha_web.runs.models import Delivery, ExpectedDelivery, Run, RunSchedule

SEE = ("finding_view", "run_start")
BUSY = ("queued", "screening", "importing")


@require_GET
@signed_in(*SEE)
def runs(request: HttpRequest) -> HttpResponseBase:
    """The list of runs, newest first."""
    acting = acting_of(request)
    rows = Run.objects.select_related("organisation", "job").defer("rules").order_by("-as_of", "-pk")
    page = page_of(rows, request)
    form = StartForm(initial={"as_of": acting.today})
    values = {
        "page": page, "form": form, "may_start": acting.may("run_start"), "all_units": current().whole,
        "states": door_rules.words("finding_state"), "data_version": door.data_version(settings.DATA),
        "done": [row for row in page.rows if row.state == "done"],
    }  # fmt: skip
    return render(request, "runs/runs.html", values)


@require_POST
@signed_in("run_start")
def start(request: HttpRequest) -> HttpResponseBase:
    """Start a run."""
    acting, form = acting_of(request), StartForm(request.POST)
    if not form.is_valid():
        for field, errors in form.errors.items():
            messages.error(request, f"{form.fields[field].label}: {errors[0]}")
        return redirect("runs")
    values = form.cleaned_data
    try:
        run = screening.start_run(
            by=acting.person, at=acting.at, as_of=values["as_of"], chosen=codes(values["rules"]),
            organisation=values["organisation"],
        )  # fmt: skip
    except (core.BadInput, core.MachineFailure) as error:
        messages.error(request, words(error.text))
        return redirect("runs")
    return redirect("run", run.pk)


@require_GET
@signed_in(*SEE)
def run(request: HttpRequest, pk: int) -> HttpResponseBase:
    """One run: while it is at work its progress, then what came of each rule. htmx asks for the progress only."""
    found = get_object_or_404(Run.objects.select_related("organisation", "job"), pk=pk)
    acting = acting_of(request)
    if getattr(request, "htmx", False) and request.headers.get("HX-Target", "").startswith("progress"):
        return render(request, "runs/progress.html", {"run": found, "busy": found.state in BUSY})
    values = {
        "run": found, "busy": found.state in BUSY, "rows": _rules(found), "all_units": current().whole,
        "states": door_rules.words("finding_state"), "outcomes": door_rules.words("rule_outcome"),
        "may_start": acting.may("run_start"),
        "others": Run.objects.filter(state="done").exclude(pk=pk).defer("rules").order_by("-as_of", "-pk")[:20],
        "not_run": sum(row["outcome"] != "done" for row in found.rules.values()),
    }  # fmt: skip
    return render(request, "runs/run.html", values)


def _rules(found: Run) -> list[dict[str, Any]]:
    """Return what came of each rule in words, those that were not run first."""
    rows = []
    for code, rule in sorted(sight.rules_of(found).items()):
        why = rule["detail"] if any(rule["detail"].values()) else {}
        listed_at = f"{reverse('findings')}?{urlencode({'rule': code, 'handling': 'all'})}"
        rows.append({"code": code, **rule, "why": why, "found": listed_at,
                     "lacks": listed(door.lacked(rule["outcome"], rule["missing"])),
                     "label": door_rules.word("rule_outcome", rule["outcome"])})  # fmt: skip
    return sorted(rows, key=lambda row: (row["outcome"] == "done", row["code"]))


@require_GET
@signed_in("finding_view")
def not_judged(request: HttpRequest, pk: int, code: str) -> HttpResponseBase:
    """The subjects that a rule could not judge in a run."""
    found = get_object_or_404(Run.objects.defer("rules"), pk=pk, state="done", run_id__isnull=False)
    rule = door_rules.rule_book(settings.DATA).rules.get(code)
    record = door.read_run(settings.DATA, found.run_id)
    rows = door.not_judged_rows(record, code, codes_in_sight(), 500)
    for row in rows:
        row["key_lines"] = door_rules.key_of(rule, row["key"])
        row["words"] = door_rules.missing_of(rule, row["missing"] or "")
    return render(request, "runs/not_judged.html", {"run": found, "code": code, "rows": rows, "rule": rule})


@require_POST
@signed_in("run_start")
def import_again(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Go on with an import that stopped, or import once more after units have changed."""
    found = get_object_or_404(Run.objects.defer("rules"), pk=pk, run_id__isnull=False)
    acting = acting_of(request)
    if found.state in BUSY:
        messages.info(request, _("It is at work already."))
        return redirect("run", pk)
    if found.state == "done":
        importing.again(found)
    try:
        screening.ask_import(found, by=acting.person, at=acting.at)
    except core.BadInput as error:
        messages.error(request, words(error.text))
    return redirect("run", pk)


@require_GET
@signed_in("finding_view")
def compare(request: HttpRequest) -> HttpResponseBase:
    """Two runs side by side, by rule and by unit; with a rule or unit and a kind the findings that changed so."""
    return render(request, "runs/compare.html", comparing.page_values(request.GET))


# --- schedules and deliveries


@require_http_methods(["GET", "POST"])
@signed_in("run_start")
def schedule_list(request: HttpRequest, pk: int | None = None) -> HttpResponseBase:
    """Schedules: the list and a form for a new one, or for one of them."""
    acting = acting_of(request)
    chosen = get_object_or_404(RunSchedule.objects.select_related("organisation"), pk=pk) if pk else None
    if chosen is not None and chosen.organisation is not None and not current().covers(chosen.organisation.path):
        raise Http404
    initial = {name: getattr(chosen, name) for name in schedules.FIELDS} if chosen else {}
    initial["rules"] = " ".join(initial.get("rules") or ())
    form = ScheduleForm(request.POST or None, initial=initial if chosen else None)
    if request.method == "POST" and form.is_valid():
        values = {**form.cleaned_data, "rules": codes(form.cleaned_data["rules"])}
        try:
            schedules.save_schedule(chosen, values=values, by=acting.person, at=acting.at)
        except core.BadInput as error:
            form.add_error(None, words(error.text))
        except ChangedMeanwhile as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("Saved."))
            return redirect("run_schedules")
    rows = RunSchedule.objects.select_related("organisation").order_by("name", "pk")
    return render(request, "runs/schedules.html", {"rows": rows, "form": form, "chosen": chosen})


@require_http_methods(["GET", "POST"])
@signed_in(*SEE)
def deliveries(request: HttpRequest, pk: int | None = None) -> HttpResponseBase:
    """Deliveries as they came, and what is expected by when."""
    acting = acting_of(request)
    if request.method == "POST":
        acting.require("run_start")
    chosen = get_object_or_404(ExpectedDelivery, pk=pk) if pk else None
    initial = {name: getattr(chosen, name) for name in inbox.EXPECTED_FIELDS} if chosen else None
    form = ExpectedForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            inbox.save_expected(chosen, values=form.cleaned_data, by=acting.person, at=acting.at)
        except core.BadInput as error:
            form.add_error(None, words(error.text))
        except ChangedMeanwhile as error:
            form.add_error(None, str(error))
        except PermissionDenied:
            form.add_error(None, _("You have no right to do this."))
        else:
            messages.success(request, _("Saved."))
            return redirect("deliveries")
    expected = [
        {"row": row, "late": inbox.late_for(row, acting.at) if row.is_active else None}
        for row in ExpectedDelivery.objects.order_by("name", "pk")
    ]
    page = page_of(Delivery.objects.select_related("job").order_by("-arrived_at", "-pk"), request)
    values = {"page": page, "expected": expected, "form": form, "chosen": chosen, "folder": inbox.inbox(),
              "waiting": sorted(inbox.arrived())[:50], "may_start": acting.may("run_start")}  # fmt: skip
    return render(request, "runs/deliveries.html", values)
