"""The cases beside a rule: rows given, keys expected; run with `jicha rules test`."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

import duckdb

from jicha.catalog.files import read_yaml
from jicha.catalog.reason import render_reason
from jicha.catalog.relations import Relation, relations
from jicha.catalog.rules import Rule, read_rule
from jicha.catalog.runinputs import list_columns
from jicha.catalog.schema import schema
from jicha.engine.bind import rows_sql
from jicha.engine.check import check_rule, in_words
from jicha.engine.judge import Suspect, could_not_judge, judge, key_json, key_text
from jicha.engine.session import Lists, Session
from jicha.engine.source import GivenTables
from jicha.errors import BadInput
from jicha.language import Language, Text
from jicha.screening.inputs import latest_complete_period, values_of
from jicha.screening.readiness import outcome_of
from jicha.stopping import raise_if_asked

KINDS = ("hit", "near_miss", "boundary", "null", "not_judged", "not_run")
_FIELDS = {"name", "kind", "as_of", "given", "parameters", "lists", "absent", "expect", "not_judged", "outcome"}


@dataclass(frozen=True)
class CaseResult:
    """How one case ended: no differences means it passed."""

    rule: str
    name: str
    kind: str
    differences: tuple[Text, ...]
    reasons: tuple[str, ...] = ()

    @property
    def passed(self) -> bool:
        """Whether the rule gave exactly what the case expects."""
        return not self.differences


def read_cases(rule: Rule) -> list[dict[str, Any]]:
    """Read the cases of a rule, each with its file's defaults filled in; BadInput names the broken case."""
    if not rule.cases_path.exists():
        raise BadInput(
            zh=f"{rule.code}：缺少用例文件 {rule.cases_path.name}。",
            en=f"{rule.code}: {rule.cases_path.name} is missing",
        )
    content = read_yaml(rule.cases_path)
    cases = []
    for case in content["cases"]:
        place = f"{rule.cases_path.name}: {case.get('name')}"
        if set(case) - _FIELDS or case.get("kind") not in KINDS:
            raise BadInput(
                zh=f"{place}：字段或 kind 不对；字段 {'、'.join(sorted(_FIELDS))}；kind 为 {'、'.join(KINDS)}。",
                en=f"{place}: wrong field or kind; fields {', '.join(sorted(_FIELDS))}; kinds {', '.join(KINDS)}",
            )
        cases.append(_filled(rule, content, case, place))
    return cases


def _filled(rule: Rule, content: Mapping[str, Any], case: Mapping[str, Any], place: str) -> dict[str, Any]:
    defaults = content.get("defaults") or {}
    absent = set(case.get("absent") or ())
    given: dict[str, list[dict[str, Any]]] = {table: [] for table in rule.needed_tables if table not in absent}
    for table, rows in (case.get("given") or {}).items():
        given[table] = [{**(defaults.get(table) or {}), **row} for row in rows or ()]
    return {
        "expect": [], "not_judged": [], "parameters": {}, "lists": {}, "outcome": "done",
        "settle_day": content.get("settle_day", 10), "as_of": content.get("as_of"), "place": place,
        **case, "given": given,
    }  # fmt: skip


def run_case(rule: Rule, case: Mapping[str, Any], sessions: _Sessions) -> CaseResult:
    """Run one case; what differs is said in words."""
    place = case["place"]
    as_of = case["as_of"] if isinstance(case["as_of"], date) else date.fromisoformat(str(case["as_of"]))
    columns = list_columns()
    lists = {
        name: (kinds, [[row.get(c) for c in kinds] for row in case["lists"].get(name) or ()])
        for name, kinds in columns.items()
    }
    known = _with_given_models(case["given"], place)
    source = GivenTables(schema(), {n: rows for n, rows in case["given"].items() if n not in known}, place=place)
    outcome, _ = outcome_of(rule, source)
    if outcome != "done" or case["outcome"] != "done":
        differences = [] if outcome == case["outcome"] else [_unlike("outcome", outcome, case["outcome"])]
        return CaseResult(rule.code, case["name"], case["kind"], tuple(differences))
    values = values_of(rule, case["parameters"], place)
    p0 = latest_complete_period(as_of, case["settle_day"])
    try:
        session = sessions.of(source, as_of=as_of, p0=p0, lists=lists, known={**relations(), **known})
        suspects = judge(session, rule, values)
        unjudged = could_not_judge(session, rule, values)
    except (duckdb.Error, BadInput) as error:
        raise_if_asked(error)
        sessions.close()  # after an error of the engine nothing of it can be trusted
        return CaseResult(rule.code, case["name"], case["kind"], (in_words(error),))
    differences = [
        *_compare(rule, "expect", case["expect"], suspects),
        *_compare(rule, "not_judged", case["not_judged"], unjudged),
    ]
    reasons = tuple(
        render_reason(rule.reason[lang], _shown(s), rule.evidence, Language(lang))
        for s in suspects
        for lang in ("zh", "en")
    )
    return CaseResult(rule.code, case["name"], case["kind"], tuple(differences), reasons)


