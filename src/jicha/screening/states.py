"""The state of a finding against earlier runs. Only `cleared` is proof; what was not judged is never clean."""

from __future__ import annotations

from dataclasses import dataclass

OPEN = frozenset({"new", "open", "recurred", "unjudged"})
CLOSED = frozenset({"cleared", "expired", "withdrawn"})


@dataclass(frozen=True)
class Judged:
    """What a run found of one key that an earlier run knew.

    hit: the condition holds. ran: the rule ran. same_rule: its text and parameters are those of the earlier run.
    subject_present: the subject is still in the data. not_judged: the rule named it as not to be judged.
    left_window: on today's data, looked at from the day it was last seen, it still holds: nothing was mended.
    spoke: newer data of the subject are there, and the rule, which asks what is so now, finds nothing in them.
    """

    hit: bool
    ran: bool = True
    same_rule: bool = True
    subject_present: bool = True
    not_judged: bool = False
    left_window: bool = False
    spoke: bool = False


def next_state(previous: str | None, now: Judged) -> str:
    """Return the state after a run.

    previous: the state before it, None for a key never seen.
    """
    if now.hit:
        if previous is None:
            return "new"
        return "recurred" if previous in {"cleared", "expired"} else "open"
    if previous is None:
        raise ValueError("a key that was never seen and is not hit has no state")
    heard = previous == "expired" and now.ran and now.same_rule and now.spoke
    if previous in CLOSED and not heard:
        return previous
    if not now.ran or now.not_judged or not now.subject_present:
        return "unjudged"
    if not now.same_rule:
        return "withdrawn"
    return "expired" if now.left_window else "cleared"
