"""A city's year in the application, for measuring: units, people, and cases with their history, all made up.

    JICHA_DATA=/tmp/bench-web python bench/web/seed.py --cases 100000 --people 200

Its findings are a run's, taken in before by the application's importer (bench/web/ledger.py, bench/web/importing.py).
Cases are written in bulk and not through the verbs, each as its moves would have left it: every row of history is
there, chained, and `check_history` accepts it. What is found on site and papers are left out.
"""

from __future__ import annotations

import argparse
import os
import random
import time
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "jicha_web.settings")
django.setup()

from django.db import connection, transaction  # noqa: E402
from django.db.models import Max, Sum  # noqa: E402
from ledger import COUNTIES, STATIONS, station_code  # noqa: E402

from jicha_web.cases.models import Case, ChecklistItem, Dispatch  # noqa: E402
from jicha_web.findings.models import Finding  # noqa: E402
from jicha_web.history.models import Entry  # noqa: E402
from jicha_web.history.record import FIRST, create, entry_content  # noqa: E402
from jicha_web.history.values import digest, plain  # noqa: E402
from jicha_web.organisation.models import Membership, Organisation, Person  # noqa: E402
from jicha_web.organisation.scope import EVERYTHING, scoped  # noqa: E402

NOW = datetime(2026, 10, 15, 2, 0, tzinfo=UTC)
# the road of most cases; a case has gone as far as its state
ROAD = (
    ("open", "registered"), ("dispatch_county", "county_pending"), ("assign_station", "station_pending"),
    ("start_check", "checking"), ("submit_check", "assessing"), ("submit_assessment", "approving"),
    ("approve", "rectifying"), ("submit_rectification", "county_review"), ("accept_county", "city_review"),
    ("accept_city", "awaiting_proof"), ("prove", "closed"),
)  # fmt: skip
AT_STATION = {"station_pending", "checking", "assessing", "approving", "rectifying", "county_review", "city_review",
              "awaiting_proof", "closed"}  # fmt: skip
SURNAMES, GIVEN = "王李张刘陈杨黄赵周吴徐孙马朱胡郭何林罗高", "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超兰霞平刚桂英"
CHECKLIST = [
    ("files", "核对户名、地址、证件与现场是否一致", "Name, address and identity agree with what is on site"),
    ("files", "核对用电类别与实际用电性质", "The use agrees with the tariff"),
    ("device", "核对表号、倍率与铭牌", "Meter and ratio"),
    ("device", "检查封印是否完好", "Seals are whole"), ("device", "检查接线是否正确", "Wiring is right"),
    ("quantity", "抄录现场示数并与系统比对", "Reading on site against the system"),
    ("quantity", "核对变压器容量与运行方式", "Transformers and their capacity"),
    ("price", "核对执行电价", "Tariff in force"),
    ("price", "核对功率因数考核标准", "Power factor standard"),
]  # fmt: skip
NUMBERS = "JC20260101"  # of the cases made here; the import has opened some by itself
BATCH = 5000


def units() -> list[Organisation]:
    """Make one city with its counties and stations; return the stations."""
    city = Organisation.objects.create(code="C", name="示例市供电公司", level="city", path="0001")
    found = []
    for c in range(1, COUNTIES + 1):
        county = Organisation.objects.create(
            code=f"C{c:02d}", name=f"{c}号县供电公司", level="county", path=f"0001{c:04d}", parent=city
        )
        for s in range(1, STATIONS + 1):
            found.append(
                Organisation.objects.create(
                    code=station_code(c, s), name=f"{c}-{s}供电所", level="station", path=f"{county.path}{s:04d}",
                    parent=county, latitude=30 + c / 10, longitude=114 + s / 10,
                )
            )  # fmt: skip
    return found


def people(number: int, stations: list[Organisation]) -> list[Person]:
    """Make people: one in ten at the city, two in ten at counties, the others at stations."""
    made, rng = [], random.Random(2)
    city = Organisation.objects.get(code="C")
    for n in range(number):
        role, unit = "station_inspector", stations[n * 7 % len(stations)]
        if n % 10 == 0:
            role, unit = "city_specialist", city
        elif n % 10 in {1, 2}:
            role, unit = "county_specialist", unit.parent or unit
        name = rng.choice(SURNAMES) + "".join(rng.sample(GIVEN, rng.choice((1, 2))))
        person = Person(username=f"p{n:03d}", name=name, organisation=unit, staff_id=f"S{n:05d}", password="!")
        create(person, verb="account_opened", by=None, at=NOW)
        create(Membership(person=person, role=role, organisation=unit), verb="granted", by=None, at=NOW)
        made.append(person)
    return made


