"""The library: what ships, what units upload, who reads it, and the way from a rule to its clause."""

from __future__ import annotations

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client, TestCase
from django.urls import reverse

from jicha_web.cases.models import OUTCOMES
from jicha_web.core.library import cited_clauses, shipped_documents, shipped_examples
from jicha_web.history.read import check, entries_of
from jicha_web.library import documents, typical
from jicha_web.library.catalog import load_catalog
from jicha_web.library.models import Clause, Document, TypicalCase
from jicha_web.library.search import cited, search
from jicha_web.organisation.rights import scope_of
from jicha_web.organisation.scope import EVERYTHING, NOTHING, scoped
from tests.web.conftest import NOW, World

pytestmark = pytest.mark.django_db
DAY = date(2026, 10, 15)


@pytest.fixture
def shipped(db: None) -> None:
    load_catalog(at=NOW)


def upload(world: World, unit: str, by: str = "city", text: str = "第一条 甲\n第二条 乙\n第三条 丙") -> Document:
    with TestCase.captureOnCommitCallbacks(execute=True):
        return documents.upload(
            kind="handbook", title=f"{unit}手册", name="手册.txt", content=text.encode(),
            organisation=world.units[unit], by=world.people[by], at=NOW,
        )  # fmt: skip


def test_what_ships_comes_once_and_is_renewed_with_history(world: World, shipped: None) -> None:
    assert load_catalog(at=NOW) == 0
    with scoped(EVERYTHING):
        count = Document.objects.count()
        one = Document.objects.get(code="营业规则", edition="2024")
    assert count == len(list(shipped_documents()))
    Document._base_manager.filter(pk=one.pk).update(sha256="0" * 64)
    one.clauses.all().delete()
    assert load_catalog(at=NOW) == 1
    assert one.clauses.count() > 10
    assert [e.verb for e in entries_of(one)] == ["shipped", "renewed"]
    assert TypicalCase.objects.count() == len(shipped_examples())


def test_the_library_and_the_rules_say_the_same_of_what_is_verified() -> None:
    """A clause marked verified in one place and not in the other would be printed on a notice by mistake."""
    said = {(one.regulation, one.article): one.verified for one in cited_clauses()}
    differing = [
        (document.code, clause.article)
        for document in shipped_documents() if document.effective_to is None
        for clause in document.clauses
        if said.get((document.code, clause.article), clause.verified) != clause.verified
    ]  # fmt: skip
    assert differing == []
    unexplained = [
        (document.code, clause.article) for document in shipped_documents() for clause in document.clauses
        if clause.verified and (document.code, clause.article) not in said
    ]  # fmt: skip
    assert unexplained == []


def test_every_citation_of_a_rule_leads_somewhere(world: World, shipped: None) -> None:
    client = world.client("station_b1")
    for one in cited_clauses():
        page = client.get(reverse("library-citation", args=[one.regulation, one.article]), follow=True)
        assert page.status_code == 200, one
        status = 'data-code="verified"' if one.verified else 'data-code="unverified"'
        assert status in page.content.decode(), one


def test_the_edition_in_force_on_the_day_counts(world: World, shipped: None) -> None:
    with scoped(EVERYTHING):
        now = cited("营业规则", "第一百零三条", DAY)
        then = cited("营业规则", "第一百零三条", date(2020, 1, 1))
        assert isinstance(now, Clause)
        assert isinstance(then, Clause)
        assert (now.document.edition, then.document.edition) == ("2024", "1996")
        assert "窃电行为" in now.heading_zh
        missing = cited("营业规则", "第九百条", DAY)
        assert isinstance(missing, Document)
        assert cited("没有的", "第一条", DAY) is None


@pytest.mark.parametrize(
    ("words", "first"),
    [
        ("暂停 六个月", "第二十四条"),
        ("101条", "第一百零一条"),
        ("第一百零五条", "第一百零五条"),
        ("Late payment", "第九十九条"),
        ("需量 105", None),
    ],
)
def test_search(world: World, shipped: None, words: str, first: str | None) -> None:
    with scoped(EVERYTHING):
        found = list(search(words))
        articles = [clause.article for clause in found]
        if first is not None:
            assert first in articles
        if words.endswith("条"):
            assert articles[0] == first
        assert list(search("没有人会写的词")) == []
        assert all(clause.document.state == "in_force" for clause in found)
        assert list(search("暂停 六个月", kind="handbook")) == []


def test_a_unit_s_document_is_read_by_it_and_below_and_by_those_above_only(world: World) -> None:
    a, city = upload(world, "A"), upload(world, "C")
    for name, sees in {
        "county_a": {a, city},
        "station_a1": {a, city},
        "station_b1": {city},
        "manager": {a, city},
    }.items():
        with scoped(scope_of(world.people[name], DAY)):
            assert set(Document.objects.all()) == sees, name
    with scoped(NOTHING):
        assert set(Document.objects.all()) == set()
    foreign = world.client("county_b")
    clause = Clause.objects.filter(document=a).first()
    assert clause is not None
    for address in (
        reverse("library-document", args=[a.pk]), reverse("library-file", args=[a.pk]),
        reverse("library-clause", args=[clause.pk]),
    ):  # fmt: skip
        assert foreign.get(address).status_code == 404
        own = world.client("station_a2").get(address)
        assert own.status_code == 200
        assert b"".join(own)
    assert "A手册" not in foreign.get(reverse("library"), {"q": "甲"}).content.decode()
    assert "A手册" in world.client("county_a").get(reverse("library"), {"q": "甲"}).content.decode()


