"""What is gathered for one customer alone: all that its bills hang on."""

from __future__ import annotations

from datetime import date
from typing import Any

from jicha.billing.gather import Gatherer
from jicha.billing.recompute import recompute
from jicha.catalog.billing import read_settings
from jicha.catalog.schema import schema
from jicha.engine.session import Session
from jicha.engine.source import GivenTables
from tests.billing.harness import AS_OF, Tables, filled

PERIOD = date(2026, 9, 1)


def reasons(tables: Tables, customer_id: str) -> dict[str, tuple[str, ...]]:
    """Reasons by bill of what is gathered for one customer."""
    with Session(GivenTables(schema(), filled(tables, PERIOD)), as_of=AS_OF, p0=PERIOD) as session:
        found = list(Gatherer(session, read_settings(None, {})).gather([customer_id], [PERIOD]))
    return {bill.bill_id: bill.reasons for facts in found for bill in recompute(facts)}


def test_an_unknown_point_billed_to_two_customers_has_several_bills_for_each_of_them() -> None:
    tables: Tables = {
        "customer": [{"customer_id": "C1"}, {"customer_id": "C2"}],
        "bill": [{"bill_id": f"B{n}", "customer_id": f"C{n}", "point_id": "NOWHERE"} for n in (1, 2)],
    }
    for customer in ("C1", "C2"):
        assert reasons(tables, customer) == dict.fromkeys(("B1", "B2"), ("several_bills", "point_unknown"))


def test_a_bill_to_somebody_else_for_the_customers_point_is_seen_from_the_customer() -> None:
    tables: Tables = {
        "customer": [{"customer_id": "C1"}, {"customer_id": "C2"}],
        "reading": [{"previous_index": 0, "current_index": 10}],
        "bill": [{"bill_id": "B1"}, {"bill_id": "B2", "customer_id": "C2"}],
    }
    assert all(reasons(tables, customer)["B1"][0] == "several_bills" for customer in ("C1", "C2"))


def test_an_order_without_a_status_makes_a_bill_doubtful_unless_it_was_applied_for_later() -> None:
    order: dict[str, Any] = {"order_id": "O1", "kind": "change_class", "effective_from": date(2026, 9, 10)}
    known: Tables = {
        "reading": [{"previous_index": 0, "current_index": 10}],
        "tariff": [{"energy_price": "0.5"}],
    }
    assert reasons({**known, "service_order": [order]}, "C1") == {"BP1": ("change_order",)}
    for harmless in ({"applied_at": "2026-12-01 00:00:00"}, {"status": "cancelled"}):
        assert reasons({**known, "service_order": [{**order, **harmless}]}, "C1") == {"BP1": ()}
