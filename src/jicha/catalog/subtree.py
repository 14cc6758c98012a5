"""Organisations above an organisation: what is said for a subtree holds for all below it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence


def ancestry(org: str | None, parents: Mapping[str, str | None]) -> Sequence[str]:
    """Return an organisation and its ancestors, nearest first; a circle in the data ends it."""
    found: list[str] = []
    while org is not None and org not in found:
        found.append(org)
        org = parents.get(org)
    return found
