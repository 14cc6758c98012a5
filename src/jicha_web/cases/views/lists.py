"""The list of cases, and what a person has to do."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from jicha_web.cases import filters
from jicha_web.cases.listing import Asker, choices, filtered, for_list, mine, shown
from jicha_web.cases.models import Case
from jicha_web.jobs.work import enqueue
from jicha_web.organisation.models import Organisation
from jicha_web.organisation.rights import scope_of
from jicha_web.organisation.scope import path_condition
from jicha_web.pages.paging import page_of
from jicha_web.pages.views import acting_of, signed_in

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
        "saved": filters.saved_for(acting.person), "may_dispatch": acting.may("case_dispatch"),
        "may_open": acting.may("case_open"), "may_export": acting.may("export"), "chosen": request.GET.getlist("state"),
    })  # fmt: skip


@require_GET
@signed_in("case_view")
def my_work(request: HttpRequest) -> HttpResponseBase:
    """What waits for this person, the most pressing first; made for a phone."""
    acting = acting_of(request)
    found = for_list(Case.objects.filter(mine(Asker(acting.person, acting.at)))).order_by("due_at", "-priority", "pk")
    page = page_of(found, request, size=50, keys_first=True)
    return render(request, "cases/my_work.html", {"page": page, "rows": list(shown(page.rows))})


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
    acting, name = acting_of(request), request.POST.get("name", "").strip()
    query = request.POST.get("query", "")
    if name:
        share = request.POST.get("share") == "1"
        kept = filters.keep(by=acting.person, at=acting.at, name=name, query=query, share=share)
        return redirect(f"{reverse('cases')}?{kept.query}")
    messages.error(request, _("Give the filter a name."))
    return redirect(f"{reverse('cases')}?{query}")


@require_POST
@signed_in("case_view")
def filter_forget(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Forget a kept filter."""
    filters.forget(by=acting_of(request).person, pk=pk)
    return redirect("cases")
