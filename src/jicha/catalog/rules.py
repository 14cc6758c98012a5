"""Rules: one SQL file each, its front matter checked; and their fingerprints."""

from __future__ import annotations

import functools
import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jicha.catalog.files import catalog_path, regulations, specialties, vocabulary
from jicha.catalog.parameters import Parameter, read_parameter
from jicha.catalog.relations import macros_used, names_read, parse_select, planned_models, relations, transitive
from jicha.catalog.schema import schema
from jicha.catalog.sqlfile import read_sql_file
from jicha.errors import BadInput
from jicha.language import Text

STANDARD_COLUMNS = ("amount_yuan", "energy_kwh", "customer_id", "org_id")
_REQUIRED = ("code", "name", "group", "subject", "class", "severity", "status", "frequency", "proof", "tables", "key",
             "reason", "basis", "remedy")  # fmt: skip
_OPTIONAL = ("not_empty", "parameters", "evidence", "personal", "amount", "near_miss", "decisions", "seed",
             "replaced_by", "retired_because")  # fmt: skip


@dataclass(frozen=True)
class Rule:
    """One rule of the catalog or of the utility."""

    code: str
    name: Mapping[str, str]
    group: str
    subject: str
    rule_class: str
    severity: str
    status: str
    frequency: str
    proof: str
    tables: tuple[str, ...]
    not_empty: tuple[str, ...]
    key: tuple[str, ...]
    parameters: Mapping[str, Parameter]
    evidence: Mapping[str, Mapping[str, Any]]
    personal: frozenset[str]
    reason: Mapping[str, str]
    amount: Mapping[str, str] | None
    basis: tuple[Mapping[str, Any], ...]
    remedy: Mapping[str, str]
    near_miss: tuple[Any, ...]
    decisions: tuple[Any, ...]
    sql: str
    not_judged_sql: str | None
    path: Path
    own: bool  # the utility's own rule, not the catalog's

    @functools.cached_property
    def reads(self) -> frozenset[str]:
        """Names of all relations that its SELECTs read."""
        second = names_read(self.not_judged_sql) if self.not_judged_sql else frozenset()
        return names_read(self.sql) | second

    @functools.cached_property
    def fingerprint(self) -> str:
        """Digest of what decides its findings: its SQL, that of all it reads and calls, its parameters' names.

        Wording (names, reasons, remedies) is left out: a better sentence withdraws no finding.
        """
        known = relations()
        parts = [self.sql, self.not_judged_sql or "", repr(self.key), repr(sorted(self.parameters))]
        parts += [known[name].sql for name in transitive(self.reads, known)]
        parts += macros_used(parts)
        return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]

    @property
    def needed_tables(self) -> tuple[str, ...]:
        """The canonical tables without which it cannot be judged: its own, and those of the models it names."""
        named = [relations()[name].tables if name in relations() else (name,) for name in self.tables]
        return tuple(dict.fromkeys(table for tables in named for table in tables if table in schema()))

    @property
    def cases_path(self) -> Path:
        """The file of its cases."""
        return self.path.with_suffix(".cases.yaml")


def _fail(path: Path, zh: str, en: str) -> BadInput:
    return BadInput(zh=f"{path.name}：{zh}", en=f"{path.name}: {en}")


def _bilingual(path: Path, front: Mapping[str, Any], field: str) -> Mapping[str, str]:
    value = front[field]
    if not isinstance(value, dict) or not {"zh", "en"} <= set(value):
        raise _fail(path, f"{field} 应有 zh 和 en 两种文字", f"{field} needs zh and en")
    return value


def _check_codes(path: Path, front: Mapping[str, Any]) -> None:
    words = vocabulary()
    for field, kind in (("severity", "severity"), ("class", "class"), ("status", "rule_status"),
                        ("frequency", "frequency"), ("proof", "proof"), ("subject", "subject")):  # fmt: skip
        if front[field] not in words[kind]:
            raise _fail(
                path,
                f"{field} 为 {front[field]!r}，应为 {'、'.join(words[kind])} 之一",
                f"{field} is {front[field]!r}; expected one of {', '.join(words[kind])}",
            )
    if front["group"] not in specialties():
        raise _fail(
            path,
            f"group 为 {front['group']!r}，应为专业 {'、'.join(specialties())} 之一（编码的字母可以另取）",
            f"group is {front['group']!r}; expected one of {', '.join(specialties())} (a code may have other letters)",
        )
    for table in [*front["tables"], *front.get("not_empty", [])]:
        if table not in schema() and table not in planned_models():
            raise _fail(path, f"tables 中的 {table} 不是标准表", f"{table} in tables is not a table of the schema")
    for entry in front["basis"]:
        if entry.get("regulation") not in regulations():
            raise _fail(
                path,
                f"basis 中没有法规 {entry.get('regulation')!r}；可用：{'、'.join(regulations())}；都不是时写 basis: []",
                f"unknown regulation {entry.get('regulation')!r} in basis; known are {', '.join(regulations())}; "
                "write basis: [] where none of them fits",
            )
        if entry.get("article") is not None and not isinstance(entry.get("verified"), bool):
            raise _fail(path, f"{entry} 应写明 verified", f"{entry} must say verified: true or false")


