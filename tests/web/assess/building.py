"""Cases with findings for tests of assessing and proving, without a data set: what the core would say is given."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from jicha_web.assess import outcome, rectification
from jicha_web.assess.files import add as add_file
from jicha_web.cases.models import Case
from jicha_web.cases.moves import move
from jicha_web.field.models import Visit
from jicha_web.findings.models import Finding
from jicha_web.history import record as history
from jicha_web.runs.models import Run
from tests.web.cases.building import case_in
from tests.web.conftest import NOW, World

PDF = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"


def make_run(as_of: date = date(2026, 10, 1), rules: dict[str, str] | None = None, **fields: Any) -> Run:
    outcomes = rules if rules is not None else {"TC006": "done", "MT003": "done", "UI007": "done"}
    count = Run.objects.count()
    return Run.objects.create(
        run_id=f"{as_of:%Y%m%d}-{count:03d}", as_of=as_of, state="done", asked_at=NOW,
        rules={code: {"outcome": word} for code, word in outcomes.items()}, **fields,
    )  # fmt: skip


def make_finding(world: World, case: Case | None, rule: str = "TC006", **fields: Any) -> Finding:
    key = fields.pop(
        "key", {"customer_id": "3300000001", "period": f"2026-0{Finding._base_manager.count() % 9 + 1}-01"}
    )
    text = json.dumps(key, ensure_ascii=False, sort_keys=True)
    values: dict[str, Any] = {
        "rule": rule, "key": text, "key_hash": f"{hash((rule, text)) & 0xFFFFFFFFFFFF:012x}", "rule_version": "v1",
        "subject": "customer", "subject_id": "3300000001", "customer_id": "3300000001",
        "organisation": world.units["A1"], "specialty": rule[:2], "severity": "high", "severity_rank": 3, "kind": "fee",
        "state": "open", "amount_yuan": Decimal("1000.00"), "reason_zh": "2026-08用电1200kWh，未计基本电费",
        "reason_en": "1200 kWh in 2026-08 without a basic charge", "evidence": {}, "first_seen_on": date(2026, 9, 1),
        "last_hit_on": date(2026, 10, 1), "judged_on": date(2026, 10, 1), "handling": "in_case" if case else "open",
        "case": case, **fields,
    }  # fmt: skip
    if "run" not in values:
        values["run"] = Run.objects.first() or make_run()
    finding = Finding(**values)
    history.create(finding, verb="found", by=None, at=NOW)
    return finding


def assessing_case(world: World, *rules: str, **fields: Any) -> Case:
    """Return a case that is being assessed, with a visit and one finding for each rule."""
    case = case_in(world, "assessing", **fields)
    for rule in rules or ("TC006",):
        make_finding(world, case, rule)
    visit = Visit(
        case=case, client_uuid=f"00000000-0000-4000-8000-{case.pk:012d}", person=world.people["station_a1"],
        state="submitted", started_at=NOW, submitted_at=NOW, verdict="true", summary="现场倍率为40，档案为30",
        companion="王五",
    )  # fmt: skip
    history.create(visit, verb="submitted", by=world.people["station_a1"], at=NOW)
    return case


def verdicts(case: Case, verdict: str = "confirmed") -> dict[int, str]:
    return dict.fromkeys(case.findings.model._base_manager.filter(case=case).values_list("pk", flat=True), verdict)


def draft(world: World, case: Case, what: str = "metering_fault", at: datetime = NOW) -> None:
    """Write the outcome and, where it is founded, the demand."""
    founded = what not in outcome.UNFOUNDED
    by = world.people["county_a"]
    outcome.assess(
        case=case, outcome=what, findings=verdicts(case, "confirmed" if founded else what), reasoning="现场核实",
        by=by, at=at,
    )  # fmt: skip
    if founded:
        rectification.demand(case=case, text="更正倍率并追补电费", due_at=at + timedelta(days=10), by=by, at=at)


def approved(world: World, case: Case, what: str = "metering_fault", at: datetime = NOW) -> Case:
    """Return a case whose outcome is approved."""
    draft(world, case, what, at)
    outcome.submit(case=case, by=world.people["county_a"], at=at)
    outcome.approve(case=case, note="", by=world.people["reviewer"], at=at)
    return case


def rectified(world: World, case: Case, done_on: date, at: datetime = NOW) -> Case:
    """Return a case whose rectification is done, up to the city's acceptance: it waits for proof."""
    by = world.people["station_a1"]
    rectification.record_result(
        case=case, started_on=done_on, order_number="GD-1", result="已更正", done_on=done_on, by=by, at=at
    )
    add_file(case=case, kind="rectified", name="截图.pdf", content=PDF, by=by, at=at)
    move(case=case, event="submit_rectification", by=by, at=at)
    move(case=case, event="accept_county", by=world.people["county_a"], at=at)
    move(case=case, event="accept_city", by=world.people["city"], at=at)
    return case


def waiting_case(world: World, *rules: str, **fields: Any) -> Case:
    """Return a case that waits for proof; rectified on 2026-10-12."""
    case = assessing_case(world, *rules, **fields)
    return rectified(world, approved(world, case), date(2026, 10, 12))
