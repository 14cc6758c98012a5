"""Papers of a case: looked at, issued, fetched, cancelled."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from jicha_web import core
from jicha_web.assess import papers, templates_own
from jicha_web.assess.models import Paper
from jicha_web.assess.views.common import attempt, case_in_sight, kept_file, refusal
from jicha_web.cases.moves import UnableToMove
from jicha_web.documents import Kind, kinds
from jicha_web.documents.kinds import value_labels
from jicha_web.pages import confirm
from jicha_web.pages.tags import day, words
from jicha_web.pages.views import acting_of, signed_in

_DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


def _kind(code: str) -> Kind:
    if code not in kinds():
        raise Http404
    return kinds()[code]


def _written(request: HttpRequest, kind: Kind) -> dict[str, str]:
    sent = request.POST if request.method == "POST" else request.GET
    return {name: sent.get(name, "")[:5000] for name in kind.asks}


def _tell(request: HttpRequest, paper: Paper) -> None:
    if paper.issued_before:
        text = _("%(number)s of %(day)s says the same: no second number was given.")
        messages.info(request, text % {"number": paper.number, "day": day(paper.at)})
    else:
        messages.success(request, _("Issued: %(number)s.") % {"number": paper.number})
    if paper.missing_glyphs:
        text = _("No font could draw these characters: %(characters)s. Check the paper.")
        messages.warning(request, text % {"characters": paper.missing_glyphs})


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in("case_view")
def case_paper_new(request: HttpRequest, pk: int, kind: str) -> HttpResponseBase:
    """Write what a paper asks for, look at it, issue it."""
    case, acting, chosen = case_in_sight(pk), acting_of(request), _kind(kind)
    written = _written(request, chosen)
    if request.method == "POST":
        back = reverse("case_paper_new", args=[pk, kind])
        asked = confirm.ask(
            request, question=_("Issue this paper?"), back=back,
            consequence=_("It gets a number and is kept as it is; to mend a mistake, cancel it and issue another."),
        )  # fmt: skip
        if asked:
            return asked
        made: list[Paper] = []
        done = attempt(
            request, "",
            lambda: made.append(papers.issue(case=case, kind=chosen, written=written, by=acting.person, at=acting.at)),
        )  # fmt: skip
        if done:
            _tell(request, made[0])
            return redirect(reverse("case", args=[pk]) + "#papers")
    labels = value_labels()
    return render(request, "assess/paper.html", {
        "case": case, "kind": chosen, "reasons": papers.against(case, chosen, acting.person, acting.at),
        "asks": [{"name": name, "label": labels[name], "value": written[name]} for name in chosen.asks],
        "own": templates_own.in_use(kind),
        "issued": Paper.objects.filter(case=case, kind=kind, cancelled=False).order_by("pk"),
    })  # fmt: skip


@require_http_methods(["GET", "HEAD"])
@signed_in("case_view")
def case_paper_preview(request: HttpRequest, pk: int, kind: str) -> HttpResponseBase:
    """The paper as it would be, as PDF, marked as a preview."""
    case, acting, chosen = case_in_sight(pk), acting_of(request), _kind(kind)
    written = _written(request, chosen)
    try:
        made = papers.preview(case=case, kind=chosen, written=written, by=acting.person, at=acting.at)
    except (papers.UnableToIssue, UnableToMove, core.BadInput) as error:
        messages.error(request, refusal(error))
        return redirect("case_paper_new", pk=pk, kind=kind)
    response = HttpResponse(made.content, content_type="application/pdf")
    response.headers["Content-Disposition"] = "inline; filename=preview.pdf"
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response.headers["Cache-Control"] = "private, no-store"
    return response


@require_GET
@signed_in("case_view")
def case_paper(request: HttpRequest, pk: int, paper_pk: int, form: str) -> HttpResponseBase:
    """A paper as it was handed over: pdf or docx."""
    del request
    case = case_in_sight(pk)
    paper = get_object_or_404(Paper.objects, case=case, pk=paper_pk)
    label = words(kinds()[paper.kind].label) if paper.kind in kinds() else paper.kind
    name = f"{label}-{paper.number}.{form}"
    if form == "pdf":
        return kept_file(paper.pdf, name=name, media_type="application/pdf")
    return kept_file(paper.docx, name=name, media_type=_DOCX)


@require_POST
@signed_in("case_view")
def case_paper_cancel(request: HttpRequest, pk: int, paper_pk: int) -> HttpResponseBase:
    """Declare a paper void."""
    case, acting = case_in_sight(pk), acting_of(request)
    paper = get_object_or_404(Paper.objects, case=case, pk=paper_pk)
    paper.case = case
    back = reverse("case", args=[pk]) + "#papers"
    asked = confirm.ask(
        request, question=_("Cancel this paper?"), back=back,
        consequence=_("It stays with the case as void, and its number is not given again."),
    )  # fmt: skip
    if asked:
        return asked
    attempt(
        request, _("The paper is void."),
        lambda: papers.cancel(paper=paper, reason=request.POST.get("reason", ""), by=acting.person, at=acting.at),
    )  # fmt: skip
    return redirect(back)
