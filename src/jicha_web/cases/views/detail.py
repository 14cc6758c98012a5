"""The page of one case, and what is done there."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from jicha_web.cases import deadlines, extensions, moves, opening, parties, returning, sections
from jicha_web.cases.listing import shown
from jicha_web.cases.models import Case, Extension
from jicha_web.cases.workflow import workflow
from jicha_web.history import record as history
from jicha_web.history.record import ChangedMeanwhile
from jicha_web.pages import confirm
from jicha_web.pages.days import day_of
from jicha_web.pages.tags import words
from jicha_web.pages.views import acting_of, signed_in


def case_or_404(pk: int) -> Case:
    """Return a case in sight, with the units and the person that its page names."""
    found = Case.objects.select_related(
        "organisation__parent", "subject_organisation", "assignee", "assignee__organisation", "recurrence_of"
    )
    return get_object_or_404(found, pk=pk)


def as_read(request: HttpRequest, case: Case) -> None:
    """Raise ChangedMeanwhile when the page that was sent showed an older case."""
    text = request.POST.get("version", "")
    if text.isascii() and text.isdigit() and int(text[:9]) != case.version:
        raise ChangedMeanwhile(case)


def attempt(request: HttpRequest, done: str, act: Callable[[], object]) -> bool:
    """Do something and tell how it went; a refusal is a message that names every reason."""
    try:
        act()
    except moves.UnableToMove as refused:
        messages.error(request, refused.words())
    except opening.UnableToOpen as refused:
        messages.error(request, words(refused.text))
    except ChangedMeanwhile as changed:
        messages.error(request, str(changed))
    else:
        messages.success(request, done)
        return True
    return False


def _offers(request: HttpRequest, case: Case) -> list[dict[str, Any]]:
    acting = acting_of(request)
    shown_moves = []
    for offer in moves.available_moves(case, acting.person, acting.at):
        one = offer.move
        url = sections.step_url(one.event, case)
        if not url and one.given:
            url = reverse("case_dispatch", args=[case.pk, one.event])
        shown_moves.append({
            "event": one.event, "label": one.label, "allowed": offer.allowed, "reasons": offer.reasons, "url": url,
            "note": one.note, "back": one.sends_back or one.event in {"drop", "cancel", "return_to_city"},
            "final": bool(one.to) and workflow().states[one.to].end,
        })  # fmt: skip
    return shown_moves


def _page(request: HttpRequest, case: Case) -> HttpResponse:
    acting, state = acting_of(request), workflow().states[case.state]
    parts: list[dict[str, Any]] = []
    heads: list[str] = []
    for section in sections.sections():
        context = section.context(request, case)
        if context is not None:
            parts.append({"code": section.code, "label": section.label, "template": section.template,
                          "aside": section.aside, **context})  # fmt: skip
            heads += [section.head] if section.head and section.head not in heads else []
    return render(request, "cases/case.html", {
        "case": case, "row": next(shown([case])), "state": state, "offers": _offers(request, case), "parts": parts,
        "heads": heads, "returned": returning.last_return(case),
        "source": dict(Case.SOURCES).get(case.source, case.source), "outcome": case.get_outcome_display(),
        "may_describe": case.state in opening.grouping()["merge_into"] and acting.may("case_open", case.organisation),
    })  # fmt: skip


@require_GET
@signed_in("case_view")
def case(request: HttpRequest, pk: int) -> HttpResponseBase:
    """One case: state and next steps first, then everything that is known of it."""
    return _page(request, case_or_404(pk))


@require_POST
@signed_in("case_view")
def case_move(request: HttpRequest, pk: int, event: str) -> HttpResponseBase:
    """Make a move that needs nothing but perhaps a reason."""
    found, acting = case_or_404(pk), acting_of(request)
    one = workflow().move(found.state, event)
    if one is not None and one.to and workflow().states[one.to].end:
        asked = confirm.ask(
            request, question=_("End this case?"), back=reverse("case", args=[pk]),
            consequence=_("%(number)s ends in “%(state)s” and cannot be taken up again.")
            % {"number": found.number, "state": words(workflow().states[one.to].label)},
        )  # fmt: skip
        if asked:
            return asked

    def act() -> None:
        as_read(request, found)
        moves.move(case=found, event=event, by=acting.person, at=acting.at, note=request.POST.get("note", ""))

    attempt(request, _("Done."), act)
    # a dispatch or a return may have taken the case out of sight
    in_sight = Case.objects.filter(pk=pk).exists()
    return redirect("case", pk=pk) if in_sight else redirect("my_work")


@require_POST
@signed_in("case_view")
def case_unmask(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Show name and address once; the look and its reason are recorded first."""
    found, acting, reason = case_or_404(pk), acting_of(request), request.POST.get("reason", "").strip()
    acting.require("personal_unmask", found.organisation)
    if not reason:
        messages.error(request, _("Say why you need to see personal data."))
        return redirect("case", pk=pk)
    history.record(found, verb="personal_seen", by=acting.person, at=acting.at, note=reason)
    name = found.customer_name or found.subject_name
    request.unmasked = {"name": name, "address": found.address}  # type: ignore[attr-defined]
    return _page(request, found)


