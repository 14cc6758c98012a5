"""An area or a feeder all round: what it is, its loss, what moved it, what is missing, what its customers have."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from jicha_web import core
from jicha_web.core import customers, grid, rules, subjects
from jicha_web.findings.models import Finding
from jicha_web.organisation.scope import scoped
from jicha_web.organisation.tree import codes_in_sight
from jicha_web.pages.charts import Chart, Series
from jicha_web.pages.tags import words
from jicha_web.pages.views import acting_of, signed_in

_MOST = 30
_PART = "findings/grid_section.html"
View = grid.AreaView | grid.FeederView


def section_labels() -> dict[str, str]:
    """Return the headings of the sections, in their order."""
    return {
        "about": _("Identity"), "loss": _("Loss"), "changes": _("What moved it"), "gaps": _("Missing readings"),
        "findings": _("Findings and cases of its customers"),
    }  # fmt: skip


def sections_of(kind: str, number: str, finding: Finding | None = None) -> list[dict[str, str]]:
    """Return the sections of an area or feeder with their addresses; the loss stands beside the limits of a finding."""
    limit = f"?finding={finding.pk}" if finding else ""
    return [
        {"name": name, "label": label, "url": reverse(f"{kind}_section", args=[number, name]) + limit}
        for name, label in section_labels().items()
    ]


def _view(request: HttpRequest, kind: str, number: str) -> View:
    try:
        day = acting_of(request).today
        return grid.grid_view(settings.DATA, kind, number, as_of=day, orgs=codes_in_sight())
    except grid.UnknownGrid as error:
        raise Http404 from error


@require_GET
@signed_in("finding_view", "case_view")
def page(request: HttpRequest, number: str, kind: str) -> HttpResponseBase:
    """The page of an area or a feeder: its sections come one by one, the first with the page."""
    view = _view(request, kind, number)
    first, *rest = sections_of(kind, number)
    values = {
        "number": number, "name": view.row["name"] or number, "kind": rules.word("subject", kind),
        "sections": [{**first, "content": render_to_string(_PART, _values(request, view, first["name"]))}, *rest],
    }  # fmt: skip
    return render(request, "findings/grid.html", values)


@require_GET
@signed_in("finding_view", "case_view")
def section(request: HttpRequest, number: str, name: str, kind: str) -> HttpResponseBase:
    """One section; a part for htmx, a page of its own without scripts."""
    if name not in section_labels():
        raise Http404
    values = {
        "subject": number, "label": section_labels()[name], "back": reverse(kind, args=[number]), "part": _PART,
        **_values(request, _view(request, kind, number), name),
    }  # fmt: skip
    whole = not getattr(request, "htmx", False)
    return render(request, "findings/section_page.html" if whole else _PART, values)


def _values(request: HttpRequest, view: View, name: str) -> dict[str, Any]:
    """Return what the template of a section asks for; why there is nothing, where the data cannot be read."""
    try:
        return {"name": name, **_CONTENT[name](request, view)}
    except (core.BadInput, core.MachineFailure) as error:
        return {"name": name, "failed": error.text}


# -- sections


def _about(request: HttpRequest, view: View) -> dict[str, Any]:
    del request
    table = view.kind
    hidden = {f"{table}_id", "name", "feeder_id", "manager_id", "longitude", "latitude", "org_id"}
    own = [
        (words(customers.column_text(table, name)), words(customers.value_text(table, name, view.row)), "")
        for name in view.row
        if name not in hidden and view.row[name] is not None
    ]
    if isinstance(view, grid.AreaView):
        if feeder := view.feeder:
            text = " ".join(filter(None, (feeder["substation"], feeder["name"], feeder["feeder_id"])))
            own.append((_("Feeder"), text, reverse("feeder", args=[feeder["feeder_id"]])))
        manager = customers.value_text("staff", "name", view.manager) if view.manager else None
        person = f"{words(manager)} {view.row['manager_id']}" if manager else view.row["manager_id"]
        own.append((_("Area manager"), person or "–", ""))
        own.append((_("Customers"), str(len(view.customer_ids)), ""))
        return {"facts": own}
    own.append((_("Customers supplied directly"), str(len(view.customer_ids)), ""))
    return {"facts": own, "areas": view.areas}


def _finding_of(request: HttpRequest, view: View) -> Finding | None:
    """Return the finding whose limits are drawn: the one asked for, else the newest one of this area or feeder."""
    text = request.GET.get("finding", "")
    own = Finding.objects.filter(subject=view.kind, subject_id=view.id)
    asked = own.filter(pk=int(text)) if text.isascii() and text.isdigit() and len(text) < 10 else own
    newest = asked.order_by("-last_hit_on", "-pk").only("evidence")
    return next((found for found in newest if grid.limits(found.evidence)), None)


def _loss(request: HttpRequest, view: View) -> dict[str, Any]:
    if missing := view.missing():
        return {"missing": [customers.table_label(table) for table in missing]}
    if isinstance(view, grid.AreaView):
        rows = view.days()
        labels, months = [row.on.isoformat() for row in rows], view.months(rows)
        titles = (_("Loss by day"), _("Energy supplied and sold by day"))
    else:
        rows = months = view.months()
        labels = [f"{row.on:%Y-%m}" for row in rows]
        titles = (_("Loss by month"), _("Energy supplied and sold by month"))
    if not rows:
        return {"missing": [customers.table_label("daily_energy")]}
    found = _finding_of(request, view)
    drawn = [Series(_("Loss"), [row.loss_pct for row in rows], kind="line")]
    for text, value in grid.limits(found.evidence) if found else ():
        drawn.append(Series(words(text), [value] * len(rows), kind="limit", tone="bad"))
    energies = [
        Series(_("Supplied"), [row.supplied_kwh for row in rows], kind="line"),
        Series(_("Sold"), [row.sold_kwh for row in rows], kind="line"),
    ]
    if generates := any(row.generated_kwh or row.exported_kwh for row in months):
        energies.append(Series(_("Generated"), [row.generated_kwh for row in rows], kind="line"))
    return {
        "charts": [Chart("grid-loss", titles[0], labels, drawn, unit="%"),
                   Chart("grid-energy", titles[1], labels, energies, unit="kWh", height="s")],
        "months": months[::-1],
        "incomplete": sum(1 for row in rows if row.collected is not None and row.collected < (row.customers or 0)),
        "limits_of": found, "generates": generates, "days": len(rows) if isinstance(view, grid.AreaView) else 0,
    }  # fmt: skip


def _changes(request: HttpRequest, view: View) -> dict[str, Any]:
    del request
    found = view.changes()
    if not found.members:
        return {"nobody": True}
    ids = [change.id for change in found.top if change.kind == "customer"]
    known = subjects.customers(settings.DATA, ids)
    areas = subjects.areas(settings.DATA, [change.id for change in found.top if change.kind == "area"])

    def name(change: grid.Change) -> str:
        if change.kind == "customer":
            return rules.mask_value("name", known[change.id].name) if change.id in known else ""
        return areas[change.id].name if change.id in areas else ""

    rows = [
        {"change": change, "name": name(change), "kind": rules.word("subject", change.kind),
         "url": reverse(change.kind, args=[change.id])}
        for change in found.top
    ]  # fmt: skip
    return {"found": found, "rows": rows, "recent_days": grid.RECENT_DAYS, "base_days": grid.BASE_DAYS}


def _gaps(request: HttpRequest, view: View) -> dict[str, Any]:
    del request
    if missing := view.missing():
        return {"missing": [customers.table_label(table) for table in missing]}
    found = view.gaps()
    return {"gaps": found[:_MOST], "gap_count": len(found), "gap_days": grid.GAP_DAYS, "supply": view.supply_points}


def _findings(request: HttpRequest, view: View) -> dict[str, Any]:
    acting = acting_of(request)
    own = Q(subject=view.kind, subject_id=view.id)
    of_it = own | Q(customer_id__in=view.customer_ids)
    values: dict[str, Any] = {}
    if acting.may("finding_view"):
        with scoped(acting.scope("finding_view")):
            rows = Finding.objects.filter(of_it, stands=1).order_by("-priority", "pk").defer("evidence", "key")
            book = rules.rule_book(settings.DATA).rules
            found = [{"finding": row, "rule": book.get(row.rule)} for row in rows[:_MOST]]
            values |= {"findings": found, "finding_count": rows.count()}
    if acting.may("case_view"):
        with scoped(acting.scope("case_view")):
            case: Any = apps.get_model("cases", "Case")  # the cases stand above the findings
            about = case.objects.filter(of_it)
            values |= {"cases": list(about.order_by("-opened_at", "-pk")[:_MOST]), "case_count": about.count()}
    return values


_CONTENT: dict[str, Callable[[HttpRequest, View], dict[str, Any]]] = {
    "about": _about, "loss": _loss, "changes": _changes, "gaps": _gaps, "findings": _findings,
}  # fmt: skip
