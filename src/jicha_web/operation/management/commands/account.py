"""`python -m jicha_web.manage account USER --role administrator`: the first account, or one whose password is lost."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from jicha_web import core
from jicha_web.operation.accounts import give_account, told
from jicha_web.operation.commands import JichaCommand
from jicha_web.organisation.middleware import now
from jicha_web.organisation.models import Organisation


class Command(JichaCommand):
    """Makes an account or gives one a new password, shown once, to be changed at the first sign-in."""

    help = "Make an account with a role for a unit, or give the one that is there a new password, shown once"

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the user name, name, role and unit."""
        parser.add_argument("username")
        parser.add_argument("--name", default="", help="the person's name")
        parser.add_argument("--role", default="administrator", help="administrator unless said otherwise")
        parser.add_argument("--unit", default="", help="code of the unit (organization.org_id); the topmost by default")

    def do(self, **options: Any) -> None:
        """Make and tell it."""
        units = Organisation.objects.filter(is_active=True)
        wanted = units.filter(code=options["unit"]) if options["unit"] else units.filter(parent=None)
        unit = wanted.order_by("path").first()
        if unit is None:
            code = options["unit"]
            raise core.BadInput(
                zh=f"没有单位 {code}。先用 prepare 读取单位，或用 --unit 给出 organization.org_id。",
                en=f"there is no unit {code}; run prepare first, or give an organization.org_id with --unit",
            )
        made = give_account(
            username=options["username"], name=options["name"], role=options["role"], unit=unit, at=now()
        )
        for line in told([made], self.language):
            self.stdout.write(line)
