"""The main menu: each part adds its entries in its app's `ready`; a person sees those they may use."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import reverse


@dataclass(frozen=True)
class Entry:
    """One entry. `action`: the right it needs (roles.yaml); `count`: a figure beside it, such as what is to do.

    `key`: after `g`, this letter goes there. `group`: heads the entries of one kind; the order is that of `order`.
    """

    order: int
    url_name: str
    label: Any  # lazy text
    icon: str  # id in static/icons.svg
    action: str | None = None
    actions: tuple[str, ...] = ()  # or one of several
    count: Callable[[HttpRequest], int] | None = None
    key: str = ""
    group: Any = ""


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
