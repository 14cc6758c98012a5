"""Two runs side by side: what is new, gone or has another amount, by rule and unit, and the workbook of it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import openpyxl  # type: ignore[import-untyped]
import pytest
from django.conf import settings

from jicha_web.jobs.models import Job
from jicha_web.jobs.work import run_job
from jicha_web.runs.models import Run
from tests.web.conftest import NOW, World
from tests.web.runs.test_import import bring_in
from tests.web.small_data import CUSTOMERS, DAY, customer, screen_it

Store = Callable[[Path, Mapping[str, Sequence[Mapping[str, Any]]]], None]
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def two(world: World, data: Path, store: Store, all_units: None) -> tuple[Run, Run]:
    """Of four findings one is gone under the changed rule, one has another amount, two stand as they did."""
    a = bring_in(world, screen_it(data, DAY).run_id)
    store(data, {"customer": [customer("1001", "A1", address="东街1号"), *CUSTOMERS[1:]]})
    rule = next((data / "rules").glob("**/ZZ001*.sql"))
    text = rule.read_text(encoding="utf-8")
    assert "100 * LENGTH(c.customer_id)" in text
    rule.write_text(text.replace("100 * LENGTH(c.customer_id)", "300 * LENGTH(c.customer_id) - 800"), encoding="utf-8")
    return a, bring_in(world, screen_it(data, DAY + timedelta(days=1)).run_id)


def _page(world: World, who: str, two: tuple[Run, Run], **asked: str) -> str:
    answer = world.client(who).get("/runs/compare/", {"a": str(two[0].pk), "b": str(two[1].pk), **asked})
    assert answer.status_code == 200
    return str(answer.content.decode())


def test_what_stands_with_the_same_amount_is_no_change(world: World, two: tuple[Run, Run]) -> None:
    page = _page(world, "city", two)
    assert dict(re.findall(r"rule=ZZ001&amp;kind=(\w+)#changed\">(\d+)<", page)) == {"withdrawn": "1", "amount": "1"}
    found = _page(world, "city", two, rule="ZZ001", kind="amount")
    assert found.count('data-test="finding"') == 1 and "20031" in found
    assert "500.00" in found and "700.00" in found
    assert ">200.00<" in page  # the later less the earlier


def test_by_unit_within_the_scope(world: World, two: tuple[Run, Run]) -> None:
    assert set(re.findall(r"unit=(\w+)&amp;kind", _page(world, "city", two))) == {"A1", "B1"}
    assert set(re.findall(r"unit=(\w+)&amp;kind", _page(world, "county_a", two))) == {"A1"}
    assert _page(world, "county_a", two, unit="B1", kind="amount").count('data-test="finding"') == 0


def test_the_workbook_has_both_amounts(world: World, two: tuple[Run, Run]) -> None:
    query = f"a={two[0].pk}&b={two[1].pk}"
    assert world.client("city").post("/jobs/export/run_changes/", {"query": query}).status_code == 302
    job = Job.objects.latest("pk")
    if job.state == "queued":
        run_job.call(job_id=job.pk, at=NOW.isoformat(), language="zh-hans")
        job.refresh_from_db()
    assert job.state == "done", job.message
    sheet = openpyxl.load_workbook(Path(settings.MEDIA_ROOT) / job.result_file).active
    lines = {str(line[3]): line for line in sheet.iter_rows(min_row=2, values_only=True)}
    assert set(lines) == {"1001", "20031"}
    assert lines["20031"][5] == "金额变化" and lines["20031"][8:10] == (500, 700)


def test_rules_that_one_run_left_out_are_named(world: World, two: tuple[Run, Run]) -> None:
    assert 'data-test="only"' not in _page(world, "city", two)
    later = two[1]
    later.rules["ZZ001"]["outcome"] = "failed"
    later.save(update_fields=["rules"])
    note = re.findall(r'data-test="only">(.*?)</p>', _page(world, "city", two), re.S)
    assert len(note) == 1 and note[0].split()[-1] == "ZZ001" and two[0].run_id in note[0]
