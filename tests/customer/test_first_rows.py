"""What a section shows of many rows, and which day bills are settled by."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from jicha.customer import CustomerView, Reader, bills, view
from jicha.engine.session import Session
from jicha.errors import BadInput

Store = Callable[[Path, Mapping[str, Sequence[Mapping[str, Any]]]], None]
AS_OF = date(2026, 10, 5)
ORG = {"org_id": "C", "name": "临江供电公司", "level": "city"}
CUSTOMER = {"customer_id": "1001", "org_id": "C", "status": "active", "usage_class": "residential"}


def orders(count: int) -> list[dict[str, object]]:
    first = datetime(2025, 1, 1, 8)
    return [
        {
            "order_id": f"O{number:04}", "customer_id": "1001", "kind": "capacity_increase", "status": "archived",
            "applied_at": first + timedelta(hours=number),
        }
        for number in range(count)
    ]  # fmt: skip


@pytest.mark.parametrize(("count", "of"), [(200, {}), (203, {"service_order": 203})])
def test_more_rows_than_are_shown_are_counted(tmp_path: Path, store: Store, count: int, of: Mapping[str, int]) -> None:
    """The newest 200 were shown as if there were no others."""
    store(tmp_path, {"organization": [ORG], "customer": [CUSTOMER], "service_order": orders(count)})
    found = CustomerView(Reader(tmp_path), "1001", AS_OF).orders()
    rows = found.tables["service_order"]
    assert len(rows) == view.MOST_ROWS == 200 and rows[0]["order_id"] == f"O{count - 1:04}"
    assert found.of == of
    earlier = CustomerView(Reader(tmp_path), "1001", date(2025, 1, 5)).orders()  # what arose later is not counted
    assert (len(earlier.tables["service_order"]), earlier.of) == (112, {})


@pytest.mark.parametrize(("settings", "p0"), [("", date(2026, 8, 1)), ("settle_day: 3\n", date(2026, 9, 1))])
def test_bills_are_settled_by_the_day_of_the_utility(
    tmp_path: Path, store: Store, settings: str, p0: date, monkeypatch: pytest.MonkeyPatch
) -> None:
    bill = {
        "bill_id": "B1", "customer_id": "1001", "point_id": "P1", "period": date(2026, 8, 1), "kind": "regular",
        "issued_on": date(2026, 9, 2),
    }  # fmt: skip
    store(tmp_path, {"organization": [ORG], "customer": [CUSTOMER], "bill": [bill]})
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "parameters.yaml").write_text(settings, encoding="utf-8")
    seen: list[date] = []

    def session(*arguments: Any, p0: date, **options: Any) -> Session:
        seen.append(p0)
        return Session(*arguments, p0=p0, **options)

    monkeypatch.setattr(bills, "Session", session)
    CustomerView(Reader(tmp_path), "1001", AS_OF).bills()
    assert seen == [p0]
    (tmp_path / "run" / "parameters.yaml").write_text("settle_day: 40\n", encoding="utf-8")
    with pytest.raises(BadInput, match="settle_day is 40"):
        CustomerView(Reader(tmp_path), "1001", AS_OF).bills()
