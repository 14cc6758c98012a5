"""Roles and actions, read from the catalog: a role holds actions; held for a unit it counts for the subtree."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from jicha_web import core


@dataclass(frozen=True)
class Role:
    """One role: its code, its labels and the actions it may do."""

    code: str
    label: core.Text
    actions: frozenset[str]


@cache
def roles() -> dict[str, Role]:
    """Return all roles by code."""
    content = core.application_file("roles")
    known = content["actions"]
    found = {}
    for code, role in content["roles"].items():
        unknown = set(role["actions"]) - set(known)
        if unknown:
            raise ValueError(f"roles.yaml: role {code} names unknown actions {sorted(unknown)}")
        found[code] = Role(code, core.Text(role["zh"], role["en"]), frozenset(role["actions"]))
    return found


@cache
def actions() -> dict[str, core.Text]:
    """Return the labels of all actions by code."""
    return {code: core.Text(a["zh"], a["en"]) for code, a in core.application_file("roles")["actions"].items()}


@cache
def roles_with(action: str) -> frozenset[str]:
    """Return the codes of the roles that may do something; KeyError when no such action is defined."""
    if action not in actions():
        raise KeyError(f"no action {action} in roles.yaml")
    return frozenset(code for code, role in roles().items() if action in role.actions)
