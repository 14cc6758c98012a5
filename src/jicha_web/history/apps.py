"""Registration with Django."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class HistoryConfig(AppConfig):
    """What happened to every object, append-only and chained by hashes."""

    name = "jicha_web.history"

    def ready(self) -> None:
        """Add the menu entry, the export and the sealing."""
        from jicha_web.history import sealing  # noqa: F401, PLC0415 (registers its work)
        from jicha_web.pages.navigation import Entry, add  # noqa: PLC0415

        add(Entry(order=90, url_name="history", label=_("Audit"), icon="history", action="history_view", key="a"))
