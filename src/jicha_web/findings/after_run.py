"""What follows the import of a run: what came back is open again, the database learns how its rows lie."""

from __future__ import annotations

from datetime import datetime

from jicha_web.findings.intake import analyse
from jicha_web.findings.models import Finding
from jicha_web.history import record as history
from jicha_web.organisation.scope import EVERYTHING, scoped
from jicha_web.runs.models import Run


def settle(run: Run, at: datetime) -> None:
    """Open findings again that a case had settled and that this run found anew; may be repeated."""
    analyse()
    with scoped(EVERYTHING):  # a run speaks of all units
        back = Finding.objects.filter(run=run, state="recurred", handling="settled").select_related(None)
        for finding in back.order_by("pk").iterator(chunk_size=500):
            history.record(
                finding, verb="recurred", by=None, at=at, changes={"handling": "open"}, data={"run": run.run_id}
            )  # fmt: skip
