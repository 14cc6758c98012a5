"""Registration with Django."""

from __future__ import annotations

from django.apps import AppConfig


class AssessConfig(AppConfig):
    """What a case is and costs: outcome, calculations, documents, rectification, money."""

    name = "jicha_web.assess"
