"""What every template may use."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone

from jicha_web.organisation.middleware import now
from jicha_web.organisation.rights import role_codes
from jicha_web.organisation.roles import roles
from jicha_web.pages import bell
from jicha_web.pages.navigation import entries


def page(request: HttpRequest) -> dict[str, Any]:
    """Return the menu, who acts with which roles, what is unread, and the nonce; a part of a page needs no menu."""
    acting = getattr(request, "acting", None)
    known = {
        "acting": acting,
        "csp_nonce": getattr(request, "csp_nonce", ""),
        "as_of": settings.AS_OF and f"{timezone.localdate(now())}",
    }
    if acting is None or getattr(request, "htmx", False):
        return known
    return {
        **known,
        "navigation": entries(request),
        "acting_roles": [roles()[code].label for code in sorted(role_codes(acting.person, acting.today))],
        "unread": bell.unread(acting.person),
    }
