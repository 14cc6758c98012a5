"""The two languages of the interface: every text a person reads exists in both."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple


class Language(StrEnum):
    """Interface language; Simplified Chinese is the default everywhere."""

    ZH = "zh"
    EN = "en"


def capital(text: str) -> str:
    """Return a text with its first letter in upper case, the others as they are."""
    return text[:1].upper() + text[1:]


class Text(NamedTuple):
    """One message in both languages."""

    zh: str
    en: str

    def to(self, language: Language) -> str:
        """Return the text in one language."""
        return self.en if language is Language.EN else self.zh
