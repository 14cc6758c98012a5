"""Cases that open by themselves after a run: what they cost does not grow with them."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from jicha_web.cases import automatic, opening
from jicha_web.cases.models import Case, ChecklistItem, Party
from jicha_web.history import record as history
from jicha_web.history.models import Entry
from jicha_web.history.read import check, entries_of
from jicha_web.organisation.models import Membership
from tests.web.cases.building import make_case
from tests.web.cases.stands import a_run, finding
from tests.web.conftest import NOW, World

pytestmark = pytest.mark.usefixtures("all_units", "data")

STATEMENTS = 49  # without what rows are inserted by, whose number the database sets: SQLite takes 999 values at once


def _customers(world: World, start: int, count: int) -> None:
    """Make customers with two findings each, one of which opens a case; every other one has a case already."""
    for n in range(start, start + count):
        customer, unit = f"33100{n:05d}", ["A1", "A2", "B1"][n % 3]
        evidence = {"reader_id": "SG1", "index_changed_by": "SG2"}
        finding(world, customer=customer, unit=unit, amount_yuan=Decimal("20000.00"), evidence=evidence)
        finding(world, "TC004", customer=customer, unit=unit, severity="low", priority=n / 7, amount_yuan=None)
        if n % 2:
            make_case(world, happened=unit, number=f"JC{n}", subject_id=customer, customer_id=customer)


@pytest.mark.parametrize("count", [10, 70])
def test_the_statements_do_not_grow_with_the_cases(world: World, count: int) -> None:
    finding(world, customer="3300000009", amount_yuan=Decimal("20000.00"))
    assert len(automatic.open_by_rule(a_run(), NOW)) == 1  # what is read once is read
    _customers(world, 0, count)
    rows = [model._base_manager.count() for model in (ChecklistItem, Entry, Case, Party)]
    with CaptureQueriesContext(connection) as asked:
        opened = automatic.open_by_rule(a_run(), NOW)
    sql = [query["sql"] for query in asked.captured_queries]
    inserts = [one for one in sql if one.startswith("INSERT")]
    assert len(sql) - len(inserts) == STATEMENTS, "\n".join(one[:100] for one in sql)
    made = [model._base_manager.count() - n for model, n in zip((ChecklistItem, Entry, Case, Party), rows, strict=True)]
    assert made[1:] == [count * 3, count // 2, count * 2]
    columns = (14, 16, 36, 6)  # of these, at most; new cases and joined ones, cases and findings are written apart
    assert len(inserts) <= 8 + sum(n * width // 999 for n, width in zip(made, columns, strict=True)), inserts
    assert len(opened) == count
    assert [[e.verb for e in entries_of(case)] for case in opened[:2]] in (
        [["proposed"], ["proposed", "findings_added"]], [["proposed", "findings_added"], ["proposed"]],
    )  # fmt: skip
    assert all(case.findings.count() == 2 for case in opened)
    assert list(check()) == []


def test_at_most_so_many_cases_open_and_the_most_urgent_do(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    few = opening.grouping() | {"automatic_at_most": 3}
    monkeypatch.setattr(opening, "grouping", lambda: few)
    monkeypatch.setattr(automatic, "CHUNK", 2)
    for n in range(5):
        finding(world, customer=f"331000000{n}", amount_yuan=Decimal("20000.00"), priority=n)
    opened = automatic.open_by_rule(a_run(), NOW)
    assert [c.customer_id for c in opened] == ["3310000004", "3310000003", "3310000002"]
    assert [c.number for c in opened] == [f"JC202610150000{n}" for n in (1, 2, 3)]


def test_many_changes_are_chained_as_one_by_one(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history, "CHUNK", 3)
    members = list(Membership.objects.order_by("pk")[:5])
    history.record(members[1], verb="changed", by=None, at=NOW, changes={"until": NOW.date()})
    by = world.people["city"]
    changes = [
        history.Change(m, "revoked", note=f"{m.pk}", changes={"is_active": n % 2 == 0}) for n, m in enumerate(members)
    ]
    history.record_many(changes, by=by, at=NOW)
    assert list(check()) == []
    assert [(e.number, e.by_id, e.note) for m in members for e in entries_of(m)[-1:]] == [
        (3 if n == 1 else 2, by.pk, f"{m.pk}") for n, m in enumerate(members)
    ]
    assert list(Membership.objects.order_by("pk").values_list("is_active", flat=True)[:5]) == [
        True, False, True, False, True,
    ]  # fmt: skip
    with pytest.raises(ValueError, match="once"):
        history.record_many([history.Change(members[0], "revoked")] * 2, by=by, at=NOW)


def test_of_many_changes_none_is_made_when_somebody_else_made_one(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(history, "CHUNK", 2)
    members = list(Membership.objects.order_by("pk")[:4])
    other = Membership.objects.get(pk=members[3].pk)
    history.record(other, verb="changed", by=None, at=NOW, changes={"until": NOW.date()})
    entries = Entry.objects.count()
    with pytest.raises(history.ChangedMeanwhile) as refused:
        history.record_many(
            [history.Change(m, "revoked", changes={"is_active": False}) for m in members], by=None, at=NOW
        )
    assert refused.value.object is members[3]
    assert Entry.objects.count() == entries
    assert all(Membership.objects.filter(pk__in=[m.pk for m in members]).values_list("is_active", flat=True))
    assert list(check()) == []
