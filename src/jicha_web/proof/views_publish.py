"""The page where a closed case becomes a typical case."""

from __future__ import annotations

from collections.abc import Iterable

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from jicha_web.cases.models import Case
from jicha_web.core import Text
from jicha_web.pages.forms import Styled
from jicha_web.pages.tags import words
from jicha_web.pages.views import acting_of, signed_in
from jicha_web.proof.publish import UnableToPublish, draft, publish
from jicha_web.proof.suspects import KINDS, Suspect, marked


class PublishForm(Styled, forms.Form):
    """A case as a lesson, and the word of the person who read it."""

    title = forms.CharField(label=gettext_lazy("Title"), max_length=200)
    story_zh = forms.CharField(
        label=gettext_lazy("What happened"), widget=forms.Textarea(attrs={"rows": 10}), max_length=20000
    )
    lesson = forms.CharField(
        label=gettext_lazy("What to learn"), widget=forms.Textarea(attrs={"rows": 4}), max_length=5000
    )
    read = forms.BooleanField(label=gettext_lazy("I have read it: it names no person, no address and no number"))


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in("library_edit")
def case_publish(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Correct the anonymised draft, say that it was read, publish."""
    case = get_object_or_404(Case.objects.select_related("organisation", "subject_organisation", "assignee"), pk=pk)
    acting = acting_of(request)
    acting.require("library_edit", case.organisation)
    try:
        proposed = draft(case=case, by=acting.person, at=acting.at)
    except UnableToPublish as refused:
        messages.error(request, words(refused.text))
        return redirect("case", pk=pk)
    initial = {"title": proposed.title, "story_zh": proposed.story_zh, "lesson": proposed.lesson}
    form = PublishForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            publish(
                case=case, title=given["title"], story_zh=given["story_zh"], lesson=given["lesson"], by=acting.person,
                at=acting.at, kept=request.POST.getlist("kept"),
            )  # fmt: skip
        except UnableToPublish as refused:
            messages.error(request, words(refused.text))
        else:
            messages.success(request, _("Published in the library."))
            return redirect("case", pk=pk)
    shown = [
        (field.label, marked(str(field.value() or ""))) for field in (form["title"], form["story_zh"], form["lesson"])
    ]
    values = {
        "case": case, "form": form, "draft": proposed, "kept": request.POST.getlist("kept"),
        "looks": [(label, pieces) for label, pieces in shown if pieces],
        "suspects": _each(piece for _label, pieces in shown for _text, piece in pieces),
    }  # fmt: skip
    return render(request, "proof/publish.html", values)


def _each(found: Iterable[Suspect | None]) -> list[tuple[str, Text]]:
    """Return what looks personal, each value once, with what it looks like."""
    return list({one.value: (one.value, KINDS[one.kind]) for one in found if one is not None}.values())
