"""Preparing the store before the application starts: tables, the library, units and staff, the latest run's findings.

Every step may be repeated: what is there already is left as it is.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.db import DatabaseError, OperationalError, connection

from jicha_web import core
from jicha_web.core import Text
from jicha_web.findings.models import Finding
from jicha_web.library.catalog import load_catalog
from jicha_web.organisation.scope import EVERYTHING, scoped
from jicha_web.organisation.synchronise import synchronise
from jicha_web.runs.importing import import_latest
from jicha_web.runs.inbox import inbox

Say = Callable[[Text], None]


@dataclass(frozen=True)
class Step:
    """One step: what it is called while it runs, and the function that does it and returns what came of it."""

    label: Text
    do: Callable[[datetime], Text | None]


def prepare(at: datetime, say: Say) -> None:
    """Do all steps in order; BadInput or MachineFailure tells what stands in the way."""
    if settings.DATA.is_dir():  # a secret key of the environment makes no folder
        settings.STORE.mkdir(exist_ok=True)
        inbox().mkdir(exist_ok=True)  # deliveries are copied into it
    reach_database()
    for step in STEPS:
        say(step.label)
        with scoped(EVERYTHING):
            came = step.do(at)
        if came is not None:
            say(Text(f"  {came.zh}", f"  {came.en}"))


def reach_database() -> None:
    """Open a connection, or say why there is none, without showing the password."""
    try:
        connection.ensure_connection()
    except (OperationalError, DatabaseError) as error:
        found = connection.settings_dict
        if connection.vendor == "sqlite":
            place = str(found["NAME"])
        else:
            place = f"{found['USER']}@{found['HOST']}:{found['PORT']}/{found['NAME']}"
        reason = " ".join(str(error).split())
        if secret := str(found.get("PASSWORD") or ""):
            reason = reason.replace(secret, "***")
        raise core.BadInput(
            zh=f"连不上数据库 {place}：{reason}。请检查 JICHA_DATABASE_URL，并确认数据库已启动。",
            en=f"the database {place} cannot be reached: {reason}. Check JICHA_DATABASE_URL and that the server runs.",
        ) from error


def _tables(_at: datetime) -> None:
    Path(settings.STATIC_ROOT).mkdir(parents=True, exist_ok=True)
    call_command("migrate", verbosity=0, interactive=False)
    if "DatabaseCache" in settings.CACHES["default"]["BACKEND"]:
        call_command("createcachetable", verbosity=0)


def _library(at: datetime) -> Text | None:
    added = load_catalog(at=at)
    return Text(f"更新 {added} 件", f"{added} pieces brought up to date") if added else None


def _units(at: datetime) -> Text | None:
    done = synchronise(by=None, at=at)
    units, people = done.units_added + done.units_changed, done.people_added + done.people_changed
    if not units and not people:
        return None
    return Text(f"单位 {units} 个、人员 {people} 人有更新", f"{units} units and {people} people brought up to date")


def _findings(at: datetime) -> Text | None:
    run = import_latest(at=at, progress=lambda _done, _total, _text: None)
    if run is None:
        return Text("数据目录还没有筛查运行", "the data folder has no run yet")
    count = Finding.objects.filter(run=run).count()
    return Text(f"运行 {run.run_id}：{count:,} 条", f"run {run.run_id}: {count:,} findings")


STEPS = [
    Step(Text("准备数据库表", "Preparing the tables of the database"), _tables),
    Step(Text("更新资料库", "Bringing the library up to date"), _library),
    Step(Text("读取单位与人员", "Reading units and staff"), _units),
    Step(Text("导入最近一次筛查的疑点", "Importing the findings of the latest run"), _findings),
]
