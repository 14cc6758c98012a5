"""Leads: the list, entering by hand and by file, what is made of them, who reported them."""

from __future__ import annotations

import io
from typing import Any

import xlsxwriter
from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from jicha_web.cases import lead_file, lead_job, leads
from jicha_web.cases.lead_list import filtered
from jicha_web.cases.models import Lead, Reporter
from jicha_web.cases.views.detail import attempt
from jicha_web.core import BadInput, rules
from jicha_web.history.telling import timeline_of
from jicha_web.jobs.many import AT_ONCE
from jicha_web.organisation.models import Organisation
from jicha_web.organisation.rights import scope_of
from jicha_web.organisation.scope import path_condition
from jicha_web.pages import confirm
from jicha_web.pages.forms import Styled
from jicha_web.pages.paging import page_of
from jicha_web.pages.tags import clauses, words
from jicha_web.pages.views import acting_of, signed_in


def _apart() -> forms.TextInput:
    """Return the field of who reported something: kept nowhere but where it belongs, not even in the browser's tab."""
    return forms.TextInput(attrs={"data-private": "", "autocomplete": "off"})


class LeadForm(Styled, forms.Form):
    """A lead entered by hand; who reported it stands apart."""

    source = forms.ChoiceField(label=gettext_lazy("Source"), choices=Lead.SOURCES)
    received_on = forms.DateField(label=gettext_lazy("Received on"))
    customer_id = forms.CharField(label=gettext_lazy("Customer number"), max_length=64, required=False)
    customer_name = forms.CharField(label=gettext_lazy("Customer's name"), max_length=200, required=False)
    address = forms.CharField(label=gettext_lazy("Address"), max_length=300, required=False)
    organisation = forms.ModelChoiceField(
        label=gettext_lazy("Unit"), queryset=Organisation.objects.none(), required=False,
        help_text=gettext_lazy("A customer of the data brings the unit."),
    )  # fmt: skip
    external_id = forms.CharField(label=gettext_lazy("Number at the source"), max_length=64, required=False)
    text = forms.CharField(label=gettext_lazy("What was reported"), widget=forms.Textarea, max_length=5000)
    reporter_name = forms.CharField(label=gettext_lazy("Reporter"), max_length=100, required=False, widget=_apart())
    reporter_phone = forms.CharField(
        label=gettext_lazy("Reporter's phone"), max_length=32, required=False, widget=_apart()
    )
    wishes_reply = forms.BooleanField(label=gettext_lazy("Wishes a reply"), required=False)


def _lead(pk: int) -> Lead:
    return get_object_or_404(Lead.objects.select_related("organisation", "case", "entered_by"), pk=pk)


@require_GET
@signed_in("case_view", "lead_enter")
def lead_list(request: HttpRequest) -> HttpResponseBase:
    """The list of leads."""
    page = page_of(filtered(request.GET), request)
    rows = [(lead, rules.mask_value("name", lead.customer_name) if lead.customer_name else "") for lead in page.rows]
    return render(request, "cases/leads.html", {
        "page": page, "rows": rows, "states": Lead.STATES, "sources": Lead.SOURCES,
        "may_enter": acting_of(request).may("lead_enter"),
    })  # fmt: skip


@require_http_methods(["GET", "POST"])
@signed_in("lead_enter")
def lead_new(request: HttpRequest) -> HttpResponseBase:
    """Enter a lead."""
    acting = acting_of(request)
    form = LeadForm(request.POST or None, initial={"received_on": acting.today})
    units = form.fields["organisation"]
    assert isinstance(units, forms.ModelChoiceField)
    paths = scope_of(acting.person, acting.today, "lead_enter").paths
    units.queryset = Organisation.objects.filter(path_condition(paths)).order_by("path")
    if request.method == "POST" and form.is_valid():
        try:
            entered = leads.enter(by=acting.person, at=acting.at, given=form.cleaned_data)
        except leads.WrongLead as wrong:
            for field, text in wrong.texts.items():
                form.add_error(field if field in form.fields else None, words(text))
        except PermissionDenied:
            form.add_error("customer_id", _("The customer belongs to a unit for which you cannot enter leads."))
        else:
            messages.success(request, _outcome(entered))
            # the customer may lie outside one's scope: the lead is entered all the same
            in_sight = Lead.objects.filter(pk=entered.lead.pk).exists()
            return redirect("lead", pk=entered.lead.pk) if in_sight else redirect("leads")
    return render(request, "cases/lead_new.html", {"form": form})


def _outcome(entered: leads.Entered) -> str:
    if not entered.new:
        return _("This lead was entered before.")
    if entered.case is not None:
        return _("Entered and joined to %(number)s.") % {"number": entered.case.number}
    return _("Entered.")


@require_GET
@signed_in("case_view", "lead_enter")
def lead(request: HttpRequest, pk: int) -> HttpResponseBase:
    """One lead."""
    return _show(request, _lead(pk), None)


