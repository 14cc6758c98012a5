"""Each request acts for one person, at one instant, within one scope; views read `request.acting`, never the clock."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import get_user
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext

from jicha_web.organisation.came_from import page_of
from jicha_web.organisation.models import Organisation, Person
from jicha_web.organisation.rights import may, memberships, require, scope_of
from jicha_web.organisation.scope import NOTHING, Scope, scoped


@dataclass(frozen=True)
class ActingPerson:
    """Who acts, and when. `today` is the local day of `at`."""

    person: Person
    at: datetime

    @property
    def today(self) -> date:
        """The local day."""
        return timezone.localdate(self.at)

    def may(self, action: str, organisation: Organisation | None = None) -> bool:
        """Whether the person may do something."""
        return may(self.person, action, self.today, organisation)

    def scope(self, *actions: str) -> Scope:
        """Return the units for which the person may do one of some things, or holds any role."""
        return scope_of(self.person, self.today, *actions)

    def require(self, action: str, organisation: Organisation | None = None) -> None:
        """Raise PermissionDenied unless the person may do something."""
        require(self.person, action, self.today, organisation)


def _clock() -> datetime:
    return timezone.now()


def now() -> datetime:
    """Return the instant: the clock's, or with JICHA_AS_OF as many days after that day as it has lasted."""
    at = _clock()
    if settings.AS_OF and not settings.AS_OF_SINCE:  # a day of a test, which is told anew as it goes on
        local = timezone.localtime(at)
        return datetime.combine(date.fromisoformat(settings.AS_OF), local.time(), local.tzinfo)
    return as_told(at)


def as_told(at: datetime) -> datetime:
    """Return an instant of the machine's clock as the application tells it: another day in a demonstration."""
    if not settings.AS_OF_SINCE:
        return at
    begun = timezone.localdate(datetime.fromisoformat(settings.AS_OF_SINCE))
    return timezone.localtime(at) + (date.fromisoformat(settings.AS_OF) - begun)


class Acting:
    """Sets `request.acting` and the scope; nobody signed in sees nothing."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer within the scope of who asks."""
        user = get_user(request)  # itself, not the lazy stand-in for it: verbs change it
        request.user = user
        if not isinstance(user, Person):
            request.acting = None  # type: ignore[attr-defined]
            self._speak(request, settings.LANGUAGE_CODE)
            with scoped(NOTHING):
                return self.get_response(request)
        acting = ActingPerson(user, now())
        request.acting = acting  # type: ignore[attr-defined]
        self._speak(request, user.language)
        self._renew_session(request, acting)
        with scoped(acting.scope()):
            return self.get_response(request)

    @staticmethod
    def _renew_session(request: HttpRequest, acting: ActingPerson) -> None:
        # a session that was started with other rights gets a new key: a stolen old one is worth nothing after a change
        rights = [[m.role, m.organisation_id] for m in memberships(acting.person, acting.today)]
        if request.session.get("rights") != rights:
            if "rights" in request.session:
                request.session.cycle_key()
            request.session["rights"] = rights

    @staticmethod
    def _speak(request: HttpRequest, language: str) -> None:
        # what was chosen with the switch counts; the browser's own language does not, it is often nobody's choice
        if settings.LANGUAGE_COOKIE_NAME not in request.COOKIES:
            translation.activate(language)
            request.LANGUAGE_CODE = language


# what a person may do whose password was set by another, before they have chosen their own
_BEFORE_PASSWORD = frozenset({"password", "login", "logout", "set_language"})


def password_first() -> str:
    """Return what stands against everything else while a password that another set is in force."""
    return gettext("Choose a password of your own first: yours was set by another. Nothing was done.")


class SignInFirst(LoginRequiredMiddleware):
    """Every page asks to sign in, unless its view says `login_not_required`: a page cannot forget it.

    The API answers 401 by itself, where a redirect to a page would help nobody. A person whose password was set by
    another comes to the password page from everywhere; what is no page (API, htmx) is refused.
    """

    def process_view(
        self, request: HttpRequest, view_func: Callable[..., HttpResponseBase], view_args: Any, view_kwargs: Any
    ) -> HttpResponseBase | None:
        """Send those who are not signed in to the sign-in page, and those with another's password to the password."""
        place = request.resolver_match.view_name if request.resolver_match else ""
        if isinstance(request.user, Person) and request.user.must_change_password and place not in _BEFORE_PASSWORD:
            return self._password_first(request)
        if request.path.startswith("/api/") or request.path == reverse("set_language"):
            return None
        return super().process_view(request, view_func, view_args, view_kwargs)

    @staticmethod
    def _password_first(request: HttpRequest) -> HttpResponse:
        if request.path.startswith("/api/"):
            said = {"type": "about:blank", "title": password_first(), "status": 403, "detail": "must_change_password"}
            return JsonResponse(
                said, status=403, content_type="application/problem+json; charset=utf-8",
                json_dumps_params={"ensure_ascii": False},
            )  # fmt: skip
        if "HX-Request" in request.headers:
            headers = {"HX-Redirect": reverse("password")}
            return HttpResponse(password_first(), status=403, headers=headers, content_type="text/plain; charset=utf-8")
        return HttpResponseRedirect(reverse("password"))

    def handle_no_permission(self, request: HttpRequest, view_func: Any) -> HttpResponseRedirect:
        """Send the browser to the sign-in page, and then to the page it stood on; htmx is told to load it whole.

        What was sent without a session is not done, and the page that is come back to says so.
        """
        del view_func
        response = HttpResponseRedirect(redirect_to_login(page_of(request)).url)
        if request.method not in {"GET", "HEAD"}:
            messages.warning(request, gettext("You were signed out meanwhile: nothing was done. Send it again."))
        if "HX-Request" in request.headers:
            response.headers["HX-Redirect"] = response.url
            del response.headers["Location"]
            response.status_code = 200
        return response
