"""Setting one rule's suspects against the ledger: which are new, which are gone, and by what right."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from jicha.engine.judge import Suspect
from jicha.screening.again import Again
from jicha.screening.ledger import finding_row
from jicha.screening.plan import RulePlan
from jicha.screening.states import OPEN, Judged, next_state

NOT_COVERED = "not_covered"  # what a finding of a rule or unit lacks that a run on new data does not look at


@dataclass(frozen=True)
class Verdicts:
    """What a run says of one rule.

    outcome: a code of `rule_outcome`. missing: what the rule lacked. suspects: its hits in scope, by key.
    not_judged: key → what lacked. again: what judging again says of the known keys that were not found. present: of
    the ids given, those whose subject is still in the data.
    """

    outcome: str
    missing: tuple[str, ...]
    suspects: Mapping[str, Suspect]
    not_judged: Mapping[str, str | None]
    again: Again
    present: Callable[[Collection[str]], Collection[str]]


_HIT = Judged(hit=True)


def compared(
    plan: RulePlan,
    verdicts: Verdicts,
    earlier: Iterable[Mapping[str, Any]],
    *,
    run_id: str,
    as_of: date,
    in_scope: Callable[[str | None], bool],
) -> Iterator[dict[str, Any]]:
    """Yield the ledger rows of one rule in scope: hits first, then what earlier runs knew and this one did not find."""
    known = {row["key"]: row for row in earlier if in_scope(row["org_id"])}
    hits = {**verdicts.again.older_hits, **verdicts.suspects}
    for key, suspect in hits.items():
        before = known.pop(key, None)
        yield finding_row(
            plan.rule,
            suspect,
            run_id=run_id,
            version=plan.version(plan.set_for(suspect.org_id)),
            state=next_state(before["state"] if before else None, _HIT),
            first_seen_on=before["first_seen_on"] if before else as_of,
            as_of=as_of,
        )
    missing_subjects = _absent(verdicts, known.values())
    for key, row in known.items():
        version = plan.version(plan.set_for(row["org_id"]))
        judged = Judged(
            hit=False,
            ran=verdicts.outcome == "done",
            same_rule=row["rule_version"] == version,
            subject_present=row["subject_id"] not in missing_subjects,
            not_judged=key in verdicts.not_judged,
            left_window=key in verdicts.again.left_window,
            spoke=key in verdicts.again.spoke,
        )
        yield _carried(row, judged, verdicts, run_id=run_id, as_of=as_of)


def _absent(verdicts: Verdicts, rows: Iterable[Mapping[str, Any]]) -> set[str]:
    """Subjects of open rows that are no longer in the data: nothing was judged about them."""
    asked = {row["subject_id"] for row in rows if row["state"] in OPEN and row["subject_id"] is not None}
    return asked - set(verdicts.present(asked)) if asked and verdicts.outcome == "done" else set()


def _carried(row: Mapping[str, Any], judged: Judged, verdicts: Verdicts, *, run_id: str, as_of: date) -> dict[str, Any]:
    state = next_state(row["state"], judged)
    carried = {**row, "run_id": run_id, "state": state, "missing": None, "whitelisted_until": None}
    if state == "unjudged":
        if not judged.ran:
            carried["missing"] = ",".join([verdicts.outcome, *verdicts.missing])
        elif judged.not_judged:
            carried["missing"] = verdicts.not_judged[row["key"]]
        else:
            carried["missing"] = "subject"
    elif row["state"] in OPEN or state != row["state"]:
        carried["judged_on"] = as_of
    return carried


def outside(row: Mapping[str, Any], *, run_id: str, same_data: bool) -> dict[str, Any]:
    """Return the row of a rule or unit that a run does not cover.

    On the same data, day and inputs an earlier run's word still holds; on new data the finding is not judged.
    """
    if same_data or row["state"] not in OPEN:
        return {**row, "run_id": run_id}
    return {**row, "run_id": run_id, "state": "unjudged", "missing": NOT_COVERED}
