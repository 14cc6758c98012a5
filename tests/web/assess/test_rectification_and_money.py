"""Rectification with its proof, money with its number, files by their content; who may, and who may not."""

from __future__ import annotations

import io
import re
import zipfile
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from jicha_web.assess import files, money, rectification
from jicha_web.assess.files import UnableToKeep
from jicha_web.assess.models import CaseFile, Money
from jicha_web.assess.money import UnableToBook
from jicha_web.assess.rectification import UnableToRectify
from jicha_web.cases.models import Case
from jicha_web.cases.moves import UnableToMove, move
from jicha_web.history.read import check, entries_of
from tests.web.assess.building import PDF, approved, assessing_case, waiting_case
from tests.web.cases.building import add_party
from tests.web.conftest import NOW, World

pytestmark = pytest.mark.usefixtures("all_units")
TODAY = date(2026, 10, 15)


def record(world: World, case: Case, username: str = "station_a1", **changes: Any) -> None:
    values = {"started_on": TODAY, "order_number": "GD-1", "result": "已更正", "done_on": TODAY, **changes}
    rectification.record_result(case=case, by=world.people[username], at=NOW, **values)


def book(world: World, case: Case, kind: str = "collected", username: str = "collector_a", **changes: Any) -> Money:
    values = {"amount_yuan": Decimal("100.00"), "booked_on": TODAY, "reference": "SK-1", **changes}
    return money.book(case=case, kind=kind, by=world.people[username], at=NOW, **values)


def picture(form: str = "JPEG") -> bytes:
    target = io.BytesIO()
    Image.new("RGB", (40, 30), "red").save(target, form)
    return target.getvalue()


def test_the_demand_sets_the_deadline_of_the_case(world: World) -> None:
    case = approved(world, assessing_case(world))
    there = rectification.latest(case)
    assert there is not None
    assert case.due_at == there.due_at == NOW + timedelta(days=10)
    assert "deadline_demanded" in [e.verb for e in entries_of(case)]


@pytest.mark.parametrize(
    ("left_out", "code"),
    [("started_on", "no_start"), ("order_number", "no_order"), ("result", "no_result"), ("done_on", "no_end")],
)
def test_what_is_missing_of_a_rectification_is_named(world: World, left_out: str, code: str) -> None:
    case = approved(world, assessing_case(world))
    changes: dict[str, Any] = {left_out: None if left_out.endswith("_on") else ""}
    if left_out == "started_on":
        changes["done_on"] = None
    record(world, case, **changes)
    files.add(case=case, kind="rectified", name="a.pdf", content=PDF, by=world.people["station_a1"], at=NOW)
    with pytest.raises(UnableToMove) as refused:
        move(case=case, event="submit_rectification", by=world.people["station_a1"], at=NOW)
    assert code in {r.code for r in refused.value.reasons}


def test_what_was_decided_upon_stays(world: World) -> None:
    case, city = approved(world, assessing_case(world)), world.people["city"]
    proof = files.add(case=case, kind="hand_proof", name="证明.pdf", content=PDF, by=city, at=NOW)
    other = files.add(case=case, kind="other", name="说明.pdf", content=PDF, by=city, at=NOW)
    receipt = files.add(case=case, kind="receipt", name="收据.pdf", content=PDF, by=world.people["collector_a"], at=NOW)
    Case.objects.filter(pk=case.pk).update(state="closed", closed_at=NOW)
    for kept, says in ((proof, "decided upon"), (other, "has ended")):
        with pytest.raises(files.UnableToKeep, match=says):
            files.remove(file=CaseFile.objects.get(pk=kept.pk), by=city, at=NOW)
    files.remove(file=CaseFile.objects.get(pk=receipt.pk), by=world.people["collector_a"], at=NOW)


def test_without_a_photo_or_file_it_is_not_handed_in(world: World) -> None:
    case = approved(world, assessing_case(world))
    record(world, case)
    by = world.people["station_a1"]
    with pytest.raises(UnableToMove) as refused:
        move(case=case, event="submit_rectification", by=by, at=NOW)
    assert [r.code for r in refused.value.reasons] == ["no_proof"]
    kept = files.add(case=case, kind="rectified", name="整改后.jpg", content=picture(), by=by, at=NOW)
    files.remove(file=kept, by=by, at=NOW)
    with pytest.raises(UnableToMove):
        move(case=case, event="submit_rectification", by=by, at=NOW)
    files.add(case=case, kind="rectified", name="整改后.jpg", content=picture("PNG"), by=by, at=NOW)
    assert move(case=case, event="submit_rectification", by=by, at=NOW).state == "county_review"
    assert not list(check())


def test_only_the_person_in_charge_records_it(world: World) -> None:
    case = approved(world, assessing_case(world))
    for username in ("station_a2", "county_a", "collector_a", "reviewer"):
        with pytest.raises(UnableToMove):
            record(world, case, username)
    add_party(case, staff_id="S-station_a1", unit=None)
    with pytest.raises(UnableToMove, match="about"):
        record(world, case)


