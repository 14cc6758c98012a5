"""What a run proves of one finding: pure, from facts, so that each line can be read and tested by itself.

Only a condition that was judged again and no longer holds, or that is offset, or that did not happen again, is proof.
Left the window (expired), not judged, withdrawn: no proof, whatever else is known.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from jicha_web.core import Text
from jicha_web.proof.terms import Terms, months_later

HITS = frozenset({"new", "open", "recurred"})
PROVED, NOT_YET, DISPROVED, UNJUDGED = "proved", "not_yet", "disproved", "unjudged"
_WHY_NO_PROOF = {
    "expired": Text("已过判定窗口：不能证明已整改", "it left the rule's window, which mends nothing"),
    "unjudged": Text("本次筛查未能判定", "this run could not judge it"),
    "withdrawn": Text("规则或参数已变更，原疑点已撤回", "the rule or a parameter changed; the finding was withdrawn"),
}


@dataclass(frozen=True)
class Facts:
    """What is known of a finding when a run is in."""

    proof: str  # of its rule: state, recompute, event; empty: the rule is gone
    rule: str
    state: str
    judged_on: date | None
    last_hit_on: date
    opened_on: date  # the case
    done_on: date  # the rectification
    as_of: date  # the run
    rule_ran: bool
    missing: Text | None = None  # what it lacked to be judged, in words
    offset: Text | None = None  # the bookings that offset the claim, in words
    evidence: bool = False  # photo or file of the check or the rectification
    later_events: tuple[str, ...] = ()  # keys of new findings of the same rule and unit after the rectification
    data_since: bool = True  # whether any of that came after the case was opened, as far as anybody knows
    delivered_on: date | None = None  # the newest delivery of what the rule reads that the run saw; None: unknown

    @property
    def data_on(self) -> date:
        """The day until which the run could see: a run of today on data of last month sees last month."""
        return self.as_of if self.delivered_on is None else min(self.as_of, self.delivered_on)


@dataclass(frozen=True)
class Answer:
    """The verdict, why, and until when to wait at least."""

    verdict: str
    why: Text
    until: date | None = None


def judge(facts: Facts, terms: Terms) -> Answer:
    """Return what a run proves of a finding."""
    if not facts.proof:
        return Answer(UNJUDGED, Text("规则已不存在，无法由数据验证", "the rule is gone; no run can tell"))
    if facts.proof == "event":
        return _event(facts, terms)
    if facts.state == "cleared":
        return _cleared(facts)
    if facts.proof == "recompute" and facts.offset is not None:
        return Answer(PROVED, facts.offset)
    if facts.state in HITS:
        return _hit(facts, terms)
    return _no_proof(facts)


def _cleared(facts: Facts) -> Answer:
    if facts.judged_on is None or facts.judged_on < facts.opened_on:
        text = Text("消除的判定早于立案，等待新的筛查", "it was judged before the case was opened; wait for a run")
        return Answer(NOT_YET, text)
    if not facts.data_since:  # the calendar went on, the data did not: bills and days left the rule's sight
        text = Text(
            f"立案后还没有新数据（最近一次送达是{facts.delivered_on}），条件消失不能证明已整改",
            f"no data came since the case was opened (last on {facts.delivered_on}): that the condition is gone proves "
            "nothing",
        )
        return Answer(NOT_YET, text)
    return Answer(
        PROVED,
        Text(
            f"{facts.judged_on}重新判定：条件已不成立",
            f"judged again on {facts.judged_on}: the condition no longer holds",
        ),
    )


def _hit(facts: Facts, terms: Terms) -> Answer:
    if not facts.rule_ran and facts.last_hit_on < facts.as_of:
        return Answer(UNJUDGED, Text("本次筛查未运行该规则", "this run did not judge the rule"))
    fair = facts.done_on + timedelta(days=terms.grace_days[facts.proof])
    if facts.data_on <= fair < facts.last_hit_on:
        return Answer(NOT_YET, _no_new_data(facts, fair), fair)
    if facts.last_hit_on <= fair:
        return Answer(
            NOT_YET,
            Text(
                f"数据尚未反映{facts.done_on}完成的整改，{fair}之后再判断",
                f"the data do not show the rectification of {facts.done_on} yet; judged after {fair}",
            ),
            fair,
        )
    return Answer(
        DISPROVED,
        Text(
            f"{facts.last_hit_on}的数据中疑点仍在（整改完成于{facts.done_on}）",
            f"still found in the data of {facts.last_hit_on}, rectified on {facts.done_on}",
        ),
    )


def _event(facts: Facts, terms: Terms) -> Answer:
    if facts.later_events:
        count = len(facts.later_events)
        return Answer(
            DISPROVED,
            Text(
                f"整改后同一单位又出现{count}条同规则疑点：{facts.later_events[0]}",
                f"{count} new findings of the rule in the same unit since: {facts.later_events[0]}",
            ),
        )
    if facts.state == "cleared" and facts.judged_on is not None and facts.judged_on >= facts.opened_on:
        return _cleared(facts)
    if not facts.evidence:
        return Answer(UNJUDGED, Text("缺现场或整改凭证", "there is no evidence of the check or the rectification"))
    return _watched(facts, terms)


def _watched(facts: Facts, terms: Terms) -> Answer:
    """Return what the months since the rectification say of an event that has its evidence and has not come again."""
    until = months_later(facts.done_on, terms.months_of(facts.rule))
    if facts.as_of < until:
        return Answer(
            NOT_YET,
            Text(f"凭证已有，观察至{until}无同类新疑点", f"evidence is there; watched until {until} for new ones"),
            until,
        )
    if facts.data_on < until:  # nothing new can be found in data that end before
        return Answer(NOT_YET, _no_new_data(facts, until), until)
    if not facts.rule_ran:
        return Answer(UNJUDGED, Text("观察期已满，但本次筛查未运行该规则", "the run at its end did not judge the rule"))
    return Answer(
        PROVED, Text(f"凭证已有，至{until}无同类新疑点", f"evidence is there and no new one was found until {until}")
    )


def _no_new_data(facts: Facts, until: date) -> Text:
    return Text(
        f"所用数据最近一次送达是{facts.delivered_on}，等待{until}之后的数据再判断",
        f"the data that the rule reads were last delivered on {facts.delivered_on}; waits for those after {until}",
    )


def _no_proof(facts: Facts) -> Answer:
    why = _WHY_NO_PROOF.get(facts.state, Text(f"状态 {facts.state}", f"state {facts.state}"))
    if facts.missing:
        why = Text(f"{why.zh}：{facts.missing.zh}", f"{why.en}: {facts.missing.en}")
    return Answer(UNJUDGED, why)
