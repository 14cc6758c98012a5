"""A closed case becomes a lesson for all: proposed without people, corrected by a person, checked, published."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from jicha_web.assess import outcome, rectification
from jicha_web.assess.paper_values import case_findings
from jicha_web.cases.codes import labels
from jicha_web.cases.models import Case
from jicha_web.core import Text, assessing
from jicha_web.documents.amounts import plain_yuan
from jicha_web.field.models import Visit
from jicha_web.history import record as history
from jicha_web.library.models import TypicalCase
from jicha_web.organisation.models import Person
from jicha_web.organisation.rights import require
from jicha_web.proof.anonymise import anonymised, left_over, secrets_of
from jicha_web.proof.suspects import suspects


class UnableToPublish(Exception):
    """A case cannot be published like that; `text` says why, without naming what is personal."""

    def __init__(self, text: Text) -> None:
        self.text = text
        super().__init__(text.en)


@dataclass(frozen=True)
class Draft:
    """What would be published."""

    title: str
    specialty: str
    rules: tuple[str, ...]
    story_zh: str
    lesson: str
    basis: tuple[dict[str, Any], ...]
    outcome: str


def _require_publishable(case: Case, by: Person, at: datetime) -> None:
    require(by, "library_edit", timezone.localdate(at), case.organisation)
    if case.state != "closed":
        raise UnableToPublish(Text("只有已办结的工单可以发布", "only a closed case is published"))
    if case.outcome in outcome.UNFOUNDED or not case.outcome:
        raise UnableToPublish(Text("不属实的工单不作为典型案例", "an unfounded case is no lesson"))
    if published(case) is not None:
        raise UnableToPublish(Text("该工单已发布", "this case is published already"))


def published(case: Case) -> TypicalCase | None:
    """Return the typical case that was made of a case."""
    return TypicalCase.objects.filter(source_case_id=case.pk, withdrawn=False).order_by("-pk").first()


def draft(*, case: Case, by: Person, at: datetime) -> Draft:
    """Return a case as a lesson, its personal values replaced. Raises UnableToPublish."""
    _require_publishable(case, by, at)
    secrets = secrets_of(case)
    assessment = outcome.latest(case)
    findings = case_findings(case, assessment)
    rules = {f.rule: assessing.rule_of_case(settings.DATA, f.rule) for f in findings}
    known = [rule for rule in rules.values() if rule is not None]
    label = labels("outcomes")[case.outcome].zh
    subject = "、".join(rule.name.zh for rule in known) or case.title
    basis = {(c.regulation, c.article): c for rule in known for c in rule.basis}
    return Draft(
        title=anonymised(f"{subject}（{label}）", secrets)[:200],
        specialty=known[0].group if known else "", rules=tuple(rules), outcome=case.outcome,
        story_zh=anonymised("\n".join(_story(case, [f.reason_zh for f in findings])), secrets),
        lesson=anonymised("".join(dict.fromkeys(rule.remedy.zh for rule in known)), secrets),
        basis=tuple({"regulation": c.regulation, "article": c.article, "verified": c.verified} for c in basis.values()),
    )  # fmt: skip


def _story(case: Case, reasons: list[str]) -> list[str]:
    assessment, there = outcome.latest(case), rectification.latest(case)
    visit = Visit._base_manager.filter(case=case, state="submitted").order_by("-pk").first()
    lines = [f"线索：{reason}" for reason in reasons]
    if visit is not None and visit.summary:
        lines.append(f"核查：{visit.summary}")
    if assessment is not None:
        lines.append(f"定性：{assessment.reasoning}")
        for name, label in (("claim_yuan", "补交电费"), ("penalty_yuan", "违约使用电费"), ("refund_yuan", "退还电费")):
            amount = getattr(assessment, name)
            if amount:
                lines.append(f"{label}：{plain_yuan(amount)}元")
    if there is not None and there.result:
        lines.append(f"整改：{there.result}")
    return lines


@transaction.atomic
def publish(
    *, case: Case, title: str, story_zh: str, lesson: str, by: Person, at: datetime, kept: Collection[str] = ()
) -> TypicalCase:
    """Publish a case as a person left the draft; refused while a text holds a personal value of the case.

    kept: what looks personal in the texts and, as that person says, is not; all else that does is refused.
    """
    proposed = draft(case=case, by=by, at=at)
    if not (title.strip() and story_zh.strip() and lesson.strip()):
        raise UnableToPublish(Text("标题、经过和启示均须填写", "title, story and lesson are needed"))
    if left := left_over("\n".join((title, story_zh, lesson)), secrets_of(case)):
        raise UnableToPublish(
            Text(
                f"文字中仍有：{'、'.join(t.zh for t in left)}，请改写后再发布",
                f"the text still holds {', '.join(t.en for t in left)}; rewrite it before it is published",
            )
        )
    unseen = {one.value for text in (title, story_zh, lesson) for one in suspects(text)} - set(kept)
    if unseen:
        raise UnableToPublish(
            Text(
                f"文字中有{len(unseen)}处像人名、地址或编号，已标出：请改写，或逐项确认与个人无关",
                f"{len(unseen)} parts of the text look like a name, an address or a number and are marked: rewrite "
                "them, or say of each that it is nobody's",
            )
        )
    made = TypicalCase(
        title=title.strip()[:200], specialty=proposed.specialty, rules=list(proposed.rules), story_zh=story_zh.strip(),
        lesson=lesson.strip(), basis=list(proposed.basis), outcome=proposed.outcome, source_case_id=case.pk,
        published_by=by, published_at=at,
    )  # fmt: skip
    history.create(made, verb="published", by=by, at=at)
    history.record(case, verb="published_as_typical", by=by, at=at, data={"typical_case": made.pk})
    return made
