"""Taking people out of a text: names, addresses, phones, ids and numbers are replaced, and what is left is checked."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings

from jicha_web.cases.models import Case, Lead, Part, Party, Reporter
from jicha_web.core import Text, subjects
from jicha_web.findings.models import Finding
from jicha_web.organisation.models import Organisation, Person

# Numbers that tell whom it was about, whatever they are of: phones, ids, customers, meters. Amounts have a point or
# a comma, years and days are shorter.
_LONG_NUMBER = re.compile(r"(?<![\d.,])\d{7,}[0-9Xx]?(?![\d.]*\d)")
_PHONE = re.compile(r"(?<!\d)(?:1[3-9]\d[\s-]?\d{4}[\s-]?\d{4}|0\d{2,3}-\d{7,8})(?!\d)")
_KEEP_COLUMNS = frozenset(
    {"rule", "period", "tariff_code", "kind", "problem", "phase", "purpose", "usage_class", "status"}
)
_SHORT = 2


@dataclass(frozen=True)
class Secret:
    """One value that must not stand in a published text, and what stands in its place."""

    kind: str
    value: str
    instead: str


KINDS: Mapping[str, Text] = {
    "customer": Text("客户名称", "the customer's name"),
    "number": Text("户号或编号", "a number"),
    "address": Text("地址", "an address"),
    "phone": Text("电话", "a phone number"),
    "person": Text("人员姓名", "a person's name"),
    "staff": Text("工号", "a staff number"),
    "unit": Text("单位名称", "a unit's name"),
    "case": Text("工单编号", "the case's number"),
    "id_number": Text("证件号", "an id number"),
}


def secrets_of(case: Case) -> list[Secret]:
    """Return the personal values of a case, the longest first, so that no part of one is left behind."""
    found = [
        Secret("case", case.number, "本工单"),
        Secret("customer", case.customer_name, "某客户"),
        Secret("customer", case.subject_name, "某对象"),
        Secret("number", case.customer_id, "（户号）"),
        Secret("number", case.subject_id, "（编号）"),
        *_of_files(case), *_of_people(case), *_of_leads(case), *_of_units(case), *_of_findings(case),
    ]  # fmt: skip
    known = {secret.value.strip(): secret for secret in found if len(secret.value.strip()) >= _SHORT}
    return [Secret(s.kind, value, s.instead) for value, s in sorted(known.items(), key=lambda i: (-len(i[0]), i[0]))]


def _of_files(case: Case) -> Iterable[Secret]:
    from jicha_web.core import assessing  # noqa: PLC0415 (reads the data only here)

    facts = assessing.personal_facts(settings.DATA, case.customer_id)
    kinds = {"name": ("customer", "某客户"), "address": ("address", "某地"), "phone": ("phone", "（电话）"),
             "id_number": ("id_number", "（证件号）")}  # fmt: skip
    for column, value in facts:
        kind, instead = kinds[column]
        yield Secret(kind, value, instead)


def _of_people(case: Case) -> Iterable[Secret]:
    for party in Party.objects.filter(case=case):
        yield Secret("person", party.name, "某员工")
        yield Secret("staff", party.staff_id, "（工号）")
    for staff in subjects.staff(settings.DATA, {p.staff_id for p in Party.objects.filter(case=case)}).values():
        yield Secret("person", staff.name, "某员工")
    took_part = Person.objects.filter(pk__in=Part.objects.filter(case=case).values("person"))
    for person in took_part:
        yield Secret("person", person.name, "经办人")
        yield Secret("staff", person.staff_id, "（工号）")
    if case.assignee is not None:
        yield Secret("person", case.assignee.name, "经办人")


def _of_leads(case: Case) -> Iterable[Secret]:
    # all units: a lead of the case belongs to it wherever it was entered
    for lead in Lead._base_manager.filter(case=case):
        yield Secret("customer", lead.customer_name, "某客户")
        yield Secret("number", lead.customer_id, "（户号）")
        yield Secret("address", lead.address, "某地")
        for reporter in Reporter.objects.filter(lead=lead):
            yield Secret("person", reporter.name, "举报人")
            yield Secret("phone", reporter.phone, "（电话）")


def _of_units(case: Case) -> Iterable[Secret]:
    levels = {"station": "某供电所", "county": "某县公司", "city": "某市公司", "province": "某省公司"}
    units = {case.organisation_id, case.subject_organisation_id}
    for unit in Organisation.objects.filter(pk__in=units):
        above: Organisation | None = unit
        while above is not None:
            yield Secret("unit", above.name, levels[above.level])
            above = above.parent


def _of_findings(case: Case) -> Iterable[Secret]:
    for finding in Finding._base_manager.filter(case=case):
        for content in (finding.evidence, json.loads(finding.key)):
            for column, value in content.items():
                yield from _of_value(column, value)
        yield Secret("number", finding.subject_id, "（编号）")


def _of_value(column: str, value: Any) -> Iterable[Secret]:
    if isinstance(value, list):
        for item in value:
            yield from _of_value(column, item)
    elif isinstance(value, str) and column not in _KEEP_COLUMNS:
        if column.endswith(("_id", "_by", "_number", "_code")):
            yield Secret("number", value, "（编号）")
        elif column == "name" or column.endswith("_name"):
            yield Secret("customer", value, "某对象")
        elif "address" in column:
            yield Secret("address", value, "某地")
        elif "phone" in column:
            yield Secret("phone", value, "（电话）")


def anonymised(text: str, secrets: Iterable[Secret]) -> str:
    """Return a text without the personal values of a case, and without long numbers of any kind."""
    for secret in secrets:
        text = text.replace(secret.value, secret.instead)
    text = _PHONE.sub("（电话）", text)
    return _LONG_NUMBER.sub("（编号）", text)


def left_over(text: str, secrets: Iterable[Secret]) -> list[Text]:
    """Return what kinds of personal values a text still holds; the values themselves are not told."""
    plain = re.sub(r"\s", "", text)
    kinds = {s.kind for s in secrets if s.value in text or re.sub(r"\s", "", s.value) in plain}
    if _PHONE.search(text):
        kinds.add("phone")
    if _LONG_NUMBER.search(text):
        kinds.add("number")
    return [KINDS[kind] for kind in sorted(kinds)]
