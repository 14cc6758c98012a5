"""Registration with Django."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OverviewConfig(AppConfig):
    """Dashboards, map, notifications, weekly and monthly reports."""

    name = "jicha_web.overview"

    def ready(self) -> None:
        """Add the menu entries, the delivery of notifications, the works."""
        from jicha_web import notices  # noqa: PLC0415
        from jicha_web.organisation import workload  # noqa: PLC0415
        from jicha_web.overview import (  # noqa: PLC0415
            figures,
            keeping,
            loads,
            notifying,
            reporting,  # noqa: F401 (registers its work)
            reports_due,  # noqa: F401 (registers what recurs)
        )
        from jicha_web.pages import bell  # noqa: PLC0415
        from jicha_web.pages.navigation import Entry, add  # noqa: PLC0415

        notices.register(notifying.deliver)
        bell.register(notifying.unread)
        figures.register(10, keeping.tiles)
        workload.register(units=loads.of_units, people=loads.of_people)
        add(Entry(order=0, url_name="home", label=_("Overview"), icon="home", key="h"))
        add(Entry(order=75, url_name="reports", label=_("Reports"), icon="report", action="overview_view", key="t"))
