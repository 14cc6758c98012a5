"""`python -m jicha_web.manage demo_people`: an account for each role of the city, with passwords shown once.

New data are screened by themselves from then on, so that a case of the demonstration closes when they arrive.
"""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from jicha_web.operation.accounts import demo_accounts, told
from jicha_web.operation.commands import JichaCommand
from jicha_web.operation.demonstration import screen_new_data
from jicha_web.organisation.middleware import now


class Command(JichaCommand):
    """Makes the accounts of a demonstration; may be repeated."""

    help = "Make an account for each role of the city, for a demonstration; passwords are random and shown once"

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take `--anew`."""
        parser.add_argument("--anew", action="store_true", help="give all of them new passwords")

    def do(self, **options: Any) -> None:
        """Make and tell them; new data are screened in the first one's name."""
        made = demo_accounts(at=now(), anew=options["anew"])
        screen_new_data(by=made[0].person, at=now())
        for line in told(made, self.language):
            self.stdout.write(line)
