"""Changing the inputs of runs: white list and parameters, each change whole or not at all, other lines kept."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import yaml
from filelock import FileLock

from jicha.catalog.files import read_yaml
from jicha.catalog.rules import load_rules
from jicha.catalog.runinputs import list_columns
from jicha.screening.inputs import read_inputs
from jicha.warehouse.manifest import replace_file

_HEAD = "# Written by the application, which keeps who changed what and why; edits by hand are kept, comments not.\n"


def put_on_whitelist(data: Path, *, rule: str, key: str, until: date, reason: str, by: str) -> None:
    """Put a finding on DATA/run/whitelist.csv until a day; a line of the same finding is replaced."""
    line = {"rule": rule, "key": key, "until": until.isoformat(), "reason": " ".join(reason.split()), "by": by}
    _edit_whitelist(data, rule, key, line)


def take_off_whitelist(data: Path, *, rule: str, key: str) -> None:
    """Take a finding off DATA/run/whitelist.csv; nothing happens when it is not on it."""
    _edit_whitelist(data, rule, key, None)


def _same(row: Mapping[str, str], rule: str, key: str) -> bool:
    try:
        return row.get("rule") == rule and json.loads(row.get("key") or "null") == json.loads(key)
    except ValueError:
        return False


def _edit_whitelist(data: Path, rule: str, key: str, line: Mapping[str, str] | None) -> None:
    folder, columns = data / "run", list(list_columns()["whitelist"])
    path = folder / "whitelist.csv"
    folder.mkdir(parents=True, exist_ok=True)
    with FileLock(folder / ".edit.lock"):
        rows: list[dict[str, str]] = []
        names = columns
        if path.exists():
            reader = csv.DictReader(io.StringIO(path.read_text(encoding="utf-8-sig"), newline=""))
            names = list(dict.fromkeys([*(name for name in reader.fieldnames or () if name), *columns]))
            rows = [{name: row.get(name) or "" for name in names} for row in reader]
        kept = [row for row in rows if not _same(row, rule, key)]
        if line is not None:
            kept.append({name: line.get(name, "") for name in names})
        elif len(kept) == len(rows):
            return
        text = io.StringIO(newline="")
        writer = csv.DictWriter(text, names, lineterminator="\n")
        writer.writeheader()
        writer.writerows(kept)
        _checked(data, "whitelist.csv", text.getvalue())
        replace_file(path, text.getvalue())


def set_status(data: Path, rule: str, status: str | None) -> None:
    """Give a rule a status in DATA/run/parameters.yaml; None: the one it is shipped with."""

    def change(content: dict[str, Any]) -> None:
        _put(content, ("status",), rule, status)

    _edit_parameters(data, change)


def set_parameter(data: Path, *, rule: str, name: str, value: Any, org: str | None = None) -> None:
    """Give a parameter of a rule a value in DATA/run/parameters.yaml, for a unit's subtree or everywhere (org None).

    value None: what holds above the unit, or the default. BadInput when the value is not in its type and bounds.
    """

    def change(content: dict[str, Any]) -> None:
        _put(content, ("rules", rule) if org is None else ("organizations", org, rule), name, value)

    _edit_parameters(data, change)


def _put(content: dict[str, Any], way: tuple[str, ...], name: str, value: Any) -> None:
    """Set or take away one value in nested mappings; mappings that become empty go."""
    if not way:
        if value is None:
            content.pop(name, None)
        else:
            content[name] = value
        return
    inner = dict(content.get(way[0]) or {})
    _put(inner, way[1:], name, value)
    if inner:
        content[way[0]] = inner
    else:
        content.pop(way[0], None)


def _edit_parameters(data: Path, change: Callable[[dict[str, Any]], None]) -> None:
    folder = data / "run"
    path = folder / "parameters.yaml"
    folder.mkdir(parents=True, exist_ok=True)
    with FileLock(folder / ".edit.lock"):
        content = dict((read_yaml(path) if path.exists() else None) or {})
        change(content)
        text = _HEAD + yaml.safe_dump(content, allow_unicode=True, sort_keys=True, default_flow_style=None, width=120)
        _checked(data, "parameters.yaml", text)
        replace_file(path, text)


def _checked(data: Path, name: str, text: str) -> None:
    """Read the file as a run would before it is put in place; BadInput says what is wrong with it."""
    with TemporaryDirectory() as folder:
        (Path(folder) / name).write_text(text, encoding="utf-8")
        read_inputs(Path(folder), load_rules(data / "rules").rules)
