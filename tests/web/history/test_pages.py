"""The audit: who sees what, by which filters; the command that finds what was tampered with."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command
from django.urls import reverse
from pytest_django.fixtures import DjangoAssertNumQueries, DjangoCaptureOnCommitCallbacks

from jicha_web.cases.models import Case
from jicha_web.core import application_file
from jicha_web.field.models import Photo
from jicha_web.field.storage import path_of
from jicha_web.history import read, telling
from jicha_web.history import record as history
from jicha_web.history.models import Entry, Seal
from jicha_web.history.sealing import seal_history
from jicha_web.history.values import digest
from jicha_web.jobs.models import Job
from jicha_web.organisation.models import Membership
from tests.web.cases.building import case_in, make_case
from tests.web.conftest import NOW, World
from tests.web.field.conftest import begin
from tests.web.history.test_history import _forge


@pytest.fixture(autouse=True)
def surroundings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "MEDIA_ROOT", tmp_path / "files")
    monkeypatch.setattr("jicha_web.organisation.middleware.now", lambda: NOW)


def grant(world: World, username: str, role: str, unit: str) -> None:
    member = Membership(person=world.people[username], role=role, organisation=world.units[unit])
    history.create(member, verb="granted", by=None, at=NOW)


def command(*arguments: str) -> tuple[int, str]:
    out = io.StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command("check_history", *arguments, stdout=out, stderr=out)
    return int(str(ended.value.code)), out.getvalue()


# --- pages


def test_only_those_with_the_right(world: World) -> None:
    for username, status in (("auditor", 200), ("admin", 200), ("city", 403), ("station_a1", 403), ("manager", 403)):
        assert world.client(username).get(reverse("history")).status_code == status


def test_an_auditor_of_one_county_sees_that_county(world: World, all_units: None) -> None:
    a, b = make_case(world, unit="A1", title="在甲"), make_case(world, unit="B1", title="在乙")
    grant(world, "manager", "auditor", "A")
    Membership.objects.filter(person=world.people["manager"], role="manager").update(is_active=False)
    client = world.client("manager")
    page = client.get(reverse("history"), {"kind": "case"}).content.decode()
    assert reverse("object_history", args=["case", a.pk]) in page
    assert reverse("object_history", args=["case", b.pk]) not in page
    assert client.get(reverse("object_history", args=["case", a.pk])).status_code == 200
    assert client.get(reverse("object_history", args=["case", b.pk])).status_code == 404
    assert client.get(reverse("object_history", args=["person", world.people["station_a1"].pk])).status_code == 200
    assert client.get(reverse("object_history", args=["person", world.people["station_b1"].pk])).status_code == 404
    assert client.get(reverse("object_history", args=["nothing", 1])).status_code == 404


def test_people_of_a_case_see_its_history_and_no_others(world: World, all_units: None) -> None:
    case = case_in(world, "station_pending")
    member = Membership.objects.first()
    assert member is not None
    client = world.client("station_a1")
    page = client.get(reverse("object_history", args=["case", case.pk]))
    assert page.status_code == 200 and 'data-test="whole"' in page.content.decode()
    text = page.content.decode()
    assert "分派至供电所" in text and "<del>待分派</del> → <ins>待核查</ins>" in text  # states in words
    assert "<ins>station_a1先生</ins>" in text and "<ins>云岭供电所</ins>" in text  # people and units by name
    assert client.get(reverse("object_history", args=["membership", member.pk])).status_code == 404
    assert world.client("station_b1").get(reverse("object_history", args=["case", case.pk])).status_code == 404


def test_filters(world: World, all_units: None) -> None:
    case_in(world, "checking")
    later = make_case(world)
    history.record(later, verb="described", by=world.people["city"], at=NOW + timedelta(days=2), note="补充地址")
    client = world.client("auditor")

    def verbs(**query: Any) -> list[str]:
        page = client.get(reverse("history"), {"size": 200, **query}).content.decode()
        return re.findall(r'data-verb="(\w+)"', page)

    assert verbs(verb="start_check") == ["start_check"]
    assert set(verbs(kind="case", person=world.people["county_a"].pk)) == {"assign_station"}
    assert verbs(by="station_a1") == ["start_check"]
    assert verbs(q="补充") == ["described"]
    assert verbs(**{"from": "2026-10-16", "kind": "case"}) == ["described"]
    assert "described" not in verbs(to="2026-10-15", kind="case")
    assert verbs(kind="case", object=later.pk) == ["described", "proposed"]
    assert verbs(person="x") == verbs(object="9" * 30) == []
    assert verbs(**{"from": "nonsense", "verb": "described"}) == ["described"]


def test_objects_are_named_and_only_those_in_sight(world: World, all_units: None) -> None:
    case = make_case(world, unit="A1")
    page = world.client("auditor").get(reverse("history"), {"size": 200}).content.decode()
    assert f" {case.number}</a>" in page
    assert f" {world.people['county_a'].name} {world.units['A'].name}</a>" in page  # a right: who and where


def test_queries_of_the_audit_do_not_grow(
    world: World, all_units: None, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(5):
        case_in(world, "checking")
    client = world.client("auditor")
    with django_assert_max_num_queries(17):  # two of them for each kind of object in the list
        client.get(reverse("history"))


def test_the_export_has_all_of_it(
    world: World, all_units: None, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    case = make_case(world)
    history.record(case, verb="described", by=world.people["city"], at=NOW, note="=cmd|' /C calc'!A0")
    client = world.client("auditor")
    with django_capture_on_commit_callbacks(execute=True):
        client.post(reverse("history_export"), {"query": f"kind=case&object={case.pk}"})
    job = Job.objects.get()
    assert job.state == "done", job.message
    rows = list(csv.reader((Path(settings.MEDIA_ROOT) / job.result_file).read_text(encoding="utf-8-sig").splitlines()))
    assert [r[6] for r in rows[1:]] == ["described", "proposed"]
    assert rows[1][7].startswith("'=")
    assert rows[1][10] == rows[2][11]
    assert world.client("admin").post(reverse("history_export")).status_code == 403


def test_every_verb_and_kind_of_the_code_has_words() -> None:
    root = Path(telling.__file__).parent.parent
    said = {v for f in root.rglob("*.py") for v in re.findall(r'verb="([a-z_]+)"', f.read_text(encoding="utf-8"))}
    assert said - set(telling.verbs()) == set()
    assert set(read.recorded_models()) - set(telling.kinds()) == set()
    models = read.recorded_models().values()
    recorded = {name for model in models for name in (*model.history_fields(), *model.PERSONAL_FIELDS)}
    assert recorded - set(telling.fields()) == set()
    content = application_file("history")
    assert all(t["zh"] and t["en"] for name, part in content.items() if name != "codes" for t in part.values())
    assert all(t["zh"] and t["en"] for part in content["codes"].values() for t in part.values())


# --- the command


def test_what_is_whole(world: World, all_units: None) -> None:
    case_in(world, "checking")
    seal_history(NOW)
    code, said = command()
    assert code == 0 and "完整" in said
    assert Seal.objects.get().hash in said


def test_each_kind_of_tampering_is_found_and_named(world: World, all_units: None) -> None:
    site = begin(world)
    site.complete()
    seal_history(NOW)
    photo = Photo.objects.filter(kind="site").get()
    other = Photo.objects.filter(kind="meter").get()
    case = site.case
    path_of(photo.original).write_bytes(path_of(photo.original).read_bytes() + b"x")
    path_of(other.display).write_bytes(b"x")
    Case.objects.filter(pk=case.pk).update(amount_yuan=1)
    site.visit.readings.update(index_kwh=1)
    row = Entry.objects.filter(object_type="visit", verb="placed").get()
    _forge(f"UPDATE history_entry SET note = 'never' WHERE id = {row.pk}")
    code, said = command()
    assert code == 1
    assert f"照片 photo:{photo.pk}  存储文件被改动：original" in said
    assert f"照片 photo:{other.pk}  存储文件被改动：display" in said
    assert f"工单 case:{case.pk}  数据库内容与最后一条历史记录不一致" in said
    assert f"visit:{site.visit.pk}  附属数据" in said
    assert f"visit:{site.visit.pk}  第{row.number}条历史记录被改动" in said
    assert "发现 5 处异常" in said
    code, said = command("--json", "--kind", "photo", "--id", str(photo.pk))
    found = json.loads(said)
    assert (code, found["whole"], [d["kind"] for d in found["damage"]]) == (1, False, ["file"])
    assert command("--kind", "photo", "--no-files")[0] == 0


def test_a_row_and_all_after_it_written_anew_is_found_by_the_seal(world: World, all_units: None) -> None:
    case = make_case(world)
    history.record(case, verb="described", by=None, at=NOW, note="真")
    seal_history(NOW)
    rows = list(Entry.objects.filter(object_type="case", object_id=case.pk).order_by("number"))
    rows[1].note = "假"
    rows[1].hash = digest(history.entry_content(rows[1]))
    _forge(f"UPDATE history_entry SET note = '假', hash = '{rows[1].hash}' WHERE id = {rows[1].pk}")
    code, said = command()
    assert code == 1 and "封存不再成立" in said and "被改动" not in said


def test_a_seal_noted_elsewhere_has_to_be_there(world: World) -> None:
    seal_history(NOW)
    noted = Seal.objects.get().hash
    assert command("--seal", noted)[0] == 0
    assert command("--seal", hashlib.sha256(b"other").hexdigest())[0] == 1


def test_seals_go_on_from_the_last(world: World, all_units: None) -> None:
    seal_history(NOW)
    for _ in range(3):
        make_case(world)
        seal_history(NOW)
    assert Seal.objects.count() == 4
    assert list(read.check()) == []
    middle = Seal.objects.order_by("pk")[1]
    first_case = Entry.objects.filter(object_type="case").order_by("pk").first()
    assert first_case is not None
    _forge(f"UPDATE history_entry SET hash = '{'0' * 64}' WHERE id = {first_case.pk}")
    assert [d.object_id for d in read.check() if d.kind == "seal"] == [middle.pk]


def test_questions_that_cannot_be_answered(db: None) -> None:
    assert command("--kind", "nothing")[0] == 2
    assert command("--id", "3")[0] == 2


def test_a_chain_gone_and_an_object_gone_are_found(world: World, all_units: None) -> None:
    cases = [make_case(world) for _ in range(3)]
    _forge(f"DELETE FROM history_entry WHERE object_type = 'case' AND object_id = {cases[0].pk}")
    _forge(f"DELETE FROM cases_case WHERE id = {cases[1].pk}")
    assert {(d.kind, d.object_id) for d in read.check("case")} == {("missing", cases[0].pk), ("object", cases[1].pk)}
    _forge("UPDATE history_entry SET object_type = 'ghost' WHERE object_type = 'case'")
    kinds = {(d.kind, d.object_type) for d in read.check()}
    assert ("object", "ghost") in kinds and ("missing", "case") in kinds
