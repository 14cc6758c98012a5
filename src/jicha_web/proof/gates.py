"""The gates that proof tells."""

from __future__ import annotations

from jicha_web.assess.models import CaseFile
from jicha_web.cases import gates
from jicha_web.cases.gates import Missing
from jicha_web.cases.models import Case
from jicha_web.core import Text
from jicha_web.organisation.models import Person
from jicha_web.proof import verification


def proved(case: Case, by: Person | None) -> list[Missing]:
    """Every confirmed finding has a run that proves it mended."""
    del by
    if verification.all_proved(case):
        return []
    names = [f.rule for f in verification.unproved(case)]
    if not names:
        return [
            Missing("nothing_to_prove", Text("没有可由数据验证的疑点", "there is no finding that data could prove"))
        ]
    rules = "、".join(dict.fromkeys(names))
    return [Missing("not_proved", Text(f"尚未由数据证实：{rules}", f"not proved by data yet: {rules}"), "proof")]


def proof_overdue(case: Case, by: Person | None) -> list[Missing]:
    """Several runs could not tell, or no run ever can."""
    del by
    if verification.overdue(case):
        return []
    return [Missing("not_overdue", Text("仍可等待数据验证", "the data may still tell"), "proof")]


def hand_evidence(case: Case, by: Person | None) -> list[Missing]:
    """A file that shows what the data cannot."""
    del by
    there = CaseFile._base_manager.filter(case=case, kind="hand_proof", removed=False, at__gte=case.state_since)
    if there.exists():
        return []
    return [Missing("no_hand_evidence", Text("缺人工判定的凭证文件", "a file that proves it is missing"), "proof")]


def register_all() -> None:
    """Register them; called once, when the application starts."""
    gates.register("proved", proved)
    gates.register("proof_overdue", proof_overdue)
    gates.register("hand_evidence", hand_evidence)
