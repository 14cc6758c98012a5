"""One object of every table, all of one unit, all with the same number, all their texts with one mark.

So any address that takes a number leads to an object of that unit, whatever table it means, and a page that shows the
mark to a stranger leaks. New tables are covered without a line here, unless a field needs a meaningful value.
"""

from __future__ import annotations

import io
import uuid
from collections.abc import Iterator
from datetime import date, time
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import models
from PIL import Image

from jicha_web.core import calculations
from jicha_web.organisation.models import Organisation, Person
from tests.web.conftest import NOW, World

NUMBER = 7001
MARK = "绝密甲乙丙"
UNIT = "WALK"

CALCULATOR = "late_payment"
EXAMPLE = dict(calculations.known()[CALCULATOR].example)
# values that mean something, by field name; `model.field` where the same name means different things
MEANT: dict[str, Any] = {
    "rule": "TC006", "rules": ["TC006"], "key": '{"customer_id":"3300000001"}', "subject": "customer",
    "subject_id": "3300000001", "customer_id": "3300000001", "specialty": "TC", "severity": "high", "kind": None,
    "severity_rank": 3, "state": None, "origin": None, "case.state": "checking", "finding.state": "open",
    "finding.kind": "fee", "finding.handling": "open", "finding.evidence": {"customer_id": "3300000001"},
    "membership.role": "station_inspector", "query": "state=open", "page": "cases", "event": "start_check",
    "role": "station_inspector", "part": "check", "section": "files", "code": "files_holder",
    "paper.kind": "work_order",
    "calculation.calculator": CALCULATOR, "calculation.inputs": EXAMPLE, "media_type": "image/jpeg",
    "calculation.result": calculations.calculate(CALCULATOR, EXAMPLE),
    "document.code": "走查", "document.state": "in_force", "document.origin": "upload", "document.kind": "handbook",
    "rulechange.what": "status", "rulechange.before": "active", "rulechange.after": "shadow", "ended_at": None,
    "job.kind": "walk", "job.state": "done", "run.state": "done", "run.run_id": "20261001-001",
    "run.rules": {"TC006": {
        "name": {"zh": "走查", "en": "walk"}, "group": "TC", "outcome": "done", "status": "active", "version": "v1",
        "findings": 1, "not_judged": 0, "seconds": 0.1, "missing": [], "detail": {},
    }},
    "report.figures": {"sections": [], "title": {"zh": "走查", "en": "walk"}},
    "run.counts": {"open": 1}, "runschedule.rules": ["TC006"],
    "token.actions": ["case_view"], "token.until": date(2026, 12, 31),
    "membership.until": None, "notification.once": "walk", "shared_with": None, "withdrawn": False,
    "sections": ["visits"], "assessment.findings": {}, "recurrence_of": None, "source_case_id": NUMBER,
    "runschedule.kind": "daily", "qualification.kind": "usage_inspection", "original": "walk/photo.jpg",
    "display": "walk/photo.jpg", "file": "walk/text.txt", "docx": "walk/text.txt", "pdf": "walk/text.txt",
    "result_file": "walk/text.txt", "username": "walker", "password": "!",
    "language": "zh-hans", "level": "station", "path": None, "typicalcase.withdrawn": False, "revoked": False,
    "is_active": True, "removed": False, "cancelled": False, "must_change_password": False, "read_at": None,
    "kind_of": None,
}  # fmt: skip
# public to everybody who signs in, or of the whole installation: their texts carry no mark
UNMARKED = {"run", "typicalcase", "delivery", "expecteddelivery", "runschedule", "due", "seal", "entry"}


def own_models() -> list[type[models.Model]]:
    """Return the tables of the application."""
    return [model for model in apps.get_models() if model.__module__.startswith("jicha_web.")]


def build_objects(world: World) -> dict[str, models.Model]:
    """Make one object of every table; return them by table name."""
    _files()
    unit = Organisation.objects.create(
        pk=NUMBER, code=UNIT, name="走查站", level="station", parent=world.units["A"],
        path=f"{world.units['A'].path}0909", latitude=30.5, longitude=114.3,
    )  # fmt: skip
    made: dict[type[models.Model], models.Model] = {Organisation: unit}
    for model in own_models():
        _make(model, made)
    return {model._meta.model_name or "": found for model, found in made.items()}


def _make(model: type[models.Model], made: dict[type[models.Model], models.Model]) -> models.Model | None:
    if model in made:
        return made[model]
    if model._meta.model_name in {"entry", "seal"} and model._meta.app_label == "history":
        return None
    values = dict(_values(model, made))
    found = model(pk=NUMBER, **values)
    found.save(force_insert=True)
    made[model] = found
    return found


def _values(model: type[models.Model], made: dict[type[models.Model], models.Model]) -> Iterator[tuple[str, Any]]:
    table = model._meta.model_name or ""
    for field in model._meta.concrete_fields:
        if field.primary_key or field.generated:
            continue
        for name in (f"{table}.{field.name}", field.name):
            if name in MEANT and (MEANT[name] is not None or field.null):
                yield field.name, MEANT[name]
                break
        else:
            if isinstance(field, models.ForeignKey):
                related = field.related_model
                if related is not model and isinstance(related, type):
                    yield field.name, _make(related, made)
            else:
                yield field.name, _value(field, marked=table not in UNMARKED)


def _value(field: Any, *, marked: bool) -> Any:
    text = MARK if marked else "走查"
    if field.choices:
        return next(iter(dict(field.flatchoices)))
    if isinstance(field, models.UUIDField):
        return uuid.UUID(int=NUMBER)
    if isinstance(field, models.JSONField):
        return field.get_default()
    if isinstance(field, models.EmailField):
        return "walk@example.org"
    if isinstance(field, models.CharField | models.TextField):
        longest = field.max_length or 1000
        if (longest == 64 and "hash" in field.name) or field.name == "sha256":
            return "ab" * 32
        return text[:longest]
    if isinstance(field, models.DateTimeField):
        return NOW
    for kind, value in (
        (models.DateField, date(2026, 10, 1)), (models.TimeField, time(8)), (models.DecimalField, Decimal("12.5")),
        (models.FloatField, 30.5), (models.BooleanField, bool(field.get_default())), (models.IntegerField, 1),
    ):  # fmt: skip
        if isinstance(field, kind):
            return 0 if field.name == "version" else value
    raise AssertionError(f"no value for {field}")


def _files() -> None:
    folder = Path(settings.MEDIA_ROOT) / "walk"
    folder.mkdir(parents=True, exist_ok=True)
    held = io.BytesIO()
    Image.new("RGB", (8, 8)).save(held, "JPEG")
    (folder / "photo.jpg").write_bytes(held.getvalue())
    (folder / "text.txt").write_text(MARK, encoding="utf-8")


def walker() -> Person:
    """Return the person that belongs to all of it."""
    return Person.objects.get(pk=NUMBER)
