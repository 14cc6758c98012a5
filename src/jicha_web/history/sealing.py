"""Sealing by itself, and the audit list as a file."""

from __future__ import annotations

import csv
from datetime import datetime
from typing import Any

from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import get_language, gettext

from jicha_web.core import Language
from jicha_web.history.finding import filtered, in_sight
from jicha_web.history.read import seal
from jicha_web.history.telling import kind_of, plain_value, verb_of
from jicha_web.jobs.rows import in_chunks
from jicha_web.jobs.schedule import every
from jicha_web.jobs.sheets import no_formula
from jicha_web.jobs.work import Running, work

_BATCH = 2000


@every("seal_history", minutes=60)
def seal_history(at: datetime) -> None:
    """Seal what was recorded since the last time."""
    seal(at)


@work("export_history")
def export_history(job: Running, *, query: str, **_later: Any) -> None:
    """Write all entries that an address asks for as CSV, with their hashes."""
    assert job.by is not None
    rows = filtered(QueryDict(query), in_sight(job.by, timezone.localdate(job.at)))
    total = rows.count()
    language = Language.EN if (get_language() or "").startswith("en") else Language.ZH
    path = job.folder / "history.csv"
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        out = csv.writer(file)
        out.writerow([
            gettext("Time"), gettext("Person"), gettext("Kind"), "id", gettext("Row"), gettext("What was done"), "verb",
            gettext("Note"), gettext("Content"), gettext("Unit"), "previous_hash", "hash",
        ])  # fmt: skip
        for number, row in enumerate(in_chunks(rows, _BATCH), 1):
            out.writerow([
                f"{timezone.localtime(row.at):%Y-%m-%d %H:%M:%S}", no_formula(row.by_name),
                kind_of(row.object_type).to(language), row.object_id, row.number,
                verb_of(row.verb).to(language), row.verb, no_formula(row.note),
                no_formula(plain_value(row.data) or ""), row.unit_id or "", row.previous_hash, row.hash,
            ])  # fmt: skip
            if number % _BATCH == 0:
                job.progress(number, total)
    job.result_file("history.csv", path)
    job.progress(total, total)
