"""The audit page, and the history of one object."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import NoReverseMatch, reverse
from django.views.decorators.http import require_GET, require_POST

from jicha_web.history.finding import filtered, in_sight, object_for
from jicha_web.history.models import Seal
from jicha_web.history.read import check, entries_of, in_words
from jicha_web.history.telling import changes_of, kind_of, kinds, line_of, names_in, noted, objects_of, verb_of, verbs
from jicha_web.jobs.work import enqueue
from jicha_web.pages.paging import page_of
from jicha_web.pages.views import acting_of, signed_in


@require_GET
@signed_in("history_view")
def audit(request: HttpRequest) -> HttpResponseBase:
    """Everything that happened in the units of who asks, by person, object, verb, time."""
    acting = acting_of(request)
    page = page_of(filtered(request.GET, in_sight(acting.person, acting.today)), request)
    names, objects = names_in(page.rows, request), objects_of(page.rows)
    rows = [
        {"entry": e, "kind": kind_of(e.object_type), "name": objects.get((e.object_type, e.object_id), e.object_id),
         "verb": verb_of(e.verb), "note": noted(e), "changes": changes_of(e, names)[:6]}
        for e in page.rows
    ]  # fmt: skip
    return render(request, "history/audit.html", {
        "page": page, "rows": rows, "kinds": sorted(kinds().items()), "verbs": sorted(verbs().items()),
        "seal": Seal.objects.order_by("-pk").first(), "may_export": acting.may("export"),
    })  # fmt: skip


@require_POST
@signed_in("history_view")
def audit_export(request: HttpRequest) -> HttpResponseBase:
    """Ask for all of it as a file."""
    acting = acting_of(request)
    acting.require("export")
    job = enqueue("export_history", by=acting.person, at=acting.at, query=request.POST.get("query", "")[:2000])
    return redirect("job", pk=job.pk)


@require_GET
@signed_in()
def object_history(request: HttpRequest, kind: str, pk: int) -> HttpResponseBase:
    """The history of one object as a timeline, checked while it is shown."""
    acting = acting_of(request)
    found = object_for(kind, pk, acting.person, acting.today)
    if found is None:
        raise Http404
    entries = entries_of(found)
    names = names_in(entries, request)
    damage = [in_words(d) for d in check(kind, pk)]
    return render(request, "history/object.html", {
        "kind": kind_of(kind), "type": kind, "pk": pk, "entries": [line_of(e, names) for e in reversed(entries)],
        "hashes": [(e.number, e.hash) for e in entries], "damage": damage, "page_of_it": _page(kind, pk),
    })  # fmt: skip


def _page(kind: str, pk: int) -> str:
    try:
        return reverse(
            {"case": "case", "visit": "visit", "finding": "finding", "lead": "lead"}.get(kind, ""), args=[pk]
        )
    except NoReverseMatch:
        return ""
