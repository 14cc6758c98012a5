"""Registration with Django."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AssessConfig(AppConfig):
    """What a case is and costs: outcome, calculations, documents, rectification, money."""

    name = "jicha_web.assess"

    def ready(self) -> None:
        """Register gates, what moves do to assessments, and the sections of the case page."""
        from jicha_web.assess import effects, gates, page_sections  # noqa: PLC0415 (models must be ready)
        from jicha_web.pages import navigation  # noqa: PLC0415
        from jicha_web.pages.navigation import Entry  # noqa: PLC0415

        gates.register_all()
        effects.register_all()
        page_sections.register_all()
        label = _("Templates of papers")
        navigation.add(
            Entry(order=72, url_name="paper_templates", label=label, icon="file-text", action="library_edit")
        )
