"""Template tags and filters that all pages use."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import template
from django.http import HttpRequest
from django.template.context import Context

register = template.Library()


@register.filter
def yuan(value: Decimal | float | None) -> str:
    """Show an amount with thousands separators and two decimals; nothing for none."""
    return "" if value is None else f"{Decimal(value):,.2f}"


@register.simple_tag(takes_context=True)
def may(context: Context, action: str, organisation: Any = None) -> bool:
    """Whether the person of this page may do something: `{% may "case_open" unit as allowed %}`."""
    request: HttpRequest = context["request"]
    acting = getattr(request, "acting", None)
    return acting is not None and acting.may(action, organisation)
