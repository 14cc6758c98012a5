"""Registration with Django."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class LibraryConfig(AppConfig):
    """Regulations, working rules, checklists and typical cases."""

    name = "jicha_web.library"

    def ready(self) -> None:
        """Add the menu entry and the job that reads documents."""
        from jicha_web.library import documents  # noqa: PLC0415, F401 (registers its job)
        from jicha_web.pages.navigation import Entry, add  # noqa: PLC0415 (apps must be loaded first)

        add(Entry(order=70, url_name="library", label=_("Library"), icon="book", key="b"))
