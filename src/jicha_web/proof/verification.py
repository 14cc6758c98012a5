"""What a run says of the cases that wait for proof: closed when all is proved, sent back when something is not."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from jicha_web import core
from jicha_web.assess import outcome, rectification
from jicha_web.assess.models import Assessment, CaseFile, Money
from jicha_web.cases.models import Case
from jicha_web.cases.moves import UnableToMove, holds, move
from jicha_web.core import Text, assessing, loads, rules
from jicha_web.field.models import Photo
from jicha_web.findings.models import Finding
from jicha_web.history import record as history
from jicha_web.history.record import ChangedMeanwhile
from jicha_web.notices import notify
from jicha_web.organisation.middleware import as_told
from jicha_web.organisation.models import Person
from jicha_web.organisation.rights import people_with, read_memberships
from jicha_web.organisation.scope import EVERYTHING, scoped
from jicha_web.proof import recurrence
from jicha_web.proof.models import Proof
from jicha_web.proof.terms import terms
from jicha_web.proof.verdicts import DISPROVED, HITS, PROVED, UNJUDGED, Answer, Facts, judge
from jicha_web.runs import events
from jicha_web.runs.models import Run

log = logging.getLogger(__name__)


def verify(run: Run, at: datetime) -> dict[str, int]:
    """Judge every case that waits for proof by a run that was imported; return how many closed, were sent back, wait.

    May be called again for the same run: each finding has one verdict per run.
    """
    counts = {"closed": 0, "returned": 0, "waiting": 0, "failed": 0}
    # all units: what proves a case is no person's doing
    waiting = Case._base_manager.filter(state="awaiting_proof").order_by("pk").values_list("pk", flat=True)
    with scoped(EVERYTHING):
        for pk in list(waiting):
            try:
                counts[_verify_case(pk, run, at)] += 1
            except (UnableToMove, ChangedMeanwhile, core.BadInput, core.MachineFailure):
                log.exception("case %s could not be judged by run %s", pk, run.pk)
                counts["failed"] += 1
    return counts


def confirmed_findings(case: Case, assessment: Assessment | None) -> list[Finding]:
    """Return the findings that the approved assessment confirms: those that have to be proved."""
    if assessment is None:
        return []
    confirmed = [int(pk) for pk, verdict in assessment.findings.items() if verdict == "confirmed"]
    return list(
        Finding._base_manager.filter(pk__in=confirmed, case=case).select_related("organisation").order_by("rule", "pk")
    )


def _verify_case(pk: int, run: Run, at: datetime) -> str:
    with transaction.atomic():
        case = Case._base_manager.select_related("organisation", "assignee").get(pk=pk)
        if case.state != "awaiting_proof":
            return "waiting"
        wanted = confirmed_findings(case, outcome.latest(case))
        answers = _answers(case, wanted, run, at)
        against = [answer.why for answer in answers if answer.verdict == DISPROVED]
        if against:
            zh, en = "；".join(w.zh for w in against), "; ".join(w.en for w in against)
            move(case=case, event="disprove", by=None, at=at, note=f"{zh} / {en}", data={"run": run.run_id})
            return "returned"
        proofs = waiting_proofs(case)
        if answers and not _unproved(wanted, proofs):
            move(case=case, event="prove", by=None, at=at, data={"run": run.run_id})
            return "closed"
        if answers:
            said = Proof._base_manager.filter(case=case, run=run).order_by("finding_id")
            verdicts = {str(pk): verdict for pk, verdict in said.values_list("finding_id", "verdict")}
            history.record(case, verb="judged", by=None, at=at, data={"run": run.run_id, "verdicts": verdicts})
        if _overdue(wanted, proofs):
            _tell_city(case, at)
        return "waiting"


def _answers(case: Case, wanted: Iterable[Finding], run: Run, at: datetime) -> list[Answer]:
    """Judge those of the confirmed findings that the run looked at, and keep the verdicts."""
    answers = []
    for finding in wanted:
        if finding.rule not in run.rules or not _in_reach(finding, run):
            continue
        answer = judge(facts_of(case, finding, run), terms())
        Proof._base_manager.update_or_create(
            finding=finding, run=run,
            defaults={
                "case": case, "verdict": answer.verdict, "state": finding.state, "at": at, "until": answer.until,
                "why": {"zh": answer.why.zh, "en": answer.why.en},
            },
        )  # fmt: skip
        answers.append(answer)
    return answers


def _in_reach(finding: Finding, run: Run) -> bool:
    return run.organisation is None or run.organisation.covers(finding.organisation)


def facts_of(case: Case, finding: Finding, run: Run) -> Facts:
    """Return what is known of a finding of a case at a run."""
    rule = assessing.rule_of_case(settings.DATA, finding.rule)
    there = rectification.latest(case)
    done_on = (there.done_on if there else None) or timezone.localdate(case.state_since)
    proof = rule.proof if rule else ""
    delivered = _delivered(rule, run)
    events = _later_events(case, finding, done_on, run) if proof == "event" else ()
    return Facts(
        proof=proof, rule=finding.rule, state=finding.state, judged_on=finding.judged_on,
        last_hit_on=finding.last_hit_on, opened_on=timezone.localdate(case.opened_at), done_on=done_on, as_of=run.as_of,
        rule_ran=run.rules.get(finding.rule, {}).get("outcome") == "done", missing=_missing(finding),
        offset=_offset(case) if proof == "recompute" else None,
        evidence=_evidence(case) if proof == "event" else False, later_events=events,
        data_since=delivered is None or delivered > case.opened_at,
        delivered_on=None if delivered is None else timezone.localdate(delivered),
    )  # fmt: skip


def _missing(finding: Finding) -> Text | None:
    if not finding.missing:
        return None
    return rules.missing_of(rules.rule_book(settings.DATA).rules.get(finding.rule), finding.missing)


def _delivered(rule: assessing.RuleOfCase | None, run: Run) -> datetime | None:
    """Return when what a rule reads was last delivered before a run; None: nobody knows."""
    if rule is None or not run.data_version.isdecimal():
        return None
    try:
        loaded = loads.delivered_at(settings.DATA, rule.tables, int(run.data_version))
        # a run saw what was loaded before it: what seems later was loaded by the command line, outside a demonstration
        return as_told(loaded) if loaded is not None and loaded > run.asked_at else loaded
    except (core.BadInput, core.MachineFailure):  # versions of before were tidied away: nobody knows any more
        return None


def _evidence(case: Case) -> bool:
    photos = Photo._base_manager.filter(case=case, removed=False)
    return photos.exists() or CaseFile._base_manager.filter(case=case, removed=False, kind="rectified").exists()


def _later_events(case: Case, finding: Finding, done_on: object, run: Run) -> tuple[str, ...]:
    # one that left the rule's window meanwhile, or could not be judged again, happened all the same
    later = Finding._base_manager.filter(
        rule=finding.rule, organisation=finding.organisation_id, state__in=HITS | {"expired", "unjudged"},
        first_seen_on__gt=done_on, first_seen_on__lte=run.as_of,
    ).exclude(handling__in=("dismissed", "whitelisted"))  # fmt: skip
    keys = later.exclude(pk=finding.pk).exclude(case=case).order_by("first_seen_on", "pk").values_list("key", flat=True)
    return tuple(keys[:20])


def _offset(case: Case) -> Text | None:
    """Return, in words, the bookings that offset the claim: all of them in the data, with their amounts; else None."""
    assessment = outcome.latest(case)
    if assessment is None or not case.customer_id:
        return None
    booked = list(Money._base_manager.filter(case=case, cancelled=False, kind__in=("billed", "penalty", "refunded")))
    claimed = (assessment.claim_yuan or Decimal(0)) + (assessment.penalty_yuan or Decimal(0))
    refund, slack = assessment.refund_yuan or Decimal(0), terms().tolerance_yuan
    billed = sum((m.amount_yuan for m in booked if m.kind != "refunded"), Decimal(0))
    refunded = sum((m.amount_yuan for m in booked if m.kind == "refunded"), Decimal(0))
    if not booked or not (claimed or refund) or billed < claimed - slack or refunded < refund - slack:
        return None
    there = assessing.bookings(settings.DATA, case.customer_id, {m.reference for m in booked})
    for money in booked:
        sign = -1 if money.kind == "refunded" else 1
        matching = [b for b in there if b.reference == money.reference]
        if not any(abs(b.yuan - sign * money.amount_yuan) <= slack for b in matching):
            return None
    numbers = "、".join(sorted({m.reference for m in booked}))
    return Text(f"营销系统中已有抵补记录 {numbers}，金额相符", f"offset in the data by {numbers}, the amounts agree")


def waiting_proofs(case: Case) -> list[Proof]:
    """Return the verdicts since the case began to wait, newest run first."""
    since = Proof._base_manager.filter(case=case, at__gte=case.state_since).select_related("finding", "run")
    return list(since.order_by("-run__as_of", "-run_id", "finding_id"))


def newest(proofs: Iterable[Proof]) -> dict[int, Proof]:
    """Return the newest verdict per finding."""
    found: dict[int, Proof] = {}
    for proof in proofs:
        found.setdefault(proof.finding_id, proof)
    return found


def unproved(case: Case) -> list[Finding]:
    """Return the confirmed findings that no run has proved."""
    return _unproved(confirmed_findings(case, outcome.latest(case)), waiting_proofs(case))


def _unproved(wanted: Iterable[Finding], proofs: Iterable[Proof]) -> list[Finding]:
    verdicts = newest(proofs)
    return [f for f in wanted if f.pk not in verdicts or verdicts[f.pk].verdict != PROVED]


def all_proved(case: Case) -> bool:
    """Whether there is something to prove and all of it is proved."""
    wanted = confirmed_findings(case, outcome.latest(case))
    return bool(wanted) and not _unproved(wanted, waiting_proofs(case))


def overdue(case: Case) -> bool:
    """Whether a person has to decide: nothing that a run could prove, or too many runs that could not judge."""
    if case.state != "awaiting_proof":
        return False
    return _overdue(confirmed_findings(case, outcome.latest(case)), waiting_proofs(case))


def _overdue(wanted: Sequence[Finding], proofs: Iterable[Proof]) -> bool:
    if not wanted:
        return True
    by_finding: dict[int, list[str]] = {f.pk: [] for f in wanted}
    for proof in proofs:
        by_finding.setdefault(proof.finding_id, []).append(proof.verdict)
    most = terms().unjudged_runs
    return any(v[:1] == [UNJUDGED] and v.count(UNJUDGED) >= most for v in by_finding.values())


def city_people(case: Case, at: datetime) -> list[Person]:
    """Return who decides by hand for a case."""
    people = people_with("case_review", case.organisation, timezone.localdate(at))
    read_memberships(people, timezone.localdate(at))  # one by one they took most of the time of a run's verdicts
    return [p for p in people if holds(p, "case_review", "city", case.organisation, at)]


def _tell_city(case: Case, at: datetime) -> None:
    notify(
        people=city_people(case, at), kind="proof_overdue", url=reverse("case", args=[case.pk]),
        text=Text(
            f"工单 {case.number} 多次筛查无法验证，请人工判定",
            f"case {case.number}: the runs cannot tell, please decide",
        ),
        once=f"proof-overdue-{case.pk}-{case.state_since:%Y%m%d%H%M%S}", at=at,
    )  # fmt: skip


def after_import(run: Run, at: datetime) -> None:
    """Judge the waiting cases by a run whose findings are in, and mark what came back."""
    verify(run, at)
    recurrence.mark_open(at)


def register_all() -> None:
    """Be told of every run that is in; called once, when the application starts."""
    events.on_imported(after_import)
