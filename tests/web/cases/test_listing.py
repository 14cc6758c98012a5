"""The list: its filters, whose turn it is, its queries, its export; masking."""

from __future__ import annotations

import io
from datetime import timedelta
from decimal import Decimal

import pytest
from django.conf import settings
from django.db import connection
from django.http import QueryDict
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook  # type: ignore[import-untyped, unused-ignore]
from pytest_django import DjangoAssertNumQueries, DjangoCaptureOnCommitCallbacks

from jicha_web.cases import leads, listing
from jicha_web.cases.listing import Asker, filtered, mine, waits_for_data
from jicha_web.cases.models import Case
from jicha_web.findings import saved
from jicha_web.findings.models import SavedFilter
from jicha_web.history.read import entries_of
from jicha_web.jobs import sheets
from jicha_web.jobs.models import Job
from jicha_web.organisation.rights import scope_of
from jicha_web.organisation.scope import scoped
from tests.web.cases.building import case_in, make_case
from tests.web.cases.stands import finding
from tests.web.conftest import NOW, World

pytestmark = pytest.mark.usefixtures("all_units", "open_gates", "acts_then")


def found(world: World, query: str, username: str = "city") -> set[str]:
    return {c.title for c in filtered(QueryDict(query), Asker(world.people[username], NOW))}


def test_filters(world: World) -> None:
    late, soon = NOW - timedelta(days=3), NOW + timedelta(days=2)
    make_case(world, title="a", state="registered", severity="high", due_at=late, opened_at=NOW - timedelta(days=9))
    make_case(
        world, title="b", state="checking", unit="A1", severity="low", due_at=soon, assignee=world.people["station_a1"]
    )
    make_case(world, title="c", state="closed", unit="B1", outcome="theft", due_at=late, returns=1, source="lead",
              closed_at=NOW, subject_id="3300000003", customer_id="3300000003")  # fmt: skip
    finding(world, "LL004", case=Case.objects.get(title="b"), handling="in_case")
    for query, expected in {
        "": "abc", "state=open": "ab", "state=registered&state=closed": "ac", "severity=low": "b", "outcome=theft": "c",
        "source=lead": "c", "due=late": "a", "due=soon": "b", "due=today": "", f"unit={world.units['A'].pk}": "b",
        "unit=999999": "", "assignee=none": "ac", f"assignee={world.people['station_a1'].pk}": "b", "returned=1": "c",
        "rule=LL004": "b", "specialty=LL": "b", "specialty=CF": "", "q=3300000003": "c", "q=JC20261015": "abc",
        "q=无": "", "opened_to=2026-10-10": "a", "opened_from=2026-10-15&opened_to=2026-10-15": "bc",
        "closed_from=2026-10-15": "c", "closed_to=2026-10-14": "", "state=nonsense&severity=%00&due=x&unit=x": "abc",
        "opened_from=xx": "abc", "recurrence=1": "",
    }.items():  # fmt: skip
        assert found(world, query) == set(expected), query


@pytest.mark.parametrize("few", [0, 1, 1000])
def test_words_find_the_same_whether_rare_or_common(world: World, few: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listing, "FEW", few)
    make_case(world, title="倍率不符", unit="A1", state="checking", customer_name="何家磊")
    make_case(world, title="倍率不符等2项", unit="B1", state="closed")
    make_case(world, title="Voltage", unit="A1", state="checking")
    for query, expected in {
        "q=倍率": {"倍率不符", "倍率不符等2项"},
        "q=倍率&state=closed": {"倍率不符等2项"},
        "q=等2": {"倍率不符等2项"},
        "q=何家磊": {"倍率不符"},
        "q=volt age": set(),
        "q=没有": set(),
        f"q=不符&unit={world.units['A'].pk}": {"倍率不符"},
    }.items():
        assert found(world, query) == expected, query
    with scoped(scope_of(world.people["county_b"], NOW.date())):
        assert found(world, "q=倍率", "county_b") == {"倍率不符等2项"}


def test_rare_words_are_looked_for_in_the_index_alone(world: World) -> None:
    """Titles and descriptions of 100,000 cases took a quarter of a second to say that a word is in none."""
    make_case(world, title="倍率不符")
    if connection.vendor != "sqlite":
        pytest.skip("the plan is SQLite's")
    with CaptureQueriesContext(connection) as asked:
        assert found(world, "q=没有这样的话") == set()
    [said] = [one["sql"] for one in asked if "没有这样的话" in one["sql"]]  # the list itself does not ask for words
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN QUERY PLAN {said}".replace("%", "%%"))
        assert "COVERING INDEX case_words" in str(cursor.fetchall())


