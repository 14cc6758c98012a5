"""Making, checking and revoking tokens."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.core.cache import cache
from django.core.exceptions import PermissionDenied
from django.utils import timezone
from django.utils.translation import gettext as _

from jicha_web.api.models import Token
from jicha_web.history import record as history
from jicha_web.organisation.models import Organisation, Person
from jicha_web.organisation.rights import may, require, scope_of
from jicha_web.organisation.roles import actions as all_actions

LONGEST = timedelta(days=366)
PER_MINUTE = 300
MOST = 20  # living tokens of one person
_PREFIX = "jicha_"


class WrongToken(ValueError):
    """A token that cannot be made, with the reason."""


class TooMany(Exception):
    """More requests in a minute than a token may make."""

    def __init__(self, seconds: int) -> None:
        self.seconds = seconds
        super().__init__(f"try again in {seconds} s")


@dataclass(frozen=True)
class Made:
    """A new token with its secret, which is shown this once."""

    token: Token
    secret: str


def make(
    *, name: str, organisation: Organisation, actions: Collection[str], until: date, by: Person, at: datetime
) -> Made:
    """Make a token for oneself: of a unit in sight, with actions one may do there."""
    day = timezone.localdate(at)
    if not actions:
        raise WrongToken(_("Choose at least one action."))
    for action in actions:
        if action not in all_actions() or not may(by, action, day, organisation):
            raise WrongToken(_("You may not do this for this unit: %(action)s") % {"action": action})
    if not day <= until <= day + LONGEST:
        raise WrongToken(_("The last day lies between today and a year from now."))
    if Token.objects.filter(person=by, revoked=False, until__gte=day).count() >= MOST:
        raise WrongToken(_("You hold %(most)s tokens already: revoke some first.") % {"most": MOST})
    secret = _PREFIX + secrets.token_urlsafe(32)
    token = Token(
        name=name, person=by, organisation=organisation, actions=sorted(set(actions)), until=until, made_at=at,
        hash=_hash(secret), prefix=secret[:12],
    )  # fmt: skip
    history.create(token, verb="token_made", by=by, at=at)
    return Made(token, secret)


def revoke(*, token: Token, by: Person, at: datetime) -> None:
    """Revoke a token: one's own, or anyone's of a unit by those who keep its people."""
    if token.person_id != by.pk:
        require(by, "people_edit", timezone.localdate(at), token.organisation)
    if token.revoked:
        raise WrongToken(_("The token is revoked already."))
    history.record(token, verb="token_revoked", by=by, at=at, changes={"revoked": True})


def revocable(by: Person, day: date) -> list[Token]:
    """Return the living tokens that a person may revoke: their own, and those of the units whose people they keep."""
    tokens = Token.objects.filter(revoked=False).select_related("person", "organisation").order_by("-made_at", "-pk")
    kept = scope_of(by, day, "people_edit")
    return [one for one in tokens if one.person_id == by.pk or kept.covers(one.organisation.path)]


def of_secret(secret: str, at: datetime) -> Token | None:
    """Return the token of a secret; None when there is none that counts."""
    token = Token.objects.select_related("person__organisation", "organisation").filter(hash=_hash(secret)).first()
    return token if token is not None and token.holds_on(timezone.localdate(at)) else None


def count(token: Token, now: datetime) -> None:
    """Count a request of a token; TooMany when it made as many as it may in this minute.

    now: the clock. The count lies in the cache of the database, so that all processes share it.
    """
    minute = int(now.timestamp() // 60)
    key = f"token:{token.pk}:{minute}"
    if cache.add(key, 1, 120):
        Token.objects.filter(pk=token.pk).update(last_used_at=now)
        return
    try:
        made = cache.incr(key)
    except ValueError:  # it ran out between the two
        return
    if made > PER_MINUTE:
        raise TooMany(60 - int(now.timestamp() % 60))


def check_action(token: Token | None, action: str) -> None:
    """Raise PermissionDenied when a token does not hold an action; people who sign in themselves are not narrowed."""
    if token is not None and action not in token.actions:
        raise PermissionDenied(action)


def _hash(secret: str) -> str:
    # 256 random bits need no slow hash
    return hashlib.sha256(secret.encode()).hexdigest()
