"""Registration with Django."""

from __future__ import annotations

from django.apps import AppConfig
from django.urls import reverse
from django.utils.translation import gettext_lazy as _


class FieldConfig(AppConfig):
    """What an inspector found on site: checklist, photos, positions, readings, seals, signature."""

    name = "jicha_web.field"

    def ready(self) -> None:
        """Register the gate, what follows the moves, the section of the case page, and what is checked of visits."""
        # models must be ready
        from jicha_web.cases import gates, moves, sections  # noqa: PLC0415
        from jicha_web.field import answers, demands, gate, rows, values, visits  # noqa: PLC0415
        from jicha_web.history.read import register_check  # noqa: PLC0415
        from jicha_web.pages.navigation import Entry, add  # noqa: PLC0415

        demands.evidence()
        gates.register("visit_complete", gate.visit_complete)
        moves.after_move(visits.follow_move)
        register_check("visit", rows.damage)
        register_check("case", answers.damage)
        sections.register(
            sections.Section(
                "visit", 40, _("Check on site"), "field/section.html", values.case_section, "field/section_head.html"
            )
        )
        sections.step("start_check", lambda case: reverse("visit_start", args=[case.pk]))
        sections.step("submit_check", lambda case: reverse("visit_start", args=[case.pk]))
        add(
            Entry(
                order=35, url_name="field_lists", label=_("Results by list"), icon="file-spreadsheet",
                actions=("case_check",), key="x",
            )
        )  # fmt: skip
