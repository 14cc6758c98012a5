"""Weekly and monthly reports: the list, one report, its files, asking for one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django import forms
from django.conf import settings
from django.http import FileResponse, Http404, HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from jicha_web.core import BadInput
from jicha_web.organisation.forms import UnitChoice
from jicha_web.organisation.tree import units_in_sight
from jicha_web.overview import reporting, reports_due
from jicha_web.overview.models import Report
from jicha_web.overview.periods import last_week
from jicha_web.pages.forms import Styled
from jicha_web.pages.paging import page_of
from jicha_web.pages.tags import words
from jicha_web.pages.views import acting_of, signed_in


class ReportForm(Styled, forms.Form):
    """Which report."""

    organisation = UnitChoice(label=gettext_lazy("Unit, with all below it"))
    kind = forms.ChoiceField(label=gettext_lazy("Kind"), choices=Report.KINDS)
    day = forms.DateField(label=gettext_lazy("A day of the week or month"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["organisation"]
        assert isinstance(field, UnitChoice)
        field.queryset = units_in_sight()


@require_GET
@signed_in("overview_view")
def reports(request: HttpRequest) -> HttpResponseBase:
    """The reports of the units in sight."""
    rows = Report.objects.select_related("organisation", "made_by").defer("figures").order_by("-first_on", "-pk")
    if (kind := request.GET.get("kind", "")) in dict(Report.KINDS):
        rows = rows.filter(kind=kind)
    given_up = reports_due.given_up(acting_of(request).today)
    values = {"page": page_of(rows, request), "kinds": Report.KINDS, "given_up": given_up}
    return render(request, "overview/reports.html", values)


@require_http_methods(["GET", "POST"])
@signed_in("overview_view")
def report_new(request: HttpRequest) -> HttpResponseBase:
    """Ask for a report."""
    acting = acting_of(request)
    form = ReportForm(request.POST or None, initial={"day": last_week(acting.today).first,
                                                     "organisation": acting.person.organisation})  # fmt: skip
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            job = reporting.ask(
                unit=given["organisation"], kind=given["kind"], day=given["day"], by=acting.person, at=acting.at
            )
        except BadInput as error:
            form.add_error("day", words(error.text))
        else:
            return redirect("job", pk=job.pk)
    values = {"title": _("New report"), "form": form, "back": reverse("reports"), "verb": _("New report")}
    return render(request, "organisation/form.html", values)


@require_GET
@signed_in("overview_view")
def report(request: HttpRequest, pk: int) -> HttpResponseBase:
    """One report on the page, with its files."""
    one = get_object_or_404(Report.objects.select_related("organisation", "made_by"), pk=pk)
    sections = [
        {**section, "rows": [list(zip(row, section["columns"], strict=True)) for row in section["rows"]]}
        for section in one.figures["sections"]
    ]
    values = {"report": one, "data": one.figures, "sections": sections, "forms": reporting.FORMS}
    return render(request, "overview/report.html", values)


@require_GET
@signed_in("overview_view")
def report_file(request: HttpRequest, pk: int, form: str) -> HttpResponseBase:
    """A file of a report, as a download."""
    del request  # within its scope
    one = get_object_or_404(Report.objects, pk=pk)
    path = Path(settings.MEDIA_ROOT) / one.files.get(form, "")
    if form not in one.files or not path.is_file():
        raise Http404
    return FileResponse(path.open("rb"), as_attachment=True, filename=path.name)
