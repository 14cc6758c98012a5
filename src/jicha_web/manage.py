"""`python -m jicha_web.manage`: Django's commands on the data folder of JICHA_DATA."""

from __future__ import annotations

import os
import sys

from django.core.management import execute_from_command_line


def main() -> None:
    """Run one command."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "jicha_web.settings")
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
