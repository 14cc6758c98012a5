"""Whether the findings of cases are what they were when they went in, where no later run has said something else."""

from __future__ import annotations

from collections.abc import Iterator

from jicha_web.cases.models import Case
from jicha_web.findings.models import Finding
from jicha_web.history.models import Entry
from jicha_web.history.read import Damage
from jicha_web.history.values import digest, plain

_BATCH = 500


def damage(object_id: int | None) -> Iterator[Damage]:
    """Tell which findings of cases were changed by nobody."""
    rows = Finding._base_manager.filter(case__isnull=False, version__gt=0).order_by("pk")
    if object_id is not None:
        rows = rows.filter(pk=object_id)
    batch: list[Finding] = []
    for row in rows.iterator(chunk_size=_BATCH):
        batch.append(row)
        if len(batch) == _BATCH:
            yield from _changed(batch)
            batch = []
    yield from _changed(batch)


def _changed(findings: list[Finding]) -> Iterator[Damage]:
    kind = Finding.history_type()
    entries = Entry.objects.filter(object_type=kind, object_id__in=[f.pk for f in findings], verb="into_case")
    told = {e.object_id: e.data.get("said") for e in entries.order_by("pk").only("object_id", "data")}
    salts = dict(Case._base_manager.filter(pk__in={f.case_id for f in findings}).values_list("pk", "salt"))
    for row in findings:
        said = told.get(row.pk)
        if not said or said["said_hash"] != row.said_hash:
            continue
        for name, value in said.items():
            now = plain(getattr(row, name))
            if name == "evidence":
                now = digest([salts.get(row.case_id or 0), now])
            if now != value:
                yield Damage("said", kind, row.pk, row.version, name)
