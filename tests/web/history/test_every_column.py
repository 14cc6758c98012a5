"""Whatever is edited in the database behind the application's back is found: every column of every kind."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.db import models, transaction

from jicha_web.cases.models import Case, ChecklistItem
from jicha_web.cases.opening import open_from_findings
from jicha_web.field import rows
from jicha_web.field.models import Position, Seal, SiteReading, Visit
from jicha_web.findings.models import Finding
from jicha_web.history import record as history
from jicha_web.history.models import Recorded
from jicha_web.history.read import Damage, check, recorded_models
from jicha_web.organisation.scope import EVERYTHING, scoped
from jicha_web.runs.importing import adopt, import_run
from jicha_web.runs.models import Run
from tests.web.conftest import NOW, World
from tests.web.small_data import data, screen_it
from tests.web.walk.objects import build_objects

__all__ = ["data"]

# what no history proves, and why not: docs/explanation/proof.md
UNPROVED = {
    "case.told", "expecteddelivery.alerted_for", "expecteddelivery.last_arrived_at", "finding.priority",
    "finding.run_id", "person.email", "person.language", "person.last_login", "person.password", "person.phone",
    "runschedule.last_data_version", "runschedule.last_started_at", "token.last_used_at",
}  # fmt: skip
# proved by the run's own file, and shown so below
SAID = {f"finding.{name}" for name in (*Finding.SAID, "organisation_id", "key_hash", "severity_rank")}
# rows of a visit stand in one hash of their own
OF_VISITS = {Position: rows.POSITION, SiteReading: rows.READING, Seal: rows.SEAL}
ANSWERS = ("answer", "note", "answered_by_id", "answered_at")


def other(value: Any, column: models.Field[Any, Any]) -> Any:
    """Return another value that the column takes."""
    kind = type(column)
    if value is None:
        value = {
            models.DateField: NOW.date(), models.DateTimeField: NOW, models.TimeField: NOW.time(),
            models.DecimalField: Decimal(1), models.FloatField: 1.0, models.JSONField: {}, models.CharField: "",
            models.TextField: "",
        }.get(kind, 1)  # fmt: skip
    if isinstance(column, models.JSONField):
        return {"edited": 1}
    if isinstance(value, bool):
        return not value
    if isinstance(value, str):
        return "edited" if value != "edited" else "else"
    if isinstance(column, models.TimeField):
        return value.replace(hour=(value.hour + 1) % 24)
    if isinstance(column, models.DateField):
        return value + timedelta(days=1)
    return uuid4() if isinstance(column, models.UUIDField) else value + 1


@contextmanager
def edited(row: models.Model, attname: str) -> Iterator[None]:
    """Edit one column in the database, by no verb, and put it back."""
    [column] = [one for one in row._meta.concrete_fields if one.attname == attname]
    with transaction.atomic():
        type(row)._base_manager.filter(pk=row.pk).update(**{attname: other(getattr(row, attname), column)})
        yield
        transaction.set_rollback(True)


def found() -> list[Damage]:
    with scoped(EVERYTHING):
        return list(check(files=False))


def columns(model: type[models.Model]) -> list[str]:
    return [
        f.attname for f in model._meta.concrete_fields if not f.primary_key and not isinstance(f, models.GeneratedField)
    ]


@pytest.fixture
def one_of_each(world: World) -> dict[str, Recorded]:
    """One object of every kind, each with an entry that tells it as it is."""
    build_objects(world)
    Run.objects.update(imported_at=None)  # no run has spoken: that is the other test
    ChecklistItem.objects.update(answer="", note="", answered_by=None, answered_at=None)
    made: dict[str, Recorded] = {}
    with scoped(EVERYTHING):
        for visit in Visit._base_manager.all():
            Visit._base_manager.filter(pk=visit.pk).update(rows_hash=rows.hash_of(visit))
        for kind, model in recorded_models().items():
            for row in model._base_manager.filter(version=0):
                history.record(row, verb="walked", by=None, at=NOW)
            made[kind] = model._base_manager.latest("pk")
    assert found() == []
    return made


def test_every_column_is_proved_but_for_those_that_are_named(one_of_each: dict[str, Recorded]) -> None:
    missed = set()
    for kind, row in one_of_each.items():
        for attname in columns(type(row)):
            with edited(row, attname), scoped(EVERYTHING):
                if not list(check(kind, files=False)):
                    missed.add(f"{kind}.{attname}")
    assert missed == UNPROVED | SAID
    reasons = {
        f"{kind}.{name}": why for kind, row in one_of_each.items() for name, why in type(row).UNPROVED.items() if why
    }
    assert set(reasons) == UNPROVED | SAID


def test_what_belongs_to_an_object_in_rows_of_its_own_is_proved(one_of_each: dict[str, Recorded]) -> None:
    kinds: dict[str, tuple[type[models.Model], tuple[str, ...]]] = {}
    for kind, row in one_of_each.items():
        for one in type(row).HISTORY_ROWS:
            relation: Any = type(row)._meta.get_field(one.related)
            kinds[f"{kind}.{one.related}"] = relation.related_model, one.columns
    kinds |= {f"visit.{model.__name__}": (model, names) for model, names in OF_VISITS.items()}
    kinds["case.answers"] = ChecklistItem, ANSWERS
    assert {"case.parts", "case.dispatches", "case.proofs", "lead.reporter", "document.clauses"} <= set(kinds)
    missed = set()
    for name, (model, names) in kinds.items():
        one_row = model._base_manager.latest("pk")
        for attname in names:
            with edited(one_row, attname):
                if not found():
                    missed.add(f"{name}.{attname}")
        with transaction.atomic():
            model._base_manager.filter(pk=one_row.pk).delete()
            missed |= set() if found() else {f"{name} deleted"}
            transaction.set_rollback(True)
    assert missed == set()
    told: dict[type[models.Model], set[str]] = {}
    for model, names in kinds.values():
        told.setdefault(model, set()).update(names)
    for model, names_told in told.items():  # a column that is added is told too: only whose rows they are is not
        assert set(columns(model)) - names_told <= {"case_id", "visit_id", "lead_id", "document_id"}, model


@pytest.fixture
def imported(world: World, data: Path) -> Run:
    run = adopt(screen_it(data).run_id, at=NOW)
    import_run(run, at=NOW, progress=lambda *_told: None)
    return run


def test_what_a_run_said_of_findings_is_compared_with_its_own_file(imported: Run) -> None:
    assert found() == []
    row = Finding._base_manager.get(customer_id="1001")
    missed = set()
    for attname in (*Finding.SAID, "organisation_id", "key_hash", "severity_rank", "rule", "key"):
        with edited(row, attname):
            if not [d for d in found() if d.kind in {"said", "said_missing"}]:
                missed.add(attname)
    assert missed == set()
    with transaction.atomic():
        Finding._base_manager.filter(pk=row.pk).delete()
        assert [d.kind for d in found()] == ["said_missing"]
        transaction.set_rollback(True)
    row.pk, row.key_hash = None, "made-up"
    with transaction.atomic():
        row.save(force_insert=True)
        assert [(d.kind, d.object_id) for d in found()] == [("said", row.pk)]
        transaction.set_rollback(True)


def test_a_finding_stays_what_it_was_when_it_went_into_a_case(imported: Run, world: World) -> None:
    with scoped(EVERYTHING):
        [case] = open_from_findings(
            findings=[Finding._base_manager.get(customer_id="1001")], by=world.people["city"], at=NOW
        )
    assert found() == []
    Run.objects.update(imported_at=None)  # the run's file is not asked
    row = Finding._base_manager.get(case=case)
    assert case.customer_name == "王小明"
    for attname in Finding.SAID:
        if attname != "said_hash":  # another one means that a later run has spoken
            with edited(row, attname):
                assert [(d.kind, d.what) for d in found()] == [("said", attname)]
    for attname in ("customer_name", "address", "amount_yuan", "latitude", "priority"):
        with edited(Case._base_manager.get(pk=case.pk), attname):
            assert [(d.kind, d.object_type) for d in found()] == [("state", "case")]


def test_a_run_whose_file_is_gone_is_told(imported: Run, data: Path) -> None:
    Run.objects.update(run_id="20991231-001")
    assert [(d.kind, d.what) for d in found()] == [("run_missing", "20991231-001")]
