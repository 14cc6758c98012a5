"""From rows to what the API answers with; no queries but those that the lists have made."""

from __future__ import annotations

from collections.abc import Mapping

from django.conf import settings

from jicha_web.api.models import Token
from jicha_web.api.schemas import (
    CaseRow,
    ChangedSince,
    CheckPoint,
    ClauseOut,
    Evidence,
    FindingOut,
    FindingRow,
    JobOut,
    JobUndo,
    LeadOut,
    RuleRow,
    RunOut,
    RunRow,
    TokenOut,
    Unit,
    Words,
)  # fmt: skip
from jicha_web.cases.listing import masked_name
from jicha_web.cases.models import Case, ChecklistItem, Lead
from jicha_web.core import rules
from jicha_web.findings.models import Finding
from jicha_web.jobs.models import Job
from jicha_web.jobs.undo import Standing
from jicha_web.library.models import Clause
from jicha_web.organisation.models import Organisation
from jicha_web.runs.models import Run
from jicha_web.runs.sight import counts_of, rules_of


def unit(found: Organisation) -> Unit:
    """Shape a unit."""
    return Unit(code=found.code, name=found.name, level=found.level)


def finding_row(found: Finding) -> FindingRow:
    """Shape a finding of a list."""
    return FindingRow(
        id=found.pk, rule=found.rule, key=found.key, subject=found.subject, subject_id=found.subject_id,
        customer_id=found.customer_id, organisation=unit(found.organisation), period=found.period,
        specialty=found.specialty, severity=found.severity, state=found.state, handling=found.handling,
        amount_yuan=found.amount_yuan, energy_kwh=found.energy_kwh,
        reason=Words(zh=found.reason_zh, en=found.reason_en), first_seen_on=found.first_seen_on,
        last_hit_on=found.last_hit_on, priority=found.priority, case=found.case_id, version=found.version,
    )  # fmt: skip


def finding(found: Finding) -> FindingOut:
    """Shape a finding with its evidence."""
    rule = rules.rule_book(settings.DATA).rules.get(found.rule)
    lines = rules.evidence_of(rule, found.evidence)
    return FindingOut(
        **finding_row(found).model_dump(), rule_version=found.rule_version, run=found.run.run_id,
        judged_on=found.judged_on, snoozed_until=found.snoozed_until, whitelisted_until=found.whitelisted_until,
        evidence=[
            Evidence(column=one.column, label=Words.of(one.label), text=Words.of(one.text), personal=one.is_personal)
            for one in lines
        ],
        basis=[Words.of(text) for _short, text in rules.basis_of(rule)] if rule else [],
    )  # fmt: skip


def case_row(found: Case) -> CaseRow:
    """Shape a case of a list."""
    return CaseRow(
        id=found.pk, number=found.number, title=found.title, state=found.state, outcome=found.outcome,
        severity=found.severity, source=found.source, subject=found.subject, subject_id=found.subject_id,
        customer_id=found.customer_id, name=masked_name(found), organisation=unit(found.organisation),
        assignee=found.assignee_id, amount_yuan=found.amount_yuan, confirmed_yuan=found.confirmed_yuan,
        collected_yuan=found.collected_yuan, opened_at=found.opened_at, due_at=found.due_at,
        closed_at=found.closed_at, returns=found.returns, version=found.version,
    )  # fmt: skip


def check_point(item: ChecklistItem) -> CheckPoint:
    """Shape a point of a checklist."""
    return CheckPoint(
        id=item.pk, section=item.section, rule=item.rule, text=Words(zh=item.text_zh, en=item.text_en),
        required=item.required, answer=item.answer, note=item.note,
    )  # fmt: skip


def lead(found: Lead) -> LeadOut:
    """Shape a lead."""
    return LeadOut(
        id=found.pk, source=found.source, received_on=found.received_on, text=found.text,
        customer_id=found.customer_id, organisation=unit(found.organisation), state=found.state, case=found.case_id,
        external_id=found.external_id, entered_at=found.entered_at,
    )  # fmt: skip


def run_row(found: Run) -> RunRow:
    """Shape a run of a list."""
    return RunRow(
        id=found.pk, run_id=found.run_id, as_of=found.as_of, period=found.period, data_version=found.data_version,
        state=found.state, trigger=found.trigger, asked_at=found.asked_at, finished_at=found.finished_at,
        counts=counts_of(found), error=found.error,
    )  # fmt: skip


def run(found: Run) -> RunOut:
    """Shape a run with its rules."""
    return RunOut(**run_row(found).model_dump(), rules=rules_of(found), job=found.job_id)


def job(found: Job) -> JobOut:
    """Shape a job."""
    return JobOut(
        id=found.pk, kind=found.kind, state=found.state, asked_at=found.asked_at, finished_at=found.finished_at,
        done=found.done, total=found.total, message=found.message, has_file=bool(found.result_file),
    )  # fmt: skip


def job_undo(left: Standing) -> JobUndo:
    """Shape what can be taken back of a job."""
    return JobUndo(
        standing=left.standing, undone=left.undone, changed=left.changed, job=left.running.pk if left.running else None,
        named=[ChangedSince(label=label, why=why) for label, why in left.named],
    )  # fmt: skip


def rule_row(found: rules.Rule) -> RuleRow:
    """Shape a rule of a list."""
    return RuleRow(
        code=found.code, name=Words.of(found.name), specialty=found.group, severity=found.severity,
        status=found.status, frequency=found.frequency, proof=found.proof,
    )  # fmt: skip


def clause(found: Clause) -> ClauseOut:
    """Shape a clause."""
    document = found.document
    return ClauseOut(
        id=found.pk, document=document.title, regulation=document.code, edition=document.edition,
        article=found.article, heading=Words(zh=found.heading_zh, en=found.heading_en),
        text=Words(zh=found.text_zh, en=found.text_en), verified=found.verified,
    )  # fmt: skip


def token_values(found: Token) -> Mapping[str, object]:
    """Return the values of a token that are shown."""
    return {
        "id": found.pk, "name": found.name, "prefix": found.prefix, "organisation": found.organisation.code,
        "actions": found.actions, "until": found.until, "made_at": found.made_at, "last_used_at": found.last_used_at,
    }  # fmt: skip


def token(found: Token) -> TokenOut:
    """Shape a token."""
    return TokenOut.model_validate(token_values(found))
