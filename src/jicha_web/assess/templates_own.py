"""The utility's own Word templates: checked, kept in DATA/templates, taken back; each change with its history."""

from __future__ import annotations

import hashlib
import os
from datetime import datetime
from pathlib import Path

from django.db import transaction
from django.utils import timezone

from jicha_web.assess.models import OwnTemplate
from jicha_web.assess.papers import own_templates
from jicha_web.documents.word import allowed_values, check_template
from jicha_web.history import record as history
from jicha_web.organisation.models import Organisation, Person
from jicha_web.organisation.rights import require
from jicha_web.organisation.tree import unit_above_all


def top() -> Organisation | None:
    """Return the unit at the top: templates are the whole utility's."""
    return unit_above_all()


def _require(by: Person, at: datetime) -> None:
    require(by, "library_edit", timezone.localdate(at), top())


def in_use(template: str) -> OwnTemplate | None:
    """Return the utility's own template of a kind; None where the shipped one is used."""
    return OwnTemplate.objects.filter(template=template, removed=False).select_related("by").first()


def put(*, template: str, content: bytes, by: Person, at: datetime) -> OwnTemplate:
    """Use an own template from now on. BadInput names what is wrong with it; KeyError: there is no such kind."""
    allowed_values(template)
    _require(by, at)
    check_template(template, content)
    sha256 = hashlib.sha256(content).hexdigest()
    with transaction.atomic():
        before = in_use(template)
        if before is not None:
            history.record(before, verb="template_replaced", by=by, at=at, changes={"removed": True})
        made = OwnTemplate(template=template, sha256=sha256, size_bytes=len(content), by=by, at=at)
        history.create(made, verb="template_put", by=by, at=at)
        _write(own_templates() / f"{template}.docx", content)
    return made


def remove(*, template: str, by: Person, at: datetime) -> None:
    """Use the shipped template again."""
    _require(by, at)
    with transaction.atomic():
        before = in_use(template)
        if before is not None:
            history.record(before, verb="template_removed", by=by, at=at, changes={"removed": True})
        (own_templates() / f"{template}.docx").unlink(missing_ok=True)


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_suffix(".new")
    with new.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    new.replace(path)
