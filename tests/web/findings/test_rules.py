"""Rules: changes by two people, previews, precision."""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.test import TestCase

from jicha_web import core, notices
from jicha_web.core import precision, rules
from jicha_web.findings import rule_changes
from jicha_web.findings.handling import UnableToHandle
from jicha_web.findings.models import Finding, RuleChange
from jicha_web.history import read as history
from jicha_web.jobs.models import Job
from jicha_web.jobs.work import run_job
from jicha_web.organisation.models import Organisation, Person
from tests.web.conftest import World
from tests.web.small_data import RULE, screen_it, write_rule

Found = dict[str, Finding]


def propose(world: World, who: str = "author", **values: Any) -> RuleChange:
    base = {"rule": "ZZ001", "what": "parameter", "name": "least", "after": 5, "reason": "误报较多，先收紧"}
    return rule_changes.propose(**{**base, **values}, by=world.people[who], at=world.now)


def test_a_parameter_for_one_unit(world: World, data: Path) -> None:
    change = propose(world, organisation=world.units["B"])
    assert (change.before, change.after) == (None, 5)
    assert screen_it(data).content["rules"]["ZZ001"]["findings"] == 4  # nothing is in force yet
    rule_changes.approve(change=change, by=world.people["author_2"], at=world.now)
    assert rules.rule_book(data).values["ZZ001"] == [(None, {"least": 1}), ("B", {"least": 5})]
    second = propose(world, organisation=world.units["B"], after=None)
    rule_changes.approve(change=second, by=world.people["author_2"], at=world.now)
    assert rules.rule_book(data).values["ZZ001"] == [(None, {"least": 1})]
    assert [e.verb for e in history.entries_of(change)] == ["proposed", "approved"]


