"""Errors that a user sees: what, where, what was expected, what to do; in both languages."""

from __future__ import annotations

from jicha.language import Language, Text


class JichaError(Exception):
    """Base of every error with a message for the user; `exit_code` is that of the command line."""

    exit_code = 2

    def __init__(self, *, zh: str, en: str) -> None:
        super().__init__(en)
        self.text = Text(zh, en)

    def to(self, language: Language) -> str:
        """Return the message in one language."""
        return self.text.to(language)


class BadInput(JichaError):
    """What the user gave cannot be used; nothing was changed."""


class Busy(JichaError):
    """Another process holds the data folder."""

    exit_code = 1


class MachineFailure(JichaError):
    """Disk full, file gone, memory limit: nothing was changed, and the message says what to free or mend."""

    exit_code = 1


class Interrupted(JichaError):
    """Stopped by Ctrl-C or a signal where something is left that the user must know of."""

    exit_code = 130
