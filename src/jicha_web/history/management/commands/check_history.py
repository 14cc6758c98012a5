"""`check_history`: is everything as it was recorded? Rows, links, objects, stored files, seals.

Exit codes: 0 whole, 1 damage was found (each is named), 2 the question cannot be answered.
"""

from __future__ import annotations

import json
import os
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from jicha_web.core import Language, Text
from jicha_web.history.models import Entry, Seal
from jicha_web.history.read import Damage, check, in_words, recorded_models
from jicha_web.history.telling import kind_of


class Command(BaseCommand):
    """Checks the history and what it proves."""

    help = "Check every history row, link, object, stored file and seal; name what is not as it was recorded."
    requires_system_checks: list[str] = []  # noqa: RUF012 (as Django has it)

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Say what may be asked."""
        parser.add_argument("--kind", help="only objects of this kind, such as case or photo")
        parser.add_argument("--id", type=int, help="with --kind: only this object")
        parser.add_argument("--no-files", action="store_true", help="leave out the stored files")
        parser.add_argument("--seal", metavar="HASH", help="a seal noted down elsewhere: it has to be there")
        parser.add_argument("--json", action="store_true", help="one JSON object for machines")

    def handle(self, *args: Any, **options: Any) -> None:
        """Check and tell."""
        del args
        if options["kind"] is not None and options["kind"] not in recorded_models():
            known = ", ".join(sorted(recorded_models()))
            self.stderr.write(f"没有此类对象 / no such kind: {options['kind']}; {known}")
            sys.exit(2)
        if options["id"] is not None and options["kind"] is None:
            self.stderr.write("--id 须与 --kind 同用 / --id needs --kind")
            sys.exit(2)
        found = list(check(options["kind"], options["id"], files=not options["no_files"]))
        noted = options["seal"]
        if noted and not Seal.objects.filter(hash=noted).exists():
            found.append(Damage("seal", "seal", 0, 0, noted))
        entries = Entry.objects.count()
        latest = Seal.objects.order_by("-pk").first()
        if options["json"]:
            rows = [{**vars(d), "text": in_words(d)._asdict()} for d in found]
            seal = (
                None
                if latest is None
                else {"hash": latest.hash, "at": latest.at.isoformat(), "entries": latest.entries}
            )
            self.stdout.write(json.dumps({"whole": not found, "entries": entries, "seal": seal, "damage": rows},
                                         ensure_ascii=False))  # fmt: skip
        else:
            self._tell(found, entries, latest)
        sys.exit(1 if found else 0)

    def _tell(self, found: list[Damage], entries: int, latest: Seal | None) -> None:
        language = Language.EN if os.environ.get("JICHA_LANG") == "en" else Language.ZH
        for one in found:
            name = kind_of(one.object_type).to(language)
            self.stdout.write(f"{name} {one.object_type}:{one.object_id}  {in_words(one).to(language)}")
        if latest is not None:
            when = latest.at.isoformat()
            seal = Text(
                f"最近封存：{latest.hash}（{when}，{latest.entries} 条）",
                f"latest seal: {latest.hash} ({when}, {latest.entries} rows)",
            )
            self.stdout.write(seal.to(language))
        number = len(found)
        said = Text(
            f"完整：{entries} 条历史记录及其对象、文件、封存一致",
            f"whole: {entries} history rows, their objects, files and seals agree",
        )
        if found:
            said = Text(
                f"发现 {number} 处异常，共 {entries} 条历史记录", f"{number} things are damaged; {entries} history rows"
            )
        self.stdout.write(said.to(language))
