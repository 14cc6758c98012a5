"""Lists as workbooks: all rows of the filter, for those who may see the list and take it out."""

from __future__ import annotations

import re
from pathlib import Path

import openpyxl  # type: ignore[import-untyped]
import pytest
from django.conf import settings

from jicha_web.cases.models import Lead
from jicha_web.findings.models import WhitelistEntry
from jicha_web.history import record as history
from jicha_web.jobs.many import many
from jicha_web.jobs.models import Job
from jicha_web.jobs.work import Running, run_job
from tests.web.conftest import NOW, World
from tests.web.small_data import data

__all__ = ["data"]
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("data")]


def lead(world: World, unit: str, text: str, state: str = "new") -> Lead:
    made = Lead(source="public_report", received_on=NOW.date(), text=text, customer_id="3300000001", state=state,
                customer_name="王小明", organisation=world.units[unit], entered_at=NOW)  # fmt: skip
    history.create(made, verb="entered", by=None, at=NOW)
    return made


def exported(world: World, who: str, name: str, query: str = "") -> list[tuple[object, ...]]:
    answer = world.client(who).post(f"/jobs/export/{name}/", {"query": query})
    assert answer.status_code == 302
    job = Job.objects.latest("pk")
    if job.state == "queued":
        run_job.call(job_id=job.pk, at=NOW.isoformat(), language="zh-hans")
        job.refresh_from_db()
    assert job.state == "done", job.message
    assert re.search(r"\d+$", job.message)  # what the file holds, not what was being done
    sheet = openpyxl.load_workbook(Path(settings.MEDIA_ROOT) / job.result_file).active
    return list(sheet.iter_rows(values_only=True))


def test_leads_by_their_filter_and_scope_with_masked_names(world: World) -> None:
    lead(world, "A1", "一")
    lead(world, "B1", "=1+1")
    lead(world, "A1", "三", state="dismissed")
    head, *lines = exported(world, "city", "leads", "state=new")
    assert head[0] == "收到日期"
    assert [line[7] for line in lines] == ["=1+1", "一"]
    assert all("王小明" not in str(line) for line in lines)
    _head, *lines = exported(world, "county_a", "leads")
    assert {line[6] for line in lines} == {world.units["A1"].name}


def test_rules_people_and_white_list(world: World) -> None:
    _head, *lines = exported(world, "city", "rules", "specialty=TC")
    assert lines and {str(line[0])[:2] for line in lines} == {"TC"}
    _head, *lines = exported(world, "city", "people")
    assert "city" in {line[1] for line in lines}
    entry = WhitelistEntry(
        organisation=world.units["A1"], rule="MT004", key='{"customer_id":"3300000001"}', until=NOW.date(),
        reason="已核实", asked_by=world.people["city"], asked_at=NOW,
    )  # fmt: skip
    history.create(entry, verb="asked", by=world.people["city"], at=NOW)
    _head, *lines = exported(world, "city", "whitelist", "state=asked")
    assert [(line[0], line[4]) for line in lines] == [("MT004", "已核实")]
    assert exported(world, "city", "whitelist", "state=ended")[1:] == []


def test_who_manages_people_takes_their_list_out_and_nothing_else(world: World) -> None:
    assert 'data-test="export"' in world.client("admin").get("/people/").content.decode()
    world.people["county_a"].phone = "13800000000"
    world.people["county_a"].save()
    head, *lines = exported(world, "admin", "people")
    assert len(lines) == len(world.people) and head[6:] == ("在办工单", "逾期")
    assert "13800000000" not in str(lines)  # what the page does not show
    assert {line[4] for line in lines if line[1] == "admin"} == {f"系统管理员 ({world.units['C'].name})"}
    for name in ("leads", "rules", "whitelist"):
        assert world.client("admin").post(f"/jobs/export/{name}/").status_code == 403
    for who in ("author", "reviewer", "collector_a"):  # without either right
        assert world.client(who).post("/jobs/export/people/").status_code == 403


def test_who_may_not_export_does_not(world: World) -> None:
    assert 'data-test="export"' in world.client("city").get("/rules/").content.decode()
    for name in ("leads", "rules", "people", "whitelist"):
        assert world.client("station_a1").post(f"/jobs/export/{name}/").status_code in {403, 302}
    assert Job.objects.filter(kind="export_list").count() == 0
    assert world.client("city").post("/jobs/export/secrets/").status_code == 404


@pytest.mark.parametrize("label", ["=cmd|' /C calc'!A0", "+1+1", "-1", "@SUM(A1)", "\t=1+1"])
def test_no_cell_of_a_result_is_a_formula(world: World, label: str) -> None:
    """The label of a lead is the customer's number as somebody's file has it."""
    job = Running(Job.objects.create(kind="enter_leads", by=world.people["city"], asked_at=NOW), NOW)
    with many(job, total=1) as told:
        told.tell(label, "")
    written = (job.folder / "results.csv").read_text(encoding="utf-8-sig")
    assert f"'{label}" in written
