"""What was planted and what was found, in the same words."""

from __future__ import annotations

import json
from pathlib import Path

import duckdb

from jicha.screening.run import RunResult


def found(run: RunResult) -> dict[tuple[str, str], str]:
    """Return the state of every finding of a run by rule and key."""
    with duckdb.connect() as connection:
        path = str(run.folder / "findings.parquet")
        rows = connection.execute("SELECT rule, key, state FROM read_parquet(?)", [path]).fetchall()
    return {(rule, key): state for rule, key, state in rows}


def truth(source: Path) -> dict[str, set[tuple[str, str]]]:
    """Return what was planted into a city, rule and key, as hits and near misses."""
    with duckdb.connect() as connection:
        path = str(source / "truth.parquet")
        rows = connection.execute("SELECT kind, rule, key FROM read_parquet(?)", [path]).fetchall()
    kinds: dict[str, set[tuple[str, str]]] = {"hit": set(), "near_miss": set()}
    for kind, rule, key in rows:
        kinds[kind].add((rule, json.dumps(json.loads(key), sort_keys=True, ensure_ascii=False)))
    return kinds
