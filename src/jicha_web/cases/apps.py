"""Registration with Django."""

from __future__ import annotations

from django.apps import AppConfig


class CasesConfig(AppConfig):
    """Cases: opened, grouped, dispatched, moved by the workflow, met by a deadline."""

    name = "jicha_web.cases"

    def ready(self) -> None:
        """Register gates; a workflow that contradicts itself stops the start."""
        from jicha_web.cases import own_gates  # noqa: PLC0415 (models must be ready)
        from jicha_web.cases.workflow import workflow  # noqa: PLC0415

        workflow()
        own_gates.register_all()
