"""What the history of people calls what happened."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from jicha_web.history.models import Entry, Recorded

LABELS: Mapping[str, Any] = {
    "granted": _("Role granted"),
    "revoked": _("Role taken back"),
    "synchronised": _("Taken over from the data"),
    "account_opened": _("Account opened"),
    "account_closed": _("Account closed"),
    "account_reopened": _("Account opened again"),
    "details_changed": _("Details changed"),
    "password_reset": _("Password set anew by an administrator"),
    "password_changed": _("Password changed"),
    "qualification_added": _("Certificate entered"),
    "qualification_changed": _("Certificate changed"),
    "training_added": _("Training entered"),
    "tool_added": _("Tool entered"),
    "tool_changed": _("Tool changed"),
}


def timeline_of(objects: list[tuple[Recorded, str]], limit: int = 50) -> list[dict[str, Any]]:
    """Return what happened to some objects, newest first, for `{% timeline %}`; each with words for it."""
    named: dict[tuple[str, int], str] = {(o.history_type(), o.pk): words for o, words in objects}
    found: list[Entry] = []
    for kind in {kind for kind, _pk in named}:
        ids = [pk for k, pk in named if k == kind]
        found += Entry.objects.filter(object_type=kind, object_id__in=ids).order_by("-pk")[:limit]
    found.sort(key=lambda e: -e.pk)
    return [
        {
            "at": one.at,
            "by": one.by_name,
            "verb": LABELS.get(one.verb, one.verb),
            "note": " · ".join(filter(None, [named[one.object_type, one.object_id], one.note])),
        }
        for one in found[:limit]
    ]
