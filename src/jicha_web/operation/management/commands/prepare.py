"""`python -m jicha_web.manage prepare`: tables, library, units, staff, and the latest run's findings."""

from __future__ import annotations

from typing import Any

from jicha_web.operation.commands import JichaCommand
from jicha_web.operation.prepare import prepare
from jicha_web.organisation.middleware import now


class Command(JichaCommand):
    """Prepares the store; may be repeated."""

    help = "Prepare the store: tables, library, units and staff of the data, findings of the latest run"

    def do(self, **_options: Any) -> None:
        """Do all steps."""
        prepare(now(), self.say)
