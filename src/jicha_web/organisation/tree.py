"""The tree of units as a page shows it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Count, Q, QuerySet

from jicha_web.organisation import workload
from jicha_web.organisation.models import Organisation, Person
from jicha_web.organisation.scope import SEGMENT, current, path_condition


def units_in_sight() -> QuerySet[Organisation]:
    """Return the active units that the person in force sees, in the order of the tree."""
    scope = current()
    condition = Q() if scope.everything else path_condition(scope.paths)
    return Organisation.objects.filter(condition, is_active=True).order_by("path")


def unit_above_all() -> Organisation | None:
    """Return the unit that what holds everywhere is decided for: the top, or the one city below it that is here.

    The data of a city company name its province too, of which it holds nothing else and where nobody has a role.
    None: there are no units.
    """
    units = Organisation.objects.filter(is_active=True).order_by("path")
    top = units.filter(parent=None).first()
    if top is not None and top.level == "province":
        below = list(units.filter(parent=top)[:2])
        top = below[0] if len(below) == 1 else top
    return top


def codes_in_sight() -> list[str] | None:
    """Return the codes of the units in sight, by which the data know them; None when they are all there are."""
    scope = current()
    if scope.whole:
        return None
    return list(Organisation.objects.filter(scope.condition("pk")).values_list("code", flat=True))


def people_in_sight() -> QuerySet[Person]:
    """Return the people of these units."""
    scope = current()
    return Person.objects.filter(Q() if scope.everything else path_condition(scope.paths, "organisation__path"))


@dataclass
class Node:
    """A unit with what lies below it; counts include the units below."""

    unit: Organisation
    people: int = 0
    open: int = 0
    late: int = 0
    url: str = ""
    children: list[Node] = field(default_factory=list)


def tree(at: datetime) -> list[Node]:
    """Return the units in sight as a forest, with people and open cases of each subtree."""
    loads = workload.of_units(at)
    counted = people_in_sight().filter(is_active=True).values_list("organisation_id").annotate(n=Count("pk"))
    people: dict[int, int] = dict(counted.order_by())
    nodes: dict[str, Node] = {}
    for unit in units_in_sight():
        load = loads.get(unit.pk, workload.Load())
        nodes[unit.path] = Node(unit, people.get(unit.pk, 0), load.open, load.late, load.url)
    roots = []
    for path in sorted(nodes, reverse=True):  # children before their parents, so that sums are whole when passed up
        node = nodes[path]
        node.children.reverse()
        above = nodes.get(path[:-SEGMENT])
        if above is None:
            roots.append(node)
            continue
        above.children.append(node)
        above.people += node.people
        above.open += node.open
        above.late += node.late
    return roots[::-1]
