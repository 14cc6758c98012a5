"""Pages of findings: scope, filters in the address, masking, actions, counts of queries."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from html import unescape
from pathlib import Path

import openpyxl  # type: ignore[import-untyped]
import pytest
from django.conf import settings
from django.http import QueryDict
from django.test import TestCase
from django.utils import timezone

from jicha.catalog.schema import schema
from jicha.customer import CustomerView, Section
from jicha_web.core import customers as pictures
from jicha_web.findings import export, filters, saved
from jicha_web.findings.handling import UnableToHandle
from jicha_web.findings.models import Finding, SavedFilter, WhitelistEntry
from jicha_web.jobs.models import Job
from jicha_web.jobs.work import run_job
from jicha_web.organisation.rights import scope_of
from jicha_web.organisation.scope import scoped
from tests.web.conftest import World
from tests.web.small_data import DAY

Found = dict[str, Finding]
NAME, PHONE = "王小明", "13812345678"
UNTIL = (timezone.localdate() + timedelta(days=30)).isoformat()  # pages act at the clock's time


def customers(world: World, who: str, query: str = "") -> set[str]:
    page = world.client(who).get(f"/findings/?{query}")
    assert page.status_code == 200
    return {row.customer_id for row in page.context["page"].rows}


def test_findings_without_a_known_unit_have_a_filter_of_their_own(world: World, found: Found) -> None:
    assert customers(world, "city", "unit=above_all") == {"1004"}
    assert customers(world, "county_a", "unit=above_all") == set()
    offered = 'value="above_all"'
    assert offered in world.client("city").get("/findings/").content.decode()
    assert offered not in world.client("county_a").get("/findings/").content.decode()
    said = 'data-test="above-all"'
    assert said in world.client("city").get(f"/findings/{found['1004'].pk}/").content.decode()
    assert said not in world.client("city").get(f"/findings/{found['1001'].pk}/").content.decode()
    run = found["1004"].run_id
    assert "unit=above_all" in world.client("city").get(f"/runs/{run}/").content.decode()
    assert "unit=above_all" not in world.client("admin").get(f"/runs/{run}/").content.decode()


def test_everyone_sees_their_own_units(world: World, found: Found) -> None:
    assert customers(world, "city") == {"1001", "1002", "20031", "1004"}
    assert customers(world, "county_a") == {"1001", "1002"}
    assert customers(world, "county_b") == {"20031"}
    assert world.client("station_a1").get("/findings/").status_code == 403


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("rule=ZZ001", {"1001", "1002", "20031", "1004"}), ("rule=CF001", set()), ("specialty=MT", set()),
        ("severity=high", {"1001", "1002", "20031", "1004"}), ("severity=low", set()), ("state=cleared", set()),
        ("state=new&handling=all", {"1001", "1002", "20031", "1004"}), ("handling=dismissed", set()),
        ("customer=1001", {"1001"}), ("q=1002", {"1002"}), ("q=缺少地址", {"1001", "1002", "20031", "1004"}),
        ("q=王小明", set()),  # a hit would tell what the mask hides
        ("min_yuan=500", {"20031"}), ("period=2026-09", set()),
    ],
)  # fmt: skip
def test_filters(world: World, found: Found, query: str, expected: set[str]) -> None:
    assert customers(world, "city", query) == expected


def test_a_unit_is_its_subtree(world: World, found: Found) -> None:
    assert customers(world, "city", f"unit={world.units['A'].pk}") == {"1001", "1002"}


@pytest.mark.parametrize("query", ["severity=x", "state=x", "handling=x", "unit=99999", "unit=x", "period=x",
                                   "min_yuan=NaN", "min_yuan=x", "run=x", "order=x"])  # fmt: skip
def test_what_cannot_be_used_is_named(world: World, found: Found, query: str) -> None:
    page = world.client("city").get(f"/findings/?{query}")
    assert page.status_code == 200 and 'data-test="filter-problem"' in page.content.decode()


@pytest.mark.parametrize(
    "query", ["page=999999999999", "page=-1", "size=100000", "run=99999999999999", "rule=" + "x" * 3000]
)
def test_odd_addresses_do_not_break_the_list(world: World, found: Found, query: str) -> None:
    assert world.client("city").get(f"/findings/?{query}").status_code == 200


def test_the_number_of_queries_is_known(world: World, found: Found, django_assert_max_num_queries: object) -> None:
    client = world.client("city")
    client.get("/findings/")
    with django_assert_max_num_queries(10):  # type: ignore[operator]
        client.get("/findings/")
    with django_assert_max_num_queries(10):  # type: ignore[operator]
        client.get(f"/findings/{found['1001'].pk}/")
    with django_assert_max_num_queries(9):  # type: ignore[operator]
        client.get("/rules/")
    with django_assert_max_num_queries(14):  # type: ignore[operator]
        client.get("/rules/ZZ001/")


@pytest.mark.parametrize("path", ["/findings/{pk}/", "/customers/1001/", "/customers/1001/files/"])
def test_a_foreign_one_is_not_there(world: World, found: Found, path: str) -> None:
    address = path.format(pk=found["1001"].pk)
    assert world.client("county_b").get(address).status_code == 404
    assert world.client("county_a").get(address).status_code == 200


def test_foreign_findings_are_not_acted_on(world: World, found: Found) -> None:
    pk = found["1001"].pk
    client = world.client("county_b")
    assert client.post(f"/findings/{pk}/act/", {"what": "dismiss", "reason": "现场核实无误"}).status_code == 404
    client.post("/findings/bulk/", {"what": "dismiss", "finding": [pk], "reason": "现场核实无误"})
    assert Finding._base_manager.get(pk=pk).handling == "open"


def test_personal_data_are_masked_until_a_reason_is_given(world: World, found: Found) -> None:
    address = f"/findings/{found['1001'].pk}/"
    client = world.client("city")
    page = client.get(address).content.decode()
    assert NAME not in page and PHONE not in page and "138****5678" in page
    assert "条款未核实" in page and "第九条" not in page
    assert client.post(f"{address}unmask/", {"reason": "x"}).status_code == 302
    shown = client.post(f"{address}unmask/", {"reason": "电话联系客户"}).content.decode()
    assert PHONE in shown and NAME in shown
    masked = client.get("/customers/1001/files/").content.decode()
    assert PHONE not in masked
    links = (unescape(part.split('"')[0]) for part in shown.split('hx-get="'))
    [link] = {link for link in links if link.startswith("/customers/1001/files/")}
    assert PHONE in client.get(link, headers={"HX-Request": "true"}).content.decode()
    assert PHONE not in world.client("county_a").get(link).content.decode()  # what was opened for one is for one
    assert PHONE not in client.get(address).content.decode()
    assert world.client("manager").post(f"{address}unmask/", {"reason": "电话联系客户"}).status_code == 403


def test_actions_of_the_page(world: World, found: Found) -> None:
    client, pk = world.client("county_a"), found["1001"].pk
    client.post(f"/findings/{pk}/act/", {"what": "snooze", "until": UNTIL, "reason": "等下月账单"})
    assert Finding._base_manager.get(pk=pk).handling == "snoozed"
    client.post(f"/findings/{pk}/act/", {"what": "reopen", "reason": "提前处理了"})
    client.post(f"/findings/{pk}/act/", {"what": "whitelist", "until": UNTIL, "reason": "已签补充协议"})
    entry = WhitelistEntry._base_manager.get()
    assert world.client("city").post(f"/whitelist/{entry.pk}/decide/", {"what": "approve"}).status_code == 302
    assert Finding._base_manager.get(pk=pk).handling == "whitelisted"
    assert world.client("county_b").get(f"/whitelist/{entry.pk}/").status_code == 404
    for path in ("/whitelist/", f"/whitelist/{entry.pk}/"):
        assert world.client("county_a").get(path).status_code == 200
    page = client.post(
        f"/findings/{pk}/act/", {"what": "snooze", "until": "never", "reason": "等下月账单"}, follow=True
    )
    assert "请选择日期" in page.content.decode()


def test_many_at_once(world: World, found: Found) -> None:
    client = world.client("city")
    chosen = [found["1001"].pk, found["20031"].pk]
    client.post("/findings/bulk/", {"what": "dismiss", "finding": chosen, "reason": "现场核实无误"})
    assert customers(world, "city") == {"1002", "1004"}
    page = client.post("/findings/bulk/", {"what": "dismiss", "finding": chosen, "reason": "现场核实无误"}, follow=True)
    assert "已排除" in page.content.decode() or "Dismissed" in page.content.decode()
    client.post(
        "/findings/bulk/",
        {"what": "snooze", "all": "1", "query": "rule=ZZ001", "until": UNTIL, "reason": "等下月账单"},
    )
    assert customers(world, "city") == set()


def test_every_section_says_what_it_has_or_that_it_has_nothing(world: World, found: Found) -> None:
    client = world.client("county_a")
    for section in (
        "files",
        "metering",
        "readings",
        "daily",
        "bills",
        "payments",
        "area",
        "orders",
        "tickets",
        "inspections",
    ):
        page = client.get(f"/customers/1001/{section}/", headers={"HX-Request": "true"})
        assert page.status_code == 200
        assert ('data-test="no-data"' in page.content.decode()) is (section != "files")
    assert client.get("/customers/1001/secrets/").status_code == 404
    assert client.get("/customers/nobody/").status_code == 404


def test_a_section_says_of_how_many_rows_it_shows_the_first(
    world: World, found: Found, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = ({"order_id": "O2", "customer_id": "1001"}, {"order_id": "O1", "customer_id": "1001"})
    blank = dict.fromkeys(schema()["service_order"].columns)
    cut = Section({"service_order": tuple({**blank, **row} for row in rows)}, of={"service_order": 1234})
    monkeypatch.setattr(CustomerView, "orders", lambda self: cut)
    page = world.client("county_a").get("/customers/1001/orders/", headers={"HX-Request": "true"}).content.decode()
    assert "共 1,234 条，显示前 2 条" in page
    monkeypatch.setattr(CustomerView, "orders", lambda self: Section(cut.tables))
    page = world.client("county_a").get("/customers/1001/orders/", headers={"HX-Request": "true"}).content.decode()
    assert "显示前" not in page


def test_export_holds_the_rows_of_the_list_masked(world: World, found: Found) -> None:
    with TestCase.captureOnCommitCallbacks(execute=False):
        world.client("county_a").post("/findings/export/", {"query": "severity=high"})
    job = Job.objects.get(kind="export_findings")
    run_job.func(job_id=job.pk, at=world.now.isoformat(), language="zh-hans")
    job.refresh_from_db()
    assert (job.state, job.message and job.state) == ("done", job.message and "done")
    path = Path(settings.MEDIA_ROOT) / job.result_file
    if not path.exists():
        path = next(settings.MEDIA_ROOT.rglob("findings.xlsx"))
    rows = list(openpyxl.load_workbook(path).active.values)
    assert {row[7] for row in rows[1:]} == {"1001", "1002"}
    text = str(rows)
    assert NAME not in text and PHONE not in text and "138****5678" in text and "第九条" not in text
    assert world.client("reviewer").post("/findings/export/").status_code == 403


def test_a_new_sheet_when_one_is_full(world: World, found: Found, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export, "SHEET_ROWS", 3)
    world.client("city").post("/findings/export/", {"query": ""})
    job = Job.objects.get(kind="export_findings")
    run_job.func(job_id=job.pk, at=world.now.isoformat(), language="en")
    job.refresh_from_db()
    book = openpyxl.load_workbook(Path(settings.MEDIA_ROOT) / job.result_file)
    assert [len(list(sheet.values)) for sheet in book.worksheets] == [4, 2]


def test_filters_are_kept_shared_and_forgotten(world: World, found: Found) -> None:
    county = world.client("county_a")
    county.post("/findings/filters/", {"name": "大额", "query": "min_yuan=100&page=3", "share": "1"})
    county.post("/findings/filters/", {"name": "私有", "query": "rule=ZZ001"})
    kept = SavedFilter.objects.get(name="大额")
    assert kept.query == "min_yuan=100" and kept.shared_with == world.units["A"]

    def seen(who: str) -> set[str]:
        return set(saved.of(world.people[who], "findings", world.now).values_list("name", flat=True))

    assert (seen("county_a"), seen("reviewer_a"), seen("county_b")) == ({"大额", "私有"}, {"大额"}, set())
    world.client("reviewer_a").post(f"/findings/filters/{kept.pk}/forget/")
    assert SavedFilter.objects.filter(pk=kept.pk).exists()
    county.post(f"/findings/filters/{kept.pk}/forget/")
    assert seen("county_a") == {"私有"}
    with pytest.raises(UnableToHandle):
        saved.keep(page="findings", name="x", query="", share_with=world.units["C"], by=world.people["county_a"],
                   at=world.now)  # fmt: skip


def test_the_widest_scope_needs_no_condition_on_units(world: World, found: Found) -> None:
    with scoped(scope_of(world.people["city"], DAY)):
        wide = str(filters.findings(filters.read(QueryDict(""))).query)
    with scoped(scope_of(world.people["county_a"], DAY)):
        narrow = str(filters.findings(filters.read(QueryDict(""))).query)
    assert "organisation_organisation" not in wide and "organisation_organisation" in narrow


@pytest.mark.parametrize("who", ["city", "county_a", "reviewer", "manager", "auditor", "author"])
@pytest.mark.parametrize("path", [
    "/runs/", "/runs/{run}/", "/rules/", "/rules/ZZ001/", "/rules/TC006/", "/rules/changes/", "/deliveries/",
    "/runs/{run}/not-judged/ZZ001/", "/whitelist/",
])  # fmt: skip
def test_pages_open(world: World, found: Found, who: str, path: str) -> None:
    page = world.client(who).get(path.format(run=found["1001"].run_id))
    assert page.status_code == 200


def test_the_figures_of_a_run_are_those_of_the_units_in_sight(world: World, found: Found) -> None:
    address = f"/runs/{found['1001'].run_id}/"

    def told(who: str) -> tuple[int, int]:
        [row] = world.client(who).get(address).context["rows"]
        return row["findings"], row["not_judged"]

    assert (told("city"), told("county_a"), told("county_b")) == ((4, 1), (2, 1), (1, 0))
    assert 'data-test="counts"' not in world.client("county_b").get(address).content.decode()


@pytest.mark.parametrize(("order", "expected"), [("-amount", ["300", "200"]), ("amount", ["200", "300"])])
def test_what_has_no_amount_is_last_in_an_order_by_amount(
    world: World, found: Found, order: str, expected: list[str]
) -> None:
    for customer, yuan in {"1001": 200, "20031": 300, "1002": None, "1004": None}.items():
        Finding._base_manager.filter(customer_id=customer).update(amount_yuan=yuan)
    rows = world.client("city").get(f"/findings/?order={order}").context["page"].rows
    shown = [None if row.amount_yuan is None else f"{row.amount_yuan:.0f}" for row in rows]
    assert shown == [*expected, None, None]
    narrow = world.client("county_a").get(f"/findings/?order={order}").context["page"].rows
    assert [row.customer_id for row in narrow] == ["1001", "1002"]


def test_amounts_of_the_customers_picture_stand_under_each_other() -> None:
    assert pictures.is_quantity("payment", "yuan")
    assert pictures.is_quantity("daily_energy", "energy_kwh")
    assert not pictures.is_quantity("payment", "customer_id")
    row = {"yuan": Decimal("1234567.5")}
    assert pictures.value_text("payment", "yuan", row).zh == "1,234,567.50"
