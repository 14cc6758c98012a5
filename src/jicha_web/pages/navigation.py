"""The main menu: each part adds its entries in its app's `ready`; a person sees those they may use."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

# from which order on entries stand under which heading
GROUPS: tuple[tuple[int, Any], ...] = (
    (0, ""), (20, _("Inspection work")), (50, _("Screening and data")), (70, _("Library and reports")),
    (80, _("Units and people")),
)  # fmt: skip


@dataclass(frozen=True)
class Entry:
    """One entry. `action`: the right it needs (roles.yaml); `count`: a figure beside it, such as what is to do.

    `key`: after `g`, this letter goes there. `order`: its place, and the heading it stands under (`GROUPS`).
    """

    order: int
    url_name: str
    label: Any  # lazy text
    icon: str  # id in static/icons.svg
    action: str | None = None
    actions: tuple[str, ...] = ()  # or one of several
    count: Callable[[HttpRequest], int] | None = None
    key: str = ""

    @property
    def group(self) -> Any:
        """The heading that it stands under; empty for what everybody begins with."""
        return next(label for start, label in reversed(GROUPS) if self.order >= start)


_entries: list[Entry] = []


def add(entry: Entry) -> None:
    """Add an entry to the menu."""
    _entries.append(entry)


def entries(request: HttpRequest) -> list[dict[str, Any]]:
    """Return the entries for who asks, in order; the one of the present page is marked."""
    acting = getattr(request, "acting", None)
    if acting is None:
        return []
    shown = []
    present = ""
    for entry in sorted(_entries, key=lambda e: e.order):
        needed = entry.actions or ((entry.action,) if entry.action else ())
        if needed and not any(acting.may(action) for action in needed):
            continue
        url = reverse(entry.url_name)
        if request.path == url or (url != "/" and request.path.startswith(url)):
            present = max(present, url, key=len)
        shown.append({
            "url": url, "label": entry.label, "icon": entry.icon, "key": entry.key, "group": entry.group,
            "count": entry.count(request) if entry.count else 0,
        })  # fmt: skip
    for one in shown:
        one["present"] = one["url"] == present
    return shown
