"""What a run covers: its rules, its organisations, the parameter values that hold where."""

from __future__ import annotations

import functools
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from jicha.catalog.rules import Rule
from jicha.catalog.subtree import ancestry
from jicha.errors import BadInput
from jicha.language import Text
from jicha.screening.inputs import RunInputs, parameter_sets
from jicha.screening.readiness import RUNNING


def digest(*parts: object) -> str:
    """Return a short digest of values."""
    text = json.dumps(parts, sort_keys=True, default=str, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def select_rules(rules: Mapping[str, Rule], wanted: Sequence[str], *, broken: Text = Text("", "")) -> list[Rule]:  # noqa: B008 - immutable
    """Return the rules named by codes or groups (CF004, CF), all when nothing is named; BadInput on an unknown name.

    broken: what is wrong with the files that could not be read, one of which may be meant.
    """
    if not wanted:
        return list(rules.values())
    names = [name.strip().upper() for entry in wanted for name in entry.split(",") if name.strip()]
    groups = {rule.group for rule in rules.values()}
    unknown = [name for name in names if name not in rules and name not in groups]
    if unknown:
        raise BadInput(
            zh=f"没有规则或专业 {'、'.join(unknown)}；jicha rules 列出全部。{broken.zh}",
            en=f"no rule or group {', '.join(unknown)}; jicha rules lists all{broken.en}",
        )
    return [rule for rule in rules.values() if rule.code in names or rule.group in names]


@dataclass(frozen=True)
class Organisations:
    """The organisation tree of a data-set version."""

    parents: Mapping[str, str | None]

    def scope(self, org: str | None) -> frozenset[str] | None:
        """Return an organisation's subtree, None for everything; BadInput when it is unknown."""
        if org is None:
            return None
        if org not in self.parents:
            raise BadInput(
                zh=f"没有供电单位 {org}；可用的编码见“供电单位”表（jicha export tables）。",
                en=f"there is no organisation {org}; see the table organization (jicha export tables)",
            )
        return frozenset(o for o in self.parents if org in ancestry(o, self.parents))


@dataclass(frozen=True)
class RulePlan:
    """One rule with its parameter values by organisation subtree; the first entry (None) holds everywhere else."""

    rule: Rule
    sets: Sequence[tuple[str | None, Mapping[str, Any]]]
    parents: Mapping[str, str | None]

    def set_for(self, org: str | None) -> int:
        """Return the index of the parameter set that holds for an organisation: its nearest override."""
        if len(self.sets) == 1:
            return 0
        index = {name: i for i, (name, _) in enumerate(self.sets)}
        return next((index[o] for o in ancestry(org, self.parents) if o in index), 0)

    def version(self, index: int) -> str:
        """Return the version of the rule under one parameter set: its text and values."""
        return self._versions[index]

    @functools.cached_property
    def _versions(self) -> list[str]:
        """The version under each set: every finding asks."""
        return [digest(self.rule.fingerprint, values) for _, values in self.sets]

    def situation(self, data_digest: str) -> str:
        """Return the digest of all that the rule's findings depend on."""
        stopped = [self.rule.status] if self.rule.status not in RUNNING else []
        return digest(data_digest, self.rule.fingerprint, self.sets, *stopped)


def plan_rule(rule: Rule, inputs: RunInputs, organisations: Organisations) -> RulePlan:
    """Return the plan of one rule."""
    return RulePlan(rule, parameter_sets(rule, inputs, organisations.parents), organisations.parents)


def data_digest(manifest_fingerprint: str, as_of: date, inputs: RunInputs) -> str:
    """Return the digest of data, day and inputs of a run."""
    return digest(manifest_fingerprint, as_of, inputs.fingerprint)
