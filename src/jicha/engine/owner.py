"""To whom a finding belongs: the customer and the unit reached from its key by the schema's references."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence

from jicha.catalog.schema import Schema, Table


def table_of_key(schema: Schema, column: str) -> Table | None:
    """The table that a key column identifies: the one it is the key of, or the one it refers to."""
    for table in schema.tables.values():
        if table.key == (column,):
            return table
    for table in schema.tables.values():
        found = table.columns.get(column)
        if found is not None and found.ref:
            return schema[found.ref.partition(".")[0]]
    return None


def _steps(table: Table) -> Iterator[tuple[str, str, str]]:
    """(column, table, column there) of the references to follow; customer_id always means the customer."""
    referred = {column.name: (target, there) for column, target, there in table.references if target != table.name}
    if "customer_id" in table.columns and table.name != "customer":
        referred.setdefault("customer_id", ("customer", "customer_id"))
    # The customer's own unit is the surest; people and pay desks say who acted, not where.
    for name in sorted(referred, key=lambda n: (n != "customer_id", n != "point_id", n)):
        target, there = referred[name]
        if target not in {"staff", "outlet", "organization", "tariff"}:
            yield name, target, there


def owner_sql(schema: Schema, table: Table) -> str:
    """Return a SELECT of (id, customer_id, org_id) for every row of a table with a single key column.

    A table that is stored in parts has their column as well, so that a reader who knows it opens only those parts.
    """
    joins: list[str] = []
    customers: list[str] = []
    orgs: list[str] = []
    queue: deque[tuple[Table, str]] = deque([(table, "t0")])
    seen = {table.name}
    while queue:
        current, alias = queue.popleft()
        if "org_id" in current.columns:
            orgs.append(f"{alias}.org_id")
        if "customer_id" in current.columns:
            customers.append(f"{alias}.customer_id")
        for column, target, there in _steps(current):
            if target in seen or schema[target].key != (there,):
                continue
            seen.add(target)
            name = f"t{len(seen)}"
            joins.append(f"LEFT JOIN {target} AS {name} ON {alias}.{column} = {name}.{there}")
            queue.append((schema[target], name))
    part = f", t0.{table.partition}" if table.partition else ""
    return (
        f"SELECT t0.{table.key[0]} AS id, {_first(customers)} AS customer_id, {_first(orgs)} AS org_id{part} "
        f"FROM {table.name} AS t0 {' '.join(joins)}"
    )


def _first(columns: Sequence[str]) -> str:
    if not columns:
        return "CAST(NULL AS VARCHAR)"
    return columns[0] if len(columns) == 1 else f"COALESCE({', '.join(columns)})"
