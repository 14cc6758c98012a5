"""What a run is given besides the data: settings, lists, whitelist, parameters by organisation subtree."""

from __future__ import annotations

import csv
import difflib
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from jicha.catalog.billing import OVERRIDES
from jicha.catalog.files import read_yaml, vocabulary
from jicha.catalog.rules import Rule
from jicha.catalog.runinputs import list_columns, list_labels, settings
from jicha.catalog.schema import schema
from jicha.catalog.subtree import ancestry
from jicha.errors import BadInput

ListContent = tuple[Mapping[str, str], list[list[Any]]]


def latest_complete_period(as_of: date, settle_day: int) -> date:
    """Return P0: first day of the month before as_of's; one month earlier before the settlement day."""
    back = 1 if as_of.day >= settle_day else 2
    months = as_of.year * 12 + as_of.month - 1 - back
    return date(months // 12, months % 12 + 1, 1)


@dataclass(frozen=True)
class RunInputs:
    """The inputs of one run, read and checked."""

    settle_day: int
    lists: Mapping[str, ListContent]
    rule_values: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)  # rule -> parameter -> value
    org_values: Mapping[str, Mapping[str, Mapping[str, Any]]] = field(default_factory=dict)  # org -> rule -> …
    statuses: Mapping[str, str] = field(default_factory=dict)  # rule -> the status that this utility gives it
    unused_files: tuple[str, ...] = ()  # files of the folder that no run reads
    billing: str = ""  # settings of bills as written

    @property
    def fingerprint(self) -> str:
        """Digest of the settings and lists that every rule may see; the whitelist only hides, so it is left out."""
        seen = {name: rows for name, (_, rows) in self.lists.items() if name != "whitelist"}
        given = [self.settle_day, seen, *([self.billing] if self.billing else [])]
        text = json.dumps(given, sort_keys=True, default=str, ensure_ascii=False)
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    def whitelist(self, as_of: date) -> dict[tuple[str, str], date]:
        """Return (rule, key) → last day of the exceptions in force."""
        columns, rows = self.lists["whitelist"]
        names = list(columns)
        found: dict[tuple[str, str], date] = {}
        for row in rows:
            entry = dict(zip(names, row, strict=True))
            until = entry["until"] or date.max
            if entry["rule"] and entry["key"] and until >= as_of:
                found[entry["rule"], _normal_key(entry["key"])] = until
        return found


def _normal_key(text: str) -> str:
    return json.dumps(json.loads(text), sort_keys=True, ensure_ascii=False)


def values_of(rule: Rule, overrides: Mapping[str, Any], place: str) -> dict[str, Any]:
    """Return the value of every parameter of a rule, its default or the override; BadInput on a wrong one."""
    unknown = sorted(set(overrides) - set(rule.parameters))
    if unknown:
        known = "、".join(rule.parameters) or "无"
        raise BadInput(
            zh=f"{place}：规则 {rule.code} 没有参数 {'、'.join(unknown)}（已有：{known}）。",
            en=f"{place}: rule {rule.code} has no parameter {', '.join(unknown)}; known: {', '.join(rule.parameters)}",
        )
    return {p.name: p.check(overrides.get(p.name, p.default), place) for p in rule.parameters.values()}


def _cell(text: str, kind: str, place: str) -> Any:
    text = text.strip()
    if not text:
        return None
    try:
        if kind == "date":
            return date.fromisoformat(text.replace("/", "-"))
        if kind == "int":
            return int(text)
        if kind.startswith("decimal"):
            return Decimal(text)
    except (ValueError, ArithmeticError):
        raise BadInput(
            zh=f"{place}：{text!r} 不是 {kind}，日期应写作 2026-01-05。",
            en=f"{place}: {text!r} is no {kind}; dates are written 2026-01-05",
        ) from None
    return text


def _positions(path: Path, name: str, header: Sequence[str], columns: Mapping[str, str]) -> list[int]:
    """Return where each column of a list stands: by its name or label; a list of one column may carry the list's."""
    labels = schema().column_by_name
    found = [cell.strip().lower() for cell in header]
    places, absent = [], []
    for column in columns:
        known = {column, labels[column].zh if column in labels else column}
        if len(columns) == 1:
            known |= {name, list_labels()[name]["zh"], "value"}
        place = next((i for i, cell in enumerate(found) if cell in known), None)
        places.append(0 if place is None else place)
        absent += [column] if place is None else []
    if absent:
        raise BadInput(
            zh=f"{path}（{list_labels()[name]['zh']}）：缺少列 {'、'.join(absent)}；首行应为 {','.join(columns)}。",
            en=f"{path}: column {', '.join(absent)} is missing; the first line should read {','.join(columns)}",
        )
    return places


