"""Registration with Django."""

from __future__ import annotations

from django.apps import AppConfig


class OrganisationConfig(AppConfig):
    """The tree of units, its people, their roles and what each may see and do."""

    name = "jicha_web.organisation"
