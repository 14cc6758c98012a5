"""Registration with Django."""

from __future__ import annotations

from django.apps import AppConfig


class FieldConfig(AppConfig):
    """What an inspector found on site: checklist, photos, positions, readings, seals, signature."""

    name = "jicha_web.field"