@require_POST
@signed_in("case_open")
def case_describe(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Put in what a case lacks."""
    found, acting = case_or_404(pk), acting_of(request)
    limits = {"title": 200, "description": 5000, "customer_name": 200, "subject_name": 200, "address": 300}
    given = {n: request.POST[n][:most] for n, most in limits.items() if request.POST.get(n, "").strip()}

    def act() -> None:
        as_read(request, found)
        opening.describe(case=found, by=acting.person, at=acting.at, given=given)

    attempt(request, _("Saved."), act)
    return redirect("case", pk=pk)


def end_of_day(text: str) -> datetime | None:
    """Return the end of a day as a browser sends it."""
    day = day_of(text)
    return None if day is None else deadlines.end_of(day)


@require_POST
@signed_in("case_view")
def extension_ask(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Ask for a later deadline."""
    found, acting = case_or_404(pk), acting_of(request)
    until = end_of_day(request.POST.get("until", ""))
    if until is None:
        messages.error(request, _("Choose the new deadline."))
        return redirect("case", pk=pk)
    attempt(
        request, _("Asked for a later deadline."),
        lambda: extensions.ask(
            case=found, by=acting.person, at=acting.at, until=until, reason=request.POST.get("reason", "")
        ),
    )  # fmt: skip
    return redirect("case", pk=pk)


@require_POST
@signed_in("case_approve")
def extension_decide(request: HttpRequest, pk: int, extension_pk: int) -> HttpResponseBase:
    """Approve or refuse a later deadline."""
    found, acting = case_or_404(pk), acting_of(request)
    extension = get_object_or_404(Extension.objects.filter(case=found), pk=extension_pk)
    extension.case = found
    answer = request.POST.get("answer")
    if answer not in {"approve", "refuse"}:
        raise Http404
    attempt(
        request, _("Decided."),
        lambda: extensions.decide(
            extension=extension, by=acting.person, at=acting.at, approve=answer == "approve",
            note=request.POST.get("note", ""),
        ),
    )  # fmt: skip
    return redirect("case", pk=pk)


@require_POST
@signed_in("case_dispatch")
def party_name(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Name a member of staff whom the case is about."""
    found, acting, staff_id = case_or_404(pk), acting_of(request), request.POST.get("staff_id", "").strip()[:64]
    try:
        attempt(
            request, _("Named."),
            lambda: parties.name_party(case=found, staff_id=staff_id, by=acting.person, at=acting.at),
        )  # fmt: skip
    except parties.UnknownStaff:
        messages.error(request, _("Nobody has the staff number %(number)s.") % {"number": staff_id})
    return redirect("case", pk=pk)
