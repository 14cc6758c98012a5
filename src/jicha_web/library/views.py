"""Pages of the library."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from jicha_web import core
from jicha_web.cases.models import OUTCOMES, Case
from jicha_web.core.library import cited_clauses, rule_names
from jicha_web.history.read import entries_of
from jicha_web.history.record import ChangedMeanwhile
from jicha_web.library import documents, typical
from jicha_web.library.forms import UploadForm
from jicha_web.library.models import Clause, Document, TypicalCase
from jicha_web.library.search import cited, citing_rules, search
from jicha_web.library.texts import MAX_BYTES, NotADocument
from jicha_web.organisation.middleware import ActingPerson
from jicha_web.organisation.models import Organisation
from jicha_web.organisation.rights import scope_of
from jicha_web.organisation.scope import path_condition
from jicha_web.pages import confirm
from jicha_web.pages.paging import page_of


def _acting(request: HttpRequest) -> ActingPerson:
    acting: ActingPerson = request.acting  # type: ignore[attr-defined]
    return acting


def _units_to_edit(acting: ActingPerson) -> Any:
    paths = scope_of(acting.person, acting.today, "library_edit").paths
    return Organisation.objects.filter(path_condition(paths), is_active=True).order_by("path")


@require_GET
def library(request: HttpRequest) -> HttpResponse:
    """The library: all documents by kind, or the clauses that hold the words asked for."""
    words = request.GET.get("q", "").strip()[:100]
    kind = request.GET.get("kind", "")
    replaced = request.GET.get("replaced") == "1"
    values: dict[str, Any] = {"words": words, "kind": kind, "replaced": replaced, "kinds": Document.KINDS}
    if words:
        values["page"] = page_of(search(words, kind=kind, replaced=replaced), request, size=20)
    else:
        shown = Document.objects.exclude(state="withdrawn").select_related("organisation")
        if kind:
            shown = shown.filter(kind=kind)
        if not replaced:
            shown = shown.exclude(state="replaced")
        values["page"] = page_of(shown.order_by("-kind", "code", "-effective_from", "pk"), request, size=100)
    return render(request, "library/library.html", values)


@require_GET
def document(request: HttpRequest, pk: int) -> HttpResponse:
    """One document with its clauses."""
    found = get_object_or_404(Document.objects.select_related("organisation", "by"), pk=pk)
    acting = _acting(request)
    return render(request, "library/document.html", {
        "document": found,
        "page": page_of(found.clauses.order_by("order"), request, size=100),
        "may_withdraw": found.origin == "upload" and found.state != "withdrawn"
        and acting.may("library_edit", found.organisation),
        "editions": Document.objects.filter(code=found.code).exclude(pk=pk).exclude(state="withdrawn")
        .order_by("-effective_from") if found.code else [],
        "entries": entries_of(found) if acting.may("history_view") else [],
    })  # fmt: skip


@require_GET
def clause(request: HttpRequest, pk: int) -> HttpResponse:
    """One clause: its words, whether its number was compared with the official text, and which rules cite it."""
    found = get_object_or_404(Clause.objects.select_related("document"), pk=pk)
    if not Document.objects.filter(pk=found.document_id).exists():
        raise Http404
    names = rule_names()
    citing = citing_rules(found)
    others = Clause.objects.none()
    if found.document.code and found.article:
        editions = Document.objects.filter(code=found.document.code).exclude(state="withdrawn").values("pk")
        others = Clause.objects.filter(document__in=editions, article=found.article).exclude(pk=pk)
    rules = [(code, names[code]) for code in citing.rules] if citing else []
    return render(request, "library/clause.html", {
        "clause": found, "document": found.document, "rules": rules,
        "others": others.select_related("document").order_by("-document__effective_from", "pk")[:10],
        "typical": typical.of_rules([code for code, _name in rules]),
    })  # fmt: skip


@require_GET
def citation(request: HttpRequest, regulation: str, article: str = "") -> HttpResponse:
    """Lead from what a rule cites to the clause, the regulation, or a page that says it is not here yet."""
    found = cited(regulation, article or None, _acting(request).today)
    if isinstance(found, Clause):
        return redirect("library-clause", pk=found.pk)
    if isinstance(found, Document) and not article:
        return redirect("library-document", pk=found.pk)
    known = [one for one in cited_clauses() if one.regulation == regulation and one.article == article]
    if found is None and not known:
        raise Http404
    names = rule_names()
    return render(request, "library/not_here.html", {
        "regulation": regulation, "article": article, "document": found,
        "title": core.library.regulation_titles().get(regulation, regulation),
        "rules": [(code, names[code]) for one in known for code in one.rules],
        "verified": all(one.verified for one in known),
    })  # fmt: skip


@require_GET
def download(_request: HttpRequest, pk: int) -> FileResponse:
    """The file of a document, as an attachment."""
    found = get_object_or_404(Document.objects.exclude(file=""), pk=pk)
    path = documents.stored(found)
    if not path.is_file():
        raise Http404
    answer = FileResponse(path.open("rb"), as_attachment=True, filename=found.file_name)
    answer.headers["Content-Type"] = "application/octet-stream"
    return answer


@require_http_methods(["GET", "POST"])
def upload(request: HttpRequest) -> HttpResponse:
    """Add a document."""
    acting = _acting(request)
    acting.require("library_edit")
    units = _units_to_edit(acting)
    form = UploadForm(request.POST or None, request.FILES or None, units=units)
    if request.method == "POST" and form.is_valid():
        values = dict(form.cleaned_data)
        file = values.pop("file")
        try:
            content = file.read(MAX_BYTES + 1)
            made = documents.upload(name=file.name, content=content, by=acting.person, at=acting.at, **values)
        except NotADocument as error:
            form.add_error("file", str(error))
        else:
            messages.success(request, _("The document is kept; its text is being read for the search."))
            return redirect("library-document", pk=made.pk)
    return render(request, "library/upload.html", {"form": form}, status=422 if form.errors else 200)


@require_POST
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Withdraw a document."""
    found = get_object_or_404(Document.objects.filter(origin="upload"), pk=pk)
    acting = _acting(request)
    acting.require("library_edit", found.organisation)
    back = reverse("library-document", args=[pk])
    if page := confirm.ask(
        request, question=_("Withdraw this document?"), consequence=_("It no longer appears in the library."), back=back
    ):
        return page
    try:
        documents.withdraw(document=found, by=acting.person, at=acting.at, note=request.POST.get("note", "")[:500])
    except ChangedMeanwhile as error:
        messages.error(request, str(error))
        return redirect(back)
    messages.success(request, _("The document is withdrawn."))
    return redirect("library")


