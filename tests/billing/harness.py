"""Bills of rows given in a test: defaults for what a case does not say, and a small language for what it expects."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

from jicha.billing.derivation import RecomputedBill
from jicha.billing.facts import Facts
from jicha.billing.gather import Gatherer
from jicha.billing.recompute import recompute
from jicha.catalog.billing import SettingsBook, read_settings
from jicha.catalog.files import parse_yaml
from jicha.catalog.schema import schema
from jicha.engine.session import Session
from jicha.engine.source import GivenTables

CASES = Path(__file__).parent / "cases"
AS_OF = date(2026, 10, 15)
Tables = dict[str, list[dict[str, Any]]]

DEFAULTS: Mapping[str, Mapping[str, Any]] = {
    "organization": {"org_id": "O", "name": "O", "level": "station"},
    "customer": {"customer_id": "C1", "org_id": "O", "status": "active", "usage_class": "large_industrial"},
    "metering_point": {
        "point_id": "P1", "customer_id": "C1", "purpose": "settlement", "status": "active", "tariff_code": "T",
        "mode": "hv_supply_hv_metering", "allocation": "metered",
    },
    "metering_point_history": {"point_id": "P1"},
    "customer_transformer": {"customer_id": "C1", "status": "running"},
    "meter": {"point_id": "P1", "status": "installed"},
    "reading": {"point_id": "P1", "register": "total", "method": "remote"},
    "reading_segment": {"point_id": "P1", "register": "total", "meter_id": "M1"},
    "tariff": {"tariff_code": "T", "effective_from": date(1990, 1, 1), "parts": 1},
    "tariff_component": {"tariff_code": "T", "effective_from": date(1990, 1, 1), "time_band": "all"},
    "tariff_tier": {"tariff_code": "T", "effective_from": date(1990, 1, 1)},
    "customer_price": {"customer_id": "C1", "time_band": "all"},
    "service_order": {"customer_id": "C1", "applied_at": "2020-01-01 00:00:00"},
    "bill": {"customer_id": "C1", "point_id": "P1"},
}  # fmt: skip


def filled(given: Mapping[str, Sequence[Mapping[str, Any]]], period: date) -> Tables:
    """Return the rows with defaults; a bill is added for every settlement point when no bill is given."""
    tables: Tables = {name: [{**DEFAULTS.get(name, {}), **row} for row in rows] for name, rows in given.items()}
    for name in ("organization", "customer", "metering_point", "tariff"):
        tables.setdefault(name, [dict(DEFAULTS[name])])
    for name in ("reading", "customer_price"):
        for row in tables.get(name, ()):
            row.setdefault("period", period)
    if "bill" not in tables:
        tables["bill"] = [
            {"bill_id": f"B{p['point_id']}", "customer_id": p["customer_id"], "point_id": p["point_id"]}
            for p in tables["metering_point"]
        ]
    for row in tables["bill"]:
        row.setdefault("period", period)
        row.setdefault("bill_id", f"B{row['point_id']}")
    return tables


def book(settings: Mapping[str, Any] | None, tmp: Path) -> SettingsBook:
    """Return the settings with a case's overrides for all."""
    if not settings:
        return read_settings(None, {})
    lines = "\n".join(f"  {name}: {value}" for name, value in settings.items())
    (tmp / "billing.yaml").write_text(f"settings:\n{lines}\n", encoding="utf-8")
    return read_settings(tmp, {})


def gathered(tables: Tables, period: date, settings: SettingsBook | None = None) -> list[Facts]:
    """Return the facts of a period of all customers given."""
    with Session(GivenTables(schema(), tables), as_of=AS_OF, p0=date(2026, 9, 1)) as session:
        gatherer = Gatherer(session, settings or read_settings(None, {}))
        return list(gatherer.gather({row["customer_id"] for row in tables["bill"]}, [period]))


def bills(tables: Tables, period: date, settings: SettingsBook | None = None) -> dict[str, RecomputedBill]:
    """Return the recomputed bills of a period by point."""
    return {bill.point_id: bill for facts in gathered(tables, period, settings) for bill in recompute(facts)}


def value_of(made: Mapping[str, RecomputedBill], term: str) -> Decimal:
    """Return what a term names: [-]POINT.field, POINT.line.KIND.BAND.field, POINT.part.BAND.COMPONENT or
    POINT.step.NAME.field.
    """
    sign = -1 if term.startswith("-") else 1
    head, *rest = term.lstrip("-").split(".")
    if not rest:
        return sign * Decimal(head)
    bill = made[head]
    assert not bill.reasons, f"{head} could not be judged: {bill.reason}"
    if rest[0] == "line":
        lines = [line for line in bill.lines if line.kind == rest[1] and line.band == rest[2]]
        found = sum((getattr(line, rest[3]) for line in lines), Decimal(0))
    elif rest[0] == "part":
        lines = [line for line in bill.lines if line.kind == "energy" and rest[1] in {"*", line.band}]
        found = sum((line.parts.get(rest[2], Decimal(0)) for line in lines), Decimal(0))
    elif rest[0] == "step":
        found = next(step.values[rest[2]] for step in bill.steps if step.name == rest[1])
    else:
        found = getattr(bill, rest[0])
        assert found is not None, f"{term} is null"
    return sign * Decimal(found)


def compared(made: Mapping[str, RecomputedBill], expected: str, terms: Any) -> tuple[Decimal, Decimal]:
    """Return what is computed, at the decimals that are printed, and what is expected; terms: one, or {sum, over}."""
    wanted = Decimal(str(expected))
    if isinstance(terms, Mapping):
        found = sum((value_of(made, term) for term in terms["sum"]), Decimal(0)) * Decimal(str(terms.get("times", 1)))
        if "over" in terms:
            found /= sum((value_of(made, term) for term in terms["over"]), Decimal(0))
    else:
        found = value_of(made, str(terms))
    return found.quantize(Decimal(1).scaleb(wanted.as_tuple().exponent), ROUND_HALF_UP), wanted  # type: ignore[arg-type]


def read_cases(name: str) -> list[dict[str, Any]]:
    """Read one file of cases."""
    path = CASES / name
    found: list[dict[str, Any]] = parse_yaml(path.read_text(encoding="utf-8"), str(path))
    return found
