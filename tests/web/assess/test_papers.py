"""Papers: offered where they fit, refused with reasons, numbered without gaps, kept, seen within the scope."""

from __future__ import annotations

import hashlib
import io
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import docx
import pytest
from django.conf import settings
from pypdf import PdfReader

from jicha_web import core
from jicha_web.assess import calculations, papers
from jicha_web.assess.models import Paper
from jicha_web.assess.paper_values import values_of
from jicha_web.assess.papers import UnableToIssue
from jicha_web.cases import checklist
from jicha_web.cases.models import Case
from jicha_web.cases.moves import UnableToMove
from jicha_web.core import assessing
from jicha_web.core import calculations as core_calculations
from jicha_web.documents import kinds
from jicha_web.history.read import check
from tests.web.assess.building import approved, assessing_case, make_finding
from tests.web.cases.building import add_party, case_in
from tests.web.conftest import NOW, World

pytestmark = pytest.mark.usefixtures("all_units")
THEFT = {"capacity_kw": "4", "load": "lighting", "price_yuan_per_kwh": "0.558"}


def theft_case(world: World) -> Case:
    case = assessing_case(world, "TC006")
    calculations.calculate(case=case, calculator="theft_equipment", inputs=THEFT, by=world.people["county_a"], at=NOW)
    return approved(world, case, "theft")


def issue(world: World, case: Case, kind: str = "theft_notice", username: str = "county_a", **written: str) -> Paper:
    return papers.issue(case=case, kind=kinds()[kind], written=written, by=world.people[username], at=NOW)


def pdf_text(paper: Paper) -> str:
    pages = PdfReader(Path(settings.MEDIA_ROOT) / paper.pdf).pages
    return "".join("".join(page.extract_text() for page in pages).split())


def docx_text(paper: Paper) -> str:
    document = docx.Document(str(Path(settings.MEDIA_ROOT) / paper.docx))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join([*(p.text for p in document.paragraphs), *cells])


def test_a_notice_of_theft_says_amounts_steps_and_customer(world: World) -> None:
    paper = issue(world, theft_case(world))
    text = pdf_text(paper)
    for words in ("张三", "3300000001", "2,410.56", "7,231.68", "9,642.24", "玖仟陆佰肆拾贰元贰角肆分", "4320.00kWh"):
        assert words in text
    assert "云岭县供电公司" in text  # the county issues it, not the station
    assert paper.number == "窃用〔2026〕A-0001号"
    assert not list(check())


def test_parts_of_a_claim_add_up_on_the_notice_and_each_calculation_is_named(world: World) -> None:
    """A refund was subtracted from the total and stood nowhere: claim and penalty did not make up the total."""
    case = assessing_case(world, "TC006")
    by = world.people["county_a"]
    calculations.calculate(case=case, calculator="theft_equipment", inputs=THEFT, by=by, at=NOW)
    multiplier = {"right": {"ct": "150/5"}, "billed": {"ct": "200/5"}, "billed_kwh": 8000, "price_yuan_per_kwh": "0.5"}
    calculations.calculate(case=case, calculator="metering_multiplier", inputs=multiplier, by=by, at=NOW)
    paper = issue(world, approved(world, case, "theft"))
    values = values_of(case, issuer=world.units["A"], by=by, at=NOW, written={})
    parts = [Decimal(values[f"{name}_yuan"].replace(",", "")) for name in ("claim", "penalty", "refund", "total")]
    assert parts == [Decimal("2410.56"), Decimal("7231.68"), Decimal("1000.00"), Decimal("8642.24")]
    for text in (pdf_text(paper), docx_text(paper)):
        assert all(f"{part:,}" in text for part in parts)
        for at, one in enumerate(case.calculations.order_by("pk"), 1):
            assert f"{at}. {core_calculations.known()[one.calculator].label.zh}".replace(" ", "") in text.replace(
                " ", ""
            )


def test_one_calculation_needs_no_heading(world: World) -> None:
    values = values_of(
        theft_case(world), issuer=world.units["A"], by=world.people["county_a"], at=NOW, written={}
    )  # fmt: skip
    assert all(len(row) == 4 for row in values["steps"])


def test_files_are_kept_and_their_sums_hold(world: World) -> None:
    paper = issue(world, theft_case(world))
    for name in ("pdf", "docx"):
        content = (Path(settings.MEDIA_ROOT) / getattr(paper, name)).read_bytes()
        assert hashlib.sha256(content).hexdigest() == getattr(paper, f"{name}_sha256")


def test_numbers_count_by_kind_unit_and_year(world: World) -> None:
    case = theft_case(world)
    numbers = [issue(world, case).number, issue(world, case, "rectification_notice").number]
    numbers += [issue(world, theft_case(world)).number, issue(world, theft_case(world)).number]
    assert numbers == [
        "窃用〔2026〕A-0001号", "整改〔2026〕A-0001号", "窃用〔2026〕A-0002号", "窃用〔2026〕A-0003号",
    ]  # fmt: skip
    later = papers.issue(
        case=theft_case(world), kind=kinds()["theft_notice"], written={}, by=world.people["county_a"],
        at=NOW.replace(year=2027),
    )  # fmt: skip
    assert later.number == "窃用〔2027〕A-0001号"


