"""Bringing the library up to what the catalog ships. What people uploaded, and the history of both, stays."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction

from jicha_web.core.library import ShippedDocument, shipped_documents, shipped_examples
from jicha_web.history import record as history
from jicha_web.history.values import digest, plain
from jicha_web.library.models import Clause, Document, TypicalCase


def load_catalog(*, at: datetime) -> int:
    """Add what is new and renew what has changed; return how many documents and examples were touched."""
    touched = 0
    with transaction.atomic():
        for shipped in shipped_documents():
            touched += _document(shipped, at)
        for example in shipped_examples():
            touched += _example(example, at)
    return touched


def _document(shipped: ShippedDocument, at: datetime) -> int:
    fingerprint = digest(plain(_content(shipped)))
    values = {
        "kind": shipped.kind, "title": shipped.title["zh"], "issuer": shipped.issuer, "note": shipped.note,
        "effective_from": shipped.effective_from, "effective_to": shipped.effective_to, "sha256": fingerprint,
        "state": "replaced" if shipped.effective_to else "in_force",
    }  # fmt: skip
    found = Document._base_manager.filter(origin="catalog", code=shipped.code, edition=shipped.edition).first()
    if found is not None and found.sha256 == fingerprint:
        return 0
    if found is None:
        found = Document(code=shipped.code, edition=shipped.edition, origin="catalog", at=at, **values)
        made = found
        history.create(made, verb="shipped", by=None, at=at, rows=lambda: _clauses(made, shipped))
    else:
        found.clauses.all().delete()
        _clauses(found, shipped)
        history.record(found, verb="renewed", by=None, at=at, changes=values)
    return 1


def _clauses(document: Document, shipped: ShippedDocument) -> None:
    Clause.objects.bulk_create(
        Clause(
            document=document, order=order, article=clause.article, heading_zh=clause.heading.get("zh", ""),
            heading_en=clause.heading.get("en", ""), text_zh=clause.text["zh"].strip(),
            text_en=clause.text.get("en", "").strip(), verified=clause.verified, source=clause.source,
        )
        for order, clause in enumerate(shipped.clauses, 1)
    )  # fmt: skip


def _content(shipped: ShippedDocument) -> dict[str, Any]:
    return {**vars(shipped), "clauses": [vars(clause) for clause in shipped.clauses]}


def _example(example: dict[str, Any], at: datetime) -> int:
    values = {
        "title": example["title"]["zh"], "specialty": example["specialty"], "rules": example["rules"],
        "story_zh": example["story"]["zh"].strip(), "story_en": example["story"].get("en", "").strip(),
        "lesson": example.get("lesson", {}).get("zh", "").strip(), "basis": example.get("basis", []),
        "outcome": example.get("outcome", ""),
    }  # fmt: skip
    found = TypicalCase.objects.filter(code=example["code"]).first()
    if found is None:
        made = TypicalCase(code=example["code"], published_at=at, **values)
        history.create(made, verb="shipped", by=None, at=at)
        return 1
    changed = {name: value for name, value in values.items() if getattr(found, name) != value}
    if not changed:
        return 0
    history.record(found, verb="renewed", by=None, at=at, changes=changed)
    return 1