def _read_list(path: Path, name: str, columns: Mapping[str, str]) -> list[list[Any]]:
    rows: list[list[Any]] = []
    known: dict[tuple[str, str], tuple[date | None, str]] = {}
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file)
            places = _positions(path, name, next(reader, []), columns)
            for row in reader:
                place = f"{path}:{reader.line_num}"
                cells = [
                    _cell(row[at] if at < len(row) else "", kind, f"{place} {column}")
                    for at, (column, kind) in zip(places, columns.items(), strict=True)
                ]
                if all(cell is None for cell in cells):
                    continue
                if name == "whitelist":
                    entry = dict(zip(columns, cells, strict=True))
                    _check_key(entry["key"], place)
                    _check_once(entry, place, known)
                rows.append(cells)
    except UnicodeDecodeError as error:
        raise BadInput(zh=f"{path}：应为 UTF-8 编码。", en=f"{path}: expected UTF-8 text") from error
    return rows


def read_list(folder: Path, name: str) -> list[list[Any]]:
    """Return the rows of one list of a folder; none where its file is not there, BadInput where it is wrong."""
    path = folder / f"{name}.csv"
    return _read_list(path, name, list_columns()[name]) if path.exists() else []


def _check_key(text: str | None, place: str) -> None:
    try:
        parsed = json.loads(text or "null")
    except json.JSONDecodeError:
        parsed = None
    if not isinstance(parsed, dict):
        raise BadInput(
            zh=f'{place}：key 应为 JSON 对象，如 {{"customer_id": "0012"}}。',
            en=f'{place}: key should be a JSON object such as {{"customer_id": "0012"}}',
        )


def _check_once(entry: Mapping[str, Any], place: str, known: dict[tuple[str, str], tuple[date | None, str]]) -> None:
    """Refuse a second line of the same finding with another day: which of the two holds would hang on their order."""
    finding = (entry["rule"] or "", _normal_key(entry["key"]))
    until, first = known.setdefault(finding, (entry["until"], place))
    if until != entry["until"]:
        raise BadInput(
            zh=f"{place}：规则 {finding[0]} 的同一对象 {finding[1]} 已在 {first} 列出，期限不同"
            f"（{until or '无'}、{entry['until'] or '无'}）。请只保留一行。",
            en=f"{place}: the same {finding[1]} of rule {finding[0]} stands at {first} with another last day "
            f"({until or 'none'}, {entry['until'] or 'none'}); keep one of the lines",
        )


def read_inputs(folder: Path | None, rules: Mapping[str, Rule]) -> RunInputs:
    """Read parameters.yaml and the lists of a folder; what is not there takes its default.

    BadInput names the file, the line and what was expected; an unknown rule or parameter and a misspelt file name are
    errors, because an override that is passed over would change nothing without a word.
    """
    columns = list_columns()
    if folder is None or not folder.is_dir():
        if folder is not None and folder.exists():
            raise BadInput(zh=f"{folder} 不是文件夹。", en=f"{folder} is not a folder")
        return RunInputs(
            settle_day=int(settings()["settle_day"].default),
            lists={name: (kinds, []) for name, kinds in columns.items()},
        )
    # outcomes.csv is written by the application: what became of findings decides no finding
    known = {"parameters.yaml", "outcomes.csv", OVERRIDES, *(f"{name}.csv" for name in columns)}
    unused = sorted(p.name for p in folder.iterdir() if p.suffix in {".csv", ".yaml", ".yml"} and p.name not in known)
    for stranger in unused:
        if close := difflib.get_close_matches(stranger, sorted(known), n=1, cutoff=0.8):
            raise BadInput(
                zh=f"{folder}：不认识的文件 {stranger}，是否应为 {close[0]}？",
                en=f"{folder}: unknown file {stranger}; did you mean {close[0]}?",
            )
    lists: dict[str, ListContent] = {}
    for name, kinds in columns.items():
        path = folder / f"{name}.csv"
        lists[name] = (kinds, _read_list(path, name, kinds) if path.exists() else [])
    path = folder / "parameters.yaml"
    content = (read_yaml(path) if path.exists() else None) or {}
    billing = folder / OVERRIDES
    return replace(
        _with_parameters(content, path, lists, rules),
        unused_files=tuple(unused),
        billing=billing.read_text(encoding="utf-8") if billing.exists() else "",
    )


