"""The list of cases, and what a person has to do."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from jicha_web.cases.listing import Asker, choices, filtered, for_list, mine, shown, waits_for_data
from jicha_web.cases.models import Case
from jicha_web.findings import saved
from jicha_web.findings.handling import UnableToHandle
from jicha_web.jobs.work import enqueue
from jicha_web.organisation.models import Organisation
from jicha_web.organisation.rights import scope_of
from jicha_web.organisation.scope import path_condition
from jicha_web.pages.paging import page_of
from jicha_web.pages.tags import words
from jicha_web.pages.views import acting_of, signed_in

PAGE = "cases"  # of the filters that people keep
# filters without a field of their own: links of figures bring them, the form keeps them
OTHERS = (
    "rule", "assignee", "mine", "recurrence", "returned", "opened_from", "opened_to", "closed_from", "closed_to",
)  # fmt: skip


@require_GET
@signed_in("case_view")
def cases(request: HttpRequest) -> HttpResponseBase:
    """The list; every figure elsewhere that counts cases leads here with its filter."""
    acting = acting_of(request)
    asker = Asker(acting.person, acting.at)
    page = page_of(for_list(filtered(request.GET, asker)), request, keys_first=True)
    units = Organisation.objects.filter(path_condition(scope_of(acting.person, acting.today).paths)).order_by("path")
    return render(request, "cases/list.html", {
        "others": [(name, request.GET[name]) for name in OTHERS if request.GET.get(name)],
        "page": page, "rows": list(shown(page.rows)), "choices": choices(), "units": units[:300],
        "saved": saved.of(acting.person, PAGE, acting.at), "may_dispatch": acting.may("case_dispatch"),
        "may_open": acting.may("case_open"), "may_export": acting.may("export"), "chosen": request.GET.getlist("state"),
    })  # fmt: skip


@require_GET
@signed_in("case_view")
def my_work(request: HttpRequest) -> HttpResponseBase:
    """What waits for this person, the most pressing first; made for a phone."""
    acting = acting_of(request)
    asker = Asker(acting.person, acting.at)
    found = for_list(Case.objects.filter(mine(asker))).order_by("due_at", "-priority", "pk")
    page = page_of(found, request, size=50, keys_first=True)
    for_data = Case.objects.filter(waits_for_data(asker)).order_by().count()
    return render(request, "cases/my_work.html", {"page": page, "rows": list(shown(page.rows)), "for_data": for_data})


@require_POST
@signed_in("export")
def cases_export(request: HttpRequest) -> HttpResponseBase:
    """Ask for the list as a workbook."""
    acting = acting_of(request)
    job = enqueue("export_cases", by=acting.person, at=acting.at, query=request.POST.get("query", ""))
    return redirect("job", pk=job.pk)


@require_POST
@signed_in("case_view")
def filter_keep(request: HttpRequest) -> HttpResponseBase:
    """Keep the filters of the address."""
    acting, query = acting_of(request), request.POST.get("query", "")
    unit = acting.person.organisation if request.POST.get("share") == "1" else None
    try:
        kept = saved.keep(
            page=PAGE, name=request.POST.get("name", ""), query=query, share_with=unit, by=acting.person, at=acting.at
        )
    except UnableToHandle as error:
        messages.error(request, words(error.text))
        return redirect(f"{reverse('cases')}?{query}")
    return redirect(f"{reverse('cases')}?{kept.query}")


@require_POST
@signed_in("case_view")
def filter_forget(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Forget a kept filter."""
    saved.forget(by=acting_of(request).person, pk=pk)
    return redirect("cases")
