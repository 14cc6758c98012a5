"""Registration with Django."""

from __future__ import annotations

from django.apps import AppConfig


class CasesConfig(AppConfig):
    """Cases: opened, grouped, dispatched, moved by the workflow, met by a deadline."""

    name = "jicha_web.cases"
