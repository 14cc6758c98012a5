"""The page that someone stood on when they asked: where signing in and errors lead back to."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.http import HttpRequest
from django.utils.http import url_has_allowed_host_and_scheme


def page_of(request: HttpRequest) -> str:
    """Return the address of the page that a request came from, path and query; "/" when it cannot be told.

    A page that is asked for is that page itself. A form that is sent and a part that htmx asks for have no page of
    their own: theirs is the one they stand on (Referer, HX-Current-URL), if it is one of ours.
    """
    part = "HX-Request" in request.headers
    if request.method in {"GET", "HEAD"} and not part:
        return request.get_full_path()
    return before(request, part=part) or "/"


def before(request: HttpRequest, *, part: bool = False) -> str:
    """Return the page of ours that a request was made on; empty when there was none."""
    url = request.headers.get("HX-Current-URL" if part else "Referer", "")
    if not url_has_allowed_host_and_scheme(url, {request.get_host()}, require_https=False):
        return ""
    address = urlsplit(url)
    return address._replace(scheme="", netloc="", fragment="").geturl()