@pytest.mark.parametrize(
    "changes",
    [
        {"done_on": date(2026, 10, 14)},  # before the start
        {"started_on": None},
        {"done_on": date(2026, 10, 16)},  # tomorrow
        {"started_on": date(2026, 10, 16), "done_on": None},
    ],
)
def test_days_that_cannot_be_are_refused(world: World, changes: dict[str, Any]) -> None:
    case = approved(world, assessing_case(world))
    with pytest.raises(UnableToRectify):
        record(world, case, **changes)


def test_a_county_that_sends_it_back_asks_anew(world: World) -> None:
    case = approved(world, assessing_case(world))
    record(world, case)
    by = world.people["station_a1"]
    files.add(case=case, kind="rectified", name="a.pdf", content=PDF, by=by, at=NOW)
    move(case=case, event="submit_rectification", by=by, at=NOW)
    later = NOW + timedelta(hours=1)
    move(case=case, event="return_rectification", by=world.people["county_a"], at=later, note="照片不清")
    there = rectification.latest(case)
    assert there is not None
    assert (there.state, there.demand, there.order_number, there.done_on) == (
        "asked",
        "更正倍率并追补电费",
        "GD-1",
        None,
    )
    assert rectification.proofs(case, there.at) == (0, 0)  # the old proof counts no more


def test_amounts_add_up_to_what_the_case_collected(world: World) -> None:
    case = approved(world, assessing_case(world))
    book(world, case, "billed", reference="TB-1")
    book(world, case, amount_yuan=Decimal("80.50"))
    second = book(world, case, amount_yuan=Decimal("20.00"), reference="SK-2")
    book(world, case, "refunded", amount_yuan=Decimal("5.25"), reference="TF-1")
    assert case.collected_yuan == Decimal("95.25")
    money.cancel(money=second, reason="重复", by=world.people["collector_a"], at=NOW)
    case.refresh_from_db()
    assert case.collected_yuan == Decimal("75.25")
    assert money.totals(case)["billed"] == 100
    assert not list(check())


def test_what_is_still_to_collect_or_to_give_back_is_said(world: World) -> None:
    """Sixty thousand collected for six hundred stood on the page like any other amount."""
    case, page = approved(world, assessing_case(world)), world.client("collector_a")

    def said() -> str:
        text = page.get(f"/cases/{case.pk}/").text
        found = re.search(r"(尚应收取|尚应退还)（元）</dt><dd[^>]*>([\d,.]+)", text)
        return "" if found is None else f"{found[1]} {found[2]}"

    assert said() == ""  # nothing was calculated: what is booked was worked out elsewhere
    Case._base_manager.filter(pk=case.pk).update(confirmed_yuan=Decimal("600.00"))
    assert said() == "尚应收取 600.00"
    case.refresh_from_db()
    book(world, case, amount_yuan=Decimal("250.50"))
    assert said() == "尚应收取 349.50"
    wrong = book(world, case, amount_yuan=Decimal("60000.00"), reference="SK-2")
    assert said() == "尚应退还 59,650.50"
    money.cancel(money=wrong, reason="多录两个零", by=world.people["collector_a"], at=NOW)
    book(world, case, amount_yuan=Decimal("349.50"), reference="SK-3")
    assert said() == ""


@pytest.mark.parametrize("username", ["station_a1", "county_a", "reviewer", "city", "auditor", "manager"])
def test_only_the_accountant_books_what_was_collected(world: World, username: str) -> None:
    case = approved(world, assessing_case(world))
    with pytest.raises(UnableToMove):
        book(world, case, username=username)


def test_who_assessed_or_approved_does_not_collect_even_with_the_right(world: World) -> None:
    from jicha_web.history import record as history
    from jicha_web.organisation.models import Membership

    case = approved(world, assessing_case(world))
    for username in ("county_a", "reviewer"):
        unit = world.units["A"]
        member = Membership(person=world.people[username], role="collector", organisation=unit)
        history.create(member, verb="granted", by=None, at=NOW)
        world.people[username].__dict__.pop("_memberships_on", None)
        with pytest.raises(UnableToMove) as refused:
            book(world, case, username=username)
        assert {r.code for r in refused.value.reasons} == {"four_eyes"}


@pytest.mark.parametrize(
    "changes",
    [
        {"amount_yuan": Decimal(0)}, {"amount_yuan": Decimal("-1")}, {"reference": " "}, {"kind": "bonus"},
        {"booked_on": date(2026, 10, 16)},
    ],
)  # fmt: skip
def test_amounts_that_cannot_be_are_refused(world: World, changes: dict[str, Any]) -> None:
    case = approved(world, assessing_case(world))
    with pytest.raises(UnableToBook):
        book(world, case, **changes)


