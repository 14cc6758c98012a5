"""Registration with Django."""

from __future__ import annotations

from django.apps import AppConfig


class JobsConfig(AppConfig):
    """Work in the background: tasks with progress, exports, the schedule."""

    name = "jicha_web.jobs"
