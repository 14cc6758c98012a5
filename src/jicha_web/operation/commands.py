"""What the management commands share: the language, the clock, messages and exit codes like those of `jicha`."""

from __future__ import annotations

import os
import sys
from abc import abstractmethod
from typing import Any

from django.core.management.base import BaseCommand

from jicha_web import core
from jicha_web.organisation.scope import EVERYTHING, scoped


class JichaCommand(BaseCommand):
    """A command that acts for all units, in the language of JICHA_LANG; BadInput ends it with 2, others with 1."""

    requires_system_checks: list[str] = []  # noqa: RUF012 (as Django declares it)

    @property
    def language(self) -> core.Language:
        """The language of messages."""
        return core.Language.EN if os.environ.get("JICHA_LANG") == "en" else core.Language.ZH

    def say(self, text: core.Text) -> None:
        """Tell the person at the terminal."""
        self.stderr.write(text.to(self.language), ending="\n")
        self.stderr.flush()

    def handle(self, *_arguments: Any, **options: Any) -> None:
        """Do the work; errors become one clear message and an exit code."""
        try:
            with scoped(EVERYTHING):
                self.do(**options)
        except (core.BadInput, core.MachineFailure) as error:
            prefix = core.Text("错误：", "error: ").to(self.language)
            self.stderr.write(prefix + error.to(self.language))
            sys.exit(error.exit_code)

    @abstractmethod
    def do(self, **options: Any) -> None:
        """Do the work of this command."""
