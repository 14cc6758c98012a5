"""The white list: what is asked, what stands on it, decided by another than who asked."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from jicha_web import core
from jicha_web.findings import handling, whitelist
from jicha_web.findings.models import WhitelistEntry
from jicha_web.findings.sheets import whitelist_entries
from jicha_web.history.record import ChangedMeanwhile
from jicha_web.history.telling import timeline_of
from jicha_web.pages.paging import page_of
from jicha_web.pages.tags import words
from jicha_web.pages.views import acting_of, signed_in


@require_GET
@signed_in("finding_view")
def entries(request: HttpRequest) -> HttpResponseBase:
    """The list; those that wait for a decision first."""
    state = request.GET.get("state", "")
    page = page_of(whitelist_entries(request.GET), request)
    acting = acting_of(request)
    for row in page.rows:
        row.key_lines = whitelist.key_words(row)
        own = row.asked_by_id == acting.person.pk
        row.may_decide = row.state == "asked" and not own and acting.may("case_approve", row.organisation)
        row.may_end = row.state == "approved" and acting.may("finding_handle", row.organisation)
    return render(request, "findings/whitelist.html", {"page": page, "states": WhitelistEntry.STATES, "state": state})


@require_GET
@signed_in("finding_view")
def entry(request: HttpRequest, pk: int) -> HttpResponseBase:
    """One entry with its history."""
    found = get_object_or_404(WhitelistEntry.objects.select_related("organisation", "asked_by", "approved_by"), pk=pk)
    acting = acting_of(request)
    own = found.asked_by_id == acting.person.pk
    values = {
        "entry": found, "key": whitelist.key_words(found), "own": own,
        "entries": timeline_of(found, request),
        "may_decide": found.state == "asked" and not own and acting.may("case_approve", found.organisation),
        "may_end": found.state == "approved" and acting.may("finding_handle", found.organisation),
    }  # fmt: skip
    return render(request, "findings/whitelist_entry.html", values)


@require_POST
@signed_in("case_approve", "finding_handle")
def decide(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Approve, refuse or end."""
    found = get_object_or_404(WhitelistEntry.objects.select_related("organisation"), pk=pk)
    acting, what, reason = acting_of(request), request.POST.get("what", ""), request.POST.get("reason", "")
    by, at = acting.person, acting.at
    try:
        if what == "approve":
            whitelist.approve(entry=found, by=by, at=at)
        elif what == "refuse":
            whitelist.refuse(entry=found, reason=reason, by=by, at=at)
        elif what == "end":
            whitelist.end(entry=found, reason=reason, by=by, at=at)
        else:
            raise PermissionDenied(what)
        messages.success(request, _("Done."))
    except (handling.UnableToHandle, core.BadInput) as error:
        messages.error(request, words(error.text))
    except ChangedMeanwhile as error:
        messages.error(request, str(error))
    return redirect("whitelist_entry", pk)
