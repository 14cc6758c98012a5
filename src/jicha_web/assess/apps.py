"""Registration with Django."""

from __future__ import annotations

from django.apps import AppConfig


class AssessConfig(AppConfig):
    """What a case is and costs: outcome, calculations, documents, rectification, money."""

    name = "jicha_web.assess"

    def ready(self) -> None:
        """Register gates, what moves do to assessments, and the sections of the case page."""
        from jicha_web.assess import effects, gates, page_sections  # noqa: PLC0415 (models must be ready)

        gates.register_all()
        effects.register_all()
        page_sections.register_all()
