"""Registration with Django."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class FindingsConfig(AppConfig):
    """Suspected problems: list, detail, dismissal, white list; rules and their parameters."""

    name = "jicha_web.findings"

    def ready(self) -> None:
        """Register the intake of runs, work, recurring work and the menu's entries."""
        from jicha_web.findings import (  # noqa: PLC0415
            after_run,
            bulk,  # noqa: F401
            export,  # noqa: F401
            kept,  # noqa: F401
            proving,
            rule_backtest,  # noqa: F401
            rule_preview,  # noqa: F401
            sheets,
            undoing,
            upkeep,  # noqa: F401
        )
        from jicha_web.findings.intake import Intake  # noqa: PLC0415
        from jicha_web.history.read import register_check  # noqa: PLC0415
        from jicha_web.pages.navigation import Entry, add  # noqa: PLC0415
        from jicha_web.runs import events  # noqa: PLC0415

        sheets.register_sheets()
        undoing.register_all()

        events.takes_in(Intake, after_run.settle)
        register_check("finding", proving.damage)
        add(Entry(order=20, url_name="findings", label=_("Findings"), icon="radar", action="finding_view", key="f"))
        add(Entry(order=25, url_name="whitelist", label=_("White list"), icon="shield-check", action="finding_view"))
        add(Entry(order=60, url_name="rules", label=_("Rules"), icon="ruler-measure", action="finding_view", key="u"))
