"""What the API answers with. Amounts are decimal strings, instants ISO 8601 with zone; personal values are masked."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from ninja import Schema

from jicha_web import core


class Words(Schema):
    """One text in both languages."""

    zh: str
    en: str

    @classmethod
    def of(cls, text: Any) -> Words:
        """Return it of a Text or a mapping."""
        if isinstance(text, core.Text):
            return cls(zh=text.zh, en=text.en)
        return cls(zh=str(text.get("zh", "")), en=str(text.get("en", "")))


class Unit(Schema):
    """A unit; `code` is organization.org_id of the data."""

    code: str
    name: str
    level: str


class UnitInTree(Unit):
    """A unit with where it hangs; `parent` is null at the top of what is in sight."""

    parent: str | None
    latitude: float | None
    longitude: float | None
    is_active: bool


class PersonOut(Schema):
    """A person. Telephone and mail are not given."""

    id: int
    name: str
    organisation: str
    roles: list[str]


class FindingRow(Schema):
    """A finding in a list. The reason's personal values are masked."""

    id: int
    rule: str
    key: str
    subject: str
    subject_id: str
    customer_id: str
    organisation: Unit
    period: date | None
    specialty: str
    severity: str
    state: str
    handling: str
    amount_yuan: Decimal | None
    energy_kwh: Decimal | None
    reason: Words
    first_seen_on: date
    last_hit_on: date
    priority: float
    case: int | None
    version: int


class Evidence(Schema):
    """One value of the evidence, masked where it is personal."""

    column: str
    label: Words
    text: Words
    personal: bool


class FindingOut(FindingRow):
    """A finding with its evidence and basis. The number of an article that was not verified is left out."""

    rule_version: str
    run: str | None
    judged_on: date | None
    snoozed_until: date | None
    whitelisted_until: date | None
    evidence: list[Evidence]
    basis: list[Words]


class CaseRow(Schema):
    """A case in a list. `name` is masked where it is personal."""

    id: int
    number: str
    title: str
    state: str
    outcome: str
    severity: str
    source: str
    subject: str
    subject_id: str
    customer_id: str
    name: str
    organisation: Unit
    assignee: int | None
    amount_yuan: Decimal | None
    confirmed_yuan: Decimal | None
    collected_yuan: Decimal | None
    opened_at: datetime
    due_at: datetime | None
    closed_at: datetime | None
    returns: int
    version: int


class CheckPoint(Schema):
    """One point of a case's checklist."""

    id: int
    section: str
    rule: str
    text: Words
    required: bool
    answer: str
    note: str


class CaseOut(CaseRow):
    """A case with its findings and checklist."""

    description: str
    findings: list[FindingRow]
    checklist: list[CheckPoint]


class Standing(Schema):
    """What stands against a move."""

    code: str
    text: Words


class Offer(Schema):
    """A move that the caller has a right to; `reasons` stand against it now. `given`: what must be sent with it."""

    event: str
    label: Words
    to: str
    given: list[str]
    note_required: bool
    allowed: bool
    reasons: list[Standing]


class LeadOut(Schema):
    """A lead; who reported it is not given."""

    id: int
    source: str
    received_on: date
    text: str
    customer_id: str
    organisation: Unit
    state: str
    case: int | None
    external_id: str
    entered_at: datetime


class RunRow(Schema):
    """A run in a list. `counts`: findings by state, of all units; empty for who sees only some of them."""

    id: int
    run_id: str | None
    as_of: date
    period: date | None
    data_version: str
    state: str
    trigger: str
    asked_at: datetime
    finished_at: datetime | None
    counts: dict[str, Any]
    error: str


class RunOut(RunRow):
    """A run with what each rule did, its figures of the units in sight; not run is never clean."""

    rules: dict[str, Any]
    job: int | None


class JobOut(Schema):
    """A job of the caller. `has_file`: there is something to fetch."""

    id: int
    kind: str
    state: str
    asked_at: datetime
    finished_at: datetime | None
    done: int
    total: int
    message: str
    has_file: bool


class ChangedSince(Schema):
    """An object that is not as a job left it, and why."""

    label: str
    why: str


class JobUndo(Schema):
    """What can be taken back of a job with many objects. `named`: some that were changed since and stay.

    `job`: the one that is at taking it back.
    """

    standing: int
    undone: int
    changed: int
    named: list[ChangedSince]
    job: int | None


class RuleRow(Schema):
    """A rule in a list."""

    code: str
    name: Words
    specialty: str
    severity: str
    status: str
    frequency: str
    proof: str


class RuleOut(RuleRow):
    """A rule. The number of an article that was not verified is left out of `basis`."""

    remedy: Words
    basis: list[Words]
    tables: list[str]
    key: list[str]
    sql: str


class CalculatorRow(Schema):
    """A calculator in a list."""

    name: str
    group: str
    label: Words


class CalculatorOut(CalculatorRow):
    """A calculator with the JSON schema of its inputs and an example that runs."""

    inputs: dict[str, Any]
    example: dict[str, Any]


class PhotoOut(Schema):
    """A photo as evidence; `sha256` is of the original's bytes."""

    id: int
    kind: str
    sha256: str
    size_bytes: int
    width_px: int
    height_px: int
    taken_at: datetime | None
    latitude: float | None
    longitude: float | None
    at: datetime


class ClauseOut(Schema):
    """A clause. `verified`: its number was compared with the official text."""

    id: int
    document: str
    regulation: str
    edition: str
    article: str
    heading: Words
    text: Words
    verified: bool


class TokenOut(Schema):
    """A token, without its secret."""

    id: int
    name: str
    prefix: str
    organisation: str
    actions: list[str]
    until: date
    made_at: datetime
    last_used_at: datetime | None


class TokenMade(TokenOut):
    """A new token; the secret is shown this once."""

    secret: str


class Me(Schema):
    """Who calls, and what they may do for some unit."""

    id: int
    name: str
    organisation: Unit
    roles: list[str]
    actions: list[str]
    today: date


class Findings(Schema):
    """A part of the list of findings; `next_offset` is null at its end."""

    items: list[FindingRow]
    next_offset: int | None


class Cases(Schema):
    """A part of the list of cases; `next_offset` is null at its end."""

    items: list[CaseRow]
    next_offset: int | None


class Leads(Schema):
    """A part of the list of leads; `next_offset` is null at its end."""

    items: list[LeadOut]
    next_offset: int | None


class Runs(Schema):
    """A part of the list of runs; `next_offset` is null at its end."""

    items: list[RunRow]
    next_offset: int | None


class Clauses(Schema):
    """A part of the clauses found; `next_offset` is null at their end."""

    items: list[ClauseOut]
    next_offset: int | None


class People(Schema):
    """A part of the people in sight; `next_offset` is null at their end."""

    items: list[PersonOut]
    next_offset: int | None
