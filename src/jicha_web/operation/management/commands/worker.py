"""`python -m jicha_web.manage worker`: the worker. More than one may run."""

from __future__ import annotations

from typing import Any

from django_tasks_db.management.commands.db_worker import Command as QueueWorker

from jicha_web.operation.worker import Ticker, give_up_own


class Command(QueueWorker):
    """Does queued jobs, and what recurs."""

    help = "Do queued jobs and recurring work until told to stop; told twice: stop at once"

    def handle(self, **options: Any) -> None:
        """Work until a signal comes."""
        ticker = Ticker()
        ticker.start()
        try:
            super().handle(**options)
        finally:
            ticker.stop()
            give_up_own()
            ticker.join(5)
