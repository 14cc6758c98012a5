"""`python -m jicha_web.manage demo_people`: an account for each role of the city, with passwords shown once."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from jicha_web.operation.accounts import demo_accounts, told
from jicha_web.operation.commands import JichaCommand
from jicha_web.organisation.middleware import now


class Command(JichaCommand):
    """Makes the accounts of a demonstration; may be repeated."""

    help = "Make an account for each role of the city, for a demonstration; passwords are random and shown once"

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take `--anew`."""
        parser.add_argument("--anew", action="store_true", help="give all of them new passwords")

    def do(self, **options: Any) -> None:
        """Make and tell them."""
        for line in told(demo_accounts(at=now(), anew=options["anew"]), self.language):
            self.stdout.write(line)