def in_batches(rows: Iterable[Any], model: Any) -> int:
    """Write rows as they come; return how many."""
    rows, written = iter(rows), 0
    while batch := list(islice(rows, BATCH)):
        with transaction.atomic():
            written += len(model._base_manager.bulk_create(batch))
    return written


def subjects(number: int) -> list[dict[str, Any]]:
    """Return customers who have suspected findings, each with what a case takes over from them."""
    suspected = Finding._base_manager.filter(stands=1).exclude(customer_id="")
    grouped = suspected.order_by().values("customer_id", "organisation_id")
    found = grouped.annotate(yuan=Sum("amount_yuan"), rank=Max("severity_rank"), priority=Max("priority"))
    return list(found.order_by("customer_id")[:number])


def cases(number: int, stations: dict[int, Organisation], staff: dict[int, list[Person]]) -> Iterator[Case]:
    """Yield cases in all states, two in five of them closed."""
    rng, city = random.Random(1), Organisation.objects.get(code="C")
    states = ["proposed", *(state for _event, state in ROAD)]
    weights = [8 if state == "closed" else 1 for state in states]
    for n, of in enumerate(subjects(number)):
        station = stations[of["organisation_id"]]
        state = rng.choices(states, weights)[0]
        since = NOW - timedelta(minutes=rng.randrange(60, 500_000))
        days = states.index(state) * 3 + rng.randrange(3)
        closed, at_station = state == "closed", state in AT_STATION
        lies = station if at_station else station.parent if state == "county_pending" else city
        assert lies is not None
        name = rng.choice(SURNAMES) + "".join(rng.sample(GIVEN, 2)) if rng.random() < 0.8 else "示例市宏远机械有限公司"
        yield Case(
            number=f"{NUMBERS}{n:06d}", title=f"电费、计量与档案疑点合并核查（{name[0]}户）", source="findings",
            description="同一客户的多条疑点合并核查：先核对档案与计量装置，再抄录示数并与账单比对，必要时调取负荷曲线。",
            state=state, state_since=since, severity={3: "high", 2: "medium"}.get(of["rank"], "low"),
            subject="customer", subject_id=of["customer_id"], customer_id=of["customer_id"], customer_name=name,
            address=f"{station.name}辖区解放路{n % 400 + 1}号", organisation=lies, subject_organisation=station,
            assignee=rng.choice(staff[station.pk]) if at_station and staff.get(station.pk) else None,
            priority=of["priority"], amount_yuan=of["yuan"], opened_at=since - timedelta(days=days),
            due_at=None if closed else NOW + timedelta(hours=rng.randrange(-200, 400)),
            closed_at=since if closed else None, latitude=30 + rng.random(), longitude=114 + rng.random(),
            outcome=rng.choice(["theft", "breach", "metering_fault", "file_error"]) if closed else "",
            confirmed_yuan=of["yuan"] if closed else None, collected_yuan=of["yuan"] if closed else None,
            version=1 + states.index(state),
        )  # fmt: skip


def _all_cases() -> Iterator[Case]:
    """Yield the cases in batches of one query each: SQLite begins a cursor anew when something is committed."""
    last = 0
    while batch := list(Case._base_manager.filter(pk__gt=last, number__startswith=NUMBERS).order_by("pk")[:BATCH]):
        yield from batch
        last = batch[-1].pk


