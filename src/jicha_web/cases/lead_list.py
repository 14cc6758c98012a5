"""Which leads an address asks for, and all of them as a workbook; who reported them stands in neither."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q, QuerySet
from django.http import QueryDict
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from jicha_web.cases.models import Lead
from jicha_web.core import rules
from jicha_web.jobs.rows import in_chunks
from jicha_web.jobs.sheets import Lines, Sheet, register
from jicha_web.organisation.models import Person


def filtered(query: QueryDict) -> QuerySet[Lead]:
    """Return the leads in sight by state, source and words; the newest first."""
    found = Lead.objects.select_related("organisation", "case").order_by("-pk")
    for name, known in (("state", dict(Lead.STATES)), ("source", dict(Lead.SOURCES))):
        if (value := query.get(name, "")) in known:
            found = found.filter(**{name: value})
    if text := query.get("q", "").strip():
        found = found.filter(Q(text__icontains=text) | Q(customer_id=text) | Q(external_id=text))
    return found


def _heads() -> list[str]:
    return [
        gettext("Received on"), gettext("Source"), gettext("Number at the source"), gettext("State"),
        gettext("Customer number"), gettext("Customer's name"), gettext("Unit"), gettext("What was reported"),
        gettext("Case"),
    ]  # fmt: skip


def _rows(query: QueryDict, by: Person, at: datetime) -> Lines:
    del by, at
    rows = filtered(query)
    cells = (
        [one.received_on, one.get_source_display(), one.external_id, one.get_state_display(), one.customer_id,
         rules.mask_value("name", one.customer_name) if one.customer_name else "", one.organisation.name, one.text,
         one.case.number if one.case else ""]
        for one in in_chunks(rows)
    )  # fmt: skip
    return Lines(rows.count(), cells)


def register_sheet() -> None:
    """Let the list be exported; called once, when the application starts."""
    register(Sheet("leads", _("Leads"), ("case_view", "lead_enter"), _heads, _rows))
