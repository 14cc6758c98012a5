"""Registration with Django."""

from __future__ import annotations

from django.apps import AppConfig


class ProofConfig(AppConfig):
    """Review and proof by the next data; recurrence; the case as one file that anyone can verify."""

    name = "jicha_web.proof"

    def ready(self) -> None:
        """Register gates, what closing does, and what follows an imported run."""
        from jicha_web.proof import closing, gates, page_sections, recurrence, verification  # noqa: PLC0415

        gates.register_all()
        closing.register_all()
        recurrence.register_all()
        page_sections.register_all()
        verification.register_all()
