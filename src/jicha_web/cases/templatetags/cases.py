"""How a section of the case page is shown."""

from __future__ import annotations

from typing import Any

from django import template
from django.template.context import Context
from django.template.loader import get_template
from django.utils.safestring import SafeString, mark_safe

from jicha_web.cases.workflow import workflow

register = template.Library()


@register.simple_tag
def stages(state: str) -> dict[str, Any]:
    """Tell how far a case is: the states on the way to its end in their order, each done, here or ahead.

    `at`: the number of the present one. A case that was cancelled has left the way: it stands alone.
    """
    states = workflow().states
    way = [code for code, one in states.items() if not one.end or code == "closed"]
    if state not in way:
        return {"at": 1, "list": [{"label": states[state].label, "pace": "ended"}]}
    at = way.index(state)
    last = len(way) - 1
    pace = ["done" if n < at or at == last else "here" if n == at else "ahead" for n in range(len(way))]
    pace[last] = "ended" if at == last else pace[last]
    return {"at": at + 1, "list": [{"label": states[code].label, "pace": pace[n]} for n, code in enumerate(way)]}


@register.simple_tag(takes_context=True)
def show_section(context: Context, part: dict[str, Any]) -> SafeString:
    """Show a section by its template, which finds its values as `part.name` and by their plain names."""
    backend: Any = get_template(part["template"])
    with context.push(**part, part=part):
        return mark_safe(str(backend.template.render(context)))
