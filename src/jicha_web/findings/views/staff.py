"""The rows that a finding about a member of staff is made of; they are seen with the finding and not without it."""

from __future__ import annotations

import json
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from jicha_web import core
from jicha_web.core import customers, rules
from jicha_web.findings.models import Finding
from jicha_web.findings.views.customer import tables_of
from jicha_web.organisation.tree import codes_in_sight
from jicha_web.pages.views import acting_of, signed_in

_PART = "findings/section.html"


def sections_of_staff(found: Finding, rule: rules.Rule | None) -> list[dict[str, str]]:
    """Return the sections with their addresses: who it is, and of the tables that the rule reads."""
    labels = {
        "person": _("Member of staff"), "adjustments": _("Adjustments asked for or approved"),
        "edits": _("Readings changed"), "by_hand": _("Readings taken on site"),
    }  # fmt: skip
    read = {"staff", *(rule.tables if rule else ())}
    return [
        {"name": name, "label": labels[name], "url": reverse("finding_staff", args=[found.pk, name])}
        for name, table in customers.STAFF_SECTIONS.items()
        if table in read
    ]


@require_GET
@signed_in("finding_view")
def section(request: HttpRequest, pk: int, name: str) -> HttpResponseBase:
    """One section; a part for htmx, a page of its own without scripts."""
    found = get_object_or_404(Finding, pk=pk, subject="staff")
    if name not in customers.STAFF_SECTIONS:
        raise Http404
    labels = {
        one["name"]: one["label"]
        for one in sections_of_staff(found, rules.rule_book(settings.DATA).rules.get(found.rule))
    }
    values: dict[str, Any] = {
        "name": name, "subject": found.subject_id, "label": labels.get(name, name), "part": _PART,
        "back": reverse("finding", args=[pk]),
    }  # fmt: skip
    try:
        view = customers.staff_view(
            settings.DATA, found.subject_id, as_of=acting_of(request).today, orgs=codes_in_sight()
        )  # fmt: skip
        values |= tables_of(view.section(name), unmasked=False, about=json.loads(found.key), hidden=())
    except (core.BadInput, core.MachineFailure) as error:
        values |= {"kind": "failed", "why": error.text}
    whole = not getattr(request, "htmx", False)
    return render(request, "findings/section_page.html" if whole else _PART, values)
