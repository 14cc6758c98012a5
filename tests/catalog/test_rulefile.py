"""A rule file that is wrong says where and what was expected."""

from __future__ import annotations

import re
import textwrap
from pathlib import Path

import pytest

from jicha.catalog.parameters import literal, read_parameter
from jicha.catalog.relations import macros_used
from jicha.catalog.rules import load_rules, read_rule
from jicha.engine.check import check_rule
from jicha.errors import BadInput

GOOD = """\
/*---
code: ZZ001
name: {zh: 无名客户, en: Customer without a name}
group: CF
subject: customer
class: file
severity: low
status: active
frequency: monthly
proof: state
tables: [customer]
key: [customer_id]
parameters:
  - {name: least, type: int, default: 1, min: 0, max: 9, source: practice}
reason: {zh: "客户{customer_id}缺少名称", en: "{customer_id} has no name"}
basis: [{regulation: 营业规则, article: null}]
remedy: {zh: 补录, en: Enter it}
---*/
SELECT c.customer_id FROM customer AS c WHERE c.name IS NULL AND LENGTH(c.customer_id) >= $least
"""


def write(folder: Path, text: str, name: str = "ZZ001_nameless.sql") -> Path:
    path = folder / name
    path.write_text(textwrap.dedent(text), encoding="utf-8")
    return path


def test_good_rule(tmp_path: Path) -> None:
    rule = read_rule(write(tmp_path, GOOD), own=True)
    assert check_rule(rule) == []
    assert rule.reads == {"customer"}


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("/*---\n", "", "YAML block"),
        ("code: ZZ001", "code: Z1", "should look like"),
        ("severity: low", "severity: lowish", "severity is 'lowish'"),
        ("group: CF", "group: QQ", "group is 'QQ'; expected one of CF"),
        ("tables: [customer]", "tables: [customers]", "not a table"),
        ("regulation: 营业规则", "regulation: 某规则", "unknown regulation '某规则' in basis; known are 营业规则"),
        ("article: null", "article: 第九条", "verified"),
        ("default: 1,", "default: 10,", "expected 0 … 9"),
        ("proof: state\n", "", "lacks ['proof']"),
        ("proof: state\n", "proof: state\nprof: x\n", "unknown fields ['prof']"),
        ("en: Enter it}", "zn: Enter it}", "remedy needs zh and en"),
        ("reason: {zh", "reason: [{zh", "YAML syntax error"),
    ],
)
def test_broken_front_matter(tmp_path: Path, old: str, new: str, message: str) -> None:
    assert old in GOOD
    with pytest.raises(BadInput) as caught:
        read_rule(write(tmp_path, GOOD.replace(old, new, 1)), own=True)
    assert message in caught.value.text.en
    assert "ZZ001" in caught.value.text.en


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("c.name IS NULL", "c.nom IS NULL", "nom"),
        ("SELECT c.customer_id FROM", "SELECT c.org_id FROM", "key column customer_id"),
        ("SELECT c.customer_id FROM", "SELECT c.customer_id, CAST(1 AS DOUBLE) AS x FROM", "type of x is DOUBLE"),
        ("SELECT c.customer_id FROM", "SELECT c.customer_id, CAST(1 AS BIGINT) AS x FROM", "has no label"),
        ("{customer_id} has no name", "{nobody} has no name", "reason names {nobody}"),
        (">= $least", ">= 1", "parameter least is declared and not used"),
        ("FROM customer AS c", "FROM read_parquet('/etc/passwd') AS c", "table_function"),
    ],
)
def test_checks(tmp_path: Path, old: str, new: str, message: str) -> None:
    assert old in GOOD
    problems = check_rule(read_rule(write(tmp_path, GOOD.replace(old, new, 1)), own=True))
    assert any(message in problem.en for problem in problems), problems
    assert all(re.search("[\u4e00-\u9fff]", problem.zh) for problem in problems), problems


