"""Databases as sources: queries, tables by name, types, passwords that stay secret, errors."""

from __future__ import annotations

import json
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from typer.testing import CliRunner

from jicha.addresses import is_url, scrubbed, without_password
from jicha.cli import application
from jicha.errors import BadInput
from jicha.ingest import query
from jicha.warehouse import Warehouse

from .bench import Bench
from .postgres import PASSWORD, Postgres, free_port, running_postgres

SETUP = """
CREATE TABLE yh_da (yhbh VARCHAR(20), yhm VARCHAR(100), ydlb VARCHAR(3), htrl NUMERIC(12, 4), lhrq DATE, bz VARCHAR(9));
INSERT INTO yh_da VALUES ('0012', '云溪纺织厂', '200', 500.5, '2016-05-03', 'a');
INSERT INTO yh_da VALUES ('0013', '50% :x ''王''', '100', 8, NULL, NULL);
INSERT INTO yh_da VALUES ('0014', '未知', '999', 8, '2020-01-02', NULL);
CREATE TABLE zd (id INTEGER, yhbh VARCHAR(20), ny VARCHAR(6), df NUMERIC(14, 2));
INSERT INTO zd VALUES (1, '0012', '202609', 12.34);
CREATE VIEW organization AS SELECT '3301' AS org_id, '云溪' AS name, 'county' AS level;
"""
MAPPING = """
tables:
  customer:
    query: |
      SELECT yhbh, yhm, ydlb, htrl, lhrq FROM yh_da
      WHERE yhm LIKE '%' ORDER BY yhbh;
    columns:
      customer_id: YHBH
      name: YHM
      org_id: {constant: "3301"}
      usage_class: {column: YDLB, codes: {"100": residential, "200": large_industrial}}
      status: {constant: active}
      contract_capacity_kva: HTRL
      opened_on: LHRQ
  bill:
    - query: SELECT id, yhbh, ny, df, '12:30' AS t FROM zd
      columns: {bill_id: id, customer_id: yhbh, point_id: yhbh, period: ny, total_yuan: df}
"""


@pytest.fixture(scope="module")
def server() -> Iterator[Postgres]:
    with running_postgres() as found:
        yield found


@pytest.fixture(params=["sqlite", "postgresql"])
def address(request: pytest.FixtureRequest, bench: Bench) -> str:
    """The address of a database that holds SETUP."""
    if request.param == "sqlite":
        return sqlite(bench, SETUP)
    postgres: Postgres = request.getfixturevalue("server")
    postgres.run("DROP SCHEMA public CASCADE; CREATE SCHEMA public;" + SETUP)
    return postgres.url()


def sqlite(bench: Bench, script: str) -> str:
    path = bench.source / "营销 库.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(script)
    return f"sqlite:///{path}"


def mapped(bench: Bench, text: str = MAPPING) -> Path:
    path = bench.source.parent / "mapping.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_queries_of_a_mapping(bench: Bench, address: str) -> None:
    result = bench.load(address, mapping=mapped(bench))
    columns = "customer_id, name, usage_class, contract_capacity_kva, opened_on"
    assert bench.table("customer", columns) == [
        ("0012", "云溪纺织厂", "large_industrial", 500.5, date(2016, 5, 3)),
        ("0013", "50% :x '王'", "residential", 8.0, None),
    ]
    assert bench.table("bill", "bill_id, period, total_yuan") == [("1", date(2026, 9, 1), Decimal("12.34"))]
    shown = without_password(address)
    assert bench.record("rejects", 'file, sheet, line, "column", code, value') == [
        (shown, "tables.customer.query", 3, "usage_class", "code", "999")
    ]
    assert result.files[0] | {"file": shown, "encoding": "SQL", "lines": 3, "accepted": 2} == result.files[0]
    assert result.files[1]["sheet"] == "tables.bill[0].query"
    assert result.exit_code == 1


def test_tables_and_views_named_like_tables_map_by_themselves(bench: Bench, address: str) -> None:
    result = bench.load(address)
    assert bench.table("organization", "org_id, name, level") == [("3301", "云溪", "county")]
    assert result.exit_code == 0
    assert not result.unrecognised