def read_settle_day(folder: Path) -> int:
    """Return the settlement day of a folder of run inputs, of its parameters.yaml alone; the default without one."""
    path = folder / "parameters.yaml"
    content = (read_yaml(path) if path.exists() else None) or {}
    return _settle_day(content if isinstance(content, dict) else {}, path)


def _settle_day(content: Mapping[str, Any], path: Path) -> int:
    setting = settings()["settle_day"]
    found = setting.check(content.get("settle_day", setting.default), str(path))
    assert isinstance(found, int)
    return found


def _with_parameters(
    content: Any, path: Path, lists: Mapping[str, ListContent], rules: Mapping[str, Rule]
) -> RunInputs:
    expected = {*settings(), "status", "rules", "organizations"}
    if not isinstance(content, dict) or set(content) - expected:
        raise BadInput(
            zh=f"{path}：只能有 {'、'.join(sorted(expected))} 这些字段。",
            en=f"{path}: fields may be {', '.join(sorted(expected))}",
        )
    settle_day = _settle_day(content, path)
    rule_values = content.get("rules") or {}
    org_values = {str(org): entry or {} for org, entry in (content.get("organizations") or {}).items()}
    for place, entries in [(str(path), rule_values), *((f"{path} {org}", entry) for org, entry in org_values.items())]:
        for code, values in entries.items():
            if code not in rules:
                raise BadInput(zh=f"{place}：没有规则 {code}。", en=f"{place}: there is no rule {code}")
            values_of(rules[code], values or {}, f"{place} {code}")
    assert isinstance(settle_day, int)
    return RunInputs(
        settle_day=settle_day, lists=lists, rule_values=rule_values, org_values=org_values,
        statuses=_statuses(content.get("status") or {}, path, rules),
    )  # fmt: skip


def _statuses(content: Any, path: Path, rules: Mapping[str, Rule]) -> dict[str, str]:
    known = vocabulary()["rule_status"]
    for code, status in content.items() if isinstance(content, dict) else [("", content)]:
        if code not in rules or status not in known:
            raise BadInput(
                zh=f"{path} status：{code}: {status!r} 不合要求，应为 规则编码: {' / '.join(known)}。",
                en=f"{path} status: {code}: {status!r}; expected a rule's code and one of {', '.join(known)}",
            )
    return dict(content)


def in_force(rules: Mapping[str, Rule], inputs: RunInputs) -> dict[str, Rule]:
    """Return the rules with the status that the utility gives them; the shipped one where it says nothing."""
    return {
        code: replace(rule, status=inputs.statuses[code]) if code in inputs.statuses else rule
        for code, rule in rules.items()
    }


def check_organisations(inputs: RunInputs, parents: Mapping[str, str | None]) -> None:
    """Refuse values for an organisation that is not there: they would change nothing without a word.

    parents: organisation → its parent; without any (the table was not delivered) nothing is said.
    """
    unknown = sorted(set(inputs.org_values) - set(parents))
    if unknown and parents:
        raise BadInput(
            zh=f"parameters.yaml：没有供电单位 {'、'.join(unknown)}，请核对单位编码。",
            en=f"parameters.yaml: there is no organisation {', '.join(unknown)}; check its code",
        )


def parameter_sets(
    rule: Rule, inputs: RunInputs, parents: Mapping[str, str | None]
) -> list[tuple[str | None, dict[str, Any]]]:
    """Return the parameter values by organisation subtree: (None, base) first, then (org, values) for each override.

    parents: organisation → its parent. A nested subtree builds on what its ancestors say.
    """
    base = dict(inputs.rule_values.get(rule.code) or {})
    sets: list[tuple[str | None, dict[str, Any]]] = [(None, values_of(rule, base, "parameters.yaml"))]
    for org, entries in inputs.org_values.items():
        if rule.code not in entries:
            continue
        merged = dict(base)
        for ancestor in reversed(list(ancestry(org, parents))):
            merged |= (inputs.org_values.get(ancestor) or {}).get(rule.code) or {}
        sets.append((org, values_of(rule, merged, f"parameters.yaml {org}")))
    return sets
