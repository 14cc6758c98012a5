"""The pages of errors: what happened, and what to do."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from jicha_web import core
from jicha_web.history.record import ChangedMeanwhile
from jicha_web.organisation.came_from import before
from jicha_web.organisation.roles import actions
from jicha_web.pages.tags import words


def _page(request: HttpRequest, code: int, title: str, text: str) -> HttpResponse:
    values = {"code": code, "title": title, "text": text, "back": _back(request)}
    return render(request, "pages/error.html", values, status=code)


def _back(request: HttpRequest) -> str:
    """Return the page to go back to: the form that was sent, the list that led here; empty when there is none."""
    page = before(request)
    return "" if page == request.get_full_path() and request.method == "GET" else page


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404: what is foreign and what does not exist look the same."""
    del exception
    return _page(
        request, 404, _("There is nothing here"),
        _("It does not exist, or it does not belong to your units. Check the address, or go back to the list."),
    )  # fmt: skip


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """403: names the right that is missing."""
    action = actions().get(str(exception)) if exception else None
    text = _("Ask your unit's administrator if you need it.")
    if action is not None:
        text = _("It needs the right “%(right)s”.") % {"right": words(action)} + " " + text
    elif exception and str(exception):
        text = f"{exception} {text}"
    return _page(request, 403, _("You may not do this"), text)


def csrf_failed(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403: the page was open for too long or in another browser."""
    del reason
    return _page(
        request, 403, _("This page is too old to be sent"),
        _("Nothing was changed. Go back and send it again; cookies must be allowed."),
    )  # fmt: skip


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400; below the API as a problem, as all its refusals are."""
    del exception
    if request.path.startswith("/api/"):
        title, media_type = _("This request cannot be read"), "application/problem+json; charset=utf-8"
        content = {"type": "about:blank", "title": title, "status": 400, "detail": "", "reasons": []}
        return HttpResponse(json.dumps(content, ensure_ascii=False), status=400, content_type=media_type)
    return _page(request, 400, _("This request cannot be read"), _("Nothing was changed. Go back and try again."))


def failed(request: HttpRequest) -> HttpResponse:
    """500: shown without the database, since that may be what failed."""
    values: dict[str, Any] = {
        "code": 500,
        "back": _back(request),
        "title": _("Something went wrong"),
        "text": _("Nothing was changed. It was written to the log; try again, and tell your administrator the time."),
    }
    return HttpResponse(render_to_string("pages/failed.html", values), status=500)


class CoreRefuses:
    """What the core cannot do (no such run, folder held, disk full) is said in its own words, not as a fault."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer; an address that only takes a form says so, where Django's answer is an empty page."""
        response = self.get_response(request)
        if response.status_code == 405 and request.method == "GET" and not request.path.startswith("/api/"):
            text = _("This address takes what a form sends; nothing was changed. Go back to the page of the form.")
            page = _page(request, 405, _("There is no page here"), text)
            page.headers["Allow"] = response.headers["Allow"]
            return page
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Return the page that says why and what to do; None for errors of another kind."""
        if isinstance(exception, ChangedMeanwhile):  # where a view has no page of its own for it
            return _page(request, 409, _("Changed meanwhile"), str(exception))
        if not isinstance(exception, core.BadInput | core.MachineFailure):
            return None
        return _page(request, 409, _("This cannot be done at the moment"), words(exception.text))
