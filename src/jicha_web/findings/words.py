"""Words of what happens to findings, white-list entries and rules, for their histories."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from jicha_web.history.models import Entry, Recorded
from jicha_web.history.read import entries_of

VERBS: Mapping[str, Any] = {
    "dismissed": _("Dismissed"), "snoozed": _("Snoozed"), "reopened": _("Opened again"), "woke": _("Snooze ended"),
    "unmasked": _("Personal data seen"), "whitelisted": _("Put on the white list"),
    "off_whitelist": _("Taken off the white list"), "recurred": _("Found again by a run"), "asked": _("Asked"),
    "approved": _("Approved"), "refused": _("Refused"), "ended": _("Ended"), "proposed": _("Proposed"),
    "into_case": _("Taken into a case"), "joined_case": _("Taken into a case"), "settled": _("Settled by a case"),
    "opened": _("Opened"), "left_case": _("Left its case"),
}  # fmt: skip
FIELDS: Mapping[str, Any] = {
    "handling": _("Handling"), "snoozed_until": _("Snoozed until"), "case_id": _("Case"), "state": _("State"),
}  # fmt: skip


def timeline_of(object_: Recorded, codes: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the history of an object for the timeline, newest first. codes: labels of stored codes."""
    return [_line(entry, codes) for entry in reversed(entries_of(object_))]


def _line(entry: Entry, codes: Mapping[str, Any]) -> dict[str, Any]:
    changes = [
        (FIELDS[name], codes.get(str(pair[0]), pair[0]), codes.get(str(pair[1]), pair[1]))
        for name, pair in entry.data.items()
        if name in FIELDS and isinstance(pair, list) and len(pair) == 2
    ]
    verb = VERBS.get(entry.verb, entry.verb)
    return {"at": entry.at, "by": entry.by_name, "verb": verb, "note": entry.note, "changes": changes}
