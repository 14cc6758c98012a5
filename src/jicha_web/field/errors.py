"""Why something on site cannot be recorded."""

from __future__ import annotations

from jicha_web.core import Text


class UnableToVisit(Exception):
    """What was asked for cannot be recorded; `text` says why and what to do."""

    def __init__(self, text: Text) -> None:
        self.text = text
        super().__init__(text.en)
