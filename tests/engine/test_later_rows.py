"""Rows that arose after the screening date, in stored tables: hidden, and looked for only where there may be some."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

from jicha.catalog.relations import Relation
from jicha.catalog.schema import schema
from jicha.engine.session import Session
from jicha.engine.source import GivenTables, StoredTables
from jicha.warehouse.store import Warehouse


def payment(number: str, received_at: str) -> dict[str, object]:
    return {"payment_id": number, "customer_id": "C", "yuan": 1, "received_at": received_at}


def test_later_rows_are_hidden_and_the_files_say_whether_there_are_any(
    tmp_path: Path, store: Callable[..., None]
) -> None:
    moments = ("2026-09-30 08:00:00", "2026-10-15 23:59:59.999999", "2026-10-16 00:00:00")
    store(tmp_path, {"payment": [payment(str(n), moment) for n, moment in enumerate(moments)], "ticket": []})
    snapshot = Warehouse(tmp_path).snapshot()
    for day, seen in ((14, 1), (15, 2), (16, 3), (17, 3)):
        as_of = date(2026, 10, day)
        assert snapshot.may_exceed("payment", "received_at", as_of) == (seen < 3)
        with Session(StoredTables(snapshot), as_of=as_of, p0=date(2026, 9, 1)) as session:
            assert session.relation("payment").num_rows == seen
    assert not snapshot.may_exceed("ticket", "created_at", date(2000, 1, 1))  # delivered, empty
    assert not snapshot.may_exceed("bill", "issued_on", date(2000, 1, 1))  # never delivered


def test_a_row_without_its_day_is_seen(tmp_path: Path, store: Callable[..., None]) -> None:
    bills = [
        {"bill_id": str(n), "customer_id": "C", "point_id": "P", "period": "2026-09-01", "issued_on": issued}
        for n, issued in enumerate((None, "2026-10-20"))
    ]
    for kept, late in ((bills[:1], False), (bills, True)):
        store(tmp_path, {"bill": kept})
        snapshot = Warehouse(tmp_path).snapshot()
        assert snapshot.may_exceed("bill", "issued_on", date(2026, 10, 15)) == late
        with Session(StoredTables(snapshot), as_of=date(2026, 10, 15), p0=date(2026, 9, 1)) as session:
            assert session.relation("bill")["bill_id"].to_pylist() == ["0"]


def test_a_definition_that_is_not_stored_is_a_view() -> None:
    def made(*, is_stored: bool) -> Relation:
        sql = "SELECT c.customer_id FROM customer AS c"
        return Relation(
            "word", "definition", "词", "word", {"customer_id": "string"}, sql, Path("word.sql"), None, (), is_stored
        )

    for is_stored, kind in ((True, "BASE TABLE"), (False, "VIEW")):
        given = GivenTables(schema(), {"customer": [{"customer_id": "C"}]})
        with Session(
            given, as_of=date(2026, 10, 15), p0=date(2026, 9, 1), known={"word": made(is_stored=is_stored)}
        ) as session:
            assert session.relation("word")["customer_id"].to_pylist() == ["C"]
            asked = "SELECT table_type FROM information_schema.tables WHERE table_name = 'word'"
            assert session.connection.execute(asked).fetchall() == [(kind,)]
