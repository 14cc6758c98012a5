"""What the views of this part share: the case in sight, and a verb tried with its refusal as a message."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpRequest
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from jicha_web import core
from jicha_web.assess.files import UnableToKeep
from jicha_web.assess.money import UnableToBook
from jicha_web.assess.outcome import UnableToAssess
from jicha_web.assess.papers import UnableToIssue
from jicha_web.assess.rectification import UnableToRectify
from jicha_web.cases.models import Case
from jicha_web.cases.moves import UnableToMove
from jicha_web.field.errors import UnableToVisit
from jicha_web.history.record import ChangedMeanwhile
from jicha_web.pages.tags import words

REFUSALS = (UnableToAssess, UnableToBook, UnableToIssue, UnableToKeep, UnableToRectify, UnableToVisit)


def case_in_sight(pk: int) -> Case:
    """Return a case with what the pages name of it; 404 when it is not in sight."""
    return get_object_or_404(
        Case.objects.select_related("organisation__parent", "assignee", "subject_organisation"), pk=pk
    )


def refusal(error: Exception) -> str:
    """Return what a refused verb says, in the language of the page."""
    if isinstance(error, UnableToMove):
        return error.words()
    if isinstance(error, core.BadInput):
        return words(error.text)
    if isinstance(error, PermissionDenied):
        return _("You have no right to do this.")
    text = getattr(error, "text", None)
    return words(text) if text is not None else str(error)


def attempt(request: HttpRequest, done: str, act: Callable[[], Any]) -> bool:
    """Do something and tell how it went; whether it was done. done: what is told then; empty: the caller tells it."""
    try:
        act()
    except (*REFUSALS, UnableToMove, ChangedMeanwhile, core.BadInput) as error:
        messages.error(request, refusal(error))
        return False
    if done:
        messages.success(request, done)
    return True


def kept_file(path: str, *, name: str, media_type: str, attachment: bool = True) -> FileResponse:
    """Return a file of DATA/app/files; 404 when it is gone. Never shown within a page of ours."""
    target = Path(settings.MEDIA_ROOT) / path
    if not path or not target.is_file():
        raise Http404
    response = FileResponse(target.open("rb"), content_type=media_type)
    kind = "attachment" if attachment else "inline"
    response.headers["Content-Disposition"] = f"{kind}; filename*=UTF-8''{quote(name)}"
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "private, no-store"
    return response
