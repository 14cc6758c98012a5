"""The gates that assessing and rectifying tell."""

from __future__ import annotations

from jicha_web.assess import outcome, rectification
from jicha_web.assess.tables import needs_calculation
from jicha_web.cases import gates
from jicha_web.cases.gates import Missing
from jicha_web.cases.models import Case
from jicha_web.core import Text
from jicha_web.organisation.models import Person


def assessment_complete(case: Case, by: Person | None) -> list[Missing]:
    """An outcome with reasons, a calculation where the outcome needs one, a demand where something is to put right."""
    del by
    draft = outcome.latest(case)
    if draft is None or draft.state != "draft":
        return [Missing("no_outcome", Text("尚未定性", "there is no outcome yet"), "assess")]
    reasons = []
    if not draft.reasoning:
        reasons.append(Missing("no_reasoning", Text("缺定性理由", "the reasoning is missing"), "assess"))
    known = {str(pk) for pk in case.findings.model._base_manager.filter(case=case).values_list("pk", flat=True)}
    if set(draft.findings) != known:
        text = Text("有疑点尚无结论", "a finding has no verdict yet")
        reasons.append(Missing("no_verdict", text, "assess"))
    if needs_calculation(draft.outcome) and not outcome.used_calculations(case):
        text = Text("缺追补电费和违约使用电费的计算", "the calculation of the claim is missing")
        reasons.append(Missing("no_calculation", text, "calculations"))
    if draft.outcome not in outcome.UNFOUNDED and not _demanded(case):
        reasons.append(Missing("no_demand", Text("缺整改要求", "the demand is missing"), "rectification"))
    return reasons


def _demanded(case: Case) -> bool:
    there = rectification.latest(case)
    return there is not None and there.state == "asked" and bool(there.demand)


def rectification_demanded(case: Case, by: Person | None) -> list[Missing]:
    """What is to be put right is said."""
    del by
    text = Text("尚未下达整改要求", "nothing has been demanded")
    return [] if _demanded(case) else [Missing("no_demand", text, "rectification")]


def rectification_complete(case: Case, by: Person | None) -> list[Missing]:
    """Started, done, with a result, the order's number, and a photo or file that proves it."""
    del by
    there = rectification.latest(case)
    if there is None or there.state not in {"asked", "started", "done"}:
        return [Missing("no_demand", Text("尚未下达整改要求", "nothing has been demanded"), "rectification")]
    wanted = {
        "no_start": (there.started_on, Text("缺整改开始日期", "the start is missing")),
        "no_order": (there.order_number, Text("缺营销系统工单号", "the number of the order is missing")),
        "no_result": (there.result, Text("缺整改结果", "the result is missing")),
        "no_end": (there.done_on, Text("缺整改完成日期", "the end is missing")),
        "no_proof": (
            any(rectification.proofs(case, there.at)),
            Text("缺整改后照片或凭证", "a photo or file that proves it is missing"),
        ),
    }
    return [Missing(code, text, "rectification") for code, (value, text) in wanted.items() if not value]


def register_all() -> None:
    """Register them; called once, when the application starts."""
    gates.register("assessment_complete", assessment_complete)
    gates.register("rectification_demanded", rectification_demanded)
    gates.register("rectification_complete", rectification_complete)
