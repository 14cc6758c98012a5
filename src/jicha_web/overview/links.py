"""Addresses of lists of other parts."""

from __future__ import annotations

from urllib.parse import urlencode

from django.urls import reverse


def findings(**query: object) -> str:
    """Return the address of the findings whose condition holds now and that nobody has handled: the list's default."""
    return f"{reverse('findings')}?{urlencode(query, doseq=True)}"
