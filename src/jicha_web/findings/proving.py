"""Whether findings are what the run said: compared with the run's own file, row by row.

A run writes a million findings at once, so none of it stands in a history row; DATA/runs keeps what was said. What a
finding said when it went into a case is in its history besides: `cases.proving` looks there.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from django.conf import settings

from jicha_web.core import BadInput, MachineFailure, screening
from jicha_web.findings.models import RANKS, Finding
from jicha_web.history.read import Damage
from jicha_web.organisation.models import Organisation
from jicha_web.runs.importing import newest_imported
from jicha_web.runs.models import Run

BATCH = 500  # findings looked up at once
KIND = "finding"
_FROM = {"kind": "class"}  # columns that the run's file names differently
_AMOUNTS = frozenset({"amount_yuan", "energy_kwh"})


def damage(object_id: int | None) -> Iterator[Damage]:
    """Tell which findings are not what the newest run said, which are gone, and which no run ever said.

    Only for all of them at once: the file of a run is read from one end to the other.
    """
    run = newest_imported()
    if object_id is not None or run is None or run.run_id is None:
        return
    if Run.objects.filter(state="importing").exists():
        return  # the rows are of two runs until it ends
    try:
        record = screening.read_run(settings.DATA, run.run_id)
    except (BadInput, MachineFailure, OSError):
        yield Damage("run_missing", "run", run.pk, 0, run.run_id)
        return
    yield from _against(record)


def _against(run: screening.Run) -> Iterator[Damage]:
    codes = dict(Organisation.objects.values_list("pk", "code"))
    root = Organisation.objects.filter(parent=None).order_by("path").values_list("pk", flat=True).first()
    found = 0
    earlier: dict[int, set[str]] = {}  # run that a row is of → what the newest one did not look at
    for batch in screening.finding_batches(run, size=BATCH):
        said = {row["key_hash"]: row for row in batch.to_pylist()}
        known = {row.key_hash: row for row in Finding._base_manager.filter(key_hash__in=list(said))}
        found += len(known)
        for key_hash, one in said.items():
            row = known.get(key_hash)
            if row is None:
                yield Damage("said_missing", KIND, 0, 0, f"{one['rule']} {one['key']}")
                continue
            if one["missing"] == screening.NOT_COVERED != row.missing:
                earlier.setdefault(row.run_id, set()).add(key_hash)
                continue
            yield from _damage_of(row, one, codes, root)
    for pk, hashes in earlier.items():
        yield from _against_earlier(pk, hashes, codes, root)
    if found != Finding._base_manager.count():
        yield from _never_said(run)


def _damage_of(row: Finding, said: dict[str, Any], codes: dict[int, str], root: int | None) -> Iterator[Damage]:
    for name in _different(row, said):
        yield Damage("said", KIND, row.pk, row.version, name)
    # of a unit that was not known when the run was imported: with the root
    if row.organisation_id != root and codes.get(row.organisation_id) != said["org_id"]:
        yield Damage("said", KIND, row.pk, row.version, "organisation_id")


def _against_earlier(pk: int, hashes: set[str], codes: dict[int, str], root: int | None) -> Iterator[Damage]:
    """Compare rows of rules and units that the newest run did not cover with the run that they are of."""
    run = Run.objects.get(pk=pk)
    try:
        record = screening.read_run(settings.DATA, run.run_id or "")
    except (BadInput, MachineFailure, OSError):
        yield Damage("run_missing", "run", run.pk, 0, run.run_id or "")
        return
    for batch in screening.finding_batches(record, size=BATCH):
        said = {row["key_hash"]: row for row in batch.to_pylist() if row["key_hash"] in hashes}
        for row in Finding._base_manager.filter(key_hash__in=list(said)):
            yield from _damage_of(row, said[row.key_hash], codes, root)


def _different(row: Finding, said: dict[str, Any]) -> Iterator[str]:
    for name in ("rule", "key", *Finding.SAID):
        if _comparable(name, getattr(row, name)) != _comparable(name, said[_FROM.get(name, name)]):
            yield name
    if row.severity_rank != RANKS[said["severity"]]:
        yield "severity_rank"


def _comparable(name: str, value: Any) -> Any:
    if value is None or value == "":
        return ""
    if name in _AMOUNTS:
        return Decimal(value)
    if name == "evidence":
        return json.loads(value) if isinstance(value, str) else value
    return str(value)


def _never_said(run: screening.Run) -> Iterator[Damage]:
    """Tell which rows no run made; the keys take memory only when the numbers do not agree."""
    said: set[str] = set()
    for batch in screening.finding_batches(run, size=20_000):
        said.update(batch.column("key_hash").to_pylist())
    rows = Finding._base_manager.order_by("pk").values_list("pk", "version", "key_hash")
    for pk, version, key_hash in rows.iterator(chunk_size=2000):
        if key_hash not in said:
            yield Damage("said", KIND, pk, version, "key")
