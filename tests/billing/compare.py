"""Both implementations of a bill on the same rows: what differs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from jicha.billing.gather import Gatherer, in_batches
from jicha.billing.recompute import recompute
from jicha.catalog.billing import SettingsBook
from jicha.catalog.parameters import sql_type
from jicha.catalog.relations import planned_models
from jicha.catalog.schema import Schema, schema
from jicha.engine.session import Session
from jicha.engine.source import TableSource
from tests.billing.random_bills import AS_OF, P0, PERIODS, random_city
from tests.billing.random_prices import prices, settings

COLUMNS = tuple(planned_models()["recomputed_bill"])
_ARROW = {"string": pa.string(), "enum": pa.string(), "int": pa.int64(), "bool": pa.bool_(), "date": pa.date32(),
          "timestamp": pa.timestamp("us"), "double": pa.float64()}  # fmt: skip


def _arrow_type(type_: str) -> pa.DataType:
    if type_.startswith("decimal"):
        precision, scale = type_.removeprefix("decimal(").removesuffix(")").split(",")
        return pa.decimal128(int(precision), int(scale))
    return _ARROW[type_]


class ParquetTables:
    """Tables as files: many rows for an engine session."""

    def __init__(self, shape: Schema, rows: Mapping[str, Sequence[Mapping[str, Any]]], folder: Path) -> None:
        self._schema = shape
        self._folder = folder
        self._counts = {table: len(content) for table, content in rows.items()}
        for table, content in rows.items():
            fields = {name: _arrow_type(column.type) for name, column in shape[table].columns.items()}
            arrays = {name: pa.array([row.get(name) for row in content], kind) for name, kind in fields.items()}
            pq.write_table(pa.table(arrays), folder / f"{table}.parquet")

    def has(self, table: str) -> bool:
        """Whether the table was given."""
        return table in self._counts

    def rows(self, table: str) -> int:
        """Number of rows given."""
        return self._counts.get(table, 0)

    def may_exceed(self, table: str, column: str, day: date) -> bool:
        """Not looked at: rows after a day may always exist."""
        return True

    def relation_sql(self, table: str) -> str:
        """A SELECT of the file, or a typed empty one."""
        kinds = {name: "string" if c.type == "enum" else c.type for name, c in self._schema[table].columns.items()}
        if self.has(table):
            columns = ", ".join(f"CAST({name} AS {sql_type(kind)}) AS {name}" for name, kind in kinds.items())
            return f"SELECT {columns} FROM read_parquet('{self._folder / table}.parquet')"
        return "SELECT " + ", ".join(f"CAST(NULL AS {sql_type(k)}) AS {n}" for n, k in kinds.items()) + " WHERE false"

    def folders(self) -> Sequence[Path]:
        """The folder of the files."""
        return (self._folder,)


@dataclass(frozen=True)
class Difference:
    """A bill on which the two disagree."""

    bill_id: str
    columns: Mapping[str, tuple[Any, Any]]  # column → (SQL, Python)

    @property
    def kind(self) -> str:
        """What differs first."""
        if "reason" in self.columns:
            return f"reason {self.columns['reason'][0]} | {self.columns['reason'][1]}"
        return ",".join(self.columns)


@dataclass
class Comparison:
    """What came of comparing."""

    bills: int = 0
    judged: int = 0
    different: list[Difference] = field(default_factory=list)
    reasons: Counter[str] = field(default_factory=Counter)
    used: Counter[str] = field(default_factory=Counter)


def _plain(value: Any) -> Any:
    if isinstance(value, float):
        return Decimal(str(value)).normalize()
    return value.normalize() + 0 if isinstance(value, Decimal) else value


def compare_session(session: Session, book: SettingsBook, periods: Sequence[date], *, batch: int = 500) -> Comparison:
    """Compare all bills of the periods in a session."""
    result = Comparison()
    by_sql = {row["bill_id"]: row for row in session.relation("recomputed_bill").to_pylist()}
    gatherer = Gatherer(session, book)
    seen: set[str] = set()
    names = sorted({row["customer_id"] for row in by_sql.values()})
    for some in in_batches(names, batch):
        for facts in gatherer.gather(some, periods):
            for bill in recompute(facts):
                if bill.bill_id in seen:
                    continue
                seen.add(bill.bill_id)
                reasons = ",".join(bill.reasons) or None
                ours = {name: reasons if name == "reason" else getattr(bill, name) for name in COLUMNS}
                theirs = by_sql[bill.bill_id]
                columns = {
                    name: (theirs[name], ours[name]) for name in COLUMNS if _plain(theirs[name]) != _plain(ours[name])
                }
                result.bills += 1
                result.judged += reasons is None
                result.reasons.update(bill.reasons)
                if columns:
                    result.different.append(Difference(bill.bill_id, columns))
    for name in sorted(set(by_sql) - seen):
        result.different.append(Difference(name, {"bill_id": (name, None)}))
    return result


def compare(seeds: Iterable[int], folder: Path) -> Comparison:
    """Compare the bills of random customers."""
    tables, used = random_city(seeds)
    book = settings(folder)
    source: TableSource = ParquetTables(schema(), {**prices(), **tables}, folder)
    with Session(source, as_of=AS_OF, p0=P0, billing=book, memory="3GB") as session:
        result = compare_session(session, book, PERIODS)
    result.used = used
    return result
