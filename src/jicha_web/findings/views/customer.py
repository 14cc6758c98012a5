"""The customer all round: the first section comes with the page, each other is read before it comes into view."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping
from datetime import date
from typing import Any

from django.conf import settings
from django.core.signing import BadSignature, loads
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from jicha_web import core
from jicha_web.core import customers
from jicha_web.findings.models import Finding
from jicha_web.organisation.tree import codes_in_sight
from jicha_web.pages.charts import Chart, Series
from jicha_web.pages.views import acting_of, signed_in

SALT = "unmasked-customer"
_SHOWN_SECONDS = 900
_HIDDEN = {"customer_id"}
NUMBER = re.compile(r"[0-9]{1,9}\Z")
_PART = "findings/section.html"


def section_labels() -> dict[str, str]:
    """Return the headings of the sections."""
    return {
        "files": _("Customer file"), "metering": _("Points and meters"), "readings": _("Readings"),
        "daily": _("Daily energy"), "bills": _("Bills, as issued and as recomputed"),
        "payments": _("Payments, adjustments and account"), "area": _("Area and its loss"),
        "orders": _("Service orders"), "tickets": _("Tickets"), "inspections": _("Usage inspections"),
    }  # fmt: skip


def _view(request: HttpRequest, customer_id: str) -> customers.CustomerView:
    day = acting_of(request).today
    try:
        return customers.customer_view(settings.DATA, customer_id, as_of=day, orgs=codes_in_sight())
    except customers.UnknownCustomer as error:
        raise Http404 from error


@require_GET
@signed_in("finding_view", "case_view")
def customer(request: HttpRequest, customer_id: str) -> HttpResponseBase:
    """The page of a customer: its sections come one by one, the first with the page."""
    view = _view(request, customer_id)
    name = customers.value_text("customer", "name", view.customer)
    labels = section_labels()
    sections: list[dict[str, Any]] = [
        {"name": one, "label": labels[one], "url": reverse("customer_section", args=[customer_id, one])}
        for one in customers.SECTIONS
    ]
    sections[0]["content"] = render_to_string(_PART, _values(view, sections[0]["name"], unmasked=False))
    values = {"customer_id": customer_id, "name": name, "sections": sections}
    return render(request, "findings/customer.html", values)


@require_GET
@signed_in("finding_view", "case_view")
def section(request: HttpRequest, customer_id: str, name: str) -> HttpResponseBase:
    """One section; a part for htmx, a page of its own without scripts."""
    if name not in customers.SECTIONS:
        raise Http404
    view = _view(request, customer_id)
    values = {
        "subject": customer_id, "label": section_labels()[name], "part": _PART,
        "back": reverse("customer", args=[customer_id]),
        **_values(view, name, unmasked=_unmasked(request, customer_id), about=_about(request, customer_id)),
    }  # fmt: skip
    whole = not getattr(request, "htmx", False)
    return render(request, "findings/section_page.html" if whole else _PART, values)


def _values(
    view: customers.CustomerView, name: str, *, unmasked: bool, about: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """Return what the template of a section asks for; why there is nothing, where the data cannot be read.

    about: the finding that is looked at, as `_about` gives it; the rows it stands on are marked.
    """
    try:
        return {"name": name, **_content(view, name, unmasked=unmasked, about=about or {})}
    except (core.BadInput, core.MachineFailure) as error:
        return {"name": name, "kind": "failed", "why": error.text}


def _unmasked(request: HttpRequest, customer_id: str) -> bool:
    """Whether who asks has given a reason to see this customer's data a moment ago."""
    try:
        person, shown = loads(request.GET.get("shown", ""), salt=SALT, max_age=_SHOWN_SECONDS)
    except (BadSignature, ValueError, TypeError):
        return False
    return bool(person == acting_of(request).person.pk and shown == customer_id)


def _about(request: HttpRequest, customer_id: str) -> dict[str, str]:
    """Return what the finding of the address is known by: the columns of its key, its billing period, its subject."""
    text = request.GET.get("finding", "")
    found = Finding.objects.filter(pk=int(text), customer_id=customer_id).first() if NUMBER.match(text) else None
    if found is None:
        return {}
    known = {} if found.period is None else {"period": found.period.isoformat()}
    return {**known, **json.loads(found.key)}


def is_about(row: Mapping[str, Any], about: Mapping[str, str]) -> bool:
    """Whether a row agrees with a finding in every column that both have, one at least besides the customer."""
    both = [name for name in about if name in row and name not in _HIDDEN]
    return bool(both) and all(_plain(row[name]) == about[name] for name in both)


def _plain(value: Any) -> str:
    """Write a value as a finding's key has it."""
    return value.isoformat() if isinstance(value, date) else str(value)


