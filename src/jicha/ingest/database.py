"""Databases as sources: connecting for reading only, and what goes wrong in words."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote as percent

import sqlalchemy as sa
from sqlalchemy import exc

from jicha.addresses import scrubbed, without_password
from jicha.errors import BadInput
from jicha.ingest.model import Place

_POSTGRESQL = {"postgres", "postgresql"}  # without a driver named


@dataclass(frozen=True)
class Database:
    """A database that is a source; `shown` is its address without the password."""

    url: str = field(repr=False)

    @property
    def shown(self) -> str:
        """The address as it may be shown and stored."""
        return without_password(self.url)

    def place(self, part: str) -> Place:
        """Return the place of a query or table of the database."""
        return Place(Path(self.shown), self.shown, part, is_query=True)

    def problem(self, error: Exception) -> str:
        """Return what a driver said, in one line and without the password."""
        cause = error.orig if isinstance(error, exc.DBAPIError) and error.orig is not None else error
        lines = [line.strip() for line in str(cause).splitlines() if line.strip()]
        return scrubbed("; ".join(lines[:2]) or type(cause).__name__, self.url)[:500]


def _parsed(database: Database) -> sa.URL:
    try:
        url = sa.make_url(database.url)
    except (exc.ArgumentError, ValueError) as error:
        raise BadInput(
            zh=f"{database.shown} 不是数据库地址。应如 sqlite:///文件.db 或 postgresql+psycopg://用户@主机:5432/库名；"
            "密码中的特殊字符须写成 %XX。",
            en=f"{database.shown} is no address of a database; expected is one such as sqlite:///file.db or "
            "postgresql+psycopg://user@host:5432/name; special characters in a password are written %XX",
        ) from error
    if url.drivername in _POSTGRESQL:
        return url.set(drivername="postgresql+psycopg")
    if url.get_backend_name() != "sqlite" or not url.database or url.database.startswith("file:"):
        return url
    path = Path(url.database)
    if not path.is_file():
        raise BadInput(
            zh=f"数据库文件 {path} 不存在（{database.shown}）。请检查路径；绝对路径写四个斜杠 sqlite:////…。",
            en=f"the database file {path} does not exist ({database.shown}); check the path; an absolute one takes "
            "four slashes, sqlite:////…",
        )
    # opened for reading only, and never made
    return url.set(database=f"file:{percent(str(path.absolute()))}").update_query_dict({"mode": "ro", "uri": "true"})


def _engine(database: Database) -> sa.Engine:
    url = _parsed(database)
    try:
        return sa.create_engine(url, poolclass=sa.NullPool)
    except (exc.NoSuchModuleError, ImportError) as error:
        raise BadInput(
            zh=f"没有读取 {database.shown} 的驱动（{database.problem(error)}）。请用 pip 安装该数据库的 "
            "SQLAlchemy 驱动，并在地址中写明，例如 mysql+pymysql://…。",
            en=f"there is no driver for {database.shown} ({database.problem(error)}); install the SQLAlchemy driver of "
            "that database with pip and name it in the address, such as mysql+pymysql://…",
        ) from error
    except (exc.ArgumentError, TypeError, ValueError) as error:
        raise _unreachable(database, error) from error


@contextlib.contextmanager
def connected(database: Database) -> Iterator[sa.Connection]:
    """Connect within one transaction that only reads, so that all tables are of one moment where that is possible."""
    engine = _engine(database)
    try:
        connection = engine.connect()
        try:
            _only_read(connection)
        except BaseException:
            connection.close()
            raise
    except (exc.SQLAlchemyError, OSError, TypeError, ValueError, ImportError) as error:
        engine.dispose()
        raise _unreachable(database, error) from error
    try:
        yield connection
    finally:
        with contextlib.suppress(exc.SQLAlchemyError):
            connection.close()
        engine.dispose()


def _only_read(connection: sa.Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
    elif connection.dialect.name == "sqlite":
        connection.exec_driver_sql("BEGIN")
        connection.exec_driver_sql(
            "SELECT count(*) FROM sqlite_master"
        ).close()  # a file that is no database fails here


def _unreachable(database: Database, error: Exception) -> BadInput:
    problem = database.problem(error)
    return BadInput(
        zh=f"连接不上数据库 {database.shown}：{problem}。请检查地址、端口、库名、用户和密码，以及数据库是否在运行；"
        "PostgreSQL 的密码也可放在环境变量 PGPASSWORD 或 ~/.pgpass 中。",
        en=f"cannot connect to the database {database.shown}: {problem}; check address, port, name, user and password, "
        "and that it runs; a password of PostgreSQL may also stand in the environment's PGPASSWORD or in ~/.pgpass",
    )


def query_failed(database: Database, place: Place, error: Exception, rows: int) -> BadInput:
    """Return the error of a query that failed, at once or after some rows."""
    problem = database.problem(error)
    zh, en = place.text
    after_zh, after_en = (f"读了 {rows} 行后", f" after {rows} rows") if rows else ("", "")
    return BadInput(
        zh=f"{zh} 查询{after_zh}失败：{problem}。请检查映射文件中的查询（表名、列名、语法）和该用户的读权限；"
        "数值不能表示时请在查询中转换为文本。",
        en=f"{en}: the query failed{after_en}: {problem}; check the query in the mapping file (names of tables and "
        "columns, syntax) and that the user may read; a value that cannot be represented can be cast to text "
        "in the query",
    )


class _TextBytes(bytes):
    """A text of SQLite as it is stored; a BLOB comes as plain bytes."""


def find_undecodable(connection: sa.Connection, sql: str, place: Place) -> BadInput | None:
    """Return the error that names the first text of a query that is not UTF-8; None where all of it is, or unknown.

    SQLite stores whatever bytes a program gave it, often GBK, and says only that it cannot read them: so the query,
    which failed, is run again with its texts as bytes.
    """
    driver = connection.connection.driver_connection
    if not isinstance(driver, sqlite3.Connection):
        return None
    text_factory, driver.text_factory = driver.text_factory, _TextBytes
    try:
        rows = driver.execute(sql)
        header = [name for name, *_ in rows.description or ()]
        for number, row in enumerate(rows, start=1):
            for name, value in zip(header, row, strict=True):
                if isinstance(value, _TextBytes) and not _decodes(value, "utf-8"):
                    return _not_utf8(place, name, number, is_gbk=_decodes(value, "gb18030"))
    except sqlite3.Error:
        return None  # it fails in another way, which the caller knows
    finally:
        driver.text_factory = text_factory
    return None


def _decodes(value: bytes, encoding: str) -> bool:
    try:
        value.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _not_utf8(place: Place, column: str, row: int, *, is_gbk: bool) -> BadInput:
    zh, en = place.text
    looks_zh, looks_en = ("，看来是 GBK（GB18030）", "; it looks like GBK (GB18030)") if is_gbk else ("", "")
    return BadInput(
        zh=f"{zh} 的列 {column} 第 {row} 行的文字不是 UTF-8 编码{looks_zh}，无法从数据库读取。请把该表导出为 CSV 后导入"
        '（例如 sqlite3 库文件 -header -csv "SELECT * FROM 表名" > 表名.csv，文件编码会自动识别），'
        "或在数据库中把这些文字改存为 UTF-8。",
        en=f"{en}: column {column}, row {row} holds text that is not UTF-8{looks_en}, which cannot be read from the "
        'database; write the table to a CSV file and load that (such as: sqlite3 FILE -header -csv "SELECT * FROM '
        'NAME" > NAME.csv; the encoding of a file is recognised), or store the text as UTF-8 in the database',
    )


def tables_of(database: Database, connection: sa.Connection) -> list[str]:
    """Return the names of all tables and views of the database's default schema."""
    try:
        found = sa.inspect(connection)
        names = [*found.get_table_names(), *found.get_view_names()]
        if connection.dialect.name == "postgresql":
            names += found.get_materialized_view_names()
        return sorted(set(names))
    except exc.SQLAlchemyError as error:
        raise query_failed(database, database.place("information schema"), error, 0) from error


def select_all(connection: sa.Connection, table: str) -> str:
    """Return the query for all rows of a table or view."""
    return f"SELECT * FROM {connection.dialect.identifier_preparer.quote_identifier(table)}"
