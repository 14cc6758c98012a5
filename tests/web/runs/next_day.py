"""A process that takes a run and that of the next day into a store of its own and prints the findings as JSON.

Run as `python -m tests.web.runs.next_day`, with JICHA_DATA and, for PostgreSQL, JICHA_DATABASE_URL. Every import counts
as one of a large ledger, in chunks of three rows.
"""

from __future__ import annotations

import json
import os
from datetime import timedelta
from pathlib import Path

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "jicha_web.settings"
django.setup()

from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402

from jicha_web.findings import handling, intake, kept  # noqa: E402
from jicha_web.findings.models import Finding  # noqa: E402
from jicha_web.history import read as history_read  # noqa: E402
from jicha_web.organisation.scope import EVERYTHING, scoped  # noqa: E402
from jicha_web.runs.importing import adopt, again, import_run  # noqa: E402
from tests.conftest import store_rows  # noqa: E402
from tests.web.conftest import NOW, build_world  # noqa: E402
from tests.web.small_data import DAY, ORGS, customer, screen_it, write_rule  # noqa: E402

# what a text between two databases may stumble over: separators, ends of lines and of input, none and empty
ODD = ['"引号"，', "a,b", "两行\n\\.\n三行", "\\N", "\\", " 空格 ", "'", "制表\t符", "é𠮷"]


def take_in(run_id: str) -> None:
    run = adopt(run_id, at=NOW)
    if run.imported_at:
        again(run)
        run.refresh_from_db()
    import_run(run, at=NOW, progress=lambda *_told: None)


def facts() -> list[list[object]]:
    """Return all that findings are, but for the key that the database gives them."""
    names = [field.attname for field in Finding._meta.fields if field.attname != "id"]
    rows = Finding._base_manager.order_by("rule", "key_hash").values_list(*names)
    return [[str(value) if name not in {"evidence", "priority"} else value
             for name, value in zip(names, row, strict=True)] for row in rows]  # fmt: skip


def main() -> None:
    data = Path(os.environ["JICHA_DATA"])
    call_command("migrate", verbosity=0)
    call_command("createcachetable")
    intake.LARGE, intake.CHUNK = 1, 3
    world = build_world()
    people = [{**customer(f"2{n:04d}", ("A1", "B1", "X9")[n % 3]), "name": ODD[n % len(ODD)]} for n in range(40)]
    store_rows(data, {"organization": ORGS, "customer": people})
    write_rule(data)
    told = []
    with scoped(EVERYTHING):
        take_in(screen_it(data).run_id)
        told.append(facts())
        for found in Finding.objects.filter(customer_id__in=["20001", "20007"]):
            handling.dismiss(finding=found, reason="现场核实无误", by=world.people["city"], at=NOW)
        # some have an address now, some another name, some are new; most are found again and say the same but the day
        changed = [{**one, "address": "东街1号"} if n % 7 == 1 else {**one, "name": "李\n明"} if n % 5 == 2 else one
                   for n, one in enumerate(people)]  # fmt: skip
        store_rows(data, {"customer": [*changed, customer("30001", "A1"), {**customer("30002", "B1"), "name": None}]})
        newer = screen_it(data, DAY + timedelta(days=1)).run_id
        for _twice in range(2):
            take_in(newer)
            told.append(facts())
        damage = [str(one) for one in history_read.check()] + kept.differences()
    with connection.cursor() as cursor:
        known = set(connection.introspection.get_constraints(cursor, Finding._meta.db_table))
    missing = sorted({index.name for index in Finding._meta.indexes} - known)
    print(json.dumps({"vendor": connection.vendor, "told": told, "damage": damage, "missing": missing}))


if __name__ == "__main__":
    main()
