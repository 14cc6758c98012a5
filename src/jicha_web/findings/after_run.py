"""What follows the import of a run: what came back is open again, the database learns how its rows lie."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from jicha_web.findings.indexing import analyse
from jicha_web.findings.models import Finding
from jicha_web.history import record as history
from jicha_web.organisation.scope import EVERYTHING, scoped
from jicha_web.runs.models import Run


def settle(run: Run, at: datetime) -> None:
    """Open findings again that a case had settled and that this run found anew; may be repeated."""
    analyse()
    with scoped(EVERYTHING):  # a run speaks of all units
        back = Finding.objects.filter(run=run, state="recurred", handling="settled").select_related(None)
        keys = list(back.order_by("pk").values_list("pk", flat=True))
        for start in range(0, len(keys), history.CHUNK):
            with transaction.atomic():
                # locked, where the database has locks for rows: people work meanwhile
                found = back.filter(pk__in=keys[start : start + history.CHUNK]).select_for_update().order_by("pk")
                changes = [
                    history.Change(finding, "recurred", changes={"handling": "open"}, data={"run": run.run_id})
                    for finding in found
                ]
                history.record_many(changes, by=None, at=at)
