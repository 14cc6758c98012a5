"""A city's year in the application, for measuring: findings, cases with their history, people, all made up.

    JICHA_DATA=/tmp/bench-web python bench/web/seed.py --findings 1000000 --cases 100000 --people 200

Not through the verbs: rows are written in bulk, with a history that `check_history` accepts.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import random
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import islice
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "jicha_web.settings")
django.setup()

from django.db import connection, transaction  # noqa: E402

from jicha_web.cases.models import Case, ChecklistItem  # noqa: E402
from jicha_web.cases.workflow import workflow  # noqa: E402
from jicha_web.findings.models import Finding  # noqa: E402
from jicha_web.history.models import Entry  # noqa: E402
from jicha_web.history.record import FIRST, digest, entry_content  # noqa: E402
from jicha_web.organisation.models import Membership, Organisation, Person  # noqa: E402
from jicha_web.organisation.scope import EVERYTHING, scoped  # noqa: E402
from jicha_web.runs.models import Run  # noqa: E402

NOW = datetime(2026, 10, 15, 2, 0, tzinfo=UTC)
RULES = [
    f"{group}{number:03d}" for group in ("CF", "MT", "RC", "TC", "AC", "UI", "BX", "LL") for number in range(1, 13)
]
SEVERITIES = ["high", "medium", "low"]
BATCH = 5000


def units(counties: int = 8, stations: int = 10) -> list[Organisation]:
    """Make one city with its counties and stations; return the stations."""
    city = Organisation.objects.create(code="C", name="示例市供电公司", level="city", path="0001")
    found = []
    for c in range(1, counties + 1):
        county = Organisation.objects.create(
            code=f"C{c:02d}", name=f"{c}号县供电公司", level="county", path=f"0001{c:04d}", parent=city
        )
        for s in range(1, stations + 1):
            found.append(
                Organisation.objects.create(
                    code=f"C{c:02d}S{s:02d}", name=f"{c}-{s}供电所", level="station", path=f"{county.path}{s:04d}",
                    parent=county, latitude=30 + c / 10, longitude=114 + s / 10,
                )
            )  # fmt: skip
    return found


def people(number: int, stations: list[Organisation]) -> list[Person]:
    """Make people: one in ten at the city, two in ten at counties, the others at stations."""
    made = []
    for n in range(number):
        station = stations[n % len(stations)]
        role, unit = ("station_inspector", station)
        if n % 10 == 0:
            role, unit = ("city_specialist", Organisation.objects.get(code="C"))
        elif n % 10 in {1, 2}:
            role, unit = ("county_specialist", station.parent or station)
        person = Person.objects.create(
            username=f"p{n:03d}", name=f"人员{n:03d}", organisation=unit, staff_id=f"S{n:05d}", password="!"
        )
        Membership.objects.create(person=person, role=role, organisation=unit)
        made.append(person)
    return made


def in_batches(rows: Iterator[Any], model: Any) -> None:
    while batch := list(islice(rows, BATCH)):
        with transaction.atomic():
            model._base_manager.bulk_create(batch)


def findings(number: int, stations: list[Organisation], run: Run, rng: random.Random) -> Iterator[Finding]:
    for n in range(number):
        rule, severity = rng.choice(RULES), rng.choices(SEVERITIES, (1, 3, 4))[0]
        customer = f"{rng.randrange(1_000_000):010d}"
        key = json.dumps({"customer_id": customer, "period": "2026-09-01", "n": str(n)})
        rank = 3 - SEVERITIES.index(severity)
        amount = Decimal(rng.randrange(1, 5_000_000)) / 100 if rng.random() < 0.4 else None
        in_case = n < number // 5
        yield Finding(
            rule=rule, key=key, key_hash=hashlib.sha256(f"{rule} {key}".encode()).hexdigest()[:32], rule_version="1",
            subject="customer", subject_id=customer, customer_id=customer, organisation=rng.choice(stations),
            period=date(2026, 9, 1), specialty=rule[:2], severity=severity, severity_rank=rank, kind="fee",
            state=rng.choices(["new", "open", "cleared", "expired"], (2, 5, 2, 1))[0], amount_yuan=amount,
            reason_zh=f"{rule}：2026-09 用电 {rng.randrange(10_000)} kWh，账单与重算相差 {amount or 0} 元",
            reason_en=f"{rule}: {rng.randrange(10_000)} kWh in 2026-09, the bill differs by {amount or 0} yuan",
            evidence={"billed_kwh": rng.randrange(10_000), "multiplier": 40, "customer_name": "某某公司"},
            first_seen_on=date(2026, 1, 1) + timedelta(days=rng.randrange(280)), last_hit_on=date(2026, 10, 15),
            judged_on=date(2026, 10, 15), run=run, priority=rank * float(amount or 100) * rng.random(),
            handling="in_case" if in_case else "open",
        )  # fmt: skip


def cases(
    number: int, stations: list[Organisation], staff: dict[int, list[Person]], rng: random.Random
) -> Iterator[Case]:
    names = [s.code for s in workflow().states.values()]
    weights = [8 if name == "closed" else 1 for name in names]
    for n in range(number):
        station = rng.choice(stations)
        state = rng.choices(names, weights)[0]
        since = NOW - timedelta(hours=rng.randrange(6000))
        customer = f"{rng.randrange(1_000_000):010d}"
        yield Case(
            number=f"JC20260101{n:06d}", title=f"电费与计量核查 {n}", source="findings", description="合并核查",
            state=state, state_since=since, severity=rng.choice(SEVERITIES), subject="customer", subject_id=customer,
            customer_id=customer, customer_name="某某有限公司", organisation=station, subject_organisation=station,
            assignee=rng.choice(staff[station.pk]) if staff.get(station.pk) else None, priority=rng.random() * 1000,
            amount_yuan=Decimal(rng.randrange(1, 5_000_000)) / 100, opened_at=since - timedelta(days=5),
            due_at=None if state == "closed" else NOW + timedelta(hours=rng.randrange(-200, 400)),
            closed_at=since if state == "closed" else None,
            outcome=rng.choice(["theft", "breach", "unfounded"]) if state == "closed" else "", version=1,
        )  # fmt: skip


def case_entries(by: Person) -> Iterator[Entry]:
    for case in Case._base_manager.order_by("pk").iterator(chunk_size=BATCH):
        state = case.history_state()
        entry = Entry(
            object_type="case", object_id=case.pk, number=1, at=case.opened_at, by_id=by.pk, by_name=by.name,
            verb="opened", data={"created": state}, state_hash=digest(state), previous_hash=FIRST,
        )  # fmt: skip
        entry.hash = digest(entry_content(entry))
        yield entry


def checklists(every: int) -> Iterator[ChecklistItem]:
    for pk in Case._base_manager.order_by("pk").values_list("pk", flat=True).iterator():
        if pk % every == 0:
            for order in range(9):
                yield ChecklistItem(
                    case_id=pk,
                    order=order,
                    code=f"c{order}",
                    section="files",
                    text_zh="核对基本档案",
                    text_en="Check the files",
                )


def link() -> None:
    """Put the first findings into cases, a few each, with the findings' own history left empty."""
    with connection.cursor() as cursor:
        first = Case._base_manager.order_by("pk").values_list("pk", flat=True).first()
        count = Case._base_manager.count()
        cursor.execute(f"UPDATE findings_finding SET case_id = {first} + (id % {count}) WHERE handling = 'in_case'")
        cursor.execute("ANALYZE")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--findings", type=int, default=1_000_000)
    parser.add_argument("--cases", type=int, default=100_000)
    parser.add_argument("--people", type=int, default=200)
    given = parser.parse_args()
    began, rng = time.monotonic(), random.Random(1)
    with scoped(EVERYTHING):
        stations = units()
        staff = people(given.people, stations)
        by_unit: dict[int, list[Person]] = {}
        for person in staff:
            by_unit.setdefault(person.organisation_id, []).append(person)
        run = Run.objects.create(run_id="bench-1", as_of=NOW.date(), asked_at=NOW, finished_at=NOW, state="done")
        in_batches(findings(given.findings, stations, run, rng), Finding)
        in_batches(cases(given.cases, stations, by_unit, rng), Case)
        in_batches(case_entries(staff[0]), Entry)
        in_batches(checklists(5), ChecklistItem)
        link()
    print(
        f"{given.findings:,} findings, {given.cases:,} cases, {given.people} people in {time.monotonic() - began:.0f} s"
    )


if __name__ == "__main__":
    main()