@require_GET
def typical_cases(request: HttpRequest) -> HttpResponse:
    """Typical cases."""
    words, specialty = request.GET.get("q", "").strip()[:100], request.GET.get("specialty", "")[:8]
    outcome = request.GET.get("outcome", "")[:16]
    found = typical.shown(words=words, specialty=specialty, outcome=outcome)
    return render(request, "library/typical_cases.html", {
        "page": page_of(found.defer("story_en", "basis"), request, size=20), "words": words, "specialty": specialty,
        "outcome": outcome, "specialties": core.library.specialty_names(), "outcomes": OUTCOMES,
    })  # fmt: skip


@require_GET
def typical_case(request: HttpRequest, pk: int) -> HttpResponse:
    """One typical case. Its source is shown to those who may see that case, and to nobody else."""
    found = get_object_or_404(TypicalCase.objects.filter(withdrawn=False).select_related("published_by"), pk=pk)
    acting = _acting(request)
    names = rule_names()
    source = None
    if found.source_case_id is not None and acting.may("case_view"):
        source = Case.objects.filter(pk=found.source_case_id).only("pk", "number").first()
    return render(request, "library/typical_case.html", {
        "case": found, "rules": [(code, names.get(code, {})) for code in found.rules], "source": source,
        "specialty": core.library.specialty_names().get(found.specialty, {}),
        "outcome": dict(OUTCOMES).get(found.outcome, found.outcome), "may_withdraw": acting.may("library_edit"),
    })  # fmt: skip


@require_POST
def withdraw_typical(request: HttpRequest, pk: int) -> HttpResponse:
    """Withdraw a typical case."""
    found = get_object_or_404(TypicalCase.objects.filter(withdrawn=False), pk=pk)
    acting = _acting(request)
    acting.require("library_edit")
    back = reverse("library-typical-case", args=[pk])
    if page := confirm.ask(
        request, question=_("Withdraw this typical case?"), consequence=_("Nobody reads it any more."), back=back
    ):
        return page
    try:
        typical.withdraw(case=found, by=acting.person, at=acting.at, note=request.POST.get("note", "")[:500])
    except ChangedMeanwhile as error:
        messages.error(request, str(error))
        return redirect(back)
    messages.success(request, _("The typical case is withdrawn."))
    return redirect("library-typical-cases")


@require_GET
def checklists(request: HttpRequest) -> HttpResponse:
    """The check points that every case brings, as configured, and those of the rules."""
    return render(request, "library/checklists.html", {
        "sections": core.library.checklist_sections(), "rules": core.library.rule_remedies(),
    })  # fmt: skip
