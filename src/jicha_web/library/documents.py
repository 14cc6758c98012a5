"""Uploading and withdrawing documents of a unit."""

from __future__ import annotations

import hashlib
import secrets
from datetime import date, datetime
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from jicha_web.history import record as history
from jicha_web.jobs.work import Running, enqueue, work
from jicha_web.library.models import Clause, Document
from jicha_web.library.texts import kind_of, passages
from jicha_web.organisation.models import Organisation, Person
from jicha_web.organisation.rights import require


def upload(
    *,
    kind: str,
    title: str,
    name: str,
    content: bytes,
    organisation: Organisation,
    by: Person,
    at: datetime,
    code: str = "",
    edition: str = "",
    issuer: str = "",
    effective_from: date | None = None,
    effective_to: date | None = None,
    note: str = "",
) -> Document:
    """Keep a document for a unit and all below it; its text is read by a job. NotADocument says why it is not taken."""
    require(by, "library_edit", timezone.localdate(at), organisation)
    suffix = kind_of(name, content)
    document = Document(
        kind=kind, code=code, title=title, edition=edition, issuer=issuer, effective_from=effective_from,
        effective_to=effective_to, organisation=organisation, origin="upload", note=note,
        file=f"library/{secrets.token_hex(16)}.{suffix}", file_name=Path(name).name[-200:],
        sha256=hashlib.sha256(content).hexdigest(), size_bytes=len(content), searchable=False, by=by, at=at,
    )  # fmt: skip
    path = stored(document)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    path.chmod(0o600)
    try:
        with transaction.atomic():
            history.create(document, verb="uploaded", by=by, at=at, data={"file_name": document.file_name})
            enqueue("read_document", by=by, at=at, organisation=organisation, document_id=document.pk)
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return document


def withdraw(*, document: Document, by: Person, at: datetime, note: str) -> None:
    """Take a document out of the library's search; its page, file and history stay."""
    require(by, "library_edit", timezone.localdate(at), document.organisation)
    history.record(document, verb="withdrawn", by=by, at=at, note=note, changes={"state": "withdrawn"})


def stored(document: Document) -> Path:
    """Return where the bytes of a document are."""
    return Path(settings.MEDIA_ROOT) / document.file


@work("read_document")
def read_document(job: Running, *, document_id: int, **_later: object) -> None:
    """Read the text of a document into clauses; what has none is kept and says so."""
    document = Document._base_manager.get(pk=document_id)
    found = passages(Path(document.file).suffix.lstrip("."), stored(document).read_bytes())
    with transaction.atomic():
        document = Document._base_manager.select_for_update().get(pk=document_id)
        document.clauses.all().delete()
        Clause.objects.bulk_create(
            (Clause(document=document, order=order, article=one.article[:64], text_zh=one.text)
             for order, one in enumerate(found, 1)),
            batch_size=500,
        )  # fmt: skip
        history.record(
            document, verb="read_in", by=None, at=job.at, changes={"searchable": bool(found)},
            data={"clauses": len(found)},
        )  # fmt: skip
    job.result(clauses=len(found))
