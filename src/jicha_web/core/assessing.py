"""What assessing and proving need of the core: rules' basis and proof, facts of a customer, what offsets a claim."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb

from jicha.catalog.files import regulations
from jicha.catalog.schema import schema
from jicha.errors import BadInput
from jicha.language import Text
from jicha.warehouse.store import Snapshot, Warehouse
from jicha_web.core.rules import rule_book


@dataclass(frozen=True)
class Citation:
    """One regulation that a rule rests on. `printed` never holds an article that nobody compared with the text."""

    regulation: str
    title: str
    article: str
    verified: bool

    @property
    def printed(self) -> str:
        """What a paper may say: the title, and the article only when it is verified."""
        return f"《{self.title}》{self.article if self.verified else ''}"


@dataclass(frozen=True)
class RuleOfCase:
    """What a case needs of a rule."""

    code: str
    name: Text
    group: str
    proof: str  # state, recompute, event
    remedy: Text
    basis: tuple[Citation, ...]
    tables: frozenset[str] = frozenset()  # that it cannot run without


def citation(entry: Mapping[str, Any]) -> Citation:
    """Return a citation of a rule's or a calculation's basis entry."""
    short = str(entry["regulation"])
    title = str(entry.get("title") or regulations().get(short, {}).get("title", short))
    return Citation(short, title, str(entry.get("article") or ""), bool(entry.get("verified")))


def rule_of_case(data: Path, code: str) -> RuleOfCase | None:
    """Return what a case needs of a rule; None when there is no such rule (any more)."""
    rule = rule_book(data).rules.get(code)
    if rule is None:
        return None
    return RuleOfCase(
        rule.code, Text(rule.name["zh"], rule.name["en"]), rule.group, rule.proof,
        Text(rule.remedy["zh"], rule.remedy["en"]), tuple(citation(entry) for entry in rule.basis),
        frozenset(rule.tables),
    )  # fmt: skip


@contextmanager
def _open(data: Path) -> Iterator[tuple[duckdb.DuckDBPyConnection, Snapshot]]:
    with duckdb.connect(config={"threads": 1}) as connection:
        yield connection, Warehouse(data).snapshot()


def _rows(data: Path, table: str, columns: Collection[str], customer_id: str) -> list[dict[str, Any]]:
    """Return the rows of a customer; none where nothing was delivered."""
    with _open(data) as (connection, snapshot):
        if not snapshot.has(table):
            return []
        found = connection.execute(
            f"SELECT {', '.join(columns)} FROM ({snapshot.relation_sql(table)}) WHERE customer_id = ? ORDER BY ALL",
            [customer_id],
        )
        return [dict(zip(columns, row, strict=True)) for row in found.fetchall()]


def _code(table: str, column: str, value: str | None) -> Text | None:
    labels = schema()[table].columns[column].labels
    label = labels.get(value) if value else None
    return Text(label["zh"], label["en"]) if label else None


_OF_POINT = ("tariff_code", "multiplier", "contract_demand_kw", "pf_standard")


def customer_facts(data: Path, customer_id: str, day: date) -> dict[str, Any]:
    """Return what papers and calculators take from the files of a customer; a value nobody delivered is left out.

    Keys: name, address, usage_class (Text), residential (bool), voltage_v [V], contract_capacity_kva [kVA], multiplier,
    contract_demand_kw [kW], pf_standard, two_part (bool), price_yuan_per_kwh, capacity_price [yuan/(kVA·month)],
    demand_price [yuan/(kW·month)], phases. A value of several settlement points is given only where they agree.
    """
    if not customer_id:
        return {}
    columns = ("name", "address", "usage_class", "voltage_v", "contract_capacity_kva", "operating_capacity_kva")
    try:
        customers = _rows(data, "customer", columns, customer_id)
        points = _rows(data, "metering_point", _OF_POINT, customer_id)
    except BadInput:  # no data set yet
        return {}
    if not customers:
        return {}
    one = customers[0]
    found: dict[str, Any] = {
        "name": one["name"], "address": one["address"], "voltage_v": one["voltage_v"],
        "usage_class": _code("customer", "usage_class", one["usage_class"]),
        "residential": one["usage_class"] == "residential",
        "contract_capacity_kva": _decimal(one["contract_capacity_kva"]),
        "operating_capacity_kva": _decimal(one["operating_capacity_kva"]),
    }  # fmt: skip
    for column in ("multiplier", "contract_demand_kw", "pf_standard"):
        found[column] = _decimal(_same([p[column] for p in points]))
    found |= _prices(data, _same([p["tariff_code"] for p in points]), day)
    return {name: value for name, value in found.items() if value is not None and value != ""}


def _same(values: list[Any]) -> Any:
    given = {value for value in values if value is not None}
    return next(iter(given)) if len(given) == 1 else None


def _decimal(value: Any) -> Decimal | None:
    return None if value is None else Decimal(str(value))


def _prices(data: Path, tariff_code: str | None, day: date) -> dict[str, Any]:
    if tariff_code is None:
        return {}
    with _open(data) as (connection, snapshot):
        if not snapshot.has("tariff"):
            return {}
        row = connection.execute(
            "SELECT parts, energy_price, capacity_price, demand_price "
            f"FROM ({snapshot.relation_sql('tariff')}) WHERE tariff_code = ? AND effective_from <= ? "
            "AND (effective_to IS NULL OR effective_to >= ?) ORDER BY effective_from DESC LIMIT 1",
            [tariff_code, day, day],
        ).fetchone()
    if row is None:
        return {}
    names = ("price_yuan_per_kwh", "capacity_price", "demand_price")
    return {"two_part": row[0] == 2, **dict(zip(names, row[1:], strict=True))}


@dataclass(frozen=True)
class Booking:
    """A bill, adjustment or payment of the data. yuan: positive to collect, negative given back."""

    table: str
    reference: str
    yuan: Decimal


_BOOKINGS = {
    "adjustment": ("adjustment_id", "yuan"),
    "bill": ("bill_id", "total_yuan"),
    "payment": ("payment_id", "yuan"),
}


def bookings(data: Path, customer_id: str, references: Collection[str]) -> list[Booking]:
    """Return what the data hold of a customer under some numbers of adjustments, bills or payments."""
    found = []
    wanted = set(references)
    for table, columns in _BOOKINGS.items():
        for row in _rows(data, table, columns, customer_id):
            number, yuan = (row[name] for name in columns)
            if number in wanted and yuan is not None:
                found.append(Booking(table, number, Decimal(yuan)))
    return found


def personal_facts(data: Path, customer_id: str) -> list[tuple[str, str]]:
    """Return the personal values that the files hold of a customer, as (column, value): name, address, phone, id."""
    columns = ("name", "address", "phone", "id_number")
    if not customer_id:
        return []
    try:
        rows = _rows(data, "customer", columns, customer_id)
    except BadInput:  # no data set yet
        return []
    return [(column, str(row[column])) for row in rows for column in columns if row[column]]
