"""Registration with Django."""

from __future__ import annotations

from django.apps import AppConfig


class OverviewConfig(AppConfig):
    """Dashboards, map, notifications, weekly and monthly reports."""

    name = "jicha_web.overview"
