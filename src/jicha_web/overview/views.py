"""The first page, the figures by dimension, the map."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from jicha_web.cases.listing import Asker
from jicha_web.cases.models import Case
from jicha_web.organisation.models import Organisation
from jicha_web.organisation.scope import SEGMENT, scoped
from jicha_web.organisation.tree import units_in_sight
from jicha_web.organisation.views.units import unit_choices
from jicha_web.overview import figures, links
from jicha_web.overview.figures import Figure
from jicha_web.overview.periods import LABELS, present
from jicha_web.overview.tables import DIMENSIONS, Table, amounts_cells
from jicha_web.pages.charts import Chart, Map, MapPoint, Series
from jicha_web.pages.views import acting_of, signed_in
from jicha_web.runs.models import Run

MAPPED_CASES = 300
NAMED_UNITS = 60  # more names than these hide each other


def asker_of(request: HttpRequest) -> Asker:
    """Return who looks."""
    acting = acting_of(request)
    return Asker(acting.person, acting.at)


@require_GET
@signed_in()
def home(request: HttpRequest) -> HttpResponseBase:
    """Today's work, then how it stands; what takes longer comes by itself afterwards."""
    acting, asker = acting_of(request), asker_of(request)
    work = None
    tiles: list[Figure] = []
    states: list[Figure] = []
    if acting.may("case_view"):
        with scoped(acting.scope("case_view")):
            work = figures.work(asker)
    if acting.may("overview_view"):
        with scoped(acting.scope("overview_view")):
            tiles, states = figures.pipeline(asker)
    most = max((one.count for one in states), default=0) or 1
    run = None
    if acting.may("finding_view"):
        run = Run.objects.filter(state="done").defer("rules").order_by("-as_of", "-pk").first()
    values = {
        "work": work, "tiles": tiles, "states": [(one, round(100 * one.count / most)) for one in states],
        "more": figures.registered(asker), "run": run, "dimensions": DIMENSIONS.values(),
        "see_findings": acting.may("finding_view"), "see_all": acting.may("overview_view"),
    }  # fmt: skip
    return render(request, "overview/home.html", values)


@require_GET
@signed_in("finding_view")
def findings(request: HttpRequest) -> HttpResponseBase:
    """Findings to handle, by severity: counted after the page is there."""
    counted = figures.findings_to_handle("severity")
    labels = {"high": _("High"), "medium": _("Medium"), "low": _("Low")}
    tones = {"high": "bad", "medium": "warn", "low": ""}
    tiles = [
        (Figure(label, count, links.findings(severity=code), tones[code]), yuan)
        for code, label in labels.items()
        for count, yuan in [counted.get(code, (0, Decimal(0)))]
    ]  # fmt: skip
    return render(request, "overview/findings.html", {"tiles": tiles})


def _unit(request: HttpRequest) -> Organisation | None:
    text = request.GET.get("unit", "")
    if not text:
        return None
    known = units_in_sight().filter(pk=int(text)) if text.isascii() and text.isdigit() and len(text) < 10 else None
    unit = known.first() if known is not None else None
    if unit is None:
        raise Http404
    return unit


def _is_late(table: Table, column: int) -> bool:
    return table.heads[column] == _("Late")


def _chart(code: str, title: str, table: Table) -> Chart | None:
    if not table.charted or not table.rows:
        return None
    rows = [row for row in table.rows if any(row.cells[i].count for i in table.charted)][:20]
    series = [
        Series(table.heads[i], [row.cells[i].count for row in rows], tone="bad" if _is_late(table, i) else "")
        for i in table.charted
    ]  # fmt: skip
    links_ = [row.cells[table.charted[0]].url for row in rows]
    labels = [row.label.strip("　") for row in rows]
    return Chart(f"by-{code}", title, labels, series, unit=_("cases"), links=links_, flat=True)


@require_GET
@signed_in("overview_view")
def overview_by(request: HttpRequest, dimension: str) -> HttpResponseBase:
    """The figures of a period by unit, specialty, rule or person."""
    acting, asker = acting_of(request), asker_of(request)
    if dimension not in DIMENSIONS:
        raise Http404
    period = present(request.GET.get("period", "month"), acting.today)
    unit, way = _unit(request), DIMENSIONS[dimension]
    table = way.table(asker, period, unit)
    within = {"unit": unit.pk} if unit else {}
    amounts = table.total
    if amounts is None:
        amounts = figures.amounts(asker, period, **within)
    title = way.label.en if request.LANGUAGE_CODE == "en" else way.label.zh
    values = {
        "way": way, "dimensions": DIMENSIONS.values(), "table": table, "period": period, "unit": unit,
        "periods": LABELS.items(), "units": unit_choices(),
        "total_cells": amounts_cells(amounts, **figures.period_query(period), **within),
        "chart": _chart(dimension, title, table),
    }  # fmt: skip
    return render(request, "overview/by.html", values)


@require_GET
@signed_in("overview_view", "case_view")
def overview_map(request: HttpRequest) -> HttpResponseBase:
    """Units with their open cases, and the most pressing cases where their customers are."""
    asker = asker_of(request)
    counted: dict[int, Any] = {
        row["organisation_id"]: row
        for row in figures.cases_of(asker, state="open")
        .values("organisation_id")
        # they are open: counted without asking each for its state again, as `figures.counts` has to
        .annotate(open=Count("state"), late=Count("state", filter=Q(due_at__lt=asker.at)))
    }
    most = max((row["open"] for row in counted.values()), default=0) or 1
    points, places = [], {}
    for unit in units_in_sight().exclude(latitude=None).exclude(longitude=None):
        row = counted.get(unit.pk, {"open": 0, "late": 0})
        assert unit.latitude is not None
        assert unit.longitude is not None
        label = _("%(unit)s: %(open)s open, %(late)s late") % {
            "unit": unit.name, "open": row["open"], "late": row["late"]
        }  # fmt: skip
        points.append(MapPoint(
            unit.latitude, unit.longitude, label, "bad" if row["late"] else "info" if row["open"] else "calm",
            figures.cases_url(unit=unit.pk, state="open"), 2 + 3 * row["open"] / most, _("Units"), unit.name,
        ))  # fmt: skip
        places[unit.path] = (unit.latitude, unit.longitude)
    edges = [(place, places[path[:-SEGMENT]]) for path, place in places.items() if path[:-SEGMENT] in places]
    if len(points) > NAMED_UNITS:
        points = [replace(point, name="") for point in points]
    pressing = list(
        figures.cases_of(asker, state="open").exclude(latitude=None).exclude(longitude=None)
        .order_by("-priority", "-pk").values_list("pk", flat=True)[:MAPPED_CASES]
    )  # fmt: skip
    for one in Case.objects.filter(pk__in=pressing).only("number", "title", "due_at", "latitude", "longitude"):
        assert one.latitude is not None
        assert one.longitude is not None
        late = one.due_at is not None and one.due_at < asker.at
        points.append(MapPoint(
            one.latitude, one.longitude, f"{one.number} {one.shown_title}", "bad" if late else "warn",
            reverse("case", args=[one.pk]), 1, _("Cases"),
        ))  # fmt: skip
    shown = Map("overview-map", _("Units and cases"), points, edges=edges, height="l")
    values = {"map": shown, "placed": len(pressing)}
    return render(request, "overview/map.html", values)
