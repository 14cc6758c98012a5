"""Which rows a person sees: set once per request, API call and job; without it every scoped query refuses.

A scope is a set of subtrees. It narrows by a subquery over units, not by a join: with a join SQLite scans the table.
Not covered, and therefore tested by walking every address as a stranger: foreign-key access (`_base_manager`), raw SQL,
bulk_create.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Self, TypeVar

from django.apps import apps
from django.db import models
from django.db.models import Q

SEGMENT = 4  # digits of one step of a path
LONGEST_PATH = 64  # digits


def _units() -> type[models.Model]:
    return apps.get_model("organisation", "Organisation")  # its module needs this one


class ScopeMissing(RuntimeError):
    """A scoped query was made where nobody said for whom."""


@dataclass(frozen=True)
class Scope:
    """The subtrees in sight, by path; `everything` is for jobs that serve all units."""

    paths: tuple[str, ...] = ()
    everything: bool = False

    def covers(self, path: str) -> bool:
        """Whether a unit's path lies in sight."""
        return self.everything or any(path.startswith(own) for own in self.paths)

    def within(self, other: Scope) -> Scope:
        """Return what lies in this sight and in another."""
        if self.everything or other.everything:
            return self if other.everything else other
        here = (path for path in self.paths if other.covers(path))
        there = (path for path in other.paths if self.covers(path))
        return Scope(tuple(sorted({*here, *there})))

    @cached_property
    def whole(self) -> bool:
        """Whether every unit is in sight; asked once for a scope.

        A list then needs no condition on units, so that an index gives it in its order.
        """
        if self.everything or not any(len(path) == SEGMENT for path in self.paths):
            return self.everything
        roots = list(_units()._default_manager.filter(parent=None).values_list("path", flat=True))
        return bool(roots) and all(self.covers(path) for path in roots)

    def condition(self, field: str) -> Q:
        """Return the condition on a foreign key to a unit."""
        if self.everything:
            return Q()
        if not self.paths:
            return Q(pk__in=())
        units = _units()._default_manager.filter(path_condition(self.paths))
        return Q(**{f"{field}__in": units.values("pk")})

    def published(self, field: str) -> Q:
        """Return the condition on what holds downwards: of units in sight, of those above them, and of no unit."""
        if self.everything:
            return Q()
        if not self.paths:
            return Q(pk__in=())
        above = {one for path in self.paths for one in paths_above(path)}
        return Q(**{field: None}) | self.condition(field) | Q(**{f"{field}__path__in": sorted(above)})


EVERYTHING = Scope(everything=True)
NOTHING = Scope()
_current: ContextVar[Scope | None] = ContextVar("scope", default=None)


def path_condition(paths: tuple[str, ...], field: str = "path") -> Q:
    """Return the condition that a path lies in one of the subtrees; a range, so that an index serves it."""
    condition = Q(pk__in=())
    for path in paths:
        condition |= Q(**{f"{field}__gte": path, f"{field}__lte": path_end(path)})
    return condition


def paths_above(path: str) -> list[str]:
    """Return the paths of the units above one, from the top down."""
    return [path[:end] for end in range(SEGMENT, len(path), SEGMENT)]


def path_end(path: str) -> str:
    """Return the last path that may lie in a subtree.

    Of digits alone: where a sign comes among them differs between the collations of PostgreSQL.
    """
    return path.ljust(LONGEST_PATH, "9")


def current() -> Scope:
    """Return the scope in force; ScopeMissing when there is none."""
    scope = _current.get()
    if scope is None:
        raise ScopeMissing("no scope: wrap the work in `with scoped(...)`, or ask for EVERYTHING by name")
    return scope


@contextmanager
def scoped(scope: Scope) -> Iterator[Scope]:
    """Put a scope in force."""
    token = _current.set(scope)
    try:
        yield scope
    finally:
        _current.reset(token)


def enter(scope: Scope) -> None:
    """Put a scope in force until the surrounding `scoped` ends: for a caller who is known only while answering."""
    current()  # there is a surrounding one
    _current.set(scope)


M = TypeVar("M", bound=models.Model)


class ScopedManager(models.Manager[M]):
    """Rows of the units in sight. `field`: the foreign key to the unit, `a__b` through relations."""

    def __init__(self, field: str = "organisation") -> None:
        super().__init__()
        self.scope_field = field  # not `field`: the managers of reverse relations keep the relation's field there

    def deconstruct(self) -> Any:
        """Return how a migration writes the manager."""
        return (False, f"{type(self).__module__}.{type(self).__name__}", None, (self.scope_field,), {})

    def get_queryset(self) -> models.QuerySet[M]:
        """Return the rows in sight; ScopeMissing when nobody said for whom."""
        # the manager of a reverse relation (person.tools) is made without arguments: the model's own knows the field
        field = getattr(self.model._default_manager, "scope_field", self.scope_field)
        return super().get_queryset().filter(current().condition(field))

    def __copy__(self) -> Self:
        copied = self.__class__.__new__(self.__class__)
        copied.__dict__ = self.__dict__.copy()
        return copied
