"""Rectification, money and files of a case: forms on the case page lead here."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from jicha_web.assess import files, money, rectification
from jicha_web.assess.forms import FileForm, MoneyForm, RectifyForm
from jicha_web.assess.models import CaseFile, Money
from jicha_web.assess.views.common import attempt, case_in_sight, kept_file
from jicha_web.cases.models import Case
from jicha_web.field import photos
from jicha_web.organisation.middleware import ActingPerson
from jicha_web.pages import confirm
from jicha_web.pages.forms import keep_refused
from jicha_web.pages.tags import words
from jicha_web.pages.views import acting_of, signed_in


def _tell_errors(request: HttpRequest, form: forms.Form) -> None:
    for name, errors in form.errors.items():
        label = form.fields[name].label if name in form.fields else ""
        messages.error(request, f"{label}: {' '.join(str(e) for e in errors)}")


@require_POST
@signed_in("case_rectify")
def case_rectify(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Record how far the rectification is."""
    case, acting = case_in_sight(pk), acting_of(request)
    form = RectifyForm(request.POST)
    done = False
    if form.is_valid():
        given = form.cleaned_data
        done = attempt(
            request, _("Saved."),
            lambda: rectification.record_result(
                case=case, started_on=given["started_on"], order_number=given["order_number"], result=given["result"],
                done_on=given["done_on"], by=acting.person, at=acting.at,
            ),
        )  # fmt: skip
    else:
        _tell_errors(request, form)
    if not done:
        keep_refused(request, f"rectify:{pk}")
    return redirect(reverse("case", args=[pk]) + "#rectification")


@require_POST
@signed_in("case_rectify", "case_assess", "case_collect")
def case_money(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Book an amount."""
    case, acting = case_in_sight(pk), acting_of(request)
    form = MoneyForm(request.POST, kinds=frozenset(dict(Money.KINDS)))
    done = False
    if form.is_valid():
        given = form.cleaned_data
        done = attempt(
            request, _("Booked."),
            lambda: money.book(
                case=case, kind=given["kind"], amount_yuan=given["amount_yuan"], booked_on=given["booked_on"],
                reference=given["reference"], by=acting.person, at=acting.at,
            ),
        )  # fmt: skip
    else:
        _tell_errors(request, form)
    if not done:
        keep_refused(request, f"money:{pk}")
    return redirect(reverse("case", args=[pk]) + "#money")


@require_POST
@signed_in("case_rectify", "case_assess", "case_collect")
def case_money_cancel(request: HttpRequest, pk: int, money_pk: int) -> HttpResponseBase:
    """Take an amount back that was booked wrongly."""
    case, acting = case_in_sight(pk), acting_of(request)
    booked = get_object_or_404(Money.objects, case=case, pk=money_pk)
    booked.case = case
    back = reverse("case", args=[pk]) + "#money"
    asked = confirm.ask(
        request, question=_("Cancel this amount?"), back=back, consequence=_("It stays with the case as cancelled.")
    )
    if asked:
        return asked
    attempt(
        request, _("The amount is cancelled."),
        lambda: money.cancel(money=booked, reason=request.POST.get("reason", ""), by=acting.person, at=acting.at),
    )  # fmt: skip
    return redirect(back)


@require_POST
@signed_in("case_view")
def case_file_add(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Keep a file with the case."""
    case, acting = case_in_sight(pk), acting_of(request)
    form = FileForm(request.POST, request.FILES)
    sent = request.FILES.get("file")
    if not form.is_valid() or sent is None:
        _tell_errors(request, form)
    elif (sent.size or 0) > files.most_bytes():
        messages.error(request, f"{sent.name}: {words(files.too_big())}")
    else:
        attempt(request, _("The file is kept."), lambda: _keep(case, form.cleaned_data["kind"], sent, acting))
    return redirect(reverse("case", args=[pk]) + "#files")


def _keep(case: Case, kind: str, sent: UploadedFile[bytes], acting: ActingPerson) -> None:
    """Keep a file; a picture of the rectification is a photo, with what its camera wrote."""
    content = sent.read()
    if kind == "rectified" and files.is_picture(content):
        photos.add(case=case, visit=None, kind=kind, content=content, by=acting.person, at=acting.at)
        return
    files.add(case=case, kind=kind, name=sent.name or "", content=content, by=acting.person, at=acting.at)


@require_GET
@signed_in("case_view")
def case_file(request: HttpRequest, pk: int, file_pk: int) -> HttpResponseBase:
    """Fetch a file of the case."""
    del request
    found = get_object_or_404(CaseFile.objects, case=case_in_sight(pk), pk=file_pk)
    return kept_file(found.file, name=found.name, media_type=found.media_type)


@require_POST
@signed_in("case_view")
def case_file_remove(request: HttpRequest, pk: int, file_pk: int) -> HttpResponseBase:
    """Take a file out of the case's proof."""
    case, acting = case_in_sight(pk), acting_of(request)
    found = get_object_or_404(CaseFile.objects, case=case, pk=file_pk)
    found.case = case
    attempt(request, _("The file is removed."), lambda: files.remove(file=found, by=acting.person, at=acting.at))
    return redirect(reverse("case", args=[pk]) + "#files")