def test_a_work_order_tells_the_reason_once(world: World) -> None:
    """It stood in the description, in the table of findings and in the checklist."""
    case, by = case_in(world, "checking"), world.people["station_a1"]
    finding = make_finding(world, case)
    told = f"{finding.rule} {finding.reason_zh}"
    checklist.extend([(case, [finding])])
    Case._base_manager.filter(pk=case.pk).update(description=f"邻居反映夜间用电\n{told}")
    paper = issue(world, Case._base_manager.get(pk=case.pk), "work_order", by.username)
    for text in (pdf_text(paper), "".join(docx_text(paper).split())):
        assert text.count(finding.reason_zh) == 1
        assert text.count("邻居反映夜间用电") == 1
        assert "疑点所述情况，现场是否属实" in text


def test_a_point_about_a_finding_that_left_the_case_keeps_its_reason(world: World) -> None:
    case, by = case_in(world, "checking"), world.people["station_a1"]
    finding = make_finding(world, case)
    checklist.extend([(case, [finding])])
    type(finding)._base_manager.filter(pk=finding.pk).update(case=None)
    assert finding.reason_zh in pdf_text(issue(world, case, "work_order", by.username))


def test_what_is_issued_again_unchanged_is_the_paper_there_is(world: World) -> None:
    """A double click, a form sent again by the browser, or a lost answer gave a customer two numbers for one notice."""
    case = theft_case(world)
    first = issue(world, case)
    files = sorted(Path(settings.MEDIA_ROOT).rglob("*.*"))
    next_day = papers.issue(
        case=case, kind=kinds()["theft_notice"], written={}, by=world.people["county_a"], at=NOW + timedelta(days=1)
    )
    again = [issue(world, case), next_day]
    assert [(one.pk, one.number, one.issued_before) for one in again] == [(first.pk, first.number, True)] * 2
    assert not first.issued_before
    assert sorted(Path(settings.MEDIA_ROOT).rglob("*.*")) == files
    assert issue(world, theft_case(world)).number.endswith("A-0002号"), "no number was lost"
    assert not list(check())


def test_what_says_something_else_is_another_paper(world: World, tmp_path: Path) -> None:
    case = theft_case(world)
    advice = [issue(world, case, "management_advice", advice=text).number for text in ("加强巡视", "加强巡视 ", "换表")]
    assert advice == ["建议〔2026〕A-0001号", "建议〔2026〕A-0001号", "建议〔2026〕A-0002号"]
    first = issue(world, case)
    folder = papers.own_templates()
    folder.mkdir()
    shipped = core.catalog_path("application", "documents", "paper.typ").read_text(encoding="utf-8")
    (folder / "paper.typ").write_text(f"// our own\n{shipped}", encoding="utf-8")
    assert issue(world, case).number != first.number


def test_a_form_sent_twice_is_told_so(world: World) -> None:
    case, client = theft_case(world), world.client("county_a")
    new = f"/cases/{case.pk}/papers/theft_notice/new/"
    told = [client.post(new, {"confirmed": "1"}, follow=True).text for _ in range(2)]
    assert "A-0001号 of" not in told[0]
    assert "没有另编文号" in told[1]
    assert Paper._base_manager.count() == 1
    assert 'data-test="issued-before"' in client.get(new).text