def test_order(world: World) -> None:
    for title, priority, amount, days in (("a", 1.0, "5", 3), ("b", 3.0, None, 1), ("c", 2.0, "9", None)):
        due = None if days is None else NOW + timedelta(days=days)
        make_case(world, title=title, priority=priority, amount_yuan=Decimal(amount) if amount else None, due_at=due)
    for order, expected in {"": "bca", "due": "bac", "-due": "abc", "-amount": "cab", "amount": "acb", "number": "abc",
                            "-number": "cba", "nonsense": "bca"}.items():  # fmt: skip
        cases = filtered(QueryDict(f"order={order}"), Asker(world.people["city"], NOW))
        assert "".join(c.title for c in cases) == expected, order


def test_whose_turn_it_is(world: World) -> None:
    turn = {
        "proposed": {"city"}, "registered": {"city"}, "county_pending": {"county_a"}, "station_pending": {"station_a1"},
        "checking": {"station_a1"}, "assessing": {"county_a"}, "approving": {"reviewer_a"},
        "rectifying": {"station_a1"}, "county_review": {"county_a", "reviewer_a"}, "city_review": {"city", "reviewer"},
        "awaiting_proof": set(), "closed": set(), "cancelled": set(),
    }  # fmt: skip
    for state, expected in turn.items():
        case = case_in(world, state)
        asked = {username: Asker(person, NOW) for username, person in world.people.items()}
        there = Case.objects.filter(pk=case.pk)
        assert {name for name, asker in asked.items() if there.filter(mine(asker)).exists()} == expected, state
        # nobody's step: those who decide where data never tell see it apart
        by_data = {"city", "reviewer"} if state == "awaiting_proof" else set()
        assert {name for name, asker in asked.items() if there.filter(waits_for_data(asker)).exists()} == by_data, state


def test_what_waits_for_data_stands_apart_from_work(world: World) -> None:
    client, case = world.client("city"), case_in(world, "awaiting_proof")
    for address in (reverse("my_work"), "/"):
        page = client.get(address).content.decode()
        assert 'data-test="for-data"' in page, address
        assert 'href="/cases/?mine=data"' in page
        assert f'/cases/{case.pk}/"' not in page
    assert case.number in client.get("/cases/?mine=data").content.decode()
    assert case.number not in client.get("/cases/?mine=1").content.decode()
    assert 'data-test="for-data"' not in world.client("county_a").get("/").content.decode()


def test_scope(world: World) -> None:
    for unit in ("C", "A", "A1", "B1"):
        make_case(world, unit=unit, title=unit)
    for username, expected in {"city": {"C", "A", "A1", "B1"}, "county_a": {"A", "A1"}, "station_a1": {"A1"},
                               "station_a2": set(), "county_b": {"B1"}}.items():  # fmt: skip
        with scoped(scope_of(world.people[username], timezone.localdate(NOW))):
            assert found(world, "", username) == expected


@pytest.mark.parametrize(("name", "most"), [("cases", 10), ("my_work", 8), ("leads", 7)])
def test_lists_ask_the_same_whatever_they_hold(
    world: World, django_assert_num_queries: DjangoAssertNumQueries, name: str, most: int
) -> None:
    client = world.client("city")
    client.get(reverse(name))
    for n in range(30):
        make_case(world, state="registered", title=str(n), unit="C")
        leads.enter(by=world.people["city"], at=NOW, given={
            "source": "monitoring", "received_on": NOW.date(), "text": str(n), "customer_name": "张三",
        })  # fmt: skip
    with django_assert_num_queries(most):
        assert client.get(reverse(name)).status_code == 200


