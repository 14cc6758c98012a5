"""Registration with Django."""

from __future__ import annotations

from django.apps import AppConfig


class RunsConfig(AppConfig):
    """Deliveries, loads and screening runs: started, watched, compared, imported."""

    name = "jicha_web.runs"

    def ready(self) -> None:
        """Register work, recurring work and the menu's entry."""
        from jicha_web.runs import inbox, schedules, screening  # noqa: F401, PLC0415 (they register themselves)