def test_the_same_number_is_booked_once(world: World) -> None:
    case = approved(world, assessing_case(world))
    book(world, case)
    with pytest.raises(UnableToBook, match="already"):
        book(world, case)


def test_nothing_is_booked_before_approval(world: World) -> None:
    with pytest.raises(UnableToBook):
        book(world, assessing_case(world), "billed")


def _zip(*names: str) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as package:
        for name in names:
            package.writestr(name, "x")
    return target.getvalue()


REFUSED = {
    "empty": b"", "html": b"<html><script>alert(1)</script>", "svg": b"<svg xmlns='http://www.w3.org/2000/svg'/>",
    "half a jpeg": picture()[:200], "html as jpeg": b"\xff\xd8\xff<html>", "zip": _zip("a.txt"),
    "macro": _zip("word/document.xml", "word/vbaProject.bin"), "broken zip": b"PK\x03\x04xxxx",
    "script in pdf": b"%PDF-1.4 /JavaScript (x) %%EOF", "cut pdf": b"%PDF-1.4 x", "13 MB": b"%PDF-" + b"x" * (13 << 20),
    "gif": b"GIF89a" + b"\0" * 30, "exe": b"MZ\x90\0",
}  # fmt: skip


@pytest.mark.parametrize("name", list(REFUSED))
def test_files_that_are_not_what_they_should_be_are_refused(world: World, name: str) -> None:
    case = approved(world, assessing_case(world))
    with pytest.raises(UnableToKeep):
        files.add(
            case=case, kind="rectified", name="a.jpg", content=REFUSED[name], by=world.people["station_a1"], at=NOW
        )


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (picture(), "image/jpeg"), (picture("PNG"), "image/png"), (PDF, "application/pdf"),
        (_zip("word/document.xml"), "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
        (_zip("xl/workbook.xml"), "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    ],
)  # fmt: skip
def test_a_file_is_known_by_its_content(world: World, content: bytes, kind: str) -> None:
    case, by = approved(world, assessing_case(world)), world.people["county_a"]
    made = files.add(case=case, kind="other", name="../../x", content=content, by=by, at=NOW)
    assert made.media_type == kind and made.name.startswith("x.")
    again = files.add(case=case, kind="other", name=made.name.upper(), content=content, by=by, at=NOW)
    assert again.name == made.name.upper()  # a name that fits stays


def test_a_file_under_a_wrong_name_can_be_opened(world: World) -> None:
    case = approved(world, assessing_case(world))
    made = files.add(case=case, kind="other", name="C:/报告.jpg", content=PDF, by=world.people["county_a"], at=NOW)
    assert made.name == "报告.jpg.pdf"
    long = files.add(case=case, kind="other", name="长" * 300, content=PDF, by=world.people["county_a"], at=NOW)
    assert len(long.name) <= 200 and long.name.endswith(".pdf")


def test_proof_by_hand_is_added_by_reviewers_only(world: World) -> None:
    case = waiting_case(world, "MT003")
    with pytest.raises(UnableToMove):
        files.add(case=case, kind="hand_proof", name="a", content=PDF, by=world.people["station_a1"], at=NOW)
    files.add(case=case, kind="hand_proof", name="a", content=PDF, by=world.people["county_a"], at=NOW)


@pytest.mark.parametrize("kind", ["billed", "penalty", "collected"])
def test_nobody_books_for_a_case_about_themselves(world: World, kind: str) -> None:
    case = approved(world, assessing_case(world))
    kept = book(world, case, kind=kind, username="collector_a")
    add_party(case, staff_id="S-collector_a", unit=None)
    case = Case._base_manager.get(pk=case.pk)
    with pytest.raises(UnableToMove, match="about"):
        book(world, case, kind=kind, username="collector_a", reference="SK-2")
    kept.case = case
    with pytest.raises(UnableToMove, match="about"):
        money.cancel(money=kept, reason="误", by=world.people["collector_a"], at=NOW)


def test_nor_takes_its_files_away(world: World) -> None:
    case = approved(world, assessing_case(world))
    by = world.people["station_a1"]
    kept = files.add(case=case, kind="signed", name="a.pdf", content=PDF, by=by, at=NOW)
    add_party(case, staff_id="S-station_a1", unit=None)
    kept.case = Case._base_manager.get(pk=case.pk)
    with pytest.raises(UnableToMove, match="about"):
        files.remove(file=kept, by=by, at=NOW)


def test_a_file_of_which_no_row_came_is_taken_away(
    world: World, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("django.conf.settings.MEDIA_ROOT", tmp_path)
    case = approved(world, assessing_case(world))

    def broken(*_args: object, **_values: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr("jicha_web.assess.files.history.create", broken)
    with pytest.raises(OSError, match="disk full"):
        files.add(case=case, kind="signed", name="a.pdf", content=PDF, by=world.people["station_a1"], at=NOW)
    assert [p for p in tmp_path.rglob("*") if p.is_file()] == []
