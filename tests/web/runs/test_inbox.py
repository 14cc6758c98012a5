"""The watched folder: complete files are loaded, broken ones put by with the reason, late ones told."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import PermissionDenied
from django.test import TestCase
from django.utils import timezone

from jicha_web import core, notices
from jicha_web.core import loads
from jicha_web.core import screening as door
from jicha_web.organisation.models import Organisation
from jicha_web.runs import inbox
from jicha_web.runs.models import Delivery, ExpectedDelivery
from tests.web.conftest import World

SHANGHAI = ZoneInfo("Asia/Shanghai")
GOOD = (
    "customer_id,name,org_id,status,usage_class\n1001,王小明,A1,active,residential\n9001,李四,A1,active,residential\n"
)


@pytest.fixture(autouse=True)
def _forget() -> None:
    inbox._seen.clear()


def put(data: Path, name: str, text: str = GOOD) -> Path:
    path = data / "inbox" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def look(at: datetime) -> None:
    with TestCase.captureOnCommitCallbacks(execute=True):
        inbox.look(at)


def test_a_file_that_stands_still_is_loaded(world: World, data: Path) -> None:
    before = door.data_version(data)
    put(data, "mis/customer.csv")
    look(world.now)
    assert not Delivery.objects.exists()  # it may still be growing
    look(world.now)
    row = Delivery.objects.get()
    assert (row.state, row.rows, row.rejects, row.message) == ("loaded", 2, 0, "")
    assert door.data_version(data) == before + 1
    assert (data / "inbox" / "done" / row.load_id / "mis" / "customer.csv").read_text(encoding="utf-8") == GOOD
    assert inbox.arrived() == {}


def test_a_file_that_grows_waits(world: World, data: Path) -> None:
    path = put(data, "customer.csv")
    look(world.now)
    with path.open("a", encoding="utf-8") as file:
        file.write("9002,张三,A1,active,residential\n")
    look(world.now)
    assert not Delivery.objects.exists()
    look(world.now)
    assert Delivery.objects.get().rows == 3


def test_unfinished_names_are_left_alone(world: World, data: Path) -> None:
    for name in ("customer.csv.part", ".customer.csv", "x/.hidden/customer.csv", "customer.csv.tmp"):
        put(data, name)
    look(world.now)
    look(world.now)
    assert not Delivery.objects.exists()


def test_a_broken_file_is_put_by_with_its_message(world: World, data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[str] = []
    monkeypatch.setattr(notices, "_deliver", [lambda **what: told.append(what["kind"])])
    put(data, "用电客户.csv", "没有表头\n")
    look(world.now)
    look(world.now)
    row = Delivery.objects.get()
    assert row.state == "failed" and "表头" in row.message
    failed = data / "inbox" / "failed" / str(row.pk)
    assert (failed / "用电客户.csv").exists() and "表头" in (failed / "MESSAGE.txt").read_text(encoding="utf-8")
    assert told == ["delivery_failed"]


def test_rejected_lines_are_counted(world: World, data: Path) -> None:
    put(data, "customer.csv", GOOD + "9003,无,A1,asleep,residential\n")
    look(world.now)
    look(world.now)
    assert [(d.state, d.rows, d.rejects) for d in Delivery.objects.all()] == [("rejects", 2, 1)]


def test_what_a_killed_worker_left_is_loaded(world: World, data: Path) -> None:
    put(data, "customer.csv")
    inbox.look(world.now)
    inbox.look(world.now)  # its job never ran
    row = Delivery.objects.select_related("job").get()
    assert row.job is not None
    type(row.job).objects.filter(pk=row.job.pk).update(state="failed")
    with TestCase.captureOnCommitCallbacks(execute=True):
        inbox.take_up(world.now)
    row.refresh_from_db()
    assert (row.state, row.rows) == ("loaded", 2)


def test_files_moved_aside_without_a_row_come_back(world: World, data: Path) -> None:
    path = put(data, "customer.csv")
    aside = data / "inbox" / "loading" / "777" / "customer.csv"
    aside.parent.mkdir(parents=True)
    path.replace(aside)
    look(world.now)
    look(world.now)
    assert Delivery.objects.get().state == "loaded"


def expect(world: World, **values: object) -> ExpectedDelivery:
    base = {"name": "营销客户", "pattern": "mis/*.csv", "every": "day", "by_time": time(8), "by_day": None,
            "mapping": "", "is_active": True}  # fmt: skip
    return inbox.save_expected(None, values={**base, **values}, by=world.people["city"], at=world.now)


def at(day: int, hour: int) -> datetime:
    return datetime(2026, 10, day, hour, tzinfo=SHANGHAI)


def test_a_missing_delivery_is_told_once_a_day(world: World, data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[tuple[str, set[str]]] = []
    monkeypatch.setattr(
        notices, "_deliver", [lambda **what: told.append((what["text"].en, {p.username for p in what["people"]}))]
    )
    expect(world)  # made on the 15th at 10:00
    inbox.tell_late(at(15, 7))
    assert told == []  # the 14th was before anything was expected
    inbox.tell_late(at(15, 9))
    inbox.tell_late(at(15, 10))
    assert [text for text, _ in told] == ["delivery missing: 营销客户 (2026-10-15)"]
    assert {"city", "admin"} <= told[0][1]
    ExpectedDelivery.objects.update(last_arrived_at=at(16, 6))
    inbox.tell_late(at(16, 9))
    assert len(told) == 1
    inbox.tell_late(at(17, 9))
    assert len(told) == 2


def test_a_province_above_the_only_city_takes_nothing_from_the_city(
    world: World, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The data of a city company name its province, where nobody has a role: nobody was told of what is missing."""
    told: list[tuple[str, set[str]]] = []
    monkeypatch.setattr(
        notices, "_deliver", [lambda **what: told.append((what["kind"], {p.username for p in what["people"]}))]
    )
    province = Organisation.objects.create(code="P", name="省公司", level="province", path="0009")
    for unit in Organisation.objects.exclude(pk=province.pk):
        unit.path = f"0009{unit.path}"
        unit.parent = unit.parent or province
        unit.save()
    form = {"name": "营销客户", "pattern": "mis/*.csv", "every": "day", "by_time": "08:00", "is_active": "on"}
    assert world.client("admin").post("/deliveries/", form).status_code == 302
    inbox.tell_late(timezone.now() + timedelta(days=2))
    [(kind, people)] = told
    assert kind == "delivery_missing" and {"city", "admin"} <= people
    Organisation.objects.create(code="D", name="别市", level="city", parent=province, path="00090009")
    page = world.client("admin").post("/deliveries/", form).content.decode()
    assert "您没有" in page and "run_start" not in page


