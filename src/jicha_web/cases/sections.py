"""The case page is put together from sections and steps that each part registers in its app's `ready`.

    sections.register(Section("visit", 40, _("Field check"), "field/section.html", context))
    sections.step("submit_check", lambda case: reverse("visit", args=[case.pk]))   # the button leads there

`context(request, case)` returns the template's values, or None when the section has nothing to show.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.http import HttpRequest

if TYPE_CHECKING:
    from jicha_web.cases.models import Case

Context = Callable[[HttpRequest, "Case"], "dict[str, Any] | None"]


@dataclass(frozen=True)
class Section:
    """One section. `order`: 10 reason, 20 findings, 30 checklist, 40 field, 50 assess, 60 proof, 90 history."""

    code: str
    order: int
    label: Any  # lazy text
    template: str
    context: Context
    head: str = ""  # template for the page's head: assets of a chart or a map
    aside: bool = False  # on a wide screen in the column beside: what is looked up, not worked through


_sections: dict[str, Section] = {}
_steps: dict[str, Callable[[Case], str]] = {}


def register(section: Section) -> None:
    """Add a section to the case page."""
    _sections[section.code] = section


def sections() -> list[Section]:
    """Return all sections in their order."""
    return sorted(_sections.values(), key=lambda s: (s.order, s.code))


def step(event: str, url: Callable[[Case], str]) -> None:
    """Let the button of an event lead to a page of its own instead of asking there and then."""
    _steps[event] = url


def step_url(event: str, case: Case) -> str:
    """Return the page of an event; empty when it has none."""
    return _steps[event](case) if event in _steps else ""
