"""Registration with Django."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class RunsConfig(AppConfig):
    """Deliveries, loads and screening runs: started, watched, compared, imported."""

    name = "jicha_web.runs"

    def ready(self) -> None:
        """Register work, recurring work and the menu's entries."""
        from jicha_web.pages.navigation import Entry, add  # noqa: PLC0415
        from jicha_web.runs import comparing, inbox, schedules, screening  # noqa: F401, PLC0415 (the others register themselves)

        comparing.register_sheet()
        see = ("finding_view", "run_start")
        add(Entry(order=50, url_name="runs", label=_("Runs"), icon="player-play", actions=see, key="r"))
        add(Entry(order=51, url_name="deliveries", label=_("Deliveries"), icon="database-import", actions=see, key="d"))
