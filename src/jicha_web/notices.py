"""Telling people: any part may call `notify`; the overview delivers it (in the app, by mail)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime

from jicha_web.core import Text
from jicha_web.organisation.models import Person

Deliver = Callable[..., None]
_deliver: list[Deliver] = []


def register(deliver: Deliver) -> None:
    """Set who delivers; called once, by the overview."""
    _deliver[:] = [deliver]


def notify(*, people: Iterable[Person], kind: str, text: Text, url: str = "", once: str, at: datetime) -> None:
    """Tell people something. `once`: the same key is told to the same person once only."""
    for deliver in _deliver:
        deliver(people=people, kind=kind, text=text, url=url, once=once, at=at)