def test_a_mapping_may_name_database_tables_like_files(bench: Bench, address: str) -> None:
    text = MAPPING.replace("query: SELECT id, yhbh, ny, df, '12:30' AS t FROM zd", "files: [zd]")
    head, _, tail = text.partition("  customer:")
    bench.load(address, mapping=mapped(bench, head + tail[tail.index("  bill:") :]))
    assert bench.table("bill", "bill_id") == [("1",)]


def test_files_and_a_database_in_one_load(bench: Bench, address: str) -> None:
    path = bench.write("人员.csv", "工号,姓名,单位编码\n1,甲,3301\n")
    bench.load(path, address)
    assert sorted(bench.state()) == ["organization", "staff"]


def test_batches_whose_types_differ(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(query, "BATCH", 2)
    script = "CREATE TABLE staff (staff_id, name, org_id, certified_until);" + "".join(
        f"INSERT INTO staff VALUES ({values});"
        for values in (
            "1, 'a', '1', NULL", "2, 'b', '1', NULL",
            "'03', NULL, 1, '2026-01-05'", "4.0, NULL, '1', '2026-01-06'",
            "x'e794b2', 2.5, 1, NULL", f"{2**62}, x'ff', '1', '2026-02-30'",
        )
    )  # fmt: skip
    result = bench.load(sqlite(bench, script))
    assert bench.table("staff", "staff_id, name, org_id, certified_until") == [
        ("03", None, "1", date(2026, 1, 5)),
        ("1", "a", "1", None),
        ("2", "b", "1", None),
        ("4", None, "1", date(2026, 1, 6)),
        ("甲", "2.5", "1", None),
    ]
    assert result.rejected == 1
    assert bench.errors() == [(6, "certified_until", "type", "2026-02-30")]


def test_an_empty_table(bench: Bench) -> None:
    result = bench.load(sqlite(bench, "CREATE TABLE staff (staff_id, name, org_id)"))
    assert (result.accepted, result.rejected, bench.table("staff")) == (0, 0, [])


def test_types_of_postgresql(bench: Bench, server: Postgres) -> None:
    server.run(
        """DROP SCHEMA public CASCADE; CREATE SCHEMA public;
        CREATE TABLE typed AS SELECT g AS id, 0.1::float8 + 0.2::float8 AS f, 123456789012.45::numeric AS n,
            '2026-01-01 16:00:00+00'::timestamptz AS t, true AS b, '{"a": 1}'::jsonb AS j, NULL::text AS nothing,
            'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'::uuid AS u, 'NaN'::numeric AS bad, 3::numeric(4,0) AS whole
        FROM generate_series(1, 3) AS g"""
    )
    text = """
tables:
  bill:
    query: SELECT * FROM typed ORDER BY id
    columns:
      {bill_id: u, customer_id: j, point_id: whole, period: t, total_yuan: f, billed_kwh: n, days: id, kind: nothing}
    where: id = 3
  reading:
    query: SELECT * FROM typed WHERE id = 1
    columns: {point_id: id, period: t, register: {constant: total}, read_at: t, quantity: n}
  customer:
    query: SELECT * FROM typed WHERE id = 2
    columns:
      customer_id: id
      org_id: {constant: "1"}
      status: {constant: active}
      usage_class: {constant: residential}
      is_temporary: b
      contract_capacity_kva: f
      free_kwh_per_month: bad
"""
    bench.load(server.url(), mapping=mapped(bench, text))
    assert bench.table("bill", "bill_id, customer_id, point_id, period, total_yuan, billed_kwh, days, kind") == [
        ("a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11", '{"a": 1}', "3", date(2026, 1, 1), Decimal("0.30"),
         Decimal("123456789012.45"), 3, None),
    ]  # fmt: skip
    assert bench.table("reading", "read_at") == [(datetime(2026, 1, 2, 0, 0),)]  # local time
    assert bench.errors() == [(1, "free_kwh_per_month", "type", "NaN")]


def test_rows_are_streamed(bench: Bench, server: Postgres) -> None:
    """The server is asked for a cursor, so that no more than a batch is held at once."""
    server.run("DROP SCHEMA public CASCADE; CREATE SCHEMA public;")
    text = """
tables:
  staff:
    query: >-
      SELECT g::text AS staff_id, '1' AS org_id, (SELECT count(*) FROM pg_cursors) AS name
      FROM generate_series(1, 120000) AS g
"""
    result = bench.load(server.url(), mapping=mapped(bench, text))
    assert result.accepted == 120_000
    assert bench.table("staff", "DISTINCT name") == [("1",)]


def everything_written(folder: Path) -> Iterator[tuple[Path, bytes]]:
    for path in folder.rglob("*"):
        if path.is_file():
            yield path, path.read_bytes()


@pytest.mark.parametrize("wrong", ["", "SELECT nothing FROM nowhere"])
def test_the_password_is_written_nowhere(bench: Bench, server: Postgres, wrong: str) -> None:
    server.run("DROP SCHEMA public CASCADE; CREATE SCHEMA public;" + SETUP)
    mapping = mapped(
        bench, MAPPING.replace("SELECT id, yhbh, ny, df, '12:30' AS t FROM zd", wrong) if wrong else MAPPING
    )
    for extra in ([], ["--json"]):
        arguments = ["load", str(bench.data), server.url(), "--mapping", str(mapping), *extra]
        done = CliRunner().invoke(application(), arguments)
        said = done.output + repr(getattr(done.exception, "text", ""))
        assert "geheim" not in said
        if wrong:
            assert server.shown in said
        else:
            assert done.exit_code == 1, said
    assert not [path for path, content in everything_written(bench.data) if b"geheim" in content]
    if not wrong:
        load_id = Warehouse(bench.data).manifest().loads[-1]
        record = json.loads((bench.data / "loads" / load_id / "load.json").read_text(encoding="utf-8"))
        assert record["sources"] == [server.shown]


def test_the_lock_shows_no_password(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["/x/jicha", "load", "d", "postgresql://u:geheim@h/d?sslpassword=geheim&a=1"])
    with Warehouse(tmp_path).lock(wait_seconds=0):
        said = (tmp_path / ".lock.json").read_text(encoding="utf-8")
    assert "jicha load d postgresql://u@h/d?a=1" in said


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("postgresql://u:p@h:1/d", "postgresql://u@h:1/d"),
        ("postgresql://u:p@q/r@h/d", "postgresql://u@h/d"),
        ("postgresql://:p@h/d", "postgresql://@h/d"),
        ("postgresql://h/d?user=u&password=p", "postgresql://h/d?user=u"),
        ("mssql+pyodbc:///?odbc_connect=PWD%3Dp", "mssql+pyodbc:///"),
        ("postgresql:/u:p@h/d", "postgresql:/u@h/d"),
        ("sqlite:////a/b:c@d/x.db", "sqlite:////a/b:c@d/x.db"),
        ("C:/a:b@c", "C:/a:b@c"),
        ("来源/用户.csv", "来源/用户.csv"),
    ],
)
def test_what_is_shown_of_an_address(url: str, shown: str) -> None:
    assert without_password(url) == shown
    assert is_url(url) == (not url.startswith(("C:", "来源")))