def test_the_case_page_asks_the_same_whatever_it_holds(
    world: World, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    case = case_in(world, "assessing")
    for n in range(12):
        finding(world, f"MT0{n:02d}", case=case, handling="in_case")
    client = world.client("county_a")
    client.get(reverse("case", args=[case.pk]))
    with django_assert_max_num_queries(40):  # the sections of the other parts are in it
        client.get(reverse("case", args=[case.pk]))


def test_names_are_masked_until_somebody_says_why(world: World) -> None:
    case = case_in(world, "checking", customer_name="欧阳小明", address="云岭县桃源路1号")
    client: Client = world.client("station_a1")
    for url in (reverse("cases"), reverse("my_work"), reverse("case", args=[case.pk])):
        body = client.get(url).content.decode()
        assert "欧阳小明" not in body
        assert "桃源路1号" not in body
    url = reverse("case_unmask", args=[case.pk])
    client.post(url, {"reason": " "})
    assert len(entries_of(case)) == case.version
    body = client.post(url, {"reason": "上门核查"}).content.decode()
    assert "欧阳小明" in body
    assert "桃源路1号" in body
    entry = entries_of(case)[-1]
    assert (entry.verb, entry.note, entry.by_id) == ("personal_seen", "上门核查", world.people["station_a1"].pk)
    assert world.client("reviewer").post(url, {"reason": "x"}).status_code == 403


def test_kept_and_shared_filters(world: World) -> None:
    def keep(who: str, name: str, query: str, *, share: bool) -> SavedFilter:
        client = world.client(who)
        client.post(reverse("case_filter_keep"), {"name": name, "query": query, "share": "1" if share else ""})
        return SavedFilter.objects.get(name=name, page="cases", person=world.people[who])

    own = keep("city", "逾期", "due=late&page=3", share=False)
    assert own.query == "due=late"
    keep("city", "全市高风险", "severity=high", share=True)
    keep("county_a", "本县", "state=open", share=True)
    names = {
        u: {f.name for f in saved.of(world.people[u], "cases", NOW)}
        for u in ("city", "county_a", "station_a1", "county_b")
    }
    assert names == {"city": {"逾期", "全市高风险"}, "county_a": {"全市高风险", "本县"},
                     "station_a1": {"全市高风险", "本县"}, "county_b": {"全市高风险"}}  # fmt: skip
    client = world.client("county_b")
    client.post(reverse("case_filter_forget", args=[own.pk]))
    assert SavedFilter.objects.filter(pk=own.pk).exists()
    client.post(reverse("case_filter_keep"), {"name": "我的", "query": "due=today"})
    assert SavedFilter.objects.get(name="我的").person == world.people["county_b"]


def test_the_export_holds_all_rows_and_no_names(
    world: World, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    for n in range(3):
        make_case(world, title=f"案{n}", unit="A", customer_name="欧阳小明", amount_yuan=Decimal("12.50"))
    make_case(world, title="别县", state="registered", unit="B")
    client = world.client("city")
    with django_capture_on_commit_callbacks(execute=True):
        client.post(reverse("cases_export"), {"query": f"unit={world.units['A'].pk}"})
    job = Job.objects.get(kind="export_cases")
    assert job.state == "done", job.message
    answer = client.get(reverse("job_file", args=[job.pk]))
    path = io.BytesIO(b"".join(answer.streaming_content))  # type: ignore[attr-defined]
    rows = list(load_workbook(path).worksheets[0].iter_rows(values_only=True))
    assert {row[1] for row in rows[1:]} == {"案0", "案1", "案2"}
    assert [row[6] for row in rows[:2]] == ["对象", "用电客户"]
    assert rows[1][9] == 12.5
    assert "欧阳小明" not in str(rows)
    assert world.client("station_a1").post(reverse("cases_export"), {"query": ""}).status_code == 403


def test_the_export_goes_on_a_second_sheet_when_one_is_full(
    world: World, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A worksheet ends at 1,048,576 rows; xlsxwriter drops what lies beyond without a word."""
    for n in range(5):
        make_case(world, title=f"案{n}", unit="A", due_at=world.now)
    monkeypatch.setattr(sheets, "SHEET_ROWS", 3)
    with django_capture_on_commit_callbacks(execute=True):
        world.client("city").post(reverse("cases_export"), {"query": "order=number"})
    job = Job.objects.get(kind="export_cases")
    assert (job.state, job.result["rows"]) == ("done", 5), job.message
    book = load_workbook(settings.MEDIA_ROOT / job.result_file)
    pages = [list(sheet.values) for sheet in book.worksheets]
    assert [len(rows) for rows in pages] == [4, 3] and pages[0][0] == pages[1][0]
    assert [row[1] for rows in pages for row in rows[1:]] == [f"案{n}" for n in range(5)]
    assert pages[0][1][13] == timezone.localtime(world.now).replace(tzinfo=None, microsecond=0)  # a day, not a text
