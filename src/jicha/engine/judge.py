"""Running one rule in a session: its suspects, to whom they belong, and the subjects that could not be judged."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from jicha.catalog.rules import STANDARD_COLUMNS, Rule
from jicha.catalog.schema import schema
from jicha.engine.owner import table_of_key
from jicha.engine.session import Session
from jicha.errors import BadInput

_NO_EVIDENCE = frozenset((*STANDARD_COLUMNS, "missing"))
_ENCODER = json.JSONEncoder(ensure_ascii=False)  # json.dumps makes one each time


@dataclass(frozen=True)
class Suspect:
    """One row of a rule: who it is about, what it stands on."""

    key: str  # JSON object: sorted names, string values, ISO dates
    subject_id: str | None
    customer_id: str | None
    org_id: str | None
    period: date | None
    amount_yuan: Decimal | None
    energy_kwh: Decimal | None
    evidence: Mapping[str, Any]
    missing: str | None = None  # what lacked, of a subject that could not be judged


def key_text(value: object) -> str:
    """Return one value of a key as text; a timestamp is cut to its date."""
    if type(value) is str:
        return value
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return format(value.normalize(), "f")
    return str(value)


def key_json(names: Sequence[str], values: Mapping[str, object]) -> str:
    """Return the key of a finding as stored: a JSON object with sorted names and string values."""
    return _ENCODER.encode({name: key_text(values[name]) for name in sorted(names)})


def judge(session: Session, rule: Rule, values: Mapping[str, Any], *, p0: date | None = None) -> list[Suspect]:
    """Return the suspects of a rule; BadInput when it returns a key twice, duckdb.Error when it cannot run.

    values: the checked value of each parameter. p0: judged as if this were the latest period.
    """
    return _unique(rule, list(_rows(session, rule, rule.sql, values, p0)))


def could_not_judge(session: Session, rule: Rule, values: Mapping[str, Any]) -> list[Suspect]:
    """Return the subjects that the rule's second SELECT names as not to be judged, with what they lack."""
    if rule.not_judged_sql is None:
        return []
    return _unique(rule, list(_rows(session, rule, rule.not_judged_sql, values, None)))


def _unique(rule: Rule, rows: list[Suspect]) -> list[Suspect]:
    seen: set[str] = set()
    for row in rows:
        if row.key in seen:
            raise BadInput(
                zh=f"{rule.code}：同一主键返回了两次 {row.key}；一个主键只能有一条问题，请在 SQL 中按主键汇总。",
                en=f"{rule.code} returns {row.key} twice; one finding per key, so group by the key",
            )
        seen.add(row.key)
    return rows


def _owner_key(rule: Rule) -> str | None:
    return next((name for name in rule.key if table_of_key(schema(), name) is not None), None)


def _rows(session: Session, rule: Rule, sql: str, values: Mapping[str, Any], p0: date | None) -> Iterator[Suspect]:
    bound = session.bound(sql, reads=rule.reads, parameters=rule.parameters, values=values, p0=p0)
    # executed, not made a relation of first, which would plan the statement twice
    result = session.connection.execute(bound)
    names = [column[0] for column in result.description]
    rows = [dict(zip(names, row, strict=True)) for row in result.fetchall()]
    owner_key = _owner_key(rule)
    # asked for afterwards: the rows are few, and the rule's own plan is not made over a join more
    owners = session.owners_of(owner_key, rows) if owner_key else {}
    for row in rows:
        if all(row[name] is not None for name in rule.key):
            owner = owners.get(key_text(row[owner_key])) if owner_key else None
            yield _suspect(rule, row, *(owner or (None, None)))


def _suspect(rule: Rule, row: dict[str, Any], owner_customer: str | None, owner_org: str | None) -> Suspect:
    customer = row.get("customer_id") or owner_customer
    subject_key = schema()[rule.subject].key[0]
    subject = row.get(subject_key) or (customer if rule.subject == "customer" else None) or row[rule.key[0]]
    period = row.get("period") if "period" in rule.key else None
    return Suspect(
        key=key_json(rule.key, row),
        subject_id=None if subject is None else key_text(subject),
        customer_id=customer,
        org_id=row.get("org_id") or owner_org,
        period=period.date() if isinstance(period, datetime) else period,
        amount_yuan=row.get("amount_yuan"),
        energy_kwh=row.get("energy_kwh"),
        evidence={name: value for name, value in row.items() if name not in _NO_EVIDENCE},
        missing=row.get("missing"),
    )
