"""Registration with Django."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ProofConfig(AppConfig):
    """Review and proof by the next data; recurrence; the case as one file that anyone can verify."""

    name = "jicha_web.proof"

    def ready(self) -> None:
        """Register gates, what closing does, and what follows an imported run."""
        # models must be ready; the views bring the work of packing along
        from jicha_web.cases.sections import Section, register  # noqa: PLC0415
        from jicha_web.proof import closing, gates, page_sections, recurrence, verification  # noqa: PLC0415
        from jicha_web.proof.views_casefile import section  # noqa: PLC0415

        label = _("File of the case")
        register(Section("casefile", 95, label, "proof/section_casefile.html", section, aside=True))
        gates.register_all()
        closing.register_all()
        recurrence.register_all()
        page_sections.register_all()
        verification.register_all()
