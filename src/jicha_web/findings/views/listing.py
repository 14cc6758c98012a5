"""The list of findings and what is done with many at once."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from jicha_web import core
from jicha_web.core import rules
from jicha_web.findings import bulk as bulk_verbs
from jicha_web.findings import filters, handling, into_cases, saved
from jicha_web.findings.models import Finding
from jicha_web.history.record import ChangedMeanwhile
from jicha_web.jobs.many import AT_ONCE, MOST, keep
from jicha_web.jobs.models import Job
from jicha_web.jobs.work import enqueue
from jicha_web.organisation.middleware import ActingPerson
from jicha_web.organisation.models import Organisation
from jicha_web.pages import confirm
from jicha_web.pages.paging import page_of
from jicha_web.pages.tags import words
from jicha_web.pages.views import acting_of, signed_in

_HIDDEN = ("evidence", "key", "said_hash", "key_hash", "missing")


@require_GET
@signed_in("finding_view")
def findings(request: HttpRequest) -> HttpResponseBase:
    """The list, filtered by the address."""
    acting = acting_of(request)
    chosen = filters.read(request.GET)
    rows = filters.findings(chosen).select_related("organisation").defer(*_HIDDEN)
    page = page_of(rows, request, keys_first=True)  # an index alone tells which rows
    known, states = rules.rule_book(settings.DATA).rules, rules.words("finding_state")
    for row in page.rows:
        rule = known.get(row.rule)
        row.rule_name = core.Text(rule.name["zh"], rule.name["en"]) if rule else ""
        row.state_word = states.get(row.state, row.state)
    values = {
        "page": page, "chosen": chosen, "options": filters.options(), "query": request.GET.urlencode(),
        "saved": list(saved.of(acting.person, "findings", acting.at)), "may_handle": acting.may("finding_handle"),
        "may_open": acting.may("case_open"), "may_export": acting.may("export"),
        "rule_codes": [(code, "") for code in sorted(known)],
    }  # fmt: skip
    return render(request, "findings/list.html", values)


@require_POST
@signed_in("finding_handle", "case_open")
def bulk(request: HttpRequest) -> HttpResponseBase:
    """Do one thing with the chosen findings: dismiss, snooze, ask for the white list, take into cases."""
    acting = acting_of(request)
    back = f"{reverse('findings')}?{request.POST.get('query', '')}"
    pks = _chosen(request)
    if not pks:
        messages.warning(request, _("Choose findings first."))
        return redirect(back)
    what, reason, until = (request.POST.get(name, "") for name in ("what", "reason", "until"))
    try:
        do = bulk_verbs.verb(what, reason=reason, until=until, by=acting.person, at=acting.at)
        if what != "case":
            handling.reason_given(reason)
    except handling.UnableToHandle as error:
        messages.error(request, words(error.text))
        return redirect(back)
    if len(pks) > AT_ONCE:
        return _later(request, pks, back)
    chosen = _in_order(pks)
    if what == "case":
        return _into_cases(request, chosen, acting, back)
    said = [(bulk_verbs.label(finding), bulk_verbs.refusal(do, finding)) for finding in chosen]
    refused = [f"{label}: {why}" for label, why in said if why]
    done = len(said) - len(refused)
    if done:
        text = ngettext("%(n)d finding done.", "%(n)d findings done.", done) % {"n": done}
        _say_done(request, text, keep("handle_findings", by=acting.person, at=acting.at, rows=said, what=what))
    for text in dict.fromkeys(refused[:5]):
        messages.error(request, text)
    if len(refused) > 5:
        messages.error(request, _("%(n)d more could not be done.") % {"n": len(refused) - 5})
    return redirect(back)


def _say_done(request: HttpRequest, text: str, job: Job) -> None:
    """Say what was done, with the way to where it can be taken back."""
    link = format_html('<a href="{}" data-test="undo-link">{}</a>', reverse("job", args=[job.pk]), _("Take back…"))
    messages.success(request, format_html("{} {}", text, link))


def _later(request: HttpRequest, pks: list[int], back: str) -> HttpResponseBase:
    """Ask once more, then do it in the background: too many for a browser to wait for."""
    acting = acting_of(request)
    asked = confirm.ask(
        request, question=_("Do this with %(n)d findings?") % {"n": len(pks)},
        consequence=_("It is done in the background; what came of each is told there. There it can "
                      "be taken back as a whole, while nothing else was done since."),
        back=back,
    )  # fmt: skip
    if asked:
        return asked
    job = enqueue(
        "handle_findings", by=acting.person, at=acting.at, what=request.POST.get("what", ""), findings=pks,
        reason=request.POST.get("reason", "")[:500], until=request.POST.get("until", "")[:10],
    )  # fmt: skip
    return redirect("job", job.pk)


def _chosen(request: HttpRequest) -> list[int]:
    if request.POST.get("all") == "1":
        rows = filters.findings(filters.read(QueryDict(request.POST.get("query", ""))))
        return list(rows.values_list("pk", flat=True)[:MOST])
    pks = [int(pk) for pk in request.POST.getlist("finding") if pk.isdecimal() and len(pk) < 16][:MOST]
    return list(dict.fromkeys(pks))


def _in_order(pks: list[int]) -> list[Finding]:
    return list(Finding.objects.filter(pk__in=pks).select_related("organisation").order_by("-priority", "pk"))


def _into_cases(request: HttpRequest, chosen: list[Finding], acting: ActingPerson, back: str) -> HttpResponseBase:
    try:
        opened = into_cases.take(findings=chosen, by=acting.person, at=acting.at)
    except handling.UnableToHandle as error:
        messages.error(request, words(error.text))
        return redirect(back)
    except ChangedMeanwhile as error:
        messages.error(request, str(error))
        return redirect(back)
    n = len(opened)
    text = ngettext("%(n)d case opened or added to.", "%(n)d cases opened or added to.", n)
    rows = [(case.number, "") for case in opened]
    job = keep("handle_findings", by=acting.person, at=acting.at, rows=rows, what="case")
    _say_done(request, text % {"n": n}, job)
    return redirect("case", opened[0].pk) if n == 1 else redirect(back)


@require_POST
@signed_in("export")
def export(request: HttpRequest) -> HttpResponseBase:
    """Have all rows of the list written to a workbook."""
    acting = acting_of(request)
    acting.require("finding_view")
    job = enqueue("export_findings", by=acting.person, at=acting.at, query=request.POST.get("query", "")[:2000])
    return redirect("job", job.pk)


@require_POST
@signed_in("finding_view")
def keep_filter(request: HttpRequest) -> HttpResponseBase:
    """Keep the present filter under a name, shared with a unit if asked."""
    acting = acting_of(request)
    query = request.POST.get("query", "")
    unit = Organisation.objects.get(pk=acting.person.organisation_id) if request.POST.get("share") else None
    try:
        kept = saved.keep(
            page="findings", name=request.POST.get("name", ""), query=query, share_with=unit, by=acting.person,
            at=acting.at,
        )  # fmt: skip
        messages.success(request, _("Kept as “%(name)s”.") % {"name": kept.name})
    except handling.UnableToHandle as error:
        messages.error(request, words(error.text))
    return redirect(f"{reverse('findings')}?{query}")


@require_POST
@signed_in("finding_view")
def forget_filter(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Throw one's own filter away."""
    saved.forget(pk=pk, by=acting_of(request).person)
    return redirect("findings")