def _check_forms(path: Path, front: Mapping[str, Any]) -> None:
    """Refuse a field that is no list, no text or no pair of texts where one is meant: later it would be a trace."""

    def is_list_of(kind: type, value: object) -> bool:
        return isinstance(value, list) and all(isinstance(item, kind) for item in value)

    for fields, kind, zh, en in (
        (("tables", "key", "not_empty", "personal"), str, "名称列表 [a, b]", "a list of names [a, b]"),
        (("basis", "parameters"), dict, "“字段: 值”的列表", "a list of `field: value` entries"),
    ):
        for field in fields:
            if front.get(field) is not None and not is_list_of(kind, front[field]):
                raise _fail(path, f"{field} 应为{zh}", f"{field} should be {en}")
    for field in ("group", "subject", "class", "severity", "status", "frequency", "proof"):
        if not isinstance(front[field], str):
            raise _fail(path, f"{field} 应为一个词", f"{field} should be one word")
    evidence = front.get("evidence") or {}
    if not isinstance(evidence, dict) or not all(isinstance(item, dict) for item in evidence.values()):
        raise _fail(path, "evidence 应为“列名: {zh: …, en: …}”", "evidence should be `column: {zh: …, en: …}` entries")


def _check_sql(path: Path, statements: Sequence[str | None]) -> None:
    """Parse the SELECTs; what is wrong with one is placed by the file's own lines."""
    text = path.read_text(encoding="utf-8").replace("\r\n", "\n")
    for sql in filter(None, statements):
        try:
            parse_select(sql)
        except BadInput as error:
            above = text.count("\n", 0, max(text.find(sql), 0))

            def placed(found: re.Match[str], form: str, above: int = above) -> str:
                return form.format(line=int(found[1]) + above, column=found[2])

            place = re.compile(r"Line (\d+), Col: (\d+)")
            zh, en = error.text
            raise _fail(
                path,
                place.sub(lambda found: placed(found, "第 {line} 行第 {column} 列"), zh),
                place.sub(lambda found: placed(found, "line {line}, column {column}"), en),
            ) from error


def read_rule(path: Path, *, own: bool = False) -> Rule:
    """Read one rule file; BadInput names the file and says what is wrong with its front matter.

    own: a file of the utility, whose SQL is parsed here, so that one that is broken is known before anything is run.
    """
    file = read_sql_file(path)
    front = file.front
    missing = [field for field in _REQUIRED if field not in front]
    unknown = [field for field in front if field not in {*_REQUIRED, *_OPTIONAL}]
    if missing or unknown:
        raise _fail(
            path,
            f"说明块缺少 {missing}，多出 {unknown}",
            f"the front matter lacks {missing} and has unknown fields {unknown}",
        )
    code = str(front["code"])
    if not re.fullmatch(r"[A-Z]{2,4}\d{3}", code) or not path.stem.startswith(f"{code}_"):
        raise _fail(
            path,
            f"编码 {code} 应如 CF004，且文件名以它开头",
            f"code {code} should look like CF004 and begin the file name",
        )
    _check_forms(path, front)
    _check_codes(path, front)
    if own:
        _check_sql(path, (file.sql, file.not_judged_sql))
    if not front["key"]:
        raise _fail(path, "key 不能为空", "key may not be empty")
    parameters = [read_parameter(entry, path.name) for entry in front.get("parameters") or []]
    return Rule(
        code=code,
        name=_bilingual(path, front, "name"),
        group=front["group"],
        subject=front["subject"],
        rule_class=front["class"],
        severity=front["severity"],
        status=front["status"],
        frequency=front["frequency"],
        proof=front["proof"],
        tables=tuple(front["tables"]),
        not_empty=tuple(front.get("not_empty") or ()),
        key=tuple(front["key"]),
        parameters={parameter.name: parameter for parameter in parameters},
        evidence=front.get("evidence") or {},
        personal=frozenset(front.get("personal") or ()),
        reason=_bilingual(path, front, "reason"),
        amount=_bilingual(path, front, "amount") if front.get("amount") else None,
        basis=tuple(front["basis"]),
        remedy=_bilingual(path, front, "remedy"),
        near_miss=tuple(front.get("near_miss") or ()),
        decisions=tuple(front.get("decisions") or ()),
        sql=file.sql,
        not_judged_sql=file.not_judged_sql,
        path=path,
        own=own,
    )


@dataclass(frozen=True)
class RuleSet:
    """The rules that could be read, and what was wrong with the files that could not."""

    rules: Mapping[str, Rule]
    problems: Mapping[Path, BadInput]

    @property
    def broken(self) -> Text:
        """The problems as lines to append to a message that a rule is not there; empty where there are none."""
        return Text(
            "".join(f"\n{problem.text.zh}" for problem in self.problems.values()),
            "".join(f"\n{problem.text.en}" for problem in self.problems.values()),
        )


def load_rules(extra: Path | None = None) -> RuleSet:
    """Read the shipped rules and the utility's own below `extra`.

    A broken file of the catalog raises; one of the utility is a problem that is reported and stops no other rule.
    """
    found: dict[str, Rule] = {rule.code: rule for rule in _shipped()}
    problems: dict[Path, BadInput] = {}
    for path in sorted(extra.rglob("*.sql")) if extra and extra.is_dir() else ():
        try:
            rule = read_rule(path, own=True)
            if rule.code in found:
                taken = found[rule.code].path.name
                raise _fail(path, f"编码 {rule.code} 已被 {taken} 使用", f"code {rule.code} is taken by {taken}")
            found[rule.code] = rule
        except BadInput as error:
            problems[path] = error
    return RuleSet(rules=dict(sorted(found.items())), problems=problems)


@functools.cache
def _shipped() -> tuple[Rule, ...]:
    rules: dict[str, Rule] = {}
    for path in sorted(catalog_path("rules").glob("*/*.sql")):
        rule = read_rule(path)
        if path.parent.name != specialties()[rule.group]["folder"]:
            raise _fail(path, "放错了专业文件夹", f"belongs into {specialties()[rule.group]['folder']}")
        if rule.code in rules:
            raise _fail(path, "编码重复", f"code taken by {rules[rule.code].path.name}")
        rules[rule.code] = rule
    return tuple(rules.values())
