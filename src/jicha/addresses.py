"""Addresses of databases: what is one, and how it may be shown."""

from __future__ import annotations

import re
from urllib.parse import unquote

_URL = re.compile(r"[A-Za-z][A-Za-z0-9+_.\-]+:/")  # two letters at least: `C:/` is a drive; one slash is a slip
_PASSWORD = re.compile(r"([A-Za-z][A-Za-z0-9+_.\-]+:/+[^:/?#\s]*):.*@", re.DOTALL)
_SECRET = re.compile(r"[^=&?\s]*(?:pass|pwd|secret|token|odbc_connect|dsn)[^=&?\s]*=([^&\s]*)&?", re.IGNORECASE)


def is_url(source: object) -> bool:
    """Say whether a source is the address of a database, and not a file or folder."""
    return isinstance(source, str) and _URL.match(source) is not None


def without_password(text: str) -> str:
    """Return a text that may be or hold an address without its password and without parameters that may hold one."""
    if ":/" not in text:
        return text
    return _SECRET.sub("", _PASSWORD.sub(r"\1@", text)).rstrip("?&")


def secrets_of(url: str) -> list[str]:
    """Return the texts of an address that must never be shown, longest first: as written and decoded."""
    found = [match[0][len(match[1]) + 1 : -1] for match in _PASSWORD.finditer(url)]
    found += [match[1] for match in _SECRET.finditer(url)]
    both = {form for text in found for form in (text, unquote(text)) if form}
    return sorted(both, key=len, reverse=True)


def scrubbed(text: str, url: str) -> str:
    """Return a message, such as a driver's, without what must not be shown of an address."""
    for secret in secrets_of(url):
        text = text.replace(secret, "***")
    return text
