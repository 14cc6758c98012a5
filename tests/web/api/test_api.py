"""The API: the same rights and scope as the pages, tokens narrowed to unit and actions, errors as problems."""

from __future__ import annotations

import io
import json
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.core.exceptions import PermissionDenied
from django.test import Client
from openpyxl import load_workbook  # type: ignore[import-untyped, unused-ignore]

from jicha_web.api import tokens
from jicha_web.api.models import Token
from jicha_web.cases.models import Case, Lead, Reporter
from jicha_web.core import screening as door
from jicha_web.findings.handling import dismiss
from jicha_web.findings.models import Finding
from jicha_web.history.models import Entry
from jicha_web.history.read import check, entries_of
from jicha_web.jobs.many import keep
from jicha_web.jobs.models import Job
from jicha_web.jobs.work import run_job
from jicha_web.organisation import middleware
from jicha_web.organisation.scope import EVERYTHING, scoped
from jicha_web.runs.models import Run
from tests.web.cases.building import make_case
from tests.web.conftest import NOW, World, build_world
from tests.web.walk.objects import NUMBER, build_objects

pytestmark = pytest.mark.django_db
BASE = "/api/v1"
LEAD = {"source": "monitoring", "received_on": "2026-10-14", "text": "夜间负荷异常", "external_id": "M-1"}


