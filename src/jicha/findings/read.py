"""Reading the findings of a run: filters, order, names of customers and units, masking."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import date
from decimal import Decimal
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol, Self

import duckdb
import pyarrow as pa

from jicha.catalog.files import specialties, vocabulary
from jicha.catalog.mask import is_personal, mask, masked_values
from jicha.catalog.reason import render_reason
from jicha.errors import BadInput, MachineFailure
from jicha.findings.organisations import Organisations
from jicha.findings.run import RuleFacts, Run
from jicha.language import Language, Text
from jicha.warehouse.checksums import crc32
from jicha.warehouse.machine import first_line

NAMES = ("organization", "customer")  # tables that names are read from
SUSPECTED = ("new", "open", "recurred")  # what a person has to look at
DEFAULT_SORT = "severity,-amount_yuan"
COLUMNS = (
    "rule", "key", "subject", "subject_id", "customer_id", "customer_name", "org_id", "org_name", "org_path", "period",
    "specialty", "severity", "class", "state", "amount_yuan", "energy_kwh", "reason", "evidence", "missing", "basis",
    "remedy", "first_seen_on", "last_hit_on", "judged_on", "run_id", "rule_name", "rule_version", "whitelisted_until",
)  # fmt: skip
_SORTABLE = ("rule", "severity", "state", "amount_yuan", "energy_kwh", "customer_id", "org_id", "period", "subject_id",
             "specialty", "first_seen_on", "last_hit_on", "judged_on")  # fmt: skip
_BATCH = 20_000


class Snapshot(Protocol):
    """The tables of one data version."""

    def relation_sql(self, table: str) -> str:
        """Return a SELECT that gives a table."""


@dataclass(frozen=True, kw_only=True)
class Filter:
    """Which findings; an empty field does not narrow."""

    rules: tuple[str, ...] = ()
    specialties: tuple[str, ...] = ()
    severities: tuple[str, ...] = ()
    states: tuple[str, ...] = SUSPECTED  # empty: all
    org: str | None = None  # id or name; its whole subtree
    customer: str | None = None
    subject_id: str | None = None
    period: date | None = None
    min_yuan: Decimal | None = None
    text: str | None = None
    whitelisted: bool = False  # show whitelisted ones too

    def as_record(self) -> dict[str, Any]:
        """Return what was asked, for JSON and the audit log."""
        values = {f.name: getattr(self, f.name) for f in fields(self)}
        return {name: value for name, value in values.items() if value not in ((), None, False)}


@dataclass(frozen=True)
class Totals:
    """What a filter selects."""

    findings: int
    customers: int
    amount_yuan: Decimal
    energy_kwh: Decimal
    with_amount: int


@dataclass
class _Query:
    where: list[str] = field(default_factory=list)
    values: dict[str, Any] = field(default_factory=dict)

    def add(self, condition: str, **values: Any) -> None:
        self.where.append(condition)
        self.values.update(values)

    @property
    def sql(self) -> str:
        return " AND ".join(self.where) or "TRUE"


def _known(values: Sequence[str], known: Sequence[str], zh: str, en: str) -> tuple[str, ...]:
    unknown = [value for value in values if value not in known]
    if unknown:
        raise BadInput(
            zh=f"没有{zh} {'、'.join(unknown)}。可用：{'、'.join(known)}",
            en=f"no {en} {', '.join(unknown)}; known: {', '.join(known)}",
        )
    return tuple(values)


def _quoted(path: Path) -> str:
    return "'" + str(path).replace("'", "''") + "'"


def _unreadable(run: Run, path: Path, why: Text) -> MachineFailure:
    return MachineFailure(
        zh=f"运行 {run.run_id} 的文件 {path} 缺失或损坏（{why.zh}）。"
        "请从备份恢复，或用 --run 选择其他运行，或重新筛查。",
        en=f"the file {path} of run {run.run_id} is missing or damaged ({why.en}); restore it from a backup, choose "
        "another run with --run, or screen again",
    )


class Ledger:
    """The findings of one run, queried where they lie; holds nothing of them in memory."""

    def __init__(self, run: Run, snapshot: Snapshot | None, *, memory: str = "2GB") -> None:
        self.run = run
        if not run.findings_path.is_file():
            raise _unreadable(run, run.findings_path, Text("文件不存在", "there is no such file"))
        self.connection = duckdb.connect(config={"memory_limit": memory})
        try:
            self._view("finding", run.findings_path)
            self._view("not_judged", run.not_judged_path)
            self._names(snapshot)
            self._orders()
        except BaseException:
            self.connection.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.connection.close()

    def _view(self, name: str, path: Path) -> None:
        """Make a view of a file of the run; a damaged one is told before any figure is shown."""
        expected = self.run.checksums.get(path.name)
        if not path.is_file():
            raise _unreadable(self.run, path, Text("文件不存在", "there is no such file"))
        try:
            if expected is not None and crc32(path) != expected:
                raise _unreadable(self.run, path, Text("校验和不符", "its checksum is another"))
            self.connection.execute(f"CREATE VIEW {name} AS SELECT * FROM read_parquet({_quoted(path)})")
            if expected is None:  # a run of before there were checksums: read it once as a whole
                self.connection.execute(f"SELECT max(hash(t)) FROM {name} AS t").fetchone()
        except (duckdb.Error, OSError) as error:
            raise _unreadable(self.run, path, Text(first_line(error), first_line(error))) from error

    def _names(self, snapshot: Snapshot | None) -> None:
        self.connection.execute(
            "CREATE VIEW customer AS SELECT * FROM (VALUES (NULL::VARCHAR, NULL::VARCHAR, NULL::VARCHAR)) "
            "AS t (customer_id, name, org_id) LIMIT 0"
        )
        units: list[tuple[str, str, str, str | None]] = []
        if snapshot is not None:
            units = self.connection.execute(
                f"SELECT org_id, name, level, parent_id FROM ({snapshot.relation_sql('organization')})"
            ).fetchall()
            customers = snapshot.relation_sql("customer")
            self.connection.execute(
                f"CREATE OR REPLACE VIEW customer AS SELECT customer_id, name, org_id FROM ({customers})"
            )
        self.organisations = Organisations(units)
        self._table("unit", dict(self.organisations.columns()))

    def _orders(self) -> None:
        words = vocabulary()
        self._table("severity_order", {"code": list(words["severity"]), "place": list(range(len(words["severity"])))})
        self._table(
            "state_order", {"code": list(words["finding_state"]), "place": list(range(len(words["finding_state"])))}
        )

    def _table(self, name: str, columns: dict[str, list[Any]]) -> None:
        kind = {name: pa.int32() if name == "place" else pa.string() for name in columns}
        content = pa.table({name: pa.array(values, kind[name]) for name, values in columns.items()})
        self.connection.register(f"{name}_arrow", content)
        self.connection.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS SELECT * FROM {name}_arrow")
        self.connection.unregister(f"{name}_arrow")

    def query(self, wanted: Filter, *, unmasked: bool = False) -> _Query:
        """Return the condition of a filter with its bound values; BadInput when it names what does not exist."""
        query = _Query()
        words = vocabulary()
        for column, values, known, zh, en in (
            ("rule", wanted.rules, list(self.run.rules), "规则", "rule"),
            ("specialty", wanted.specialties, list(specialties()), "专业", "specialty"),
            ("severity", wanted.severities, list(words["severity"]), "严重程度", "severity"),
            ("state", wanted.states, list(words["finding_state"]), "状态", "state"),
        ):
            if values:
                query.add(f"f.{column} IN (SELECT UNNEST(${column}))", **{column: list(_known(values, known, zh, en))})
        if wanted.org:
            unit = self.organisations.find(wanted.org)
            query.add("f.org_id IN (SELECT UNNEST($orgs))", orgs=self.organisations.subtree(unit.org_id))
        for column, value in (
            ("customer_id", wanted.customer),
            ("subject_id", wanted.subject_id),
            ("period", wanted.period),
        ):
            if value is not None:
                query.add(f"f.{column} = ${column}", **{column: value})
        if wanted.min_yuan is not None:
            query.add("f.amount_yuan >= $min_yuan", min_yuan=wanted.min_yuan)
        if not wanted.whitelisted:
            query.add("(f.whitelisted_until IS NULL OR f.whitelisted_until < $as_of)", as_of=self.run.as_of)
        if wanted.text:
            # Names and personal keys are searched only when they are shown: a hit would tell what the mask hides.
            more = (
                "contains(lower(f.key), $text) "
                "OR f.customer_id IN (SELECT customer_id FROM customer WHERE contains(lower(name), $text))"
                if unmasked
                else "(contains(lower(f.key), $text) AND f.rule NOT IN (SELECT UNNEST($hidden_keys)))"
            )
            query.add(
                "(contains(lower(f.reason_zh), $text) OR contains(lower(f.reason_en), $text) OR "
                f"lower(f.customer_id) = $text OR {more})",
                text=wanted.text.lower(),
                **({} if unmasked else {"hidden_keys": self._hidden_keys()}),
            )
        return query

    def _hidden_keys(self) -> list[str]:
        """Return the rules in whose keys something is masked; the columns of a key may change with a rule's version."""
        one_each = "SELECT rule, any_value(key) FROM finding WHERE key <> '' GROUP BY rule, rule_version"
        found = self.connection.execute(one_each).fetchall()
        facts = self.run.rules
        personal = {code: facts[code].personal if code in facts else frozenset[str]() for code, _key in found}
        return sorted(
            {code for code, key in found if any(is_personal(name, personal[code]) for name in json.loads(key))}
        )

    def totals(self, wanted: Filter, *, unmasked: bool = False) -> Totals:
        """Count what a filter selects."""
        query = self.query(wanted, unmasked=unmasked)
        [row] = self.connection.execute(
            "SELECT COUNT(*), COUNT(DISTINCT f.customer_id), COALESCE(SUM(f.amount_yuan), 0), "
            f"COALESCE(SUM(f.energy_kwh), 0), COUNT(f.amount_yuan) FROM finding AS f WHERE {query.sql}",
            query.values,
        ).fetchall()
        return Totals(row[0], row[1], Decimal(row[2]), Decimal(row[3]), row[4])

    def customer_names(self, ids: Sequence[str], *, unmasked: bool = False) -> dict[str, str]:
        """Return the names of some customers, masked unless `unmasked`."""
        rows = self.connection.execute(
            "SELECT customer_id, name FROM customer WHERE name IS NOT NULL AND customer_id IN (SELECT UNNEST($ids))",
            {"ids": list(ids)},
        ).fetchall()
        return {customer: name if unmasked else mask("name", name) for customer, name in rows}

    def _order(self, sort: str) -> str:
        terms = []
        for item in (part.strip() for part in sort.split(",")):
            column = item.removeprefix("-")
            if column not in _SORTABLE:
                raise BadInput(
                    zh=f"不能按 {column} 排序。可用：{'、'.join(_SORTABLE)}；降序在前面加 -",
                    en=f"cannot sort by {column}; known: {', '.join(_SORTABLE)}; put - before it for descending",
                )
            expression = f"f.{column}_place" if column in {"severity", "state"} else f"f.{column}"
            terms.append(f"{expression} {'DESC' if item.startswith('-') else 'ASC'} NULLS LAST")
        return "ORDER BY " + ", ".join([*terms, "f.rule", "f.key"])

    def batches(
        self,
        wanted: Filter,
        *,
        language: Language,
        unmasked: bool = False,
        sort: str | None = DEFAULT_SORT,
        limit: int | None = None,
    ) -> Iterator[pa.RecordBatch]:
        """Yield the selected findings with the columns COLUMNS, personal values masked unless `unmasked`."""
        query = self.query(wanted, unmasked=unmasked)
        order = self._order(sort) if sort else ""
        first = "" if limit is None else f"{order} LIMIT {int(limit)}"
        reader = self.connection.sql(
            f"""
            WITH ranked AS (
                SELECT f.*, s.place AS severity_place, t.place AS state_place
                FROM finding AS f
                LEFT JOIN severity_order AS s ON s.code = f.severity
                LEFT JOIN state_order AS t ON t.code = f.state
            ),
            chosen AS (SELECT * FROM ranked AS f WHERE {query.sql} {first})
            SELECT
                f.rule, f.key, f.subject, f.subject_id, f.customer_id, c.name AS customer_name,
                f.org_id, u.org_name, u.org_path, CAST(f.period AS DATE) AS period,
                f.specialty, f.severity, f.class, f.state, f.amount_yuan, f.energy_kwh,
                f.reason_{language.value} AS reason, CAST(f.evidence AS VARCHAR) AS evidence, f.missing,
                f.first_seen_on, f.last_hit_on, f.judged_on, f.run_id, f.rule_version, f.whitelisted_until
            FROM chosen AS f
            LEFT JOIN unit AS u ON u.org_id = f.org_id
            LEFT JOIN customer AS c ON c.customer_id = f.customer_id
            {order}
            """,
            params=query.values,
        ).to_arrow_reader(_BATCH)
        facts = _Facts(self.run.rules, language, unmasked=unmasked)
        for batch in reader or ():
            if batch.num_rows:
                yield facts.complete(batch)

    def rows(
        self,
        wanted: Filter,
        *,
        language: Language,
        unmasked: bool = False,
        sort: str | None = DEFAULT_SORT,
        limit: int | None = None,
    ) -> Iterator[dict[str, Any]]:
        """Yield the selected findings one by one, as `batches` does."""
        for batch in self.batches(wanted, language=language, unmasked=unmasked, sort=sort, limit=limit):
            found: list[dict[str, Any]] = batch.to_pylist()
            yield from found