def test_a_paper_that_fails_takes_no_number(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    case = theft_case(world)

    def broken(*args: Any, **kwargs: Any) -> None:
        raise RuntimeError("no disk")

    with monkeypatch.context() as patched, pytest.raises(RuntimeError):
        patched.setattr(papers, "render_docx", broken)
        issue(world, case)
    assert issue(world, case).number.endswith("A-0001号")


def test_an_article_that_is_not_verified_is_never_printed(world: World) -> None:
    """TC006 rests on an article that nobody compared with the official text."""
    rule = assessing.rule_of_case(settings.DATA, "TC006")
    assert rule is not None
    [one] = rule.basis
    assert one.article and not one.verified
    paper = issue(world, theft_case(world))
    for text in (pdf_text(paper), docx_text(paper)):
        assert one.article not in text
        assert "供电营业规则" in text
    values = values_of(
        theft_case(world), issuer=world.units["A"], by=world.people["county_a"], at=NOW, written={}
    )  # fmt: skip
    calculation_basis = [b for c in theft_case(world).calculations.all() for b in c.result["basis"]]
    unverified = {b["article"] for b in calculation_basis if b["article"] and not b["verified"]}
    printed = "".join(row["text"] for row in values["basis"])
    assert not any(article in printed for article in unverified)


def test_a_verified_article_is_printed() -> None:
    entry = {"regulation": "营业规则", "article": "第一百零一条", "verified": True}
    assert assessing.citation(entry).printed.endswith("》第一百零一条")
    assert assessing.citation({**entry, "verified": False}).printed.endswith("》")


@pytest.mark.parametrize(
    ("kind", "words"),
    [("breach_notice", "outcome"), ("work_order", "where"), ("inspection_result", None), ("theft_notice", None)],
)
def test_a_paper_fits_state_and_outcome_or_is_refused(world: World, kind: str, words: str | None) -> None:
    case = theft_case(world)
    if words is None:
        assert issue(world, case, kind).kind == kind
        return
    with pytest.raises(UnableToIssue, match=words):
        issue(world, case, kind)
    assert not Paper._base_manager.exists()


def test_no_notice_before_the_assessment_is_approved(world: World) -> None:
    case = assessing_case(world)
    with pytest.raises(UnableToIssue, match="where this paper is issued"):
        issue(world, case, "theft_notice")


def test_what_is_missing_is_named(world: World) -> None:
    case = case_in(world, "checking")
    Case._base_manager.filter(pk=case.pk).update(description="")
    with pytest.raises(UnableToIssue, match="Description"):
        papers.preview(
            case=Case._base_manager.get(pk=case.pk), kind=kinds()["work_order"], written={},
            by=world.people["station_a1"], at=NOW,
        )  # fmt: skip
    with pytest.raises(UnableToIssue, match="Advice"):
        issue(world, theft_case(world), "management_advice", advice="  ")
    assert "加强巡视" in pdf_text(issue(world, theft_case(world), "management_advice", advice="加强巡视"))


@pytest.mark.parametrize("username", ["station_a1", "county_b", "reviewer", "auditor", "collector_a"])
def test_those_without_the_right_issue_nothing(world: World, username: str) -> None:
    with pytest.raises(UnableToIssue, match="right"):
        issue(world, theft_case(world), username=username)


def test_a_party_issues_nothing(world: World) -> None:
    case = theft_case(world)
    add_party(case, staff_id="S-county_a", unit=None)
    with pytest.raises(UnableToIssue, match="the case is about"):
        issue(world, case)


def test_a_preview_is_marked_and_leaves_nothing(world: World) -> None:
    made = papers.preview(
        case=theft_case(world), kind=kinds()["theft_notice"], written={}, by=world.people["county_a"], at=NOW
    )
    text = "".join("".join(page.extract_text() for page in PdfReader(io.BytesIO(made.content)).pages).split())
    assert "预览" in text
    assert not Paper._base_manager.exists()


def test_a_cancelled_paper_stays_and_its_number_too(world: World) -> None:
    case = theft_case(world)
    paper = issue(world, case)
    by = world.people["county_a"]
    with pytest.raises(UnableToIssue):
        papers.cancel(paper=paper, reason=" ", by=by, at=NOW)
    with pytest.raises(UnableToMove):
        papers.cancel(paper=paper, reason="金额有误", by=world.people["station_a1"], at=NOW)
    papers.cancel(paper=paper, reason="金额有误", by=by, at=NOW)
    assert (paper.cancelled, paper.cancel_reason) == (True, "金额有误")
    with pytest.raises(UnableToIssue):
        papers.cancel(paper=paper, reason="再次", by=by, at=NOW)
    assert issue(world, case).number.endswith("0002号")


@pytest.mark.parametrize(
    ("username", "status"), [("county_a", 200), ("auditor", 200), ("county_b", 404), ("admin", 403)]
)
def test_papers_are_fetched_within_the_scope_only(world: World, username: str, status: int) -> None:
    case = theft_case(world)
    paper = issue(world, case)
    for form in ("pdf", "docx"):
        answer = world.client(username).get(f"/cases/{case.pk}/papers/{paper.pk}.{form}")
        assert answer.status_code == status
        if status == 200:
            content = b"".join(answer)
            assert hashlib.sha256(content).hexdigest() == getattr(paper, f"{form}_sha256")
            assert "attachment" in answer.headers["Content-Disposition"]


def test_a_paper_of_another_case_is_not_found(world: World) -> None:
    case, other = theft_case(world), theft_case(world)
    paper = issue(world, case)
    assert world.client("county_a").get(f"/cases/{other.pk}/papers/{paper.pk}.pdf").status_code == 404


def test_days_are_written_as_papers_do(world: World) -> None:
    text = pdf_text(issue(world, theft_case(world)))
    day = date(2026, 10, 25)
    assert f"{day.year}年{day.month}月{day.day}日" in text


def test_who_is_a_party_does_not_declare_a_paper_void(world: World) -> None:
    paper = issue(world, theft_case(world))
    add_party(paper.case, staff_id="S-county_a", unit=None)
    paper.case = Case._base_manager.get(pk=paper.case_id)
    with pytest.raises(UnableToMove, match="about"):
        papers.cancel(paper=paper, reason="金额有误", by=world.people["county_a"], at=NOW)
    paper.refresh_from_db()
    assert not paper.cancelled
