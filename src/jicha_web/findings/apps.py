"""Registration with Django."""

from __future__ import annotations

from django.apps import AppConfig


class FindingsConfig(AppConfig):
    """Suspected problems: list, detail, dismissal, white list; rules and their parameters."""

    name = "jicha_web.findings"