def test_by_month(world: World) -> None:
    monthly = expect(world, every="month", by_day=10, first_due_on=None)
    monthly.first_due_on = None
    monthly.last_arrived_at = at(3, 9)
    assert inbox.late_for(monthly, at(12, 9)) is None
    monthly.last_arrived_at = at(3, 9) - timedelta(days=10)
    assert inbox.late_for(monthly, at(9, 9)) is None
    late = inbox.late_for(monthly, at(12, 9))
    assert late is not None and late.isoformat() == "2026-10-01"
    with pytest.raises(core.BadInput, match="1–28"):
        expect(world, every="month", by_day=None)
    with pytest.raises(PermissionDenied):
        inbox.save_expected(None, values={}, by=world.people["county_a"], at=world.now)


def test_an_arrival_is_noted_with_what_was_expected(world: World, data: Path) -> None:
    expected = expect(world)
    put(data, "mis/customer.csv")
    look(world.now)
    look(world.now)
    expected.refresh_from_db()
    assert expected.last_arrived_at == world.now


@pytest.mark.parametrize(
    "name", ["/etc/passwd", "../app/secret_key", "mappings/../../run/parameters.yaml", "secret", "secret.yaml",
             "nobody's", "..", "C:\\x.yaml", "inner"],
)  # fmt: skip
def test_a_mapping_is_one_of_the_folder_of_mappings_and_no_other_file(world: World, data: Path, name: str) -> None:
    """Its text would be told in the message of what is wrong in it."""
    outside = data.parent / "secret.yaml"
    outside.write_text("password: geheim\n  : [", encoding="utf-8")
    (data / "mappings" / "inner").mkdir(parents=True)
    (data / "mappings" / "secret.yaml").symlink_to(outside)
    with pytest.raises(core.BadInput, match="there is no mapping") as told:
        expect(world, mapping=name)
    assert "geheim" not in told.value.text.en and "marketing_pinyin" in told.value.text.en
    expect(world, mapping="").refresh_from_db()
    ExpectedDelivery.objects.update(mapping=name)  # one that was stored before there was this check
    put(data, "mis/customer.csv")
    look(world.now)
    look(world.now)
    row = Delivery.objects.get()
    assert row.state == "failed" and "没有映射" in row.message and "geheim" not in row.message


def test_own_mappings_are_found_by_name(world: World, data: Path) -> None:
    folder = data / "mappings" / "mis"
    folder.mkdir(parents=True)
    text = (core.catalog_path("mappings") / "marketing_pinyin.yaml").read_text(encoding="utf-8")
    (folder / "ours.yaml").write_text(text, encoding="utf-8")
    for name in ("mis/ours", "mis/ours.yaml", "marketing_pinyin"):
        found = loads.mapping_file(data, name)
        assert found is not None and found.read_text(encoding="utf-8") == text
        assert expect(world, mapping=name).mapping == name


def test_links_are_not_followed(world: World, data: Path, tmp_path: Path) -> None:
    """Who may put files here would read with them what only the application may read, its secret key for one."""
    (tmp_path / "secret.csv").write_text(GOOD, encoding="utf-8")
    (data / "inbox" / "loading").mkdir(parents=True)
    (data / "inbox" / "customer.csv").symlink_to(tmp_path / "secret.csv")
    (data / "inbox" / "all").symlink_to(tmp_path)
    (data / "inbox" / "loading" / "7").symlink_to(tmp_path)
    assert inbox.arrived() == {}
    look(world.now)
    look(world.now)
    assert not Delivery.objects.exists()
    assert (tmp_path / "secret.csv").is_file()
    assert not (data / "inbox" / "secret.csv").exists()
