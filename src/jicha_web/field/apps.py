"""Registration with Django."""

from __future__ import annotations

from django.apps import AppConfig


class FieldConfig(AppConfig):
    """What an inspector found on site: checklist, photos, positions, readings, seals, signature."""

    name = "jicha_web.field"

    def ready(self) -> None:
        """Register the gate, what follows the moves, and what is checked of visits."""
        # models must be ready
        from jicha_web.cases import gates, moves  # noqa: PLC0415
        from jicha_web.field import demands, gate, rows, visits  # noqa: PLC0415
        from jicha_web.history.read import register_check  # noqa: PLC0415

        demands.evidence()
        gates.register("visit_complete", gate.visit_complete)
        moves.after_move(visits.follow_move)
        register_check("visit", rows.damage)
