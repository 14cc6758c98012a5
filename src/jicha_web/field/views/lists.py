"""List mode: cases out as a workbook, results back in, looked through before anything is taken in."""

from __future__ import annotations

from datetime import date

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from jicha_web.core import Language, Text
from jicha_web.field import list_replies
from jicha_web.field.demands import evidence
from jicha_web.field.errors import UnableToVisit
from jicha_web.field.models import ListReply
from jicha_web.history.record import ChangedMeanwhile
from jicha_web.pages import confirm
from jicha_web.pages.paging import page_of
from jicha_web.pages.tags import words
from jicha_web.pages.views import acting_of, signed_in

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PROBLEMS_SHOWN = 500


@require_GET
@signed_in("case_check", "export")
def lists(request: HttpRequest) -> HttpResponseBase:
    """Out, in, and what was sent before."""
    acting = acting_of(request)
    kept = ListReply.objects.filter(by=acting.person).order_by("-pk")
    return render(request, "field/lists.html", {
        "page": page_of(kept, request, size=20),
        "waiting": list_replies.to_list(by=acting.person, at=acting.at).count(),
        "fields": evidence().list_fields, "may_take": acting.may("case_check"),
        "may_unmask": acting.may("personal_unmask"),
    })  # fmt: skip


@require_POST
@signed_in("case_check", "export")
def lists_export(request: HttpRequest) -> HttpResponseBase:
    """The cases to check as a workbook; with a reason unmasked."""
    acting = acting_of(request)
    english = (get_language() or "").startswith("en")
    try:
        content = list_replies.export(
            by=acting.person, at=acting.at, language=Language.EN if english else Language.ZH,
            reason=request.POST.get("reason", "")[:200],
        )  # fmt: skip
    except (UnableToVisit, ChangedMeanwhile) as refused:
        messages.error(request, words(refused.text) if isinstance(refused, UnableToVisit) else str(refused))
        return redirect("field_lists")
    name = f"cases-to-check-{acting.today:%Y%m%d}.xlsx"
    return HttpResponse(
        content, content_type=XLSX, headers={"Content-Disposition": f'attachment; filename="{name}"',
                                             "X-Content-Type-Options": "nosniff"},
    )  # fmt: skip


@require_POST
@signed_in("case_check")
def lists_import(request: HttpRequest) -> HttpResponseBase:
    """Keep a list that was sent back and show what is in it."""
    acting, file = acting_of(request), request.FILES.get("file")
    try:
        if file is None:
            raise UnableToVisit(Text("请选择文件", "choose a file"))
        if (file.size or 0) > settings.MAX_UPLOAD_BYTES:
            raise list_replies.too_large()
        reply, _looked = list_replies.keep(
            name=file.name or "", content=file.read(), by=acting.person, at=acting.at
        )  # fmt: skip
    except UnableToVisit as refused:
        messages.error(request, words(refused.text))
        return redirect("field_lists")
    return redirect("field_list", pk=reply.pk)


def _own_or_404(request: HttpRequest, pk: int) -> ListReply:
    # a list belongs to who sent it: nobody else takes it in
    return get_object_or_404(ListReply.objects.filter(by=acting_of(request).person), pk=pk)


@require_GET
@signed_in("case_check")
def list_reply(request: HttpRequest, pk: int) -> HttpResponseBase:
    """What is in a list: the good lines, and what is wrong by cell."""
    reply, acting = _own_or_404(request, pk), acting_of(request)
    looked = None
    if reply.state == "seen":
        try:
            looked = list_replies.look(list_replies.content_of(reply), by=acting.person, at=acting.at)
        except UnableToVisit as refused:
            messages.error(request, words(refused.text))
    return render(request, "field/list_reply.html", {
        "reply": reply, "looked": looked, "problems": looked.problems[:PROBLEMS_SHOWN] if looked else (),
        "fields": evidence().list_fields, "verdicts": evidence().verdicts,
        "rows": [
            {"number": r.case.number, "title": r.case.shown_title, "pk": r.case.pk, "line": r.line.row,
             "values": [(f.label, _shown(f.code, r.values[f.code])) for f in evidence().list_fields]}
            for r in (looked.replies if looked else ())
        ],
    })  # fmt: skip


def _shown(code: str, value: object) -> object:
    if code == "verdict" and value:
        return evidence().verdicts[str(value)]
    return value.isoformat() if isinstance(value, date) else value


@require_POST
@signed_in("case_check")
def list_take(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Take a list in, whole or the good lines, after asking."""
    reply, acting = _own_or_404(request, pk), acting_of(request)
    good_only = request.POST.get("what") == "good"
    asked = confirm.ask(
        request, question=_("Take the results in?"), back=reverse("field_list", args=[pk]),
        consequence=_("The cases move on to be assessed; this cannot be undone."),
    )  # fmt: skip
    if asked:
        return asked
    try:
        done = list_replies.take(reply=reply, by=acting.person, at=acting.at, good_only=good_only)
    except UnableToVisit as refused:
        messages.error(request, words(refused.text))
    except ChangedMeanwhile as changed:
        messages.error(request, str(changed))
    else:
        values = {"count": len(done.replies), "left": done.wrong_lines}
        messages.success(request, _("%(count)s cases were taken in, %(left)s lines were not.") % values)
    return redirect("field_list", pk=pk)


@require_POST
@signed_in("case_check")
def list_drop(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Take nothing in."""
    reply, acting = _own_or_404(request, pk), acting_of(request)
    try:
        list_replies.drop(reply=reply, by=acting.person, at=acting.at)
    except UnableToVisit as refused:
        messages.error(request, words(refused.text))
    return redirect("field_lists")