def test_a_drivers_message_is_scrubbed() -> None:
    assert scrubbed("a%2Fb and a/b", "x+y://u:a%2Fb@h") == "*** and ***"


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("sqlite:///{source}/none.db", "does not exist"),
        ("sqlite:///{source}/text.db", "file is not a database"),
        ("sqlite://", "has no table or view named like"),
        ("nothing+at_all://u:geheim@h/d", "there is no driver for nothing+at_all://u@h/d"),
        ("oracle+oracledb://u:geheim@h/d", "install the SQLAlchemy driver"),
        ("postgresql://u:geheim@h:port/d", "is no address of a database"),
        ("postgresql:/u:geheim@h/d", "is no address of a database"),
        ("postgresql://u:geheim@127.0.0.1:{port}/d", "cannot connect to the database postgresql://u@127.0.0.1"),
        ("postgresql://u:geheim@127.0.0.1:{port}/d?nonsense=1", "cannot connect to the database"),
    ],
)
def test_an_address_that_cannot_be_used(bench: Bench, url: str, words: str) -> None:
    bench.write("text.db", "this is no database, but a text that is long enough to be looked at as one " * 20)
    with pytest.raises(BadInput) as caught:
        bench.load(url.format(source=bench.source, port=free_port()))
    assert words in caught.value.text.en
    assert "geheim" not in caught.value.text.en + caught.value.text.zh
    assert Warehouse(bench.data).manifest().version == 0
    assert not (bench.source / "none.db").exists()


