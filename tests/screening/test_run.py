"""Runs on stored tables: states from run to run, coverage, whitelist, own rules, repeated and partial runs."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from jicha.errors import BadInput, Busy
from jicha.screening.request import Request
from jicha.screening.run import RunResult, screen
from jicha.warehouse.lock import locked

Rows = Mapping[str, Sequence[Mapping[str, Any]]]
Store = Callable[[Path, Rows], None]
AS_OF = date(2026, 10, 15)
ORGS = [
    {"org_id": "city", "name": "云溪供电公司", "level": "city"},
    {"org_id": "north", "name": "北县公司", "level": "county", "parent_id": "city"},
    {"org_id": "south", "name": "南县公司", "level": "county", "parent_id": "city"},
]
RULE = """\
/*---
code: ZZ001
name: {zh: 无名客户, en: Customer without a name}
group: CF
subject: customer
class: file
severity: low
status: STATUS
frequency: monthly
proof: state
tables: [customer]
key: [customer_id]
parameters:
  - {name: least, type: int, default: 1, min: 0, max: 9, source: practice}
reason: {zh: "客户{customer_id}在{address}缺少名称", en: "{customer_id} at {address} has no name"}
basis: [{regulation: 营业规则, article: 第九条, verified: false}]
remedy: {zh: 补录, en: Enter it}
---*/
SELECT c.customer_id, c.address FROM customer AS c WHERE c.name IS NULL AND LENGTH(c.customer_id) >= $least
/*--- not judged ---*/
SELECT c.customer_id, CAST('address' AS VARCHAR) AS missing FROM customer AS c WHERE c.address = 'unknown'
"""
# not_judged part must not also be a hit: the rule above keeps them apart by the address


def customer(number: int, org: str = "north", **values: object) -> dict[str, object]:
    base = {"customer_id": f"C{number}", "org_id": org, "status": "active", "usage_class": "residential"}
    return {**base, "address": f"东街{number}号", **values}


def own_rule(data: Path, text: str = RULE, status: str = "active") -> None:
    (data / "rules").mkdir(parents=True, exist_ok=True)
    (data / "rules" / "ZZ001_nameless.sql").write_text(text.replace("STATUS", status), encoding="utf-8")


@pytest.fixture
def data(tmp_path: Path, store: Store) -> Path:
    folder = tmp_path / "data"
    store(folder, {"organization": ORGS, "customer": [customer(1), customer(2, "south"), customer(3, name="甲")]})
    own_rule(folder)
    return folder


def run(data: Path, as_of: date = AS_OF, rules: Sequence[str] = ("ZZ001",), **options: Any) -> RunResult:
    return screen(Request(data, as_of, rules=rules, **options), now=datetime(2026, 10, 16, 8), user="tester")


def ledger(result: RunResult) -> dict[str, str]:
    with duckdb.connect() as connection:
        path = str(result.folder / "findings.parquet")
        rows = connection.execute("SELECT key, state FROM read_parquet(?) ORDER BY key", [path]).fetchall()
    return {json.loads(key)["customer_id"]: state for key, state in rows}


def row(result: RunResult, customer_id: str) -> dict[str, Any]:
    with duckdb.connect() as connection:
        found = connection.sql(
            "SELECT * FROM read_parquet($p) WHERE customer_id = $c",
            params={"p": str(result.folder / "findings.parquet"), "c": customer_id},
        )
        rows: list[dict[str, Any]] = found.to_arrow_table().to_pylist()
    assert len(rows) == 1
    return rows[0]


def test_a_finding_carries_what_it_stands_on(data: Path) -> None:
    finding = row(run(data), "C1")
    assert finding["org_id"] == "north" and finding["state"] == "new"
    assert finding["key"] == '{"customer_id": "C1"}'
    assert "客户C1在" in finding["reason_zh"]
    assert "东街1号" not in finding["reason_zh"] and "东街1号" in finding["evidence"]
    assert finding["first_seen_on"] == finding["judged_on"] == AS_OF


def test_states_over_four_runs(data: Path, store: Store) -> None:
    assert ledger(run(data)) == {"C1": "new", "C2": "new"}
    store(data, {"customer": [customer(1, name="甲"), customer(2, "south"), customer(3, name="甲")]})
    assert ledger(run(data)) == {"C1": "cleared", "C2": "open"}
    store(data, {"customer": [customer(1), customer(3, name="甲")]})
    third = run(data)
    assert ledger(third) == {"C1": "recurred", "C2": "unjudged"}  # C2 is no longer in the data
    assert row(third, "C2")["missing"] == "subject"
    store(data, {"customer": [customer(1, name="乙"), customer(2, "south", name="丙")]})
    assert ledger(run(data)) == {"C1": "cleared", "C2": "cleared"}


def test_screening_twice_changes_no_state(data: Path, store: Store) -> None:
    first = run(data)
    assert ledger(run(data)) == ledger(first)
    store(data, {"customer": [customer(1), customer(2, "south", name="丙")]})
    third = ledger(run(data))
    assert third == {"C1": "open", "C2": "cleared"}
    assert ledger(run(data)) == third == ledger(run(data))


def test_an_earlier_day_disturbs_nothing(data: Path, store: Store) -> None:
    run(data)
    assert ledger(run(data, date(2025, 10, 15))) == {"C1": "new", "C2": "new"}
    assert ledger(run(data)) == {"C1": "new", "C2": "new"}
    assert ledger(run(data, date(2026, 10, 16))) == {"C1": "open", "C2": "open"}


def test_changed_rule_withdraws_and_never_clears(data: Path) -> None:
    run(data)
    own_rule(data, RULE.replace("c.name IS NULL", "c.name IS NULL AND c.org_id = 'south'"))
    assert ledger(run(data)) == {"C1": "withdrawn", "C2": "open"}


def test_changed_words_change_nothing(data: Path) -> None:
    run(data)
    own_rule(data, RULE.replace("缺少名称", "没有名称"))
    assert ledger(run(data)) == {"C1": "new", "C2": "new"}


def test_changed_parameter_withdraws(data: Path) -> None:
    run(data)
    (data / "run").mkdir()
    (data / "run" / "parameters.yaml").write_text("rules: {ZZ001: {least: 5}}", encoding="utf-8")
    assert ledger(run(data)) == {"C1": "withdrawn", "C2": "withdrawn"}


def test_parameter_of_one_subtree(data: Path) -> None:
    (data / "run").mkdir()
    (data / "run" / "parameters.yaml").write_text("organizations: {south: {ZZ001: {least: 5}}}", encoding="utf-8")
    result = run(data)
    assert ledger(result) == {"C1": "new"}
    assert result.content["rules"]["ZZ001"]["parameters_by_organization"] == {"south": {"least": 5}}


def test_values_for_a_unit_that_is_not_there_are_refused(data: Path) -> None:
    (data / "run").mkdir()
    (data / "run" / "parameters.yaml").write_text("organizations: {suoth: {ZZ001: {least: 5}}}", encoding="utf-8")
    with pytest.raises(BadInput, match="no organisation suoth"):
        run(data)
    assert list((data / "runs").glob("[!.]*")) == []


def test_rule_that_does_not_run_leaves_findings_unjudged(data: Path) -> None:
    run(data)
    own_rule(data, status="retired")
    result = run(data, date(2026, 10, 20))
    assert ledger(result) == {"C1": "unjudged", "C2": "unjudged"}
    assert result.content["rules"]["ZZ001"]["outcome"] == "not_active"


def test_units_that_a_run_does_not_cover(data: Path, store: Store) -> None:
    run(data)
    assert ledger(run(data, org="north")) == {"C1": "new", "C2": "new"}  # same data: the earlier word holds
    store(data, {"customer": [customer(1, name="甲"), customer(2, "south", name="乙")]})
    assert ledger(run(data, org="north")) == {"C1": "cleared", "C2": "unjudged"}
    assert ledger(run(data, org="south")) == {"C1": "cleared", "C2": "cleared"}
    with pytest.raises(BadInput, match="no organisation east"):
        run(data, org="east")


def test_two_halves_give_what_one_run_gives(data: Path, tmp_path: Path, store: Store) -> None:
    second = RULE.replace("ZZ001", "ZZ002").replace("c.name IS NULL", "c.name IS NOT NULL")
    for folder in (data, tmp_path / "other"):
        store(folder, {"organization": ORGS, "customer": [customer(1), customer(2, "south"), customer(3, name="甲")]})
        own_rule(folder)
        (folder / "rules" / "ZZ002_named.sql").write_text(second.replace("STATUS", "active"), encoding="utf-8")
    whole = run(data, rules=("ZZ001", "ZZ002"))
    run(tmp_path / "other", rules=("ZZ001",))
    halves = run(tmp_path / "other", rules=("ZZ002",))
    assert ledger(whole) == ledger(halves) == {"C1": "new", "C2": "new", "C3": "new"}
    assert ledger(run(tmp_path / "other", rules=("ZZ001", "ZZ002"))) == ledger(whole)


def test_whitelist_hides_and_keeps_the_state(data: Path) -> None:
    (data / "run").mkdir()
    (data / "run" / "whitelist.csv").write_text(
        'rule,key,until,reason,by\nZZ001,"{""customer_id"": ""C1""}",2026-12-31,known,me\n', encoding="utf-8"
    )
    finding = row(run(data), "C1")
    assert finding["state"] == "new" and finding["whitelisted_until"] == date(2026, 12, 31)


def test_not_judged_subjects_are_recorded(data: Path, store: Store) -> None:
    run(data)
    store(data, {"customer": [customer(1, address="unknown", name="x"), customer(2, "south")]})
    result = run(data)
    assert ledger(result) == {"C1": "unjudged", "C2": "open"}
    assert row(result, "C1")["missing"] == "address"
    assert result.content["rules"]["ZZ001"]["not_judged"] == 1
    assert result.content["rules"]["ZZ001"]["not_judged_for"] == {"address": 1}
    with duckdb.connect() as connection:
        path = str(result.folder / "not_judged.parquet")
        assert connection.execute("SELECT count(*) FROM read_parquet(?)", [path]).fetchall() == [(1,)]


def test_missing_table_is_not_clean(data: Path) -> None:
    own_rule(data, RULE.replace("tables: [customer]", "tables: [customer, bill]"))
    report = run(data).content["rules"]["ZZ001"]
    assert (report["outcome"], report["missing"]) == ("table_missing", ["bill"])


def test_missing_model_is_named(data: Path) -> None:
    own_rule(data, RULE.replace("FROM customer AS c WHERE c.name", "FROM customer AS c INNER JOIN theft_score AS t "
                                "ON c.customer_id = t.point_id WHERE c.name"))  # fmt: skip
    report = run(data).content["rules"]["ZZ001"]
    assert (report["outcome"], report["missing"]) == ("model_missing", ["theft_score"])


def test_a_failing_rule_stops_no_other(data: Path) -> None:
    run(data)
    broken = RULE.replace("ZZ001", "ZZ002").replace("STATUS", "active")
    broken = broken.replace("LENGTH(c.customer_id)", "CAST(c.address AS BIGINT)").split("/*--- not judged")[0]
    (data / "rules" / "ZZ002_broken.sql").write_text(broken, encoding="utf-8")
    (data / "rules" / "ZZ003_unreadable.sql").write_text("SELECT 1", encoding="utf-8")
    result = run(data, rules=("ZZ001", "ZZ002"))
    assert result.failed == ["ZZ002"] and "Could not convert" in result.content["rules"]["ZZ002"]["detail"]["en"]
    assert ledger(result) == {"C1": "new", "C2": "new"}
    assert [entry["file"] for entry in result.content["rule_files_with_errors"]] == ["ZZ003_unreadable.sql"]


def test_a_key_twice_is_an_error(data: Path) -> None:
    own_rule(data, RULE.replace("FROM customer AS c WHERE c.name",
                                "FROM customer AS c CROSS JOIN organization AS o WHERE c.name"))  # fmt: skip
    report = run(data).content["rules"]["ZZ001"]
    assert report["outcome"] == "failed" and "customer_id" in report["detail"]["en"]


def test_an_own_rule_cannot_leave_the_data(data: Path) -> None:
    own_rule(data, RULE.replace("FROM customer AS c WHERE", "FROM read_csv('/etc/passwd') AS c WHERE"))
    assert run(data).content["rules"]["ZZ001"]["outcome"] == "failed"


def test_a_run_is_repeatable_on_its_version(data: Path, store: Store) -> None:
    first = run(data)
    store(data, {"customer": [customer(1, name="甲")]})
    again = run(data, data_version=first.content["data_version"])
    assert ledger(again) == ledger(first)


def test_interrupted_run_leaves_nothing(data: Path) -> None:
    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        screen(Request(data, AS_OF), now=datetime(2026, 10, 16), user="t", on_rule=stop)
    assert [p.name for p in (data / "runs").iterdir() if not p.name.startswith(".lock")] == []


def test_two_runs_at_once(data: Path) -> None:
    (data / "runs").mkdir()
    with locked(data / "runs", wait_seconds=0), pytest.raises(Busy):
        run(data, wait_seconds=0)


def test_nothing_loaded(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="no data"):
        run(tmp_path)


def test_unknown_rule(data: Path) -> None:
    with pytest.raises(BadInput, match="QQ999"):
        run(data, rules=("QQ999",))


def test_the_utility_retires_a_rule_and_takes_it_up_again(data: Path) -> None:
    run(data)
    (data / "run").mkdir()
    settings = data / "run" / "parameters.yaml"
    settings.write_text("status: {ZZ001: retired}\n", encoding="utf-8")
    stopped = run(data)
    assert stopped.content["rules"]["ZZ001"]["outcome"] == "not_active"
    assert ledger(stopped) == {"C1": "unjudged", "C2": "unjudged"}  # kept, and never taken for clean
    settings.write_text("status: {ZZ001: shadow}\n", encoding="utf-8")
    assert ledger(run(data, AS_OF.replace(day=16))) == {"C1": "open", "C2": "open"}
