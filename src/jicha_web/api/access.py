"""Who calls: a browser by its session (with CSRF), or a machine by its token."""

from __future__ import annotations

from typing import cast

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.utils import timezone
from ninja.security import HttpBearer, SessionAuth

from jicha_web.api import tokens
from jicha_web.api.models import Token
from jicha_web.organisation import middleware
from jicha_web.organisation.middleware import ActingPerson
from jicha_web.organisation.models import Organisation, Person
from jicha_web.organisation.rights import narrow, scope_of
from jicha_web.organisation.scope import current, enter


class Browser(SessionAuth):
    """The session of a person who is signed in; changes need the CSRF token."""

    openapi_name = "session"

    def authenticate(self, request: HttpRequest, key: str | None) -> Person | None:
        """Return the person; who has to choose a password first is refused by the middleware."""
        del key
        return request.user if isinstance(request.user, Person) else None


class Machine(HttpBearer):
    """A token: `Authorization: Bearer jicha_…`."""

    openapi_name = "token"

    def authenticate(self, request: HttpRequest, token: str) -> Person | None:
        """Act for the token's person within its unit; None when the token does not count.

        PermissionDenied while the person has to choose a password: whoever reset it may not trust what they hold.
        """
        found = tokens.of_secret(token, middleware.now())
        if found is None:
            return None
        if found.person.must_change_password:
            raise PermissionDenied(middleware.password_first())
        tokens.count(found, timezone.now())
        person = narrow(found.person, found.organisation)
        person.name = f"{person.name}（接口 API：{found.name}）"[:100]  # in memory: so it stands in the history
        acting = ActingPerson(person, middleware.now())
        request.user = person
        request.acting = acting  # type: ignore[attr-defined]
        request.token = found  # type: ignore[attr-defined]
        enter(scope_of(person, acting.today))
        return person


def acting_of(request: HttpRequest, action: str = "", organisation: Organisation | None = None) -> ActingPerson:
    """Return who acts; PermissionDenied unless person and token may do something, for a unit or for any."""
    acting = cast(ActingPerson, request.acting)  # type: ignore[attr-defined]
    if action:
        tokens.check_action(token_of(request), action)
        acting.require(action, organisation)
        enter(current().within(acting.scope(action)))
    return acting


def token_of(request: HttpRequest) -> Token | None:
    """Return the token that a machine calls with; None for a browser."""
    found: Token | None = getattr(request, "token", None)
    return found
