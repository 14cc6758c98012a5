"""Registration with Django."""

from __future__ import annotations

from django.apps import AppConfig


class RunsConfig(AppConfig):
    """Deliveries, loads and screening runs: started, watched, compared, imported."""

    name = "jicha_web.runs"
