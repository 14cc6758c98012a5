"""A closed case becomes a lesson without people: no personal value of the case is in it, and none can be put back."""

from __future__ import annotations

import pytest
from django.core.exceptions import PermissionDenied

from jicha_web.assess import outcome
from jicha_web.cases.models import Case, Lead, Reporter
from jicha_web.core import assessing
from jicha_web.field.models import Visit
from jicha_web.findings.models import Finding
from jicha_web.history import record as history
from jicha_web.history.read import entries_of
from jicha_web.library.models import TypicalCase
from jicha_web.proof.anonymise import anonymised, left_over, secrets_of
from jicha_web.proof.publish import UnableToPublish, draft, publish
from jicha_web.proof.suspects import marked, suspects
from tests.web.cases.building import add_party
from tests.web.conftest import NOW, World
from tests.web.proof.test_recurrence import closed_case

pytestmark = pytest.mark.usefixtures("all_units")
PERSONAL = (
    "临江恒达纺织有限公司", "3300000001", "云岭县工业园1号", "13912345678", "330102199001011234", "李四", "S-reader",
    "赵举报", "13700001111", "云岭供电所", "云岭县供电公司", "临江供电公司", "M0099", "station_a1先生", "王经理",
)  # fmt: skip


def personal_case(world: World, monkeypatch: pytest.MonkeyPatch) -> Case:
    """Return a closed case whose texts are full of people."""
    case = closed_case(world)
    words = "；".join(PERSONAL)
    Case._base_manager.filter(pk=case.pk).update(customer_name=PERSONAL[0])
    Finding._base_manager.filter(case=case).update(
        evidence={"meter_id": "M0099", "manager_name": "王经理", "quantity_kwh": "1200"},
        reason_zh=f"用电1200kWh：{words}",
    )
    Visit._base_manager.filter(case=case).update(summary=f"现场：{words}，联系139 1234 5678，表号440012345678")
    there = outcome.latest(case)
    assert there is not None
    type(there)._base_manager.filter(pk=there.pk).update(reasoning=f"因{words}，应追补2410.56元")
    add_party(case, staff_id="S-reader", unit=None)
    lead = Lead(
        source="public_report", received_on=NOW.date(), text=words, customer_name=PERSONAL[0], case=case,
        organisation=world.units["A1"], entered_at=NOW,
    )  # fmt: skip
    history.create(lead, verb="entered", by=None, at=NOW)
    Reporter.objects.create(lead=lead, name="赵举报", phone="13700001111")
    files = [("name", PERSONAL[0]), ("address", PERSONAL[2]), ("phone", PERSONAL[3]), ("id_number", PERSONAL[4])]
    monkeypatch.setattr(assessing, "personal_facts", lambda data, customer: files)
    return Case._base_manager.get(pk=case.pk)