def _shown(suspect: Suspect) -> dict[str, Any]:
    """Return what a reason may name, as in the ledger of a run."""
    amounts = {"amount_yuan": suspect.amount_yuan, "energy_kwh": suspect.energy_kwh}
    return {**suspect.evidence, **amounts, "customer_id": suspect.customer_id, "org_id": suspect.org_id}


class _Sessions(AbstractContextManager["_Sessions"]):
    """One session for the cases of a rule, each as if it were the first: opening one takes longer than most cases."""

    def __init__(self) -> None:
        self._session: Session | None = None

    def of(self, source: GivenTables, *, as_of: date, p0: date, lists: Lists, known: Mapping[str, Relation]) -> Session:
        """Return a session that holds these tables, lists and relations and nothing else."""
        if self._session is None:
            self._session = Session(source, as_of=as_of, p0=p0, lists=lists, threads=1, known=known)
        else:
            self._session.restart(source, as_of=as_of, p0=p0, lists=lists, known=known)
        return self._session

    def close(self) -> None:
        """Close the session; the next case opens another."""
        if self._session is not None:
            self._session.close()
        self._session = None

    def __exit__(self, *error: object) -> None:
        self.close()


def _with_given_models(given: Mapping[str, list[dict[str, Any]]], place: str) -> dict[str, Relation]:
    """Models whose rows a case gives itself, in place of those that their SELECT would make."""
    known = {}
    for name, rows in given.items():
        relation = relations().get(name)
        if relation is None or relation.kind != "model":
            continue
        wrong = sorted({column for row in rows for column in row} - set(relation.columns))
        if wrong:
            raise BadInput(
                zh=f"{place}：模型 {name} 没有列 {'、'.join(wrong)}。",
                en=f"{place}: model {name} has no column {', '.join(wrong)}",
            )
        cells = [[row.get(column) for column in relation.columns] for row in rows]
        known[name] = replace(relation, sql=rows_sql(cells, relation.columns))
    return known


def _unlike(name: str, have: object, wanted: object) -> Text:
    return Text(f"{name} 为 {have}，应为 {wanted}", f"{name} is {have}, expected {wanted}")


def _compare(rule: Rule, what: str, expected: list[dict[str, Any]], found: list[Suspect]) -> list[Text]:
    differences = []
    by_key = {suspect.key: suspect for suspect in found}
    wanted = {}
    for entry in expected:
        lacking = [name for name in rule.key if name not in entry]
        if lacking:
            names = ", ".join(lacking)
            differences.append(Text(f"{what}：{entry} 没有写明 {names}", f"{what}: {entry} does not name {names}"))
            continue
        wanted[key_json(rule.key, entry)] = entry
    differences += [Text(f"{what}：缺少 {key}", f"{what}: {key} is missing") for key in wanted if key not in by_key]
    differences += [
        Text(f"{what}：多出 {key}", f"{what}: {key} was not expected") for key in by_key if key not in wanted
    ]
    for key, entry in wanted.items():
        if key in by_key:
            differences += [
                Text(f"{what} {key}：{text.zh}", f"{what} {key}: {text.en}") for text in _values(entry, by_key[key])
            ]
    return differences


def _values(entry: Mapping[str, Any], suspect: Suspect) -> list[Text]:
    have = {
        **suspect.evidence,
        "amount_yuan": suspect.amount_yuan,
        "energy_kwh": suspect.energy_kwh,
        "customer_id": suspect.customer_id,
        "org_id": suspect.org_id,
        "missing": suspect.missing,
    }
    return [
        _unlike(name, repr(have.get(name)), repr(value))
        for name, value in entry.items()
        if name not in have or not _same(have[name], value)
    ]


def _same(have: object, wanted: object) -> bool:
    if have is None or wanted is None:
        return have is wanted
    if isinstance(have, bool) or isinstance(wanted, bool):
        return have is wanted
    if isinstance(have, Decimal | int | float) and not isinstance(wanted, date):
        try:
            return Decimal(str(have)) == Decimal(str(wanted))
        except InvalidOperation:
            return False
    if isinstance(have, datetime) and isinstance(wanted, datetime):
        return have == wanted
    return key_text(have) == key_text(wanted)


def run_cases(rule: Rule) -> list[CaseResult]:
    """Run all cases of a rule."""
    with _Sessions() as sessions:
        return [run_case(rule, case, sessions) for case in read_cases(rule)]


def check_and_run(path: Path, *, own: bool) -> list[CaseResult]:
    """Check a rule file and, when it is sound, run its cases; by path, so that other processes can be asked."""
    rule = read_rule(path, own=own)
    problems = check_rule(rule)
    return [CaseResult(rule.code, "check", "check", tuple(problems))] if problems else run_cases(rule)


def rule_folder(path: Path) -> Path:
    """Return the folder of rules to test; BadInput when it is none."""
    if not path.is_dir():
        raise BadInput(
            zh=f"{path} 不是文件夹。请给出规则文件夹；只测某条自带规则用 --rule {path.name}。",
            en=f"{path} is not a folder. Give a folder of rules; for one of the shipped rules use --rule {path.name}.",
        )
    return path
