"""What the file of a case holds: its objects as data, their history, and which stored files go with them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.db import models

from jicha_web.assess.models import Assessment, Calculation, CaseFile, Money, Paper, Rectification
from jicha_web.cases.models import Case, ChecklistItem, Dispatch, Extension, Lead, Part, Party
from jicha_web.core.evidence import masked_evidence
from jicha_web.core.rules import basis_of, rule_book
from jicha_web.field.models import Photo, Position, Seal, SiteReading, Visit
from jicha_web.field.pictures import SUFFIXES
from jicha_web.field.rows import content_of
from jicha_web.findings.models import Finding
from jicha_web.history.models import Entry, Recorded
from jicha_web.history.read import entries_of
from jicha_web.history.values import digest, plain
from jicha_web.proof.casefile_mask import Mask
from jicha_web.proof.models import Proof

OFFICE = {"docx": "docx", "pdf": "pdf"}


@dataclass(frozen=True)
class StoredFile:
    """A stored file of an object. path: in the case's file; None: withheld. sum_field names its recorded hash."""

    path: str | None
    stored: str
    sum_field: str
    sha256: str
    label: str


@dataclass
class Content:
    """The whole content, gathered at one instant."""

    case: dict[str, Any]
    findings: dict[str, Any]
    recorded: list[tuple[Recorded, list[StoredFile]]] = field(default_factory=list)


def _plain_fields(row: models.Model, names: Iterable[str] | None = None) -> dict[str, Any]:
    wanted = names if names is not None else [f.attname for f in row._meta.concrete_fields if f.attname != "id"]
    return {name: plain(getattr(row, name)) for name in wanted}


_LEFT_OUT = frozenset({"told", "version"})  # not of the case's file: what only reminds or counts


def _object(row: Recorded, mask: Mask) -> dict[str, Any]:
    fields = {name: value for name, value in _plain_fields(row).items() if name not in _LEFT_OUT}
    if not mask.off:
        fields.pop("salt", None)  # with it a masked value could be guessed
    return {"type": row.history_type(), "id": row.pk, "fields": fields, "rows": _rows_of(row, mask)}


def _rows_of(row: Recorded, mask: Mask) -> dict[str, Any]:
    """Return the rows whose hashes the state holds; None where they are withheld: who reported a lead always is."""
    personal = {one.related for one in row.HISTORY_ROWS if one.personal}
    found: dict[str, Any] = {}
    for name, rows in row.history_rows().items():
        withheld = name == "reporter" or (not mask.off and (name in personal or mask.value(rows) != rows))
        found[name] = None if withheld and rows else rows
    return found


def gather(case: Case, mask: Mask) -> Content:
    """Gather everything of a case. Call it in the transaction that records the packing."""
    content = Content({}, {})
    objects = [_object(case, mask)]
    content.recorded.append((case, []))
    for visit in Visit._base_manager.filter(case=case).order_by("pk"):
        positions = Position.objects.filter(visit=visit)
        readings, seals = SiteReading.objects.filter(visit=visit), Seal.objects.filter(visit=visit)
        rows = content_of(positions, readings, seals)
        objects.append({**_object(visit, mask), "rows": rows if mask.value(rows) == rows else None})
        content.recorded.append((visit, []))
    for row, files in _with_files(case, mask):
        objects.append(_object(row, mask))
        content.recorded.append((row, files))
    kinds: tuple[Any, ...] = (Assessment, Calculation, Rectification, Money, Extension, Lead)
    for model in kinds:
        for row in model._base_manager.filter(case=case).order_by("pk"):
            objects.append(_object(row, mask))
            content.recorded.append((row, []))
    content.case = mask.value({
        "objects": objects,
        "unit": case.organisation.name,
        "happened_in": case.subject_organisation.name,
        "dispatches": _rows(Dispatch.objects.filter(case=case)),
        "parts": [
            {"part": p.part, "person": p.person.name, "at": plain(p.at)}
            for p in Part.objects.filter(case=case).select_related("person").order_by("pk")
        ],
        "parties": _rows(Party.objects.filter(case=case)),
        "checklist": _rows(ChecklistItem.objects.filter(case=case)),
        "proofs": _rows(Proof._base_manager.filter(case=case)),
    })  # fmt: skip
    content.findings = {"objects": list(_findings(case, mask, content))}
    return content


def _rows(rows: models.QuerySet[Any]) -> list[dict[str, Any]]:
    return [_plain_fields(row) for row in rows.order_by("pk")]