SAID = GOOD.replace(
    "{name: least, type: int, default: 1, min: 0, max: 9, source: practice}",
    "{name: least, label: {zh: 最短编号, en: Shortest number}, type: int, default: 1, min: 0, max: 9, unit: day, "
    "source: {zh: 业务经验, en: Practice}}",
)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("label: {zh: 最短编号, en: Shortest number}, ", "", "parameter least has no label in both languages"),
        ("en: Shortest number", "en: ''", "parameter least has no label in both languages"),
        ("unit: day", "unit: fortnights", "its unit fortnights is not in the vocabulary"),
        ("source: {zh: 业务经验, en: Practice}", "source: what we saw", "its source is told in one language only"),
    ],
)
def test_a_shipped_rule_tells_its_parameters_in_words(tmp_path: Path, old: str, new: str, message: str) -> None:
    assert check_rule(read_rule(write(tmp_path, SAID))) == []
    assert old in SAID
    broken = write(tmp_path, SAID.replace(old, new, 1))
    assert any(message in problem.en for problem in check_rule(read_rule(broken)))
    assert check_rule(read_rule(broken, own=True)) == []  # one of the utility runs all the same


def test_the_columns_of_a_table_parameter_have_labels(tmp_path: Path) -> None:
    table = SAID.replace(
        "type: int, default: 1, min: 0, max: 9", "type: table, columns: {grp: string, kva: int}, default: []"
    )
    told = table.replace("default: []", "default: [], heads: {grp: {zh: 组, en: Group}, kva: {zh: 容量, en: Capacity}}")
    sql = ("LENGTH(c.customer_id) >= $least", "EXISTS (SELECT 1 FROM parameter_least AS l WHERE l.grp = c.name)")
    problems = [problem.en for problem in check_rule(read_rule(write(tmp_path, table.replace(*sql))))]
    assert "parameter least: its column grp has no label" in problems
    assert "parameter least: its column kva has no label" in problems
    assert not [p for p in check_rule(read_rule(write(tmp_path, told.replace(*sql)))) if "label" in p.en]


def test_a_broken_own_rule_stops_no_other(tmp_path: Path) -> None:
    write(tmp_path, GOOD)
    write(tmp_path, GOOD.replace("severity: low", "severity: x").replace("ZZ001", "ZZ002"), "ZZ002_x.sql")
    write(tmp_path, GOOD.replace("code: ZZ001", "code: CF001"), "CF001_copy.sql")
    write(tmp_path, GOOD.replace("WHERE", "WERE").replace("ZZ001", "ZZ003"), "ZZ003_x.sql")
    found = load_rules(tmp_path)
    assert "ZZ001" in found.rules and found.rules["ZZ001"].own
    assert sorted(path.name for path in found.problems) == ["CF001_copy.sql", "ZZ002_x.sql", "ZZ003_x.sql"]
    assert "ZZ003_x.sql：SQL 语法错误" in found.broken.zh and "第 19 行" in found.broken.zh


def test_wording_does_not_change_the_fingerprint(tmp_path: Path) -> None:
    before = read_rule(write(tmp_path, GOOD)).fingerprint
    worded = read_rule(write(tmp_path, GOOD.replace("补录", "请补录"))).fingerprint
    other = read_rule(write(tmp_path, GOOD.replace("IS NULL", "IS NOT NULL"))).fingerprint
    assert before == worded != other


def test_typed_literals() -> None:
    assert literal("o'x", "string") == "CAST('o''x' AS VARCHAR)"
    assert literal(True, "bool") == "CAST('true' AS BOOLEAN)"
    assert literal(None, "decimal(14,2)") == "CAST(NULL AS DECIMAL(14,2))"
    with pytest.raises(BadInput):
        literal(1, "varchar")


@pytest.mark.parametrize("value", [True, "x", 1.5, None, 11, -1])
def test_int_parameter_bounds(value: object) -> None:
    parameter = read_parameter({"name": "n", "type": "int", "default": 3, "min": 0, "max": 10}, "here")
    with pytest.raises(BadInput) as caught:
        parameter.check(value, "parameters.yaml CF001")
    assert "parameters.yaml CF001" in caught.value.text.zh


def test_macros_count_in_the_fingerprint() -> None:
    texts = macros_used(["SELECT great_circle_km(a, b, c, d) AS km"])
    assert len(texts) == 1 and "great_circle_km" in texts[0].lower()
    assert macros_used(["SELECT length(a) AS n"]) == []
