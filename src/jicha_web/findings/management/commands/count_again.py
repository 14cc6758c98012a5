"""`count_again`: what is kept counted of findings is counted from their rows, and compared with them before.

Exit codes: 0 it was right, 1 it was not (each difference is named) and now is.
"""

from __future__ import annotations

import sys
from typing import Any

from django.core.management.base import BaseCommand

from jicha_web.findings import kept


class Command(BaseCommand):
    """Counts anew what triggers keep: after rows were changed by other programs with the triggers off."""

    help = "Count anew what the overview keeps counted of findings; name what was not as the rows are."

    def handle(self, *args: Any, **options: Any) -> None:
        """Compare, count, tell."""
        del args, options
        wrong = kept.differences()
        kept.count_again()
        for line in wrong[:50]:
            self.stdout.write(line)
        self.stdout.write(f"{len(wrong)} differences; counted again" if wrong else "as the rows are; counted again")
        if wrong:
            sys.exit(1)