def _show(request: HttpRequest, found: Lead, reporter: Reporter | None) -> HttpResponseBase:
    acting = acting_of(request)
    return render(request, "cases/lead.html", {
        "lead": found, "name": rules.mask_value("name", found.customer_name) if found.customer_name else "",
        "address": rules.mask_value("address", found.address) if found.address else "",
        "history": timeline_of(found, request),
        "may_open": acting.may("case_open", found.organisation),
        "may_enter": acting.may("lead_enter", found.organisation),
        "may_see": acting.may("reporter_view", found.organisation),
        "has_reporter": Reporter.objects.filter(lead=found).exists(), "reporter": reporter,
        "severities": list(rules.words("severity").items()),
    })  # fmt: skip


@require_POST
@signed_in("reporter_view")
def lead_reporter(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Show who reported it, once; the look is recorded."""
    found, acting = _lead(pk), acting_of(request)
    try:
        reporter = leads.see_reporter(
            lead=found, by=acting.person, at=acting.at, reason=request.POST.get("reason", "")
        )  # fmt: skip
    except leads.WrongLead as wrong:
        messages.error(request, clauses(wrong.texts.values()))
        return redirect("lead", pk=pk)
    return _show(request, found, reporter)


@require_POST
@signed_in("case_open", "lead_enter")
def lead_act(request: HttpRequest, pk: int, what: str) -> HttpResponseBase:
    """Open a case from a lead, put in its customer, or dismiss it."""
    found, acting = _lead(pk), acting_of(request)
    if what == "dismiss":
        asked = confirm.ask(
            request,
            question=_("Dismiss this lead?"),
            consequence=_("It ends without a case."),
            back=reverse("lead", args=[pk]),
        )
        if asked:
            return asked

    def act() -> None:
        person, at, given = acting.person, acting.at, request.POST
        if what == "open":
            title = given.get("title", "").strip() or found.text[:60]
            leads.open_from_lead(lead=found, by=person, at=at, title=title, severity=given.get("severity", "medium"))
        elif what == "complete":
            leads.complete(lead=found, by=person, at=at, customer_id=given.get("customer_id", "")[:64])
        else:
            leads.dismiss(lead=found, by=person, at=at, reason=given.get("reason", ""))

    try:
        attempt(request, _("Done."), act)
    except leads.WrongLead as wrong:
        messages.error(request, clauses(wrong.texts.values()))
    return redirect("lead", pk=pk) if Lead.objects.filter(pk=pk).exists() else redirect("leads")


@require_http_methods(["GET", "POST"])
@signed_in("lead_enter")
def lead_import(request: HttpRequest) -> HttpResponseBase:
    """Enter the leads of a file: what is wrong is told by cell, and nothing is entered unless asked for."""
    acting, values = acting_of(request), dict[str, Any]()
    upload = request.FILES.get("file")
    if request.method == "POST" and upload is not None:
        if (upload.size or 0) > settings.MAX_UPLOAD_BYTES:
            messages.error(request, _("The file is larger than 12 MB."))
            return redirect("lead_import")
        try:
            parsed = lead_file.parse(name=upload.name or "", content=upload.read(), at=acting.at)
        except BadInput as error:
            messages.error(request, words(error.text))
            return redirect("lead_import")
        values = {"parsed": parsed, "file": upload.name}
        wanted = not parsed.problems or bool(request.POST.get("good_only"))
        if wanted and len(parsed.leads) > AT_ONCE:
            upload.seek(0)
            job = lead_job.ask(name=upload.name or "", content=upload.read(), by=acting.person, at=acting.at)
            return redirect("job", job.pk)
        if wanted:
            entered, values["refused"] = _enter_all(request, parsed)
            new = sum(one.new for one in entered)
            values |= {"entered": entered, "new": new, "known": len(entered) - new}
    elif request.method == "POST":
        messages.error(request, _("Choose a file."))
    return render(
        request,
        "cases/lead_import.html",
        {"columns": [lead_file.heading(name) for name in lead_file.COLUMNS], **values},
    )


def _enter_all(request: HttpRequest, parsed: lead_file.Parsed) -> tuple[list[leads.Entered], list[str]]:
    acting, entered, refused = acting_of(request), [], []
    for given in parsed.leads:
        try:
            entered.append(leads.enter(by=acting.person, at=acting.at, given=given, of_file=True))
        except PermissionDenied:
            refused.append(lead_job.label_of(given))
    return entered, refused


@require_GET
@signed_in("lead_enter")
def lead_template(request: HttpRequest) -> HttpResponseBase:
    """The empty file to fill in."""
    del request
    target = io.BytesIO()
    book = xlsxwriter.Workbook(target, {"in_memory": True, "strings_to_formulas": False})
    sheet = book.add_worksheet(_("Leads"))
    sheet.set_column(0, len(lead_file.COLUMNS) - 1, 16)
    for number, row in enumerate(lead_file.template_rows()):
        sheet.write_row(number, 0, [words(text) for text in row])
    sources = [words(text) for text in lead_file.SOURCES.values()]
    sheet.data_validation(1, 0, lead_file.MOST_ROWS, 0, {"validate": "list", "source": sources})
    book.close()
    target.seek(0)
    return FileResponse(target, as_attachment=True, filename="leads.xlsx")