class _Facts:
    """Adds to a batch what its rules say, and hides what is personal."""

    def __init__(self, rules: Mapping[str, RuleFacts], language: Language, *, unmasked: bool) -> None:
        self._rules = rules
        self._language = language
        self._unmasked = unmasked
        self._basis = {code: "\n".join(rule.basis_lines(language)) for code, rule in rules.items()}

    def complete(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        columns = {name: batch.column(name) for name in batch.schema.names}
        rules: list[str] = columns["rule"].to_pylist()
        columns["basis"] = self._of_rule(rules, self._basis)
        columns["remedy"] = self._of_rule(rules, {c: r.remedy[self._language.value] for c, r in self._rules.items()})
        columns["rule_name"] = self._of_rule(rules, {c: r.name[self._language.value] for c, r in self._rules.items()})
        if self._unmasked:
            columns["reason"] = pa.array([self._reason(row) for row in batch.to_pylist()], pa.string())
        else:
            names: list[str | None] = columns["customer_name"].to_pylist()
            columns["customer_name"] = pa.array([None if n is None else mask("name", n) for n in names], pa.string())
            columns["evidence"] = pa.array(list(map(self._hidden, rules, columns["evidence"].to_pylist())), pa.string())
            keys = columns["key"].to_pylist()
            hidden = list(map(self._hidden, rules, keys))
            if hidden != keys:  # a utility's own rule whose key is personal
                subjects = columns["subject_id"].to_pylist()
                columns["key"] = pa.array(hidden, pa.string())
                columns["subject_id"] = pa.array(
                    [
                        s if k == h or s is None else mask("subject", s)
                        for s, k, h in zip(subjects, keys, hidden, strict=True)
                    ],
                    pa.string(),
                )
        return pa.RecordBatch.from_arrays([columns[name] for name in COLUMNS], list(COLUMNS))

    @staticmethod
    def _of_rule(rules: list[str], texts: Mapping[str, str]) -> pa.Array:
        return pa.array([texts.get(rule) for rule in rules], pa.string())

    def _hidden(self, rule: str, content: str | None) -> str | None:
        if not content:
            return content
        values = json.loads(content)
        own = self._rules[rule].personal if rule in self._rules else frozenset()
        if not any(value is not None and is_personal(column, own) for column, value in values.items()):
            return content
        return json.dumps(masked_values(values, own), ensure_ascii=False)

    def _reason(self, row: Mapping[str, Any]) -> str | None:
        facts = self._rules.get(row["rule"])
        if facts is None or not row["reason"] or not row["evidence"]:
            stored: str | None = row["reason"]
            return stored
        amounts = {"amount_yuan": row["amount_yuan"], "energy_kwh": row["energy_kwh"]}
        ids = {"customer_id": row["customer_id"], "org_id": row["org_id"]}
        values = {**ids, **amounts, **json.loads(row["key"]), **json.loads(row["evidence"])}
        return render_reason(facts.reason[self._language.value], values, facts.evidence, self._language)
