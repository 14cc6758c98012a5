"""Registration with Django."""

from __future__ import annotations

from django.apps import AppConfig


class LibraryConfig(AppConfig):
    """Regulations, working rules, checklists and typical cases."""

    name = "jicha_web.library"