def test_uploading_needs_the_right_for_the_unit(world: World) -> None:
    for name in ("county_a", "station_a1", "auditor", "admin"):
        with pytest.raises(PermissionDenied):
            upload(world, "A", by=name)
        assert world.client(name).get(reverse("library-upload")).status_code == 403
    assert not Document._base_manager.exists()


@pytest.mark.parametrize(
    ("name", "content"),
    [("a.svg", b"<svg/>"), ("a.pdf", b"<html>"), ("a.docx", b"PK\x03\x04"), ("a.txt", b"\0\0"), ("a.txt", b"")],
)
def test_a_refused_upload_says_why_and_leaves_nothing(world: World, name: str, content: bytes) -> None:
    page = world.client("city").post(
        reverse("library-upload"),
        {
            "kind": "handbook",
            "title": "t",
            "organisation": world.units["C"].pk,
            "file": SimpleUploadedFile(name, content),
        },
    )
    assert page.status_code == 422
    assert "field-error" in page.content.decode()
    assert not Document._base_manager.exists()


def test_upload_search_fetch_withdraw(world: World) -> None:
    client = world.client("city")
    content = "第一条 计量箱加封。\n第二条 双人到场。\n第三条 拍照。".encode()
    values = {"kind": "working_rule", "title": "加封办法", "code": "加封", "organisation": world.units["C"].pk}
    with TestCase.captureOnCommitCallbacks(execute=True):
        page = client.post(reverse("library-upload"), {**values, "file": SimpleUploadedFile("../加封.txt", content)})
    made = Document._base_manager.get()
    assert page.headers["Location"] == reverse("library-document", args=[made.pk])
    assert (made.file_name, made.searchable) == ("加封.txt", True)
    assert made.clauses.count() == 3
    got = client.get(reverse("library-file", args=[made.pk]))
    assert b"".join(got) == content
    assert got.headers["Content-Disposition"].startswith("attachment")
    assert "双人到场" in client.get(reverse("library"), {"q": "双人"}).content.decode()
    assert client.get(reverse("library-citation", args=["加封", "第二条"])).status_code == 302
    withdraw = reverse("library-withdraw", args=[made.pk])
    assert Client().post(withdraw).status_code == 302
    assert world.client("county_a").post(withdraw, {"confirmed": "1"}).status_code == 403
    assert client.post(withdraw).status_code == 200  # asks first
    assert client.post(withdraw, {"confirmed": "1"}).status_code == 302
    assert "双人到场" not in client.get(reverse("library"), {"q": "双人"}).content.decode()
    assert [e.verb for e in entries_of(made)] == ["uploaded", "read_in", "withdrawn"]
    assert list(check()) == []


def test_typical_cases_are_found_by_rule_and_withdrawn_by_those_who_may(world: World, shipped: None) -> None:
    example = TypicalCase.objects.get(code="EX-TC006")
    assert typical.of_rules(["TC006"]) == [example]
    client = world.client("station_a1")
    address = reverse("library-typical-case", args=[example.pk])
    page = client.get(address).content.decode()
    assert "容量电费" in page
    assert f'data-code="{example.outcome}">{dict(OUTCOMES)[example.outcome]}</span>' in page  # in words, no code
    assert example.title in client.get(reverse("library-typical-cases"), {"q": "TC006"}).content.decode()
    withdraw = reverse("library-withdraw-typical", args=[example.pk])
    assert client.post(withdraw, {"confirmed": "1"}).status_code == 403
    assert world.client("city").post(withdraw, {"confirmed": "1"}).status_code == 302
    assert client.get(address).status_code == 404


def test_an_unverified_number_is_not_named_as_the_basis_of_a_typical_case(world: World, shipped: None) -> None:
    page = world.client("station_a1").get(
        reverse("library-typical-case", args=[TypicalCase.objects.get(code="EX-UI").pk])
    )
    assert "第一百零三条</a>" not in page.content.decode()


def test_queries_of_the_pages(world: World, shipped: None, django_assert_max_num_queries: object) -> None:
    client = world.client("city")
    client.get(reverse("library"))
    with scoped(EVERYTHING):
        clause = Clause.objects.get(document__code="营业规则", document__edition="2024", article="第一百零一条")
    for address, most in {
        reverse("library"): 10, reverse("library") + "?q=暂停": 10,
        reverse("library-document", args=[clause.document_id]): 12,
        reverse("library-clause", args=[clause.pk]): 12, reverse("library-typical-cases"): 10,
        reverse("library-checklists"): 8,
    }.items():  # fmt: skip
        with django_assert_max_num_queries(most):  # type: ignore[operator]
            assert client.get(address).status_code == 200
