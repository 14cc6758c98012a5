"""Registration with Django."""

from __future__ import annotations

from django.apps import AppConfig


class OperationConfig(AppConfig):
    """What runs the application: preparing its store, the worker, accounts of a demonstration."""

    name = "jicha_web.operation"