@pytest.fixture
def full(monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.setattr(middleware, "now", lambda: NOW)
    cache.clear()
    world = build_world()
    build_objects(world)
    return world


def machine(world: World, username: str, unit: str, *actions: str, days: int = 30) -> dict[str, str]:
    made = tokens.make(
        name="监测系统", organisation=world.units[unit], actions=actions, until=NOW.date() + timedelta(days=days),
        by=world.people[username], at=NOW,
    )  # fmt: skip
    return {"HTTP_AUTHORIZATION": f"Bearer {made.secret}"}


def post(client: Client, path: str, content: Any, **headers: str) -> Any:
    return client.post(BASE + path, json.dumps(content), content_type="application/json", **headers)  # type: ignore[arg-type]


def test_a_browser_needs_the_csrf_token_for_changes(full: World) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(full.people["city"], backend="django.contrib.auth.backends.ModelBackend")
    assert client.get(f"{BASE}/me").status_code in {200, 403}
    refused = post(client, "/leads", LEAD)
    assert refused.status_code == 403
    assert refused.headers["Content-Type"].startswith("application/problem+json")
    client.cookies["csrftoken"] = "a" * 32
    assert post(client, "/leads", LEAD, HTTP_X_CSRFTOKEN="a" * 32).status_code == 201


def test_nobody_gets_401_and_a_wrong_token_too(full: World) -> None:
    client = Client()
    for headers in ({}, {"HTTP_AUTHORIZATION": "Bearer jicha_nonsense"}, {"HTTP_AUTHORIZATION": "Basic eDp5"}):
        answer = client.get(f"{BASE}/me", **headers)  # type: ignore[arg-type]
        assert answer.status_code == 401
        assert answer.json()["status"] == 401


def test_a_token_acts_for_its_person_within_its_unit_and_actions(full: World) -> None:
    client, headers = Client(), machine(full, "city", "A", "case_view", "lead_enter")
    me = client.get(f"{BASE}/me", **headers).json()  # type: ignore[arg-type]
    assert me["actions"] == ["case_view", "lead_enter"]
    assert "监测系统" in me["name"]
    assert client.get(f"{BASE}/cases/{NUMBER}", **headers).status_code == 200  # type: ignore[arg-type]
    assert client.get(f"{BASE}/findings", **headers).status_code == 403  # type: ignore[arg-type]
    units = client.get(f"{BASE}/organisations", **headers).json()  # type: ignore[arg-type]
    assert {one["code"] for one in units} == {"A", "A1", "A2", "WALK"}
    other = machine(full, "city", "B", "case_view", "lead_enter")
    assert client.get(f"{BASE}/cases/{NUMBER}", **other).status_code == 404  # type: ignore[arg-type]
    refused = post(client, "/leads", {**LEAD, "organisation": "A1"}, **other)
    assert refused.status_code == 403
    with scoped(EVERYTHING):
        assert not Lead.objects.filter(external_id="M-1").exists()


def test_what_a_machine_does_stands_in_the_history_with_its_token(full: World) -> None:
    answer = post(Client(), "/leads", {**LEAD, "organisation": "A1"}, **machine(full, "city", "A", "lead_enter"))
    assert answer.status_code == 201
    entry = Entry.objects.get(object_type="lead", object_id=answer.json()["id"], number=1)
    assert entry.by_id == full.people["city"].pk
    assert "监测系统" in entry.by_name
    assert full.people["city"].__class__.objects.get(pk=entry.by_id).name == "city先生"


def test_a_token_that_is_over_or_revoked_counts_no_more(full: World) -> None:
    headers = machine(full, "city", "A", "case_view")
    client, token = Client(), Token.objects.get(name="监测系统")
    assert client.get(f"{BASE}/me", **headers).status_code == 200  # type: ignore[arg-type]
    Token.objects.filter(pk=token.pk).update(until=date(2026, 10, 14))
    assert client.get(f"{BASE}/me", **headers).status_code == 401  # type: ignore[arg-type]
    Token.objects.filter(pk=token.pk).update(until=date(2026, 12, 14))
    tokens.revoke(token=Token.objects.get(pk=token.pk), by=full.people["city"], at=NOW)
    assert client.get(f"{BASE}/me", **headers).status_code == 401  # type: ignore[arg-type]
    with pytest.raises(tokens.WrongToken):
        tokens.revoke(token=Token.objects.get(pk=token.pk), by=full.people["city"], at=NOW)


def test_only_the_hash_of_a_secret_is_kept(full: World) -> None:
    made = tokens.make(
        name="x", organisation=full.units["A"], actions=["case_view"], until=NOW.date(), by=full.people["city"], at=NOW
    )
    row = Token.objects.values().get(pk=made.token.pk)
    assert made.secret not in json.dumps(row, default=str)
    assert made.secret not in json.dumps([e.data for e in entries_of(made.token)])
    assert len(made.secret) > 40
    assert [e.verb for e in entries_of(made.token)] == ["token_made"]


def test_nobody_makes_a_token_beyond_their_rights(full: World) -> None:
    at = {"until": NOW.date(), "at": NOW}
    for who, unit, actions in (
        ("county_a", "B", ["case_view"]), ("county_a", "C", ["case_view"]), ("station_a1", "A1", ["finding_view"]),
        ("city", "C", ["no_such"]), ("city", "C", []), ("auditor", "C", ["case_open"]),
    ):  # fmt: skip
        with pytest.raises(tokens.WrongToken):
            tokens.make(name="x", organisation=full.units[unit], actions=actions, by=full.people[who], **at)  # type: ignore[arg-type]
    for until in (NOW.date() - timedelta(days=1), NOW.date() + timedelta(days=400)):
        with pytest.raises(tokens.WrongToken):
            tokens.make(
                name="x",
                organisation=full.units["C"],
                actions=["case_view"],
                until=until,
                by=full.people["city"],
                at=NOW,
            )


def test_tokens_are_revoked_by_their_person_and_by_those_who_keep_the_people(full: World) -> None:
    machine(full, "county_a", "A", "case_view")
    token = Token.objects.get(name="监测系统")
    for who in ("county_b", "city", "station_a1"):
        with pytest.raises(PermissionDenied):
            tokens.revoke(token=token, by=full.people[who], at=NOW)
        assert full.client(who).delete(f"{BASE}/tokens/{token.pk}").status_code == 404
    assert full.client("admin").delete(f"{BASE}/tokens/{token.pk}").status_code == 204
    assert Token.objects.get(pk=token.pk).revoked


def test_a_token_manages_no_tokens(full: World) -> None:
    headers = machine(full, "admin", "C", "people_edit")
    client = Client()
    assert client.get(f"{BASE}/tokens", **headers).status_code == 403  # type: ignore[arg-type]
    body = {"name": "y", "organisation": "C", "actions": ["people_edit"], "until": "2026-10-20"}
    assert post(client, "/tokens", body, **headers).status_code == 403


def test_too_many_requests_are_refused_until_the_next_minute(full: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tokens, "PER_MINUTE", 3)
    headers, client = machine(full, "city", "A", "case_view"), Client()
    statuses = [client.get(f"{BASE}/me", **headers) for _ in range(5)]  # type: ignore[arg-type]
    assert [one.status_code for one in statuses][:3] == [200, 200, 200]
    assert 1 <= int(statuses[-1].headers["Retry-After"]) <= 60
    assert statuses[-1].status_code == 429
    assert client.get(f"{BASE}/me", **machine(full, "city", "A", "case_view")).status_code == 200  # type: ignore[arg-type]


def test_a_lead_sent_twice_is_one_and_its_reporter_is_not_given(full: World) -> None:
    client = full.client("city")
    lead = {**LEAD, "organisation": "A1", "reporter_name": "举报人甲", "reporter_phone": "13800000000"}
    first, second = post(client, "/leads", lead), post(client, "/leads", lead)
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json()["id"] == second.json()["id"]
    assert Reporter.objects.filter(name="举报人甲").count() == 1
    assert "举报人甲" not in first.content.decode() + client.get(f"{BASE}/leads").content.decode()
    wrong = post(client, "/leads", {**LEAD, "received_on": "2027-01-01", "external_id": "M-2"})
    assert wrong.status_code == 422
    assert wrong.json()["reasons"][0]["where"] == "received_on"


def test_moves_are_those_of_the_pages_and_a_stale_version_is_told(full: World) -> None:
    client = full.client("city")
    offers = client.get(f"{BASE}/cases/{NUMBER}/moves").json()
    assert {one["event"] for one in offers} <= {"reassign", "cancel", "return_to_city"} | {o["event"] for o in offers}
    stale = post(client, f"/cases/{NUMBER}/moves", {"event": "cancel", "note": "重复", "version": 99})
    assert stale.status_code == 409
    unknown = post(client, f"/cases/{NUMBER}/moves", {"event": "close_it_all"})
    assert unknown.status_code == 409
    assert unknown.json()["reasons"][0]["code"] == "no_move"
    for name in ("county_b", "station_b1"):
        assert post(full.client(name), f"/cases/{NUMBER}/moves", {"event": "cancel"}).status_code == 404
    assert Case._base_manager.get(pk=NUMBER).state == "checking"


def test_a_case_opened_by_hand_is_told_by_its_number(full: World) -> None:
    body = {
        "by_hand": {
            "organisation": "A1", "subject": "area", "subject_id": "T-9", "name": "九号台区", "title": "台区高损",
            "description": "连续三月高损",
        }
    }  # fmt: skip
    answer = post(full.client("city"), "/cases", body)
    assert answer.status_code == 201
    assert answer.json()[0]["number"]
    again = post(full.client("city"), "/cases", body)
    assert again.status_code == 409
    assert post(full.client("county_b"), "/cases", body).status_code == 404
    assert list(check("case", answer.json()[0]["id"])) == []


def test_bounds(full: World) -> None:
    client = full.client("city")
    for path in (
        "/cases?limit=201", "/cases?offset=45126466892862570496", "/cases?limit=0", "/cases/0", "/cases/-1",
        "/cases/99999999999999999999", "/findings?period=0", "/findings?period=1234567890", "/cases/abc",
        "/findings?state=nonsense", "/findings?least_yuan=NaN",
    ):  # fmt: skip
        answer = client.get(BASE + path)
        assert answer.status_code == 422, path
        assert answer.headers["Content-Type"].startswith("application/problem+json")
    assert client.get(f"{BASE}/cases/9223372036854775807").status_code == 404
    unread = client.get(f"{BASE}/findings?text=%00")
    assert (unread.status_code, unread.headers["Content-Type"][:24]) == (400, "application/problem+json")
    assert unread.json()["status"] == 400
    assert client.get(f"{BASE}/nowhere").status_code == 404


def test_names_are_masked(full: World) -> None:
    Case._base_manager.filter(pk=NUMBER).update(customer_name="欧阳某某")
    assert "欧阳某某" not in full.client("city").get(f"{BASE}/cases/{NUMBER}").content.decode()


def test_calculators_answer_and_name_what_is_wrong(full: World) -> None:
    client = full.client("station_a1")
    one = client.get(f"{BASE}/calculators/late_payment").json()
    made = post(client, "/calculators/late_payment", {"inputs": one["example"]})
    assert made.status_code == 200
    assert made.json()["result"]["results"]
    assert post(client, "/calculators/late_payment", {"inputs": {"nonsense": 1}}).status_code == 422
    assert post(client, "/calculators/none", {"inputs": {}}).status_code == 404


def test_every_refusal_is_documented_for_every_operation(full: World) -> None:
    schema = full.client("city").get(f"{BASE}/openapi.json").json()
    assert schema["openapi"].startswith("3.1")
    for path, methods in schema["paths"].items():
        for method, operation in methods.items():
            documented = set(operation["responses"])
            assert {"400", "401", "403", "404", "409", "413", "422", "429"} <= documented, (method, path)
            assert "application/problem+json" in operation["responses"]["404"]["content"]
            assert operation["summary"], path


def test_the_page_of_tokens(full: World) -> None:
    client = full.client("county_a")
    values = {"name": "热线", "organisation": full.units["A"].pk, "until": "2026-12-01", "actions": ["lead_enter"]}
    made = client.post("/tokens/", values).content.decode()
    assert "jicha_" in made
    assert 'data-test="secret"' in made
    assert 'data-test="secret"' not in client.get("/tokens/").content.decode()
    token = Token.objects.get(name="热线")
    foreign = {**values, "organisation": full.units["B"].pk}
    assert client.post("/tokens/", foreign).status_code == 422
    assert full.client("county_b").post(f"/tokens/{token.pk}/revoke/", {"confirmed": "1"}).status_code == 404
    assert client.post(f"/tokens/{token.pk}/revoke/").status_code == 200
    assert client.post(f"/tokens/{token.pk}/revoke/", {"confirmed": "1"}).status_code == 302
    assert Token.objects.get(pk=token.pk).revoked


def test_the_documentation_needs_nothing_from_elsewhere(full: World) -> None:
    assert Client().get(f"{BASE}/docs").status_code == 302
    page = full.client("city").get(f"{BASE}/docs")
    assert page.status_code == 200
    assert "http" not in page.content.decode().replace("http-equiv", "")


def test_findings_are_handled_by_the_same_verbs(full: World) -> None:
    path, client = f"/findings/{NUMBER}/handling", full.client("city")
    version = client.get(f"{BASE}/findings/{NUMBER}").json()["version"]
    body = {"what": "dismiss", "reason": "现场核实无误", "version": version}
    assert post(full.client("county_b"), path, body).status_code == 404
    assert post(full.client("auditor"), path, body).status_code == 403
    assert post(client, path, {**body, "version": version + 1}).status_code == 409
    assert post(client, path, {**body, "reason": "无"}).status_code == 409
    assert post(client, path, {"what": "snooze", "reason": "等下月数据"}).status_code == 422
    done = post(client, path, body)
    assert done.status_code == 200
    assert done.json()["handling"] == "dismissed"
    assert post(client, path, body).status_code == 409
    assert post(client, path, {"what": "reopen", "reason": "重新核查一次"}).json()["handling"] == "open"


def test_runs_tell_the_figures_of_units_in_sight_only(full: World, monkeypatch: pytest.MonkeyPatch) -> None:
    run = Run.objects.filter(state="done", run_id__isnull=False).order_by("pk").first()
    assert run is not None
    rule = {"name": {"zh": "甲", "en": "A"}, "outcome": "done", "findings": 7, "not_judged": 3, "detail": {}}
    Run.objects.filter(pk=run.pk).update(counts={"new": 7}, rules={"CF001": rule})
    monkeypatch.setattr(door, "read_run", lambda _data, _run_id: None)
    monkeypatch.setattr(door, "rule_counts", lambda _run, orgs: {"CF001": (2, 1)} if "A" in orgs else {})
    for who, counts, figures in (("city", {"new": 7}, (7, 3)), ("county_a", {}, (2, 1)), ("county_b", {}, (0, 0))):
        client = full.client(who)
        [row] = [one for one in client.get(f"{BASE}/runs").json()["items"] if one["id"] == run.pk]
        one = client.get(f"{BASE}/runs/{run.pk}").json()
        assert (row["counts"], one["counts"]) == (counts, counts), who
        assert (one["rules"]["CF001"]["findings"], one["rules"]["CF001"]["not_judged"]) == figures, who


@pytest.mark.django_db(transaction=True)
def test_a_job_is_taken_back_as_on_its_page(full: World) -> None:
    by, client = full.people["city"], full.client("city")
    with scoped(EVERYTHING):
        there = list(Finding.objects.filter(handling="open").order_by("pk"))
        of_city = Finding.objects.get(pk=there[0].pk)
        of_city.pk, of_city.key_hash, of_city.organisation = None, "f" * 32, full.units["C"]
        of_city.save(force_insert=True)
        there.append(of_city)
        for one in there:
            dismiss(finding=one, by=by, at=NOW - timedelta(hours=1), reason="现场核实无误")
    job = keep(
        "handle_findings", by=by, at=NOW - timedelta(hours=1), rows=[(str(one.pk), "") for one in there], what="dismiss"
    )
    path = f"/jobs/{job.pk}/undo"
    assert client.get(BASE + path).json() == {
        "standing": len(there), "undone": 0, "changed": 0, "named": [], "job": None
    }  # fmt: skip
    assert post(full.client("county_a"), path, {}).status_code == 404  # the job of another
    assert post(Client(), path, {}, **machine(full, "city", "C", "finding_view")).status_code == 403
    # a token reaches no further than its unit
    assert post(Client(), path, {}, **machine(full, "city", "B", "finding_handle")).status_code == 409
    with scoped(EVERYTHING):
        assert {one.handling for one in Finding.objects.filter(pk__in=[f.pk for f in there])} == {"dismissed"}
    assert post(Client(), path, {}, **machine(full, "city", "A", "finding_handle")).status_code == 202
    with scoped(EVERYTHING):
        inside = full.units["A"].path
        for one in Finding.objects.filter(pk__in=[f.pk for f in there]).select_related("organisation"):
            assert (one.handling == "open") == one.organisation.path.startswith(inside)
    left = client.get(BASE + path).json()
    if left["standing"]:
        asked = post(client, path, {})
        assert asked.status_code == 202
        assert client.get(f"{BASE}/jobs/{asked.json()['id']}").json()["state"] == "done"
    with scoped(EVERYTHING):
        assert not Finding.objects.filter(pk__in=[f.pk for f in there]).exclude(handling="open").exists()
    again = post(client, path, {})
    assert again.status_code == 409
    assert "没有仍为" in post(client, path, {}).json()["detail"]
    other = keep("compare_runs", by=by, at=NOW, rows=[], what="")
    assert client.get(f"{BASE}/jobs/{other.pk}/undo").status_code == 404
    assert post(client, f"/jobs/{other.pk}/undo", {}).status_code == 409


def done(job: int) -> Job:
    run_job.func(job_id=job, at=NOW.isoformat(), language="zh-hans")
    return Job.objects.get(pk=job)


def test_a_list_is_exported_within_the_unit_of_the_token_and_fetched_by_it_alone(full: World) -> None:
    """The job is the person's, who sees the whole city: what it writes is no more than the token may see."""
    make_case(full, title="别县", unit="B")
    client = Client()
    own = machine(full, "city", "A", "export", "case_view", "finding_view")
    asked = post(client, "/exports", {"list": "cases"}, **own)
    assert asked.status_code == 202
    pk = asked.json()["id"]
    assert done(pk).state == "done"
    answer = client.get(f"{BASE}/jobs/{pk}/file", **own)  # type: ignore[arg-type]
    book = load_workbook(io.BytesIO(b"".join(answer.streaming_content)))  # type: ignore[attr-defined]
    written = {row[0] for row in list(book.worksheets[0].values)[1:]}
    with scoped(EVERYTHING):
        wanted = {c.number: full.units["A"].covers(c.organisation) for c in Case.objects.select_related("organisation")}
    assert written == {number for number, inside in wanted.items() if inside} and not all(wanted.values())
    whole = post(full.client("city"), "/exports", {"list": "cases"}).json()["id"]
    assert done(whole).state == "done"
    assert client.get(f"{BASE}/jobs/{whole}/file", **own).status_code == 404  # type: ignore[arg-type]
    other = machine(full, "city", "B", "export", "case_view")
    assert client.get(f"{BASE}/jobs/{pk}/file", **other).status_code == 404  # type: ignore[arg-type]


def test_an_export_needs_the_rights_of_its_page(full: World) -> None:
    client = Client()
    bare = machine(full, "city", "A", "case_view")
    assert post(client, "/exports", {"list": "cases"}, **bare).status_code == 403
    assert post(client, "/exports", {"list": "findings"}, **machine(full, "city", "A", "export")).status_code == 403
    assert post(full.client("station_a1"), "/exports", {"list": "leads"}).status_code == 403
    assert post(full.client("city"), "/exports", {"list": "secrets"}).status_code == 404
    pk = post(full.client("city"), "/exports", {"list": "leads", "query": "state=new"}).json()["id"]
    assert done(pk).state == "done"


def test_a_staff_system_closes_accounts_and_gives_nobody_a_right(full: World) -> None:
    client, gone = Client(), full.people["station_a1"]
    token = machine(full, "admin", "A", "people_edit")
    answer = post(client, f"/people/{gone.pk}/close", {"reason": "已调离"}, **token)
    assert answer.status_code == 204
    gone.refresh_from_db()
    assert not gone.is_active
    entry = entries_of(gone)[-1]
    assert (entry.verb, entry.note) == ("account_closed", "已调离") and "接口" in entry.by_name
    assert post(client, f"/people/{gone.pk}/close", {"reason": "已调离"}, **token).status_code == 409
    assert post(client, f"/people/{gone.pk}/close", {"reason": ""}, **token).status_code == 422
    foreign = full.people["station_b1"]
    assert post(client, f"/people/{foreign.pk}/close", {"reason": "已调离"}, **token).status_code == 404
    assert post(full.client("city"), f"/people/{foreign.pk}/close", {"reason": "x"}).status_code == 403
    schema = client.get(f"{BASE}/openapi.json", **token).content.decode()  # type: ignore[arg-type]
    assert all(path not in schema for path in ("/reopen", "/grant", "/password"))


def test_units_and_staff_are_taken_over_by_a_token_for_the_top_only(full: World) -> None:
    client = Client()
    assert (
        post(client, "/organisations/synchronise", {}, **machine(full, "admin", "A", "people_edit")).status_code == 403
    )
    assert post(full.client("city"), "/organisations/synchronise", {}).status_code == 403
    asked = post(client, "/organisations/synchronise", {}, **machine(full, "admin", "C", "people_edit"))
    assert asked.status_code == 202 and asked.json()["kind"] == "organisation.synchronise"


def test_a_token_gives_up_no_job_but_those_of_its_unit(full: World) -> None:
    """With the right to look at cases somebody's screening could be stopped."""
    client, city = Client(), full.people["city"]
    looks = machine(full, "city", "A", "case_view")
    screening = Job.objects.create(kind="screen", by=city, asked_at=NOW, arguments={})
    handling = Job.objects.create(kind="handle_findings", by=city, asked_at=NOW, arguments={})
    for job in (screening, handling):
        assert post(client, f"/jobs/{job.pk}/cancel", {}, **looks).status_code == 403
        job.refresh_from_db()
        assert job.state == "queued"
    assert (
        post(client, f"/jobs/{screening.pk}/cancel", {}, **machine(full, "city", "C", "run_start")).status_code == 200
    )
    exports = machine(full, "city", "A", "export", "case_view")
    own = post(client, "/exports", {"list": "cases"}, **exports).json()["id"]
    Job.objects.filter(pk=own).update(state="queued")
    assert post(client, f"/jobs/{own}/cancel", {}, **exports).json()["state"] == "cancelled"
    assert post(full.client("city"), f"/jobs/{handling.pk}/cancel", {}).json()["state"] == "cancelled"


def test_an_export_is_fetched_by_tokens_that_could_have_asked_for_it(full: World) -> None:
    client = Client()
    asked = post(client, "/exports", {"list": "findings"}, **machine(full, "city", "A", "export", "finding_view"))
    pk = asked.json()["id"]
    assert done(pk).state == "done"
    less: Any = machine(full, "city", "A", "export", "case_view")
    assert client.get(f"{BASE}/jobs/{pk}/file", **less).status_code == 403
    same: Any = machine(full, "city", "A", "export", "finding_view")
    answer = client.get(f"{BASE}/jobs/{pk}/file", **same)
    assert answer.status_code == 200 and b"".join(answer.streaming_content)  # type: ignore[attr-defined]
