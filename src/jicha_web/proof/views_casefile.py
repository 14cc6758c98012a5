"""Asking for the file of a case."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from jicha_web.cases.models import Case
from jicha_web.pages.tags import words
from jicha_web.pages.views import acting_of, signed_in
from jicha_web.proof import casefile


@require_POST
@signed_in("export")
def case_pack(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Start the job; its page has the file."""
    case, acting = get_object_or_404(Case.objects.select_related("organisation"), pk=pk), acting_of(request)
    try:
        job = casefile.ask(
            case=case, by=acting.person, at=acting.at, unmasked=request.POST.get("unmasked") == "1",
            reason=request.POST.get("reason", ""),
        )  # fmt: skip
    except casefile.UnableToPack as refused:
        messages.error(request, words(refused.text))
        return redirect("case", pk=pk)
    return redirect("job", pk=job.pk)


def section(request: HttpRequest, case: Case) -> dict[str, Any] | None:
    """What the case page offers to those who may export."""
    acting = acting_of(request)
    if not acting.may("export", case.organisation):
        return None
    return {"may_unmask": acting.may("personal_unmask", case.organisation)}
