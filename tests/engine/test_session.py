"""The engine session: what is seen, what is shared, what is locked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest

from jicha.catalog.relations import Relation
from jicha.catalog.schema import schema
from jicha.engine.functions import text_key, text_nfkc
from jicha.engine.owner import owner_sql, table_of_key
from jicha.engine.session import ModelMissing, Session
from jicha.engine.source import GivenTables
from jicha.errors import BadInput

AS_OF = date(2026, 10, 15)


def session(rows: Mapping[str, Sequence[Mapping[str, Any]]], known: Mapping[str, Relation] | None = None) -> Session:
    return Session(GivenTables(schema(), rows), as_of=AS_OF, p0=date(2026, 9, 1), known=known, threads=1)


def relation(name: str, sql: str, **columns: str) -> Relation:
    return Relation(name=name, kind="model", zh=name, en=name, columns=columns, sql=sql, path=Path(name))


def test_rows_that_arose_later_are_not_seen() -> None:
    tickets = [
        {"ticket_id": "a", "kind": "complaint", "created_at": "2026-10-15 23:59:59"},
        {"ticket_id": "b", "kind": "complaint", "created_at": "2026-10-16 00:00:00"},
    ]
    with session({"ticket": tickets}) as open_session:
        assert open_session.relation("ticket")["ticket_id"].to_pylist() == ["a"]


def test_undelivered_table_is_typed_and_empty() -> None:
    with session({}) as open_session:
        table = open_session.relation("bill")
        assert table.num_rows == 0
        assert table.column_names == list(schema()["bill"].columns)
        assert str(table.schema.field("total_yuan").type) == "decimal128(18, 2)"


def test_models_are_made_once_and_in_order() -> None:
    known = {
        "second": relation("second", "SELECT f.n FROM first AS f WHERE f.n > 1", n="int"),
        "first": relation("first", "SELECT CAST(length(c.customer_id) AS INTEGER) AS n FROM customer AS c", n="int"),
    }
    rows = {"customer": [{"customer_id": "a"}, {"customer_id": "abc"}]}
    with session(rows, known) as open_session:
        assert open_session.relation("second")["n"].to_pylist() == [3]
        made = dict(open_session.seconds)
        open_session.require(["second", "first"])
        assert open_session.seconds == made
        assert list(made) == ["first", "second"]


def test_a_circle_of_models_is_named() -> None:
    known = {
        "a": relation("a", "SELECT b.n FROM b", n="int"),
        "b": relation("b", "SELECT a.n FROM a", n="int"),
    }
    with session({}, known) as open_session, pytest.raises(BadInput, match="a → b → a"):
        open_session.require(["a"])


def test_relations_made_side_by_side_wait_for_what_they_read() -> None:
    chain = {
        name: relation(name, f"SELECT x.n + 1 AS n FROM {read} AS x", n="int")
        for name, read in (("b", "a"), ("c", "a"), ("e", "d"))
    }
    chain["a"] = relation("a", "SELECT CAST(COUNT(*) AS INTEGER) AS n FROM ticket AS t", n="int")
    chain["d"] = relation("d", "SELECT b.n + c.n AS n FROM b INNER JOIN c ON b.n = c.n", n="int")
    with session({"ticket": [{"ticket_id": "a"}]}, chain) as open_session:
        open_session.require(["e"], side_by_side=True)
        assert open_session.relation("e")["n"].to_pylist() == [5]
        assert set(open_session.seconds) == set("abcde")


def test_what_cannot_be_made_side_by_side_is_raised_and_the_session_goes_on() -> None:
    known = {
        "good": relation("good", "SELECT 1 AS n FROM ticket AS t", n="int"),
        "bad": relation("bad", "SELECT CAST('x' AS INTEGER) AS n FROM ticket AS t", n="int"),
    }
    with session({"ticket": [{"ticket_id": "a"}]}, known) as open_session:
        with pytest.raises(duckdb.Error):
            open_session.require(["bad", "good"], side_by_side=True)
        assert open_session.relation("good")["n"].to_pylist() == [1]


def test_planned_model_is_missing_not_unknown() -> None:
    with session({}) as open_session:
        with pytest.raises(ModelMissing, match="theft_score"):
            open_session.require(["theft_score"])
        with pytest.raises(BadInput, match="unknown table or model nothing"):
            open_session.require(["nothing"])


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM read_csv('/etc/passwd')",
        "COPY (SELECT 1) TO '/tmp/jicha-escape.csv'",
        "ATTACH '/tmp/jicha-escape.db'",
        "INSTALL httpfs",
        "SET lock_configuration = false",
        "SET enable_external_access = true",
    ],
)
def test_connection_is_locked(sql: str) -> None:
    with session({}) as open_session, pytest.raises(duckdb.Error):
        open_session.connection.execute(sql)


def test_owner_is_found_through_references() -> None:
    rows = {
        "customer": [{"customer_id": "c", "org_id": "o1"}],
        "area": [{"area_id": "a", "org_id": "o2"}],
        "metering_point": [
            {"point_id": "p", "customer_id": "c", "area_id": "a", "purpose": "settlement"},
            {"point_id": "m", "area_id": "a", "purpose": "area_supply"},
        ],
        "meter": [{"meter_id": "e", "point_id": "p"}, {"meter_id": "f", "point_id": "m"}, {"meter_id": "g"}],
    }
    with session(rows) as open_session:
        name = open_session.owners("meter_id")
        found = open_session.connection.execute(f"SELECT id, customer_id, org_id FROM {name} ORDER BY id").fetchall()
        assert found == [("e", "c", "o1"), ("f", None, "o2"), ("g", None, None)]


def test_owners_of_bills_are_found_in_the_period_of_the_rows_and_outside_it() -> None:
    rows = {
        "customer": [{"customer_id": "c", "org_id": "o1"}, {"customer_id": "d", "org_id": "o2"}],
        "bill": [
            {"bill_id": "x", "customer_id": "c", "point_id": "p", "period": "2026-09-01"},
            {"bill_id": "y", "customer_id": "d", "point_id": "q", "period": "2024-01-01"},
        ],
    }
    with session(rows) as open_session:
        found = [{"bill_id": bill, "period": date(2026, 9, 1)} for bill in ("x", "y", "z", None)]
        right = {"x": ("c", "o1"), "y": ("d", "o2")}
        assert open_session.owners_of("bill_id", found) == right
        assert open_session.owners_of("bill_id", [{"bill_id": row["bill_id"]} for row in found]) == right
        assert open_session.owners_of("bill_id", []) == {}


def test_every_key_column_of_a_single_key_table_has_an_owner() -> None:
    with session({}) as open_session:
        for table in schema().tables.values():
            if len(table.key) == 1:
                known = table_of_key(schema(), table.key[0])
                assert known is not None
                body = owner_sql(schema(), known)
                open_session.require([t for t in schema().tables if f" {t} AS " in body])
                open_session.connection.execute(f"DESCRIBE {body}")


def test_staff_columns_mean_staff() -> None:
    for column in ("reader_id", "cashier_id", "requested_by", "manager_id"):
        table = table_of_key(schema(), column)
        assert table is not None and table.name == "staff"


def test_text_functions() -> None:
    assert text_key("ａｂ（1）号-Ⅲ ㎏") == "AB1号IIIKG"
    assert text_key("云溪市东街12号") == "云溪市东街12号"
    assert text_nfkc("１２３") == "123"
    with session({}) as open_session:
        row = open_session.connection.execute("SELECT text_key('a b·c'), text_key(NULL)").fetchone()
        assert row == ("ABC", None)


def test_restarted_session_holds_nothing_of_before() -> None:
    """Tables, lists, owners, failures, days and relations are those of the new session, as in one opened anew."""
    known = {"long_id": relation("long_id", "SELECT length(c.customer_id) AS n FROM customer AS c", n="int")}
    lists = {"exempt_areas": ({"area_id": "string"}, [["A1"]])}
    first, second = ([{"customer_id": name, "org_id": "S1"}] for name in ("a", "abc"))
    with session({"customer": first}, known) as open_session:
        open_session.restart(open_session.source, as_of=AS_OF, p0=date(2026, 9, 1), lists=lists, known=known)
        assert open_session.relation("long_id")["n"].to_pylist() == [1]
        assert open_session.relation("run_exempt_areas")["area_id"].to_pylist() == ["A1"]
        owners = open_session.owners("customer_id")
        assert owners is not None
        broken = {"long_id": relation("long_id", "SELECT c.nothing AS n FROM customer AS c", n="int")}
        given = GivenTables(schema(), {"customer": second})
        open_session.restart(given, as_of=date(2026, 11, 15), p0=date(2026, 10, 1), known=broken)
        with pytest.raises(BadInput, match="run_exempt_areas"):
            open_session.relation("run_exempt_areas")
        with pytest.raises(duckdb.Error):
            open_session.relation("long_id")
        open_session.restart(given, as_of=date(2026, 11, 15), p0=date(2026, 10, 1), known=known)
        assert open_session.relation("long_id")["n"].to_pylist() == [3]
        assert open_session.owners("customer_id") == owners
        assert open_session.connection.sql(f"SELECT id FROM {owners}").fetchall() == [("abc",)]
        assert (open_session.as_of, open_session.p0) == (date(2026, 11, 15), date(2026, 10, 1))


def test_restarted_session_reads_no_other_folder(tmp_path: Path) -> None:
    class Elsewhere(GivenTables):
        def folders(self) -> Sequence[Path]:
            return (tmp_path,)

    with session({}) as open_session, pytest.raises(BadInput):
        open_session.restart(Elsewhere(schema(), {}), as_of=AS_OF, p0=date(2026, 9, 1))
