"""The organisation tree of a data version: names, paths, subtrees."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from jicha.errors import BadInput

SEPARATOR = " / "


@dataclass(frozen=True)
class Organisation:
    """One unit with its way from the top."""

    org_id: str
    name: str
    level: str
    path: tuple[str, ...]  # ids from the top down to itself


class Organisations:
    """All units; a parent that is not delivered makes its child a top, a loop is cut."""

    def __init__(self, rows: Iterable[tuple[str, str, str, str | None]]) -> None:
        raw = {org_id: (name, level, parent) for org_id, name, level, parent in rows}
        self._units: dict[str, Organisation] = {}
        for org_id, (name, level, _) in raw.items():
            path = [org_id]
            while (parent := raw[path[0]][2]) in raw and parent is not None and parent not in path:
                path.insert(0, parent)
            self._units[org_id] = Organisation(org_id, name, level, tuple(path))

    def __iter__(self) -> Iterator[Organisation]:
        """Walk the tree top down, children by id after their parent."""
        return iter(sorted(self._units.values(), key=lambda unit: unit.path))

    def __contains__(self, org_id: object) -> bool:
        return org_id in self._units

    def __getitem__(self, org_id: str) -> Organisation:
        return self._units[org_id]

    def name(self, org_id: str | None) -> str:
        """Return a unit's name; its id where the tree does not know it."""
        return self._units[org_id].name if org_id in self._units else (org_id or "")

    def path_name(self, org_id: str | None) -> str:
        """Return the names from below the shared top down to the unit."""
        return SEPARATOR.join(self._units[i].name for i in self._units[org_id].path) if org_id in self._units else ""

    @property
    def top(self) -> Organisation | None:
        """The unit under which all others stand, going down while there is only one; None without a tree."""
        found = None
        for unit in self:
            if all(unit.org_id in other.path or other.org_id in unit.path for other in self._units.values()):
                found = unit if found is None or len(unit.path) > len(found.path) else found
        return found

    def find(self, text: str) -> Organisation:
        """Return the unit of an id or a name; BadInput lists what is near."""
        if text in self._units:
            return self._units[text]
        named = [unit for unit in self if unit.name == text]
        if len(named) == 1:
            return named[0]
        near = [f"{unit.name}（{unit.org_id}）" for unit in named or self if text in unit.name or named][:5]
        raise BadInput(
            zh=f"没有供电单位 {text}。" + (f"是否为：{'、'.join(near)}" if near else "请用单位编码或完整名称。"),
            en=f"no organisation {text}; " + (f"perhaps {', '.join(near)}" if near else "give its id or its full name"),
        )

    def subtree(self, org_id: str) -> list[str]:
        """Return the ids of a unit and all below it."""
        return [unit.org_id for unit in self if org_id in unit.path]

    def columns(self) -> Mapping[str, list[str]]:
        """Return the tree as columns: org_id, org_name, org_path."""
        units = list(self)
        return {
            "org_id": [unit.org_id for unit in units],
            "org_name": [unit.name for unit in units],
            "org_path": [self.path_name(unit.org_id) for unit in units],
        }