def test_the_other_author_is_told_of_a_proposal_and_who_proposed_of_the_answer(
    world: World, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without it a proposal waits until somebody happens to open the list of changes."""
    told: list[tuple[str, set[str], str]] = []

    def deliver(*, people: Any, kind: str, text: Any, url: str, **_more: Any) -> None:
        told.append((kind, {p.username for p in people}, text.zh))

    monkeypatch.setattr(notices, "_deliver", [deliver])
    change = propose(world)
    rule_changes.approve(change=change, by=world.people["author_2"], at=world.now)
    other = propose(world, what="status", name="", after="retired")
    rule_changes.refuse(change=other, reason="仍需要该规则", by=world.people["author_2"], at=world.now)
    assert [(kind, people) for kind, people, _text in told] == [
        ("rule_change_asked", {"author_2"}), ("rule_change_decided", {"author"}),
        ("rule_change_asked", {"author_2"}), ("rule_change_decided", {"author"}),
    ]  # fmt: skip
    assert [text.split("：")[0] for _kind, _people, text in told] == [
        "规则变更待批准", "规则变更已批准", "规则变更待批准", "规则变更未获批准",
    ]  # fmt: skip


def test_a_status(world: World, data: Path) -> None:
    change = propose(world, what="status", name="", after="retired")
    rule_changes.approve(change=change, by=world.people["author_2"], at=world.now)
    assert rules.rule_book(data).rules["ZZ001"].status == "retired"
    for page in ("/rules/changes/", "/rules/ZZ001/"):  # in words, not by their codes
        row = world.client("author").get(page).content.decode().split(f'data-change="{change.pk}"')[1].split("</tr>")[0]
        assert "启用" in row and "停用" in row and "retired" not in row
    assert screen_it(data).content["rules"]["ZZ001"]["outcome"] == "not_active"
    back = propose(world, what="status", name="", after="active")
    rule_changes.approve(change=back, by=world.people["author_2"], at=world.now)
    assert "status" not in (data / "run" / "parameters.yaml").read_text(encoding="utf-8")


def test_a_province_above_the_only_city_does_not_bar_the_city(world: World, data: Path) -> None:
    """The data of a city company name its province, where nobody has a role: no status could ever be changed."""
    province = Organisation.objects.create(code="P", name="省公司", level="province", path="0009")
    for unit in Organisation.objects.exclude(pk=province.pk):
        unit.path = f"0009{unit.path}"
        unit.parent = unit.parent or province
        unit.save()
    page = world.client("author").get("/rules/ZZ001/").content.decode()
    assert 'data-test="propose-status"' in page and '<option value="">全部单位</option>' in page
    city, county = (Person.objects.get(username=name) for name in ("author", "author_2"))
    change = rule_changes.propose(
        rule="ZZ001", what="status", after="retired", reason="坐标未治理", by=city, at=world.now
    )  # fmt: skip
    rule_changes.approve(change=change, by=county, at=world.now)
    assert rules.rule_book(data).rules["ZZ001"].status == "retired"
    # another city: what holds for both is not one city's to decide, and is not offered
    Organisation.objects.create(code="D", name="别市", level="city", parent=province, path="00090009")
    with pytest.raises(PermissionDenied):
        rule_changes.propose(rule="ZZ001", what="status", after="active", reason="恢复启用", by=city, at=world.now)
    page = world.client("author").get("/rules/ZZ001/").content.decode()
    assert 'data-test="propose-status"' not in page and '<option value="">全部单位</option>' not in page
    assert 'data-test="propose-parameter"' in page


def test_four_eyes_and_rights(world: World, data: Path) -> None:
    change = propose(world)
    with pytest.raises(PermissionDenied, match="four eyes"):
        rule_changes.approve(change=change, by=world.people["author"], at=world.now)
    for who in ("city", "admin", "manager", "reviewer"):
        with pytest.raises(PermissionDenied):
            rule_changes.approve(change=change, by=world.people[who], at=world.now)
        with pytest.raises(PermissionDenied):
            propose(world, who, after=4)
    rule_changes.refuse(change=change, reason="依据不足，不同意", by=world.people["author_2"], at=world.now)
    with pytest.raises(UnableToHandle):
        rule_changes.approve(change=change, by=world.people["author_2"], at=world.now)
    assert not (data / "run" / "parameters.yaml").exists()


@pytest.mark.parametrize(
    ("values", "error"),
    [
        ({"after": 99}, core.BadInput), ({"after": "many"}, core.BadInput), ({"name": "most"}, core.BadInput),
        ({"rule": "ZZ009"}, core.BadInput), ({"after": 1}, UnableToHandle), ({"reason": "x"}, UnableToHandle),
        ({"what": "status", "name": "", "after": "asleep"}, core.BadInput),
        ({"what": "status", "name": "", "after": "active"}, UnableToHandle),
    ],
)  # fmt: skip
def test_what_cannot_be_proposed(world: World, data: Path, values: dict[str, Any], error: type[Exception]) -> None:
    with pytest.raises(error):
        propose(world, **values)
    assert not RuleChange.objects.exists()


def test_the_same_is_proposed_once(world: World, data: Path) -> None:
    propose(world)
    with pytest.raises(UnableToHandle):
        propose(world, "author_2", after=3)


def test_a_preview_names_what_changes(world: World, found: Found) -> None:
    page = world.client("author").post("/rules/ZZ001/propose/", {
        "what": "parameter", "name": "least", "value": "5", "do": "preview", "unit": "",
    })  # fmt: skip
    assert page.status_code == 302
    job = Job.objects.get(kind="rule_preview")
    with TestCase.captureOnCommitCallbacks(execute=True):
        pass
    run_job.func(job_id=job.pk, at=world.now.isoformat(), language="zh-hans")
    job.refresh_from_db()
    assert (job.state, job.message) == ("done", job.message)
    assert (job.result["before"], job.result["after"], job.result["lost_count"]) == (4, 1, 3)
    assert {one["customer"] for one in job.result["lost"]} <= {"1001", "1002", "1004"}


def look_back(world: World, who: str, first: str, last: str) -> list[Job]:
    before = set(Job.objects.values_list("pk", flat=True))
    world.client(who).post("/rules/ZZ001/look-back/", {"first": first, "last": last})
    jobs = list(Job.objects.filter(kind="rule_backtest").exclude(pk__in=before))
    for job in jobs:
        run_job.func(job_id=job.pk, at=world.now.isoformat(), language="zh-hans")
        job.refresh_from_db()
        assert job.state == "done", job.message
    return jobs


def test_a_look_back_shows_each_month_and_makes_no_run(world: World, found: Found, data: Path) -> None:
    runs = sorted(path.name for path in (data / "runs").iterdir())
    [job] = look_back(world, "author", "2026-08", "2026-10")
    assert [(m["as_of"], m["ran"], m["findings"], m["gained"], m["not_judged"]) for m in job.result["months"]] == [
        ("2026-08-31", True, 4, None, 1), ("2026-09-30", True, 4, 0, 1), ("2026-10-15", True, 4, 0, 1),
    ]  # fmt: skip
    assert job.result["months"][2]["yuan"] == str(sum(f.amount_yuan or 0 for f in found.values()))
    assert sorted(path.name for path in (data / "runs").iterdir()) == runs and not (data / "run").exists()
    page = world.client("author").get("/rules/ZZ001/").content.decode()
    assert page.count('data-test="backtest-month"') == 3 and "1,700.00" in page
    assert 'data-test="backtest"' not in world.client("city").get("/rules/ZZ001/").content.decode()


@pytest.mark.parametrize(("first", "last"), [("2098-10", "2098-11"), ("2026-10", "2026-09"), ("last year", "")])
def test_months_that_cannot_be_looked_back_on_are_refused(world: World, found: Found, first: str, last: str) -> None:
    assert look_back(world, "author", first, last) == []
    assert look_back(world, "city", "2026-09", "2026-09") == []  # proposes no changes of rules


TABLE_RULE = RULE.replace(
    "  - {name: least, type: int, default: 1, min: 0, max: 9, source: practice}\n",
    "  - {name: least, type: int, default: 1, min: 0, max: 9, source: practice}\n"
    "  - {name: word, type: string, default: a, source: practice}\n"
    "  - name: groups\n    type: table\n    columns: {code: string, kwh: \"decimal(18,6)\"}\n"
    "    default: [[a, 1]]\n    source: practice\n",
).replace("c.address IS NULL AND", "c.address IS NULL AND $word <> '' AND EXISTS (SELECT 1 FROM parameter_groups AS g "
          "WHERE g.kwh >= 0) AND")  # fmt: skip


@pytest.mark.parametrize(
    ("name", "typed", "after"),
    [("word", "no", "no"), ("word", "1:30", "1:30"), ("word", "010", "010"), ("word", "1e3", "1e3"),
     ("least", "03", 3), ("groups", "no,010\non,123456789012.123456", [["no", 10], ["on", "123456789012.123456"]])],
)  # fmt: skip
def test_what_is_typed_is_read_by_the_declared_type(
    world: World, data: Path, name: str, typed: str, after: object
) -> None:
    """YAML 1.1 makes False, 90, 8 and 1000.0 of some of these."""
    write_rule(data, TABLE_RULE)
    values = {"what": "parameter", "name": name, "value": typed, "reason": "按本地口径调整", "unit": ""}
    world.client("author").post("/rules/ZZ001/propose/", values)
    change = RuleChange.objects.get()
    assert change.after == after
    rule_changes.approve(change=change, by=world.people["author_2"], at=world.now)
    [(_everywhere, in_force)] = rules.rule_book(data).values["ZZ001"]
    wanted = [[code, Decimal(kwh)] for code, kwh in after] if isinstance(after, list) else after
    assert in_force[name] == wanted


def test_a_value_of_another_type_is_refused_with_what_was_expected(world: World, data: Path) -> None:
    for typed in ("1e3", "1:30", "no", "0x2"):
        values = {"what": "parameter", "name": "least", "value": typed, "reason": "按本地口径调整", "unit": ""}
        page = world.client("author").post("/rules/ZZ001/propose/", values, follow=True)
        assert "应为 整数" in page.content.decode() and typed in page.content.decode()
    assert not RuleChange.objects.exists()


def test_parameters_and_their_changes_are_told_in_words(world: World, found: Found) -> None:
    """Pages showed abs_tol, [["high_voltage", 5000]] and shadow."""
    person, other = world.people["author"], world.people["author_2"]
    change = rule_changes.propose(
        rule="RC013", what="parameter", name="d", reason="按本地口径调整", by=person, at=world.now,
        after=[["high_voltage", 8000], ["residential", 900]],
    )  # fmt: skip
    rule_changes.approve(change=change, by=other, at=world.now)
    rule_changes.propose(rule="RC013", what="status", after="shadow", reason="先试运行", by=person, at=world.now)
    page = world.client("author").get("/rules/RC013/").content.decode()
    parameters = page.split('data-test="parameters"')[1].split("</section>")[0]
    for text in ("变化电量限值", "客户分组", "高压客户", "变化电量(kWh)", "<td>8000</td>", "突增超过", "业务经验值"):
        assert text in parameters
    changed = page.split('data-test="changes"')[1]
    assert "变化电量限值" in changed and "高压客户 8000" in changed and "试运行" in changed and "shadow" not in changed
    client = world.client("author")
    client.cookies["django_language"] = "en"
    english = client.get("/rules/LL004/").content.decode()
    assert "Change of loss allowed" in english and "Percentage points" in english


def test_wilson_by_hand() -> None:
    low, high = precision.wilson(8, 10)
    assert (round(low, 4), round(high, 4)) == (0.4902, 0.9433)
    assert precision.wilson(0, 0) == (0.0, 1.0)
    assert precision.wilson(0, 5)[0] == 0.0 and precision.wilson(5, 5)[1] == 1.0


def test_precision_of_outcomes(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "outcomes.csv").write_text(
        "rule,rule_version,key,outcome,case,case_outcome,confirmed_yuan,closed_on\n"
        "R,1,a,confirmed,J1,theft,100.00,2026-10-01\nR,1,b,confirmed,J1,theft,100.00,2026-10-01\n"
        "R,1,c,unfounded,J2,unfounded,,2026-10-02\nS,1,d,data_error,J2,unfounded,,2026-10-02\n",
        encoding="utf-8",
    )
    known = precision.precisions(tmp_path)
    assert (known["R"].confirmed, known["R"].closed, known["R"].visits) == (2, 3, 2)
    assert known["R"].yuan_per_visit == 50
    assert known["R"].expected == pytest.approx(3 / 5) and known["S"].share == 0
    assert precision.Precision().expected == 0.5 and precision.Precision().share is None


def test_the_pattern_of_every_reason_is_in_words(tmp_path: Path) -> None:
    """A rule's page showed the names of columns: 合同容量{contract_capacity_kva}kVA."""
    for rule in rules.rule_book(tmp_path).rules.values():
        pattern = rules.reason_pattern(rule)
        for text in pattern:
            assert not set("{}[]") & set(text), (rule.code, text)
        named = re.findall(r"〔([^〕]*)〕", pattern.zh)
        assert len(named) == len(re.findall(r"\{\w+\}", rule.reason["zh"]))
        assert not [name for name in named if re.fullmatch(r"[a-z_ ]+", name)], (rule.code, named)