def _with_files(case: Case, mask: Mask) -> Iterator[tuple[Recorded, list[StoredFile]]]:
    """Yield photos, papers and files with what is stored of them. Masked: signatures, papers and files are withheld."""
    for photo in Photo._base_manager.filter(case=case).order_by("pk"):
        hidden = not mask.off and photo.kind == "signature"
        suffix, name = SUFFIXES[photo.media_type], f"photo:{photo.pk}"
        yield photo, [
            StoredFile(
                None if hidden else f"photos/original/{photo.pk}.{suffix}", photo.original, "sha256", photo.sha256, name
            ),
            StoredFile(
                None if hidden else f"photos/display/{photo.pk}.jpg", photo.display, "display_sha256",
                photo.display_sha256, name,
            ),
        ]  # fmt: skip
    for paper in Paper._base_manager.filter(case=case).order_by("pk"):
        files = []
        for name, suffix in OFFICE.items():
            path = f"papers/{paper.pk}.{suffix}" if mask.off else None
            sum_field = f"{name}_sha256"
            stored, sum_ = getattr(paper, name), getattr(paper, sum_field)
            files += [StoredFile(path, stored, sum_field, sum_, f"paper:{paper.pk}")] if stored else []
        yield paper, files
    for file in CaseFile._base_manager.filter(case=case).order_by("pk"):
        path = f"files/{file.pk}{_suffix(file.name)}" if mask.off else None
        yield file, [StoredFile(path, file.file, "sha256", file.sha256, f"casefile:{file.pk}")]


def _suffix(name: str) -> str:
    ending = name.rsplit(".", 1)[-1].lower() if "." in name else ""
    return f".{ending}" if ending.isascii() and ending.isalnum() and len(ending) < 6 else ""


def _findings(case: Case, mask: Mask, content: Content) -> Iterator[dict[str, Any]]:
    known = rule_book(settings.DATA).rules
    for finding in Finding._base_manager.filter(case=case).order_by("pk"):
        rule = known.get(finding.rule)
        shown = _object(finding, mask)
        evidence = finding.evidence if mask.off else masked_evidence(rule, finding.evidence)
        shown["fields"]["evidence"] = plain(evidence)
        shown["basis"] = [text._asdict() for _short, text in basis_of(rule)] if rule else []
        content.recorded.append((finding, []))
        yield mask.value(shown)


def history_of(content: Content, mask: Mask) -> dict[str, Any]:
    """Return the rows of all objects; what holds a personal value is withheld, its hash stays."""
    return {"objects": [_history(row, files, mask) for row, files in content.recorded]}


def heads_of(objects: Iterable[Recorded]) -> dict[str, str]:
    """Return the hash of each object's last row: with it a chain that ends early is seen."""
    chains = {f"{one.history_type()}:{one.pk}": entries_of(one) for one in objects}
    return {name: chain[-1].hash if chain else "" for name, chain in chains.items()}


def _history(row: Recorded, files: list[StoredFile], mask: Mask) -> dict[str, Any]:
    state = row.history_state()
    return {
        "type": row.history_type(), "id": row.pk, "version": row.version,
        "state": state if mask.value(state) == state else None,
        "files": [{"path": f.path, "sum": f.sum_field} for f in files],
        "entries": [_entry(e, mask) for e in entries_of(row)],
    }  # fmt: skip


def _entry(entry: Entry, mask: Mask) -> dict[str, Any]:
    def unless_personal(value: Any) -> Any:
        return value if mask.value(value) == value else None

    return {
        "number": entry.number, "at": plain(entry.at), "by_id": entry.by_id, "by_name": entry.by_name,
        "verb": entry.verb, "note": unless_personal(entry.note), "note_hash": digest(entry.note),
        "data": unless_personal(entry.data), "data_hash": digest(entry.data), "unit_id": entry.unit_id,
        "state_hash": entry.state_hash, "previous_hash": entry.previous_hash, "hash": entry.hash,
    }  # fmt: skip


def withheld_of(history: Mapping[str, Any], content: Content) -> list[str]:
    """Return what a masked file does not hold, in words of the file."""
    found = [f.label for _row, files in content.recorded for f in files if f.path is None]
    for one in content.case["objects"]:
        name = f"{one['type']}:{one['id']}"
        if one["rows"] is None:
            found.append(f"{name} rows")
        else:
            found += [f"{name} {part}" for part, rows in one["rows"].items() if rows is None]
    for one in history["objects"]:
        name = f"{one['type']}:{one['id']}"
        found += [f"{name} state"] if one["state"] is None else []
        for row in one["entries"]:
            found += [f"{name} #{row['number']} {part}" for part in ("note", "data") if row[part] is None]
    return list(dict.fromkeys(found))
