"""What every template may use."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from jicha_web.pages.navigation import entries


def page(request: HttpRequest) -> dict[str, Any]:
    """Return the menu, who acts, and the nonce."""
    return {
        "navigation": entries(request),
        "acting": getattr(request, "acting", None),
        "csp_nonce": getattr(request, "csp_nonce", ""),
        "as_of": settings.AS_OF,
    }
