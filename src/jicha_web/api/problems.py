"""Errors as RFC 9457 problem details, documented for every operation."""

from __future__ import annotations

import json
from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig, TooManyFilesSent
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import translation
from django.utils.translation import gettext as _
from ninja import Field, NinjaAPI, Schema
from ninja.errors import AuthenticationError, HttpError, ValidationError

from jicha_web import core
from jicha_web.api.tokens import TooMany, WrongToken
from jicha_web.cases.leads import WrongLead
from jicha_web.cases.moves import UnableToMove
from jicha_web.cases.opening import UnableToOpen
from jicha_web.findings.handling import UnableToHandle
from jicha_web.history.record import ChangedMeanwhile
from jicha_web.jobs.undo import UnableToUndo
from jicha_web.organisation.people import UnableToChangePerson

MEDIA_TYPE = "application/problem+json"


class Reason(Schema):
    """One thing that stands against what was asked. `code` is permanent, `where` the field or path it is about."""

    code: str
    text: str
    where: str = ""


class Problem(Schema):
    """Why something was not done (RFC 9457)."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str = ""
    reasons: list[Reason] = Field(default_factory=list)


REFUSALS: dict[frozenset[int], type[Problem]] = {frozenset({400, 401, 403, 404, 409, 413, 422, 429}): Problem}


def problem(status: int, title: str, detail: str = "", reasons: list[Reason] | None = None) -> HttpResponse:
    """Return a problem as an answer."""
    content = Problem(title=title, status=status, detail=detail, reasons=reasons or [])
    return HttpResponse(
        json.dumps(content.model_dump(), ensure_ascii=False), status=status, content_type=f"{MEDIA_TYPE}; charset=utf-8"
    )


def said(text: core.Text) -> str:
    """Return a text in the language in force."""
    return text.en if (translation.get_language() or "").startswith("en") else text.zh


def register(api: NinjaAPI) -> None:
    """Have every anticipated error answered as a problem; what nobody anticipated is left to Django (500)."""

    def on(kind: type[Exception], answer: Any) -> None:
        api.add_exception_handler(kind, lambda _request, error: answer(error))

    on(AuthenticationError, lambda _e: problem(401, _("Sign in, or send a token that counts.")))
    on(PermissionDenied, lambda e: problem(403, _("You have no right to do this."), str(e)))
    on(Http404, lambda _e: problem(404, _("There is no such thing, or it is not in your sight.")))
    on(ChangedMeanwhile, lambda e: problem(409, _("Changed meanwhile"), str(e)))
    on(UnableToMove, _unable)
    on(UnableToOpen, lambda e: problem(409, _("The case cannot be opened."), said(e.text)))
    on(UnableToHandle, lambda e: problem(409, _("The finding cannot be handled so."), said(e.text)))
    on(UnableToUndo, lambda e: problem(409, _("The job cannot be taken back."), said(e.text)))
    on(UnableToChangePerson, lambda e: problem(409, _("The account cannot be changed so."), str(e)))
    on(WrongLead, _wrong_lead)
    on(WrongToken, lambda e: problem(422, _("The token cannot be made or revoked."), str(e)))
    on(core.BadInput, lambda e: problem(422, _("The input cannot be used."), said(e.text)))
    on(core.MachineFailure, lambda e: problem(409, _("This cannot be done at the moment."), said(e.text)))
    on(RequestDataTooBig, lambda _e: problem(413, _("The request is too large.")))
    on(TooManyFilesSent, lambda _e: problem(413, _("The request is too large.")))
    on(TooMany, _too_many)
    on(ValidationError, _invalid)
    on(HttpError, lambda e: problem(e.status_code, str(e)))


def _unable(error: UnableToMove) -> HttpResponse:
    reasons = [Reason(code=one.code, text=said(one.text)) for one in error.reasons]
    return problem(409, _("The case cannot be moved."), error.words(), reasons)


def _wrong_lead(error: WrongLead) -> HttpResponse:
    reasons = [Reason(code="invalid", text=said(text), where=field) for field, text in error.texts.items()]
    return problem(422, _("The lead cannot be entered."), "; ".join(r.text for r in reasons), reasons)


def _too_many(error: TooMany) -> HttpResponse:
    answer = problem(429, _("Too many requests."), str(error))
    answer.headers["Retry-After"] = str(error.seconds)
    return answer


def _invalid(error: ValidationError) -> HttpResponse:
    reasons = [
        Reason(code=str(one.get("type", "invalid")), text=str(one.get("msg", "")), where=_place(one.get("loc", ())))
        for one in error.errors
    ]
    return problem(422, _("The request is not as documented."), "; ".join(r.text for r in reasons[:5]), reasons)


def _place(location: Any) -> str:
    return ".".join(str(part) for part in location)


def handle_unknown(_request: HttpRequest, rest: str = "") -> HttpResponse:
    """Answer an address below the API that leads nowhere."""
    return problem(404, _("There is no such address."), rest[:200])
