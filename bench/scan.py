"""All rules against one bare scan of the columns that they use: `python bench/scan.py DATA [--inputs FOLDER]`.

The bare scan decodes every value of every column that a rule, definition or model names, once, and keeps the greatest.
"""

from __future__ import annotations

import argparse
import json
import time
from collections import defaultdict
from pathlib import Path

import duckdb
from measure import cpu_seconds
from sqlglot import expressions as exp
from sqlglot.optimizer.qualify import qualify
from sqlglot.optimizer.scope import traverse_scope

from jicha.catalog.relations import parse_select, relations, transitive
from jicha.catalog.rules import load_rules
from jicha.catalog.runinputs import list_columns
from jicha.catalog.schema import schema
from jicha.warehouse.store import Warehouse


def columns_used() -> dict[str, list[str]]:
    """Return the columns of each stored table that the shipped rules read, through the relations that they use."""
    rules = load_rules(Path("no rules of its own")).rules.values()
    known = {name: dict.fromkeys(table.columns, "VARCHAR") for name, table in schema().tables.items()}
    known |= {name: dict.fromkeys(relation.columns, "VARCHAR") for name, relation in relations().items()}
    known |= {f"run_{name}": dict.fromkeys(columns, "VARCHAR") for name, columns in list_columns().items()}
    statements: list[tuple[str, dict[str, dict[str, str]]]] = []
    for rule in rules:
        tables = {
            f"parameter_{p.name}": dict.fromkeys(p.columns, "VARCHAR") for p in rule.parameters.values() if p.is_table
        }
        statements += [(sql, tables) for sql in (rule.sql, rule.not_judged_sql) if sql]
    needed = transitive({name for rule in rules for name in rule.reads}, relations())
    statements += [(relations()[name].sql, {}) for name in needed]
    used: dict[str, set[str]] = defaultdict(set)
    for sql, tables in statements:
        tree = qualify(
            parse_select(sql).copy(), schema=known | tables, dialect="duckdb", validate_qualify_columns=False,
            quote_identifiers=False,
        )  # fmt: skip
        for scope in traverse_scope(tree):
            for column in scope.columns:
                source = scope.sources.get(column.table)
                if isinstance(source, exp.Table) and source.name in schema():
                    used[source.name].add(column.name)
    return {table: sorted(names) for table, names in sorted(used.items())}


def bare_scan(data: Path, memory: str) -> dict[str, float]:
    """Return wall and CPU seconds, columns and values of one scan of all used columns."""
    snapshot = Warehouse(data).snapshot()
    seconds = cpu = values = 0.0
    columns = 0
    with duckdb.connect(config={"memory_limit": memory}) as connection:
        for table, names in columns_used().items():
            if not snapshot.has(table):
                continue
            asked = ", ".join(f"max({name})" for name in names)
            sql = f"SELECT {asked} FROM ({snapshot.relation_sql(table)})"  # compares checksums: before the clock starts
            started, before = time.perf_counter(), cpu_seconds()
            connection.execute(sql).fetchall()
            seconds += time.perf_counter() - started
            cpu += cpu_seconds() - before
            columns += len(names)
            values += len(names) * snapshot.rows(table)
    return {"seconds": seconds, "cpu_seconds": cpu, "columns": columns, "values": values}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("data", type=Path)
    parser.add_argument("--memory", default="6GB")
    given = parser.parse_args()
    print(json.dumps(bare_scan(given.data, given.memory)))


if __name__ == "__main__":
    main()
