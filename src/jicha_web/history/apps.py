"""Registration with Django."""

from __future__ import annotations

from django.apps import AppConfig


class HistoryConfig(AppConfig):
    """What happened to every object, append-only and chained by hashes."""

    name = "jicha_web.history"