def test_a_wrong_password(bench: Bench, server: Postgres) -> None:
    with pytest.raises(BadInput) as caught:
        bench.load(server.url(password="geheim"))
    assert "password authentication failed" in caught.value.text.en
    assert "PGPASSWORD" in caught.value.text.zh
    assert "geheim" not in caught.value.text.en


@pytest.mark.parametrize(
    ("sql", "words"),
    [
        ("SELECT * FROM nothing", "nothing"),
        ("SELECT nix FROM yh_da", "nix"),
        ("SELEC 1", "SELEC"),
        ("DELETE FROM yh_da", "read"),
        ("SELECT 1 AS x", "required columns of staff are missing"),
    ],
)
def test_a_query_that_fails_names_database_and_place(bench: Bench, address: str, sql: str, words: str) -> None:
    mapping = mapped(bench, f"tables: {{staff: {{query: {json.dumps(sql)}}}}}")
    with pytest.raises(BadInput) as caught:
        bench.load(address, mapping=mapping)
    assert words in caught.value.text.en
    assert f"database {without_password(address)}, tables.staff.query" in caught.value.text.en
    assert f"数据库 {without_password(address)} 的 tables.staff.query" in caught.value.text.zh
    assert PASSWORD not in str(caught.value.__cause__)


def test_a_query_that_fails_after_some_rows(bench: Bench, server: Postgres, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(query, "BATCH", 10)
    sql = "SELECT g::text AS staff_id, (1 / (25 - g))::text AS org_id FROM generate_series(1, 40) AS g"
    with pytest.raises(BadInput, match="the query failed after 20 rows: division by zero"):
        bench.load(server.url(), mapping=mapped(bench, f"tables: {{staff: {{query: {json.dumps(sql)}}}}}"))


@pytest.mark.parametrize("value", ["''", "[SELECT 1]", "3"])
def test_a_query_that_is_none(bench: Bench, value: str) -> None:
    with pytest.raises(BadInput, match=r"tables\.staff\.query: one SELECT statement is expected"):
        bench.load(sqlite(bench, ""), mapping=mapped(bench, f"tables: {{staff: {{query: {value}}}}}"))


@pytest.mark.parametrize(("text", "looks"), [("王", "it looks like GBK"), (b"\xff\xff", "not UTF-8, which")])
def test_text_that_is_not_utf8_is_named_by_table_column_and_row(bench: Bench, text: str | bytes, looks: str) -> None:
    address = sqlite(bench, "CREATE TABLE organization (org_id TEXT, photo BLOB, name TEXT, level TEXT);")
    raw = text.encode("gb18030") if isinstance(text, str) else text
    with closing(sqlite3.connect(bench.source / "营销 库.db")) as connection, connection:
        rows = [("1", b"\xff", "云溪".encode(), "county"), ("2", b"\xd8", raw, "county")]
        connection.executemany("INSERT INTO organization VALUES (?, ?, CAST(? AS TEXT), ?)", rows)
    with pytest.raises(BadInput) as caught:
        bench.load(address)
    said = caught.value.text
    assert "数据库" in said.zh and "的 organization 的列 name 第 2 行的文字不是 UTF-8 编码" in said.zh
    assert "organization: column name, row 2 holds text" in said.en and looks in said.en
    assert "CSV" in said.zh and "sqlalche.me" not in said.zh + said.en
    assert not bench.data.exists() or not list(bench.data.glob("manifest*"))
