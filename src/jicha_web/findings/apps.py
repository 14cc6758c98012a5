"""Registration with Django."""

from __future__ import annotations

from django.apps import AppConfig


class FindingsConfig(AppConfig):
    """Suspected problems: list, detail, dismissal, white list; rules and their parameters."""

    name = "jicha_web.findings"

    def ready(self) -> None:
        """Register the intake of runs, work, recurring work and the menu's entries."""
        from jicha_web.findings import after_run  # noqa: PLC0415
        from jicha_web.findings.intake import Intake  # noqa: PLC0415
        from jicha_web.runs import events  # noqa: PLC0415

        events.takes_in(Intake, after_run.settle)
