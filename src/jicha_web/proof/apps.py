"""Registration with Django."""

from __future__ import annotations

from django.apps import AppConfig


class ProofConfig(AppConfig):
    """Review and proof by the next data; recurrence; the case as one file that anyone can verify."""

    name = "jicha_web.proof"