def test_no_personal_value_of_the_case_is_published(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    case = personal_case(world, monkeypatch)
    by = world.people["city"]
    proposed = draft(case=case, by=by, at=NOW)
    made = publish(
        case=case, title=proposed.title, story_zh=proposed.story_zh, lesson=proposed.lesson or "核对倍率", by=by, at=NOW
    )
    text = "\n".join([made.title, made.story_zh, made.lesson, str(made.basis), str(made.rules)])
    for value in (*PERSONAL, case.number, "139 1234 5678", "440012345678"):
        assert value not in text, value
    assert not left_over(text, secrets_of(case))
    assert "1200kWh" in text  # what is no one's stays
    assert "2410.56" in text
    assert made.rules == ["MT003"]
    assert (made.source_case_id, made.published_by) == (case.pk, by)
    assert entries_of(case)[-1].verb == "published_as_typical"


@pytest.mark.parametrize("value", [*PERSONAL, "临江恒达 纺织有限公司", "139 1234 5678", "4400123456"])
def test_a_text_with_a_personal_value_is_refused_without_telling_it(
    world: World, monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    case = personal_case(world, monkeypatch)
    with pytest.raises(UnableToPublish) as refused:
        publish(case=case, title="倍率错误", story_zh=f"现场{value}。", lesson="核对", by=world.people["city"], at=NOW)
    assert value not in refused.value.text.zh + refused.value.text.en
    assert not TypicalCase.objects.exists()


@pytest.mark.parametrize("username", ["county_a", "station_a1", "manager", "auditor", "reviewer", "collector_a"])
def test_only_those_who_edit_the_library_publish(world: World, username: str) -> None:
    case = closed_case(world)
    with pytest.raises(PermissionDenied):
        publish(case=case, title="题", story_zh="文", lesson="示", by=world.people[username], at=NOW)


def test_open_cases_and_second_times_are_refused(world: World) -> None:
    case = closed_case(world)
    by = world.people["city"]
    publish(case=case, title="倍率错误", story_zh="现场倍率与档案不符", lesson="核对", by=by, at=NOW)
    with pytest.raises(UnableToPublish, match="already"):
        publish(case=case, title="倍率错误", story_zh="现场", lesson="核对", by=by, at=NOW)
    with pytest.raises(UnableToPublish, match="closed"):
        Case._base_manager.filter(pk=case.pk).update(state="city_review")
        publish(case=Case._base_manager.get(pk=case.pk), title="题", story_zh="文", lesson="示", by=by, at=NOW)


def test_amounts_years_and_clauses_stay() -> None:
    text = "2026年8月用电1,234,567.89kWh，应收12345678.90元，依据第一百零一条，电话0571-88888888"
    assert anonymised(text, []) == "2026年8月用电1,234,567.89kWh，应收12345678.90元，依据第一百零一条，电话（电话）"


@pytest.mark.parametrize(
    ("text", "value", "kind"),
    [
        ("现场由邻居赵德柱指认", "", ""), ("邻居赵德柱，称曾见有人接线", "赵德柱", "name"),
        ("据孙师傅说", "孙师傅", "name"),
        ("其丈夫王建国在场", "王建国", "name"), ("与用户张伟核对", "张伟", "name"),
        ("张三（证人）在场", "张三", "name"),
        ("崔姓用户反映", "崔姓", "name"), ("现场，小崔称表坏", "小崔", "name"),
        ("户主司马光先生", "司马光先生", "name"),
        ("住桂花苑五栋二单元", "住桂花苑五栋二单元", "address"),
        ("隔壁恒达纺织有限公司用电", "隔壁恒达纺织有限公司", "company"),
        ("发往abc.d@qq.com", "abc.d@qq.com", "account"), ("微信号wx_lihua88", "wx_lihua88", "account"),
        ("位于30.12345，120.1", "30.12345", "place"), ("电价0.94320000元/千瓦时", "", ""), ("自备电厂停运", "", ""),
        ("本公司和县公司核对", "", ""), ("用户与抄表员核对", "", ""), ("客户和供电所", "", ""), ("老高压线路", "", ""),
        ("联系人：钱小二。", "钱小二", "name"), ("隔壁李某用电", "李某", "name"),
        ("住幸福路12号3栋", "住幸福路12号3栋", "address"),
        ("搬到7栋2单元501室", "7栋2单元501室", "address"), ("表号DNB-00123异常", "DNB-00123", "number"),
        ("电话 6688 1234", "6688 1234", "number"), ("封印号88123", "88123", "number"),
        ("工号S01234", "S01234", "number"),
        ("用电12345千瓦时，应收23456元", "", ""), ("2026-08-01起倍率由20改为30，容量315kVA", "", ""),
        ("规则MT003，依据GB 17215-2002", "", ""), ("核对倍率与档案", "", ""), ("电压10000V、第101条", "", ""),
    ],
)  # fmt: skip
def test_what_looks_personal_is_proposed(text: str, value: str, kind: str) -> None:
    found = [(one.value, one.kind) for one in suspects(text)]
    assert found == ([(value, kind)] if value else [])
    assert "".join(piece for piece, _one in marked(text)) == text


def test_nothing_that_looks_personal_is_published_unseen(world: World) -> None:
    case, city = closed_case(world), world.client("city")
    page = f"/cases/{case.pk}/publish/"
    given = {
        "title": "倍率错误",
        "story_zh": "邻居赵德柱，称表号DNB-00123被动过",
        "lesson": "核对",
        "read": "on",
        "confirmed": "1",
    }
    answer = city.post(page, given)
    shown = answer.content.decode()
    assert answer.status_code == 200 and not TypicalCase.objects.exists()
    assert "<mark>赵德柱</mark>" in shown and "<mark>DNB-00123</mark>" in shown
    assert city.post(page, {**given, "kept": ["赵德柱"]}).status_code == 200 and not TypicalCase.objects.exists()
    given["story_zh"] = "邻居称表号DNB-00123被动过"
    assert city.post(page, {**given, "kept": ["DNB-00123"]}).status_code == 302
    assert TypicalCase.objects.get().story_zh == given["story_zh"]
