"""How a section of the case page is shown."""

from __future__ import annotations

from typing import Any

from django import template
from django.template.context import Context
from django.template.loader import get_template
from django.utils.safestring import SafeString, mark_safe

register = template.Library()


@register.simple_tag(takes_context=True)
def show_section(context: Context, part: dict[str, Any]) -> SafeString:
    """Show a section by its template, which finds its values as `part.name` and by their plain names."""
    backend: Any = get_template(part["template"])
    with context.push(**part, part=part):
        return mark_safe(str(backend.template.render(context)))
