"""Some cases and findings over the units of the small world, in all states, by a fixed draw."""

from __future__ import annotations

import json
import random
from datetime import date, timedelta
from decimal import Decimal

from jicha_web.cases.models import Case
from jicha_web.cases.workflow import workflow
from jicha_web.findings.models import Finding
from jicha_web.runs.models import Run
from tests.web.conftest import NOW, World

RULES = ("TC006", "MT003", "UI007", "LL001")
STATION_STATES = {"station_pending", "checking", "rectifying"}
COUNTY_STATES = {"county_pending", "assessing", "county_review"}


def fill(world: World, *, cases: int = 120, findings: int = 200, seed: int = 1) -> None:
    draw = random.Random(seed)
    run = Run.objects.create(run_id="20261015-1", as_of=date(2026, 10, 15), state="done", asked_at=NOW)
    states = list(workflow().states)
    made = []
    for number in range(cases):
        state = draw.choice(states)
        level = "A1 A2 B1" if state in STATION_STATES else "A B" if state in COUNTY_STATES else "C A B A1 B1"
        unit = draw.choice(level.split())
        ended = workflow().states[state].end
        opened = NOW - timedelta(days=draw.randrange(0, 400), hours=draw.randrange(24))
        station = f"station_{unit.lower()}" if len(unit) == 2 else None
        made.append(Case(
            number=f"JC2026{number:06d}", title="倍率异常", source="findings", state=state, state_since=opened,
            severity=draw.choice(["high", "medium", "low"]), subject="customer", subject_id=f"33{number:08d}",
            customer_id=f"33{number:08d}", customer_name="张三", organisation=world.units[unit],
            subject_organisation=world.units[unit], opened_at=opened, priority=draw.random() * 100,
            assignee=world.people[station] if station and draw.random() < 0.8 else None,
            due_at=None if ended else NOW + timedelta(days=draw.randrange(-9, 9), minutes=draw.randrange(600)),
            closed_at=opened + timedelta(days=20) if state == "closed" else None,
            outcome=draw.choice(["theft", "metering_fault", "unfounded"]) if state == "closed" else "",
            amount_yuan=Decimal(draw.randrange(100, 999_999)) / 100,
            confirmed_yuan=Decimal(draw.randrange(0, 99_999)) / 100 if state == "closed" else None,
            collected_yuan=Decimal(draw.randrange(0, 9_999)) / 100 if state == "closed" else None,
        ))  # fmt: skip
    Case._base_manager.bulk_create(made)
    rows = []
    for number in range(findings):
        rule, case = draw.choice(RULES), draw.choice(made)
        handling = draw.choice(["open", "open", "in_case", "dismissed", "snoozed"])
        key = json.dumps({"customer_id": str(number)})
        severity = draw.choice(["high", "medium", "low"])
        rows.append(Finding(
            rule=rule, key=key, key_hash=f"{number:032x}", rule_version="1", subject="customer",
            subject_id=str(number), customer_id=case.customer_id, organisation_id=case.subject_organisation_id,
            specialty=rule[:2], kind="fee", severity=severity,
            severity_rank=["low", "medium", "high"].index(severity) + 1,
            state=draw.choice(["new", "open", "recurred", "cleared", "expired"]), run=run, priority=draw.random(),
            amount_yuan=Decimal(draw.randrange(0, 99_999)) / 100, reason_zh="倍率不符", reason_en="multiplier differs",
            first_seen_on=(NOW - timedelta(days=draw.randrange(60))).date(), last_hit_on=date(2026, 10, 15),
            handling=handling, case=case if handling == "in_case" else None,
        ))  # fmt: skip
    Finding._base_manager.bulk_create(rows)
