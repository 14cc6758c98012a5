"""What views share: who may come in."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.urls import Resolver404, resolve

from jicha_web.organisation.came_from import page_of
from jicha_web.organisation.scope import scoped

if TYPE_CHECKING:
    from jicha_web.organisation.middleware import ActingPerson

View = Callable[..., HttpResponseBase]


def acting_of(request: HttpRequest) -> ActingPerson:
    """Return who acts, and when; for views that `signed_in` guards."""
    acting: ActingPerson = request.acting  # type: ignore[attr-defined]
    return acting


def signed_in(*actions: str) -> Callable[[View], View]:
    """Let in those who are signed in and may do one of the actions for some unit; without actions: everyone signed in.

    With actions, the units for which they may are all that is in sight: another role elsewhere shows nothing of them.

    Nobody signed in goes to the sign-in page (htmx is told to load it whole); who may not gets 403. That a person
    chooses a password of their own first is the middleware's (SignInFirst).
    """

    def wrap(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            acting = getattr(request, "acting", None)
            if acting is None:
                return _to(request, redirect_to_login(page_of(request)).headers["Location"])
            if actions and not any(acting.may(action) for action in actions):
                acting.require(actions[0])
            if not actions:
                return view(request, *args, **kwargs)
            with scoped(acting.scope(*actions)):
                return view(request, *args, **kwargs)

        guarded.actions = actions  # type: ignore[attr-defined]  # what a link to it asks (`opens`)
        return guarded

    return wrap


def opens(request: HttpRequest, address: str) -> bool:
    """Whether who asks may open a page, by what its view lets in; which objects they see is the view's own matter.

    A page offers only what its reader may open: the right stands at the view, once, and links ask for it here.
    """
    acting = getattr(request, "acting", None)
    try:
        view = resolve(urlsplit(address).path).func
    except Resolver404:
        return False
    actions: tuple[str, ...] = getattr(view, "actions", ())
    return acting is not None and (not actions or any(acting.may(action) for action in actions))


def _to(request: HttpRequest, url: str) -> HttpResponse:
    if getattr(request, "htmx", False):
        return HttpResponse(status=200, headers={"HX-Redirect": url})
    return HttpResponse(status=302, headers={"Location": url})