def case_entries(staff: list[Person]) -> Iterator[Entry]:
    """Yield the history of all cases: opened, then one row for each move of the road, each with its hash."""
    states = ["proposed", *(state for _event, state in ROAD)]
    for case in _all_cases():
        last, previous = case.history_state(), FIRST
        step = (case.state_since - case.opened_at) / max(1, case.version - 1)
        for number in range(1, case.version + 1):
            person = staff[(case.pk * 7 + number) % len(staff)]
            state, at = states[number - 1], case.opened_at + step * (number - 1)
            before = states[number - 2]
            told = {**last, "state": state, "state_since": plain(at), "closed_at": None}
            data: dict[str, Any] = {"created": told} if number == 1 else {"state": [before, state]}
            if number > 1:
                data |= {"state_since": [plain(at - step), plain(at)], "organisation_id": [None, case.organisation_id]}
            is_last = number == case.version
            entry = Entry(
                object_type="case", object_id=case.pk, number=number, at=at, by_id=person.pk, by_name=person.name,
                verb="opened" if number == 1 else ROAD[number - 2][0], data=data, unit_id=case.organisation_id,
                note="现场核实后提交，资料齐全。" if number > 4 else "", previous_hash=previous,
                state_hash=digest(last if is_last else told),
            )  # fmt: skip
            entry.hash = previous = digest(entry_content(entry))
            yield entry


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def parts(by: Person) -> None:
    """Give every case its checklist, those sent down their two dispatches; put the findings into the cases."""
    lines = " UNION ALL ".join(
        f"SELECT {n} AS n, {_quoted(section)} AS section, {_quoted(zh)} AS zh, {_quoted(en)} AS en"
        for n, (section, zh, en) in enumerate(CHECKLIST)
    )
    below = ", ".join(_quoted(state) for state in sorted(AT_STATION))
    item, dispatch = ChecklistItem._meta.db_table, Dispatch._meta.db_table
    case, finding, unit = Case._meta.db_table, Finding._meta.db_table, Organisation._meta.db_table
    true = "1" if connection.vendor == "sqlite" else "TRUE"
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            f'INSERT INTO {item} (case_id, "order", code, section, rule, text_zh, text_en, required, answer, note) '
            f"SELECT c.id, l.n, 'c' || l.n, l.section, '', l.zh, l.en, {true}, '', '' "
            f"FROM {case} c CROSS JOIN ({lines}) l"
        )
        columns = "case_id, from_organisation_id, to_organisation_id, by_id, at, due_at, analysis"
        analysis = _quoted("多条疑点指向同一客户，先核对倍率与接线，再复核当期电量。")
        for source, target in (("u3.id", "u2.id"), ("u2.id", "u1.id")):
            cursor.execute(
                f"INSERT INTO {dispatch} ({columns}) SELECT c.id, {source}, {target}, {by.pk}, c.opened_at, "
                f"c.state_since, {analysis} FROM {case} c JOIN {unit} u1 ON u1.id = c.subject_organisation_id "
                f"JOIN {unit} u2 ON u2.id = u1.parent_id JOIN {unit} u3 ON u3.id = u2.parent_id "
                f"WHERE c.state IN ({below})"
            )
        cursor.execute(
            f"UPDATE {finding} SET handling = CASE WHEN c.state = 'closed' THEN 'settled' ELSE 'in_case' END, "
            f"case_id = c.id FROM {case} c WHERE c.customer_id = {finding}.customer_id AND {finding}.stands = 1"
        )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def seed(number: int, staff_number: int) -> None:
    """Fill the store; units and people as well, where there are none."""
    with scoped(EVERYTHING):
        if not Organisation.objects.exists():
            people(staff_number, units())
        staff = list(Person.objects.order_by("pk"))
        stations = Organisation.objects.filter(level="station").select_related("parent").in_bulk()
        inspectors: dict[int, list[Person]] = {}
        for held in Membership.objects.filter(role="station_inspector").select_related("person"):
            inspectors.setdefault(held.organisation_id, []).append(held.person)
        began = time.monotonic()
        made = in_batches(cases(number, stations, inspectors), Case)
        print(f"{made:,} cases: {time.monotonic() - began:.0f} s", flush=True)
        entries = in_batches(case_entries(staff), Entry)
        print(f"{entries:,} rows of history: {time.monotonic() - began:.0f} s", flush=True)
        parts(staff[0])
        print(f"checklists, dispatches, findings of the cases: {time.monotonic() - began:.0f} s", flush=True)


def main() -> None:
    """Fill the store."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--cases", type=int, default=100_000)
    parser.add_argument("--people", type=int, default=200)
    parser.add_argument("--units-only", action="store_true", help="units and people, before the run is taken in")
    given = parser.parse_args()
    if given.units_only:
        people(given.people, units())
    else:
        seed(given.cases, given.people)


if __name__ == "__main__":
    main()
