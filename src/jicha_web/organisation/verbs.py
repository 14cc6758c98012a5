"""What happened to people and what they hold, as one history."""

from __future__ import annotations

from typing import Any

from jicha_web.history.models import Entry, Recorded
from jicha_web.history.telling import verb_of


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
            "verb": verb_of(one.verb),
            "note": " · ".join(filter(None, [named[one.object_type, one.object_id], one.note])),
        }
        for one in found[:limit]
    ]
