"""What could become a case, the same problem in several units, and opening by hand."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from jicha_web.cases import opening, proposals, urgency
from jicha_web.cases.views.common import page_of_list
from jicha_web.cases.views.detail import attempt
from jicha_web.core import Text, rules
from jicha_web.organisation.models import Organisation
from jicha_web.organisation.rights import scope_of
from jicha_web.organisation.scope import path_condition
from jicha_web.pages import confirm
from jicha_web.pages.forms import Styled
from jicha_web.pages.paging import Page
from jicha_web.pages.tags import listed
from jicha_web.pages.views import acting_of, signed_in


def _names() -> dict[str, Text]:
    return {code: Text(r.name["zh"], r.name["en"]) for code, r in rules.rule_book(settings.DATA).rules.items()}


def _name(subject: opening.Subject, facts: Mapping[opening.Subject, opening.Facts]) -> str:
    """Return the name of a subject, that of a person masked; nothing where the data know none."""
    name = facts[subject].name if subject in facts else ""
    return rules.mask_value("name", name) if name and subject.kind in {"customer", "staff"} else name


@require_GET
@signed_in("case_open")
def case_proposals(request: HttpRequest) -> HttpResponseBase:
    """Open findings by customer, in the order of urgency, with the reasons for their place."""
    names = _names()
    found = proposals.proposals(rule=request.GET.get("rule", ""))
    page: Page = page_of_list(found, request, size=20)
    on_page = proposals.shown(page.rows)
    facts = opening.facts_of(p.subject for p in on_page)
    rows = [
        (
            p,
            _name(p.subject, facts),
            [(code, names.get(code, Text(code, code))) for code in p.rules],
            urgency.why(p.first),
        )
        for p in on_page
        if p.first is not None
    ]
    return render(request, "cases/proposals.html", {
        "page": page, "rows": rows, "rules": sorted(names.items()), "most": opening.grouping()["most_urgent"],
    })  # fmt: skip


@require_POST
@signed_in("case_open")
def proposals_open(request: HttpRequest) -> HttpResponseBase:
    """Open a case for each chosen customer."""
    acting = acting_of(request)
    findings = []
    for text in request.POST.getlist("subject")[:100]:
        kind, _bar, id_ = text.partition("|")
        findings += opening.proposable(opening.Subject(kind, id_))
    numbers: list[str] = []

    def act() -> None:
        opened = opening.open_from_findings(findings=findings, by=acting.person, at=acting.at)
        numbers.extend(case.number for case in opened)

    if attempt(request, _("Opened."), act):
        messages.info(request, listed(numbers))
    return redirect("case_proposals")


@require_GET
@signed_in("case_open")
def special(request: HttpRequest) -> HttpResponseBase:
    """The problems that show in several units."""
    names = _names()
    rows = [(s, names.get(s.rule, Text(s.rule, s.rule))) for s in proposals.special()]
    return render(request, "cases/special.html", {"rows": rows, "limits": opening.grouping()["special"]})


@require_POST
@signed_in("case_open")
def special_open(request: HttpRequest) -> HttpResponseBase:
    """Open a special inspection."""
    acting, reason = acting_of(request), request.POST.get("reason", "").strip()
    if not reason:
        messages.error(request, _("Say what the special inspection is to find out."))
        return redirect("case_special")
    rule = request.POST.get("rule", "")
    numbers: list[str] = []
    asked = confirm.ask(
        request, question=_("Open a special inspection?"), back=reverse("case_special"),
        consequence=_("Each customer with this problem gets a case, or the findings join the one there is."),
    )  # fmt: skip
    if asked:
        return asked

    def act() -> None:
        opened = proposals.open_special(rule=rule, by=acting.person, at=acting.at, reason=reason)
        numbers.extend(case.number for case in opened)

    if not attempt(request, _("Special inspection opened."), act):
        return redirect("case_special")
    messages.info(request, _("Cases opened or joined: %(count)s.") % {"count": len(numbers)})
    return redirect(f"{reverse('cases')}?{urlencode({'rule': rule, 'source': 'special'})}")


class HandForm(Styled, forms.Form):
    """A case opened by hand."""

    subject = forms.ChoiceField(label=gettext_lazy("Subject"))
    subject_id = forms.CharField(label=gettext_lazy("Number"), max_length=64)
    name = forms.CharField(label=gettext_lazy("Name, if the data do not know it"), max_length=200, required=False)
    unit = forms.ModelChoiceField(label=gettext_lazy("Unit"), queryset=Organisation.objects.none())
    severity = forms.ChoiceField(label=gettext_lazy("Severity"), initial="medium")
    title = forms.CharField(label=gettext_lazy("Title"), max_length=200)
    description = forms.CharField(label=gettext_lazy("Description"), widget=forms.Textarea, max_length=5000)

    def __init__(self, *args: object, english: bool, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        subjects, severities = self.fields["subject"], self.fields["severity"]
        assert isinstance(subjects, forms.ChoiceField)
        assert isinstance(severities, forms.ChoiceField)
        subjects.choices = [(code, t.en if english else t.zh) for code, t in rules.words("subject").items()]
        severities.choices = [(code, t.en if english else t.zh) for code, t in rules.words("severity").items()]


@require_http_methods(["GET", "POST"])
@signed_in("case_open")
def case_new(request: HttpRequest) -> HttpResponseBase:
    """Open a case by hand."""
    acting = acting_of(request)
    english = getattr(request, "LANGUAGE_CODE", "").startswith("en")
    form = HandForm(request.POST or None, english=english)
    units = form.fields["unit"]
    assert isinstance(units, forms.ModelChoiceField)
    paths = scope_of(acting.person, acting.today, "case_open").paths
    units.queryset = Organisation.objects.filter(path_condition(paths)).order_by("path")
    if request.method == "POST" and form.is_valid():
        opened = []

        def act() -> None:
            case = opening.open_by_hand(
                by=acting.person, at=acting.at, unit=form.cleaned_data["unit"], given=form.cleaned_data
            )
            opened.append(case)

        if attempt(request, _("Opened."), act):
            return redirect("case", pk=opened[0].pk)
    return render(request, "cases/new.html", {"form": form})