def _content(
    view: customers.CustomerView, name: str, *, unmasked: bool, about: Mapping[str, str]
) -> dict[str, Any]:  # fmt: skip
    if name == "daily":
        return _daily(view.daily())
    if name == "bills":
        return _bills(view, about)
    if name == "area":
        return _area(view.area())
    return tables_of(getattr(view, name)(), unmasked=unmasked, about=about)


def tables_of(
    found: customers.Section, *, unmasked: bool, about: Mapping[str, str], hidden: Collection[str] = _HIDDEN
) -> dict[str, Any]:  # fmt: skip
    """Return what the template of a section of tables asks for. hidden: columns that every row has alike."""
    tables = [
        _table(table, rows, unmasked=unmasked, about=about, hidden=hidden) | {"of": found.of.get(table)}
        for table, rows in found.tables.items()
        if rows
    ]
    return {"kind": "tables", "tables": tables, "missing": _missing(found.missing), "empty": found.is_empty}


def _missing(tables: tuple[str, ...]) -> list[core.Text]:
    return [customers.table_label(table) for table in tables]


def _table(
    table: str, rows: tuple[Mapping[str, Any], ...], *, unmasked: bool, about: Mapping[str, str],
    hidden: Collection[str] = _HIDDEN,
) -> dict[str, Any]:  # fmt: skip
    names = [n for n in rows[0] if n not in hidden and any(row[n] is not None for row in rows)]
    heads = [customers.column_text(table, name) for name in names]
    right = [customers.is_quantity(table, name) for name in names]
    lines = [[customers.value_text(table, name, row, unmasked=unmasked) for name in names] for row in rows]
    single = list(zip(heads, lines[0], strict=True)) if len(rows) == 1 else []
    labelled = [list(zip(heads, line, right, strict=True)) for line in lines]
    marked = [is_about(row, about) for row in rows]
    marked = marked if not all(marked) else [False] * len(rows)  # a mark on every row tells nothing
    sided = list(zip(heads, right, strict=True))
    label = customers.table_label(table)
    return {
        "label": label,
        "heads": sided,
        "lines": list(zip(labelled, marked, strict=True)),
        "single": single,
        "count": len(rows),
    }


def _daily(curve: customers.Curve) -> dict[str, Any]:
    if not curve.days:
        return {"kind": "tables", "tables": [], "missing": _missing(("daily_energy",)), "empty": True}
    used = Series(
        _("Energy"), [d.energy_kwh for d in curve.days], kind="line", band=[(d.low_kwh, d.high_kwh) for d in curve.days]
    )  # fmt: skip
    series = [used]
    if any(d.reverse_kwh for d in curve.days):
        series.append(Series(_("Fed in"), [d.reverse_kwh for d in curve.days], kind="line"))
    title = _("Daily energy, beside what is usual for this customer")
    chart = Chart("daily", title, [d.day.isoformat() for d in curve.days], series, unit="kWh")
    return {"kind": "chart", "chart": chart, "curve": curve, "outside": [d for d in curve.days if d.is_outside]}


def _bills(view: customers.CustomerView, about: Mapping[str, str]) -> dict[str, Any]:
    found = view.bills()
    english = (get_language() or "").startswith("en")
    language = core.Language.EN if english else core.Language.ZH
    rows = [{"item": item, "bill": item.explanation.bill, "made": item.explanation.made,
             "total_difference": item.explanation.differences.get("total"),
             "words": customers.bill_in_words(item, language),
             "marked": is_about(_bill_key(item), about)} for item in found]  # fmt: skip
    missing = () if found else ("bill",)
    return {"kind": "bills", "rows": rows, "missing": _missing(missing), "empty": not rows}


def _bill_key(item: customers.BillBeside) -> dict[str, Any]:
    bill = item.explanation.bill
    return {"bill_id": bill.bill_id, "period": bill.period, "point_id": bill.point_id}


def _area(loss: customers.AreaLoss) -> dict[str, Any]:
    values: dict[str, Any] = {"kind": "area", "missing": _missing(loss.missing), "empty": loss.area is None}
    if loss.area is not None:
        values["area"] = _table("area", (loss.area,), unmasked=False, about={})["single"]
        seen = codes_in_sight()
        values["area_id"] = loss.area["area_id"] if seen is None or loss.area["org_id"] in seen else ""
    if loss.days:
        labels = [day["day"].isoformat() for day in loss.days]
        shares = [day["loss_pct"] for day in loss.days]
        values["chart"] = Chart(
            "area-loss", _("Loss of the area by day"), labels, [Series(_("Loss"), shares, kind="line")], unit="%"
        )  # fmt: skip
    return values
