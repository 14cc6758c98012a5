"""Accounts made from the command line: the first administrator, and those of a demonstration.

Whoever runs commands on the data folder owns it; that they did stands in the history, by the system.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from jicha_web import core
from jicha_web.core import Text
from jicha_web.history import record as history
from jicha_web.organisation.models import Membership, Organisation, Person
from jicha_web.organisation.people import new_password
from jicha_web.organisation.roles import roles

BY_COMMAND = "命令行 command line"  # the note of what was done there
_COUNTIES, _STATIONS = 2, 2  # of the demonstration: two counties, two stations of each


@dataclass(frozen=True)
class Account:
    """An account as it is told to whoever runs the command. password: None when it was there before."""

    person: Person
    role: str
    password: str | None


def give_account(
    *, username: str, name: str, role: str, unit: Organisation, at: datetime, must_change: bool = True
) -> Account:
    """Make an account with a role, or give the one that is there the role and a new password."""
    if role not in roles():
        known = ", ".join(sorted(roles()))
        raise core.BadInput(zh=f"没有角色 {role}，可用：{known}。", en=f"there is no role {role}; known are {known}")
    password = new_password()
    with transaction.atomic():
        person = Person.objects.filter(username=username).first()
        if person is None:
            person = Person(
                username=username, name=name or username, organisation=unit, must_change_password=must_change
            )
            person.set_password(password)
            history.create(person, verb="account_opened", by=None, at=at, note=BY_COMMAND)
        else:
            person.set_password(password)
            person.save(update_fields=["password"])
            history.record(
                person, verb="password_set_anew", by=None, at=at, note=BY_COMMAND,
                changes={"is_active": True, "must_change_password": must_change},
            )  # fmt: skip
        _hold(person, role, unit, at)
    return Account(person, role, password)


def _hold(person: Person, role: str, unit: Organisation, at: datetime) -> None:
    if not Membership.objects.filter(person=person, role=role, organisation=unit, is_active=True).exists():
        held = Membership(person=person, role=role, organisation=unit)
        history.create(held, verb="granted", by=None, at=at, note=BY_COMMAND)


def demo_accounts(*, at: datetime, anew: bool = False) -> list[Account]:
    """Make an account for each role of the city; those that are there keep their password unless `anew`."""
    made = []
    for username, name, role, unit in _demo_people():
        person = Person.objects.filter(username=username).first()
        if person is not None and not anew:
            _hold(person, role, unit, at)
            made.append(Account(person, role, None))
        else:
            made.append(give_account(username=username, name=name, role=role, unit=unit, at=at, must_change=False))
    return made


def _demo_people() -> Iterator[tuple[str, str, str, Organisation]]:
    units = Organisation.objects.filter(is_active=True)
    city = units.filter(level="city").order_by("path").first() or units.filter(parent=None).order_by("path").first()
    if city is None:
        raise core.BadInput(
            zh="数据中没有组织机构（organization 表），无法建立演示账号。",
            en="the data hold no units (table organization): no accounts can be made",
        )
    labels = {code: role.label for code, role in roles().items()}
    for username, role in (
        ("city", "city_specialist"), ("reviewer", "reviewer"), ("manager", "manager"), ("auditor", "auditor"),
        ("author", "rule_author"), ("author2", "rule_author"), ("admin", "administrator"), ("collector", "collector"),
    ):  # fmt: skip
        yield username, f"演示{labels[role].zh}{'乙' if username == 'author2' else ''}", role, city
    counties = units.filter(level="county", path__startswith=city.path).order_by("path")[:_COUNTIES]
    for number, county in enumerate(counties, 1):
        yield f"county{number}", f"演示{labels['county_specialist'].zh}{number}", "county_specialist", county
        yield f"reviewer{number}", f"演示{labels['reviewer'].zh}{number}", "reviewer", county
        stations = units.filter(level="station", path__startswith=county.path).order_by("path")[:_STATIONS]
        for place, station in enumerate(stations, 1):
            tag = f"{number}{place}"
            yield f"station{tag}", f"演示{labels['station_inspector'].zh}{tag}", "station_inspector", station


def told(accounts: list[Account], language: core.Language) -> Iterator[str]:
    """Yield the lines that tell the accounts."""
    head = Text("账号  口令  角色  单位", "user  password  role  unit")
    yield head.to(language)
    kept = Text("（已有，口令不再显示）", "(there already: not shown again)").to(language)
    for one in accounts:
        role = roles()[one.role].label.to(language)
        yield f"  {one.person.username:<12}{one.password or kept:<18}{role}  {one.person.organisation.name}"
