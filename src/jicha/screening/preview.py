"""What a rule would find on today's data with other parameters or another status, before anyone puts them in force."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from jicha.catalog.billing import read_settings
from jicha.catalog.rules import Rule, load_rules
from jicha.engine.judge import Suspect, judge
from jicha.engine.session import Session
from jicha.engine.source import StoredTables
from jicha.errors import BadInput
from jicha.language import Text
from jicha.screening.inputs import (
    RunInputs,
    check_organisations,
    in_force,
    latest_complete_period,
    read_inputs,
    values_of,
)
from jicha.screening.plan import Organisations, RulePlan, plan_rule
from jicha.screening.readiness import outcome_of
from jicha.warehouse.machine import in_words
from jicha.warehouse.store import Warehouse


@dataclass(frozen=True)
class Found:
    """What a rule finds: keys with their unit and amount. `outcome`: done, or why it did not run."""

    outcome: str
    suspects: Mapping[str, Suspect]

    @property
    def amount_yuan(self) -> Decimal:
        """The sum of the amounts."""
        return sum((s.amount_yuan or Decimal(0) for s in self.suspects.values()), Decimal(0))


@dataclass(frozen=True)
class Preview:
    """The same rule on the same data twice: as it is in force, and as proposed."""

    rule: str
    as_of: date
    data_version: int
    before: Found
    after: Found

    @property
    def gained(self) -> list[Suspect]:
        """What only the proposal finds."""
        return [s for key, s in self.after.suspects.items() if key not in self.before.suspects]

    @property
    def lost(self) -> list[Suspect]:
        """What the proposal no longer finds."""
        return [s for key, s in self.before.suspects.items() if key not in self.after.suspects]


def preview(
    data: Path, code: str, *, as_of: date, parameters: Mapping[str, Any] | None = None, org: str | None = None,
    status: str | None = None, inputs: Path | None = None, memory: str = "2GB", spill: Path | None = None,
    on_step: Callable[[int, int], None] | None = None,
) -> Preview:  # fmt: skip
    """Judge one rule as it is in force and as proposed; nothing is written.

    parameters: the proposed values, for a unit's subtree (org) or everywhere. status: the proposed status. A rule that
    does not run now (draft, retired) finds nothing now; a proposed status other than active or shadow finds nothing.
    """
    folder = inputs or data / "run"
    rules = load_rules(data / "rules").rules
    if code not in rules:
        raise BadInput(zh=f"没有规则 {code}。", en=f"there is no rule {code}")
    now = read_inputs(folder, rules)
    then = _with(now, code, parameters or {}, org, status)
    snapshot = Warehouse(data).snapshot()
    unchanged = Text("没有改动任何内容", "nothing was changed")
    p0 = latest_complete_period(as_of, now.settle_day)
    with (
        in_words(doing=Text("试算", "the preview"), place=data, memory=memory, unchanged=unchanged),
        Session(StoredTables(snapshot), as_of=as_of, p0=p0, lists=now.lists, memory=memory, spill=spill) as session,
    ):
        session.billing = read_settings(folder, session.parents())
        organisations = Organisations(session.parents())
        check_organisations(then, organisations.parents)
        found = []
        for number, given in enumerate((now, then)):
            if on_step is not None:
                on_step(number, 2)
            rule = in_force({code: rules[code]}, given)[code]
            found.append(_found(session, plan_rule(rule, given, organisations)))
    return Preview(code, as_of, snapshot.manifest.version, *found)


def _with(
    inputs: RunInputs, code: str, parameters: Mapping[str, Any], org: str | None, status: str | None
) -> RunInputs:  # fmt: skip
    changed = inputs
    if parameters and org is None:
        known = dict(inputs.rule_values.get(code) or {})
        changed = replace(changed, rule_values={**inputs.rule_values, code: {**known, **parameters}})
    elif parameters and org is not None:
        entries = dict(inputs.org_values.get(org) or {})
        entries[code] = {**(entries.get(code) or {}), **parameters}
        changed = replace(changed, org_values={**inputs.org_values, org: entries})
    return replace(changed, statuses={**changed.statuses, code: status}) if status else changed


def _found(session: Session, plan: RulePlan) -> Found:
    outcome, _ = outcome_of(plan.rule, session.source)
    if outcome != "done":
        return Found(outcome, {})
    suspects: dict[str, Suspect] = {}
    for index, (_, values) in enumerate(plan.sets):
        suspects |= {s.key: s for s in judge(session, plan.rule, values) if plan.set_for(s.org_id) == index}
    return Found(outcome, suspects)


def values_in_force(rule: Rule, inputs: RunInputs) -> Sequence[tuple[str | None, dict[str, Any]]]:
    """Return the parameter values of a rule: those everywhere (None) first, then what single units override."""
    base = dict(inputs.rule_values.get(rule.code) or {})
    sets: list[tuple[str | None, dict[str, Any]]] = [(None, values_of(rule, base, "parameters.yaml"))]
    sets += [(org, dict(entry[rule.code])) for org, entry in inputs.org_values.items() if rule.code in entry]
    return sets
