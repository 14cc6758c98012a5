"""Registration with Django."""

from __future__ import annotations

from django.apps import AppConfig


class PagesConfig(AppConfig):
    """What all pages share: layout, navigation, tags, security headers, assets."""

    name = "jicha_web.pages"
