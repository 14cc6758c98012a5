"""Registration with Django."""

from __future__ import annotations

from django.apps import AppConfig


class ApiConfig(AppConfig):
    """The programming interface: the same verbs as the pages, for machines and for the field app."""

    name = "jicha_web.api"
