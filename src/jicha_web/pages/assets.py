"""Static files under names that carry the hash of their content, without a build step."""

from __future__ import annotations

import hashlib
from functools import cache

from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import StaticFilesStorage


@cache
def _hash(name: str) -> str:
    path = finders.find(name)
    if not isinstance(path, str):
        return ""
    with open(path, "rb") as file:  # noqa: PTH123 (finders gives a string)
        return hashlib.file_digest(file, "sha256").hexdigest()[:12]


class HashedStorage(StaticFilesStorage):
    """Adds `?v=` and the hash: a new file has a new address, and nothing must be collected first."""

    def url(self, name: str | None) -> str:
        """Return the address of a file."""
        address: str = super().url(name)
        hashed = _hash(name or "")
        return f"{address}?v={hashed}" if hashed else address
