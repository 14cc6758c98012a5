"""The content security policy: nothing from elsewhere, no inline script or style without this answer's nonce."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers

_POLICY = (
    "default-src 'self'; script-src 'self' 'nonce-{nonce}'; style-src 'self' 'nonce-{nonce}'; "
    "img-src 'self' data: blob:{tiles}; worker-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; "
    "form-action 'self'"
)


def _tiles() -> str:
    """Return the tile server of the own network as one more place that pictures come from; nothing without one."""
    place = urlsplit(settings.TILE_URL.replace("{s}", "*"))  # {s}: one of several hosts, as Leaflet writes it
    return f" {place.scheme}://{place.netloc}" if place.netloc else ""


class ContentSecurityPolicy:
    """Gives each request a nonce, `request.csp_nonce`, and each answer the policy that names it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer with the policy."""
        nonce = secrets.token_urlsafe(16)
        request.csp_nonce = nonce  # type: ignore[attr-defined]
        response = self.get_response(request)
        response.headers.setdefault("Content-Security-Policy", _POLICY.format(nonce=nonce, tiles=_tiles()))
        response.headers.setdefault("Permissions-Policy", "geolocation=(self), camera=(self), microphone=()")
        # pages, exports and answers of the API hold personal data: none stays in a shared computer's cache
        response.headers.setdefault("Cache-Control", "private, no-store")
        if response.headers.get("Content-Type", "").startswith("text/html"):  # a part for htmx is no page
            patch_vary_headers(response, ["HX-Request"])
        return response


class NoNul:
    """Refuses the character NUL in addresses and forms (400): nobody types one, and PostgreSQL stores none."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer, or refuse."""
        # the API looks through its own bodies, and answers those that are too large by itself
        forms = [request.GET] if request.path.startswith("/api/") else [request.GET, request.POST]
        sent = (value for form in forms for _name, values in form.lists() for value in values)
        if "\0" in request.path or any("\0" in value for value in sent):
            raise BadRequest("NUL")
        return self.get_response(request)
