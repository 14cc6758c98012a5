"""The run of a big city: the findings of a screened small one, many times over, for customers and units of its own.

    python bench/web/ledger.py DATA --findings 1000000
    python bench/web/ledger.py DATA --next-day

Texts, keys and evidence are those that the rules wrote. Customers and what belongs to them get new numbers, amounts
are spread, a part was found by earlier runs and is open, cleared, expired, back again or could not be judged today.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
from datetime import date, timedelta
from pathlib import Path

import duckdb

AS_OF = "2026-10-15"
COUNTIES, STATIONS = 8, 10
CUSTOMERS_PER_FINDING = 0.4  # of 1,000,000 findings: 400,000 customers
JICHA = [sys.executable, "-c", "from jicha.cli import main; main()"]


def station_code(county: int, station: int) -> str:
    """Return the code of a station, both counted from 1."""
    return f"C{county:02d}S{station:02d}"


def screened_city(data: Path, customers: int = 2000) -> Path:
    """Build, load and screen a small city in `data`; return the folder of its run."""
    with tempfile.TemporaryDirectory() as folder:
        city = Path(folder) / "city"
        _jicha("sandbox", city, "--customers", customers, "--months", 6, "--days", 60, "--as-of", AS_OF, "--seed", 1)
        _jicha("load", data, city)
        _jicha("screen", data, "--as-of", AS_OF, "--inputs", city / "run")
    return newest_run(data)


def _jicha(*arguments: object) -> None:
    subprocess.run([*JICHA, *map(str, arguments)], check=True, stdout=subprocess.DEVNULL)


def newest_run(data: Path) -> Path:
    """Return the folder of the latest run."""
    return max((data / "runs").iterdir())


def multiply(run: Path, findings: int) -> int:
    """Put a ledger of so many findings in the place of the run's; return how many there are."""
    # hash() of a row's number gives the same draws each time; a draw is a number from 0 to 999
    draw = "CAST(hash(i * 31 + {}) % 1000 AS INTEGER)"
    units = COUNTIES * STATIONS
    sql = f"""
        WITH template AS (SELECT *, ROW_NUMBER() OVER (ORDER BY rule, key) - 1 AS t, COUNT(*) OVER () AS templates
                          FROM read_parquet($ledger) WHERE state = 'new'),
        copied AS (
            SELECT t.*, i, CAST(hash(i) % {max(1, int(findings * CUSTOMERS_PER_FINDING))} AS BIGINT) AS c,
                {draw.format(1)} AS of_state, {draw.format(2)} AS of_age, {draw.format(3)} AS of_yuan
            FROM range(CAST($rows * 1.2 AS BIGINT)) AS n(i) JOIN template AS t ON t.t = i % t.templates),
        numbered AS (
            SELECT *, '34' || lpad(CAST(c AS VARCHAR), 8, '0') AS new_customer,
                CASE WHEN subject_id = customer_id THEN '34' || lpad(CAST(c AS VARCHAR), 8, '0')
                    ELSE subject_id || lpad(CAST(i AS VARCHAR), 7, '0') END AS new_subject,
                CASE WHEN of_state < 200 THEN 'new' WHEN of_state < 700 THEN 'open' WHEN of_state < 850 THEN 'cleared'
                    WHEN of_state < 900 THEN 'expired' WHEN of_state < 950 THEN 'recurred' ELSE 'unjudged' END AS now,
                DATE '{AS_OF}' - CASE WHEN of_state < 200 THEN 0 ELSE of_age % 280 + 1 END AS first_on
            FROM copied),
        told AS (
            SELECT * EXCLUDE (key, reason_zh, reason_en, evidence), {_renumbered("key")}, {_renumbered("reason_zh")},
                {_renumbered("reason_en")}, {_renumbered("evidence")}
            FROM numbered)
        SELECT * EXCLUDE (i) FROM (
        SELECT i, run_id, rule, rule_version, key, subject, new_subject AS subject_id,
            CASE WHEN customer_id IS NULL OR customer_id = '' THEN customer_id ELSE new_customer END AS customer_id,
            'C' || lpad(CAST(c % {units} // {STATIONS} + 1 AS VARCHAR), 2, '0') || 'S'
                || lpad(CAST(c % {STATIONS} + 1 AS VARCHAR), 2, '0') AS org_id,
            period, specialty, severity, class, now AS state,
            CAST(amount_yuan * (1 + of_yuan) / 100 AS DECIMAL(18, 2)) AS amount_yuan, energy_kwh, reason_zh, reason_en,
            evidence, CASE WHEN now = 'unjudged' THEN 'meter_readings' ELSE missing END AS missing, whitelisted_until,
            first_on AS first_seen_on,
            CASE WHEN now IN ('new', 'open', 'recurred') THEN DATE '{AS_OF}'
                ELSE greatest(first_on, DATE '{AS_OF}' - of_yuan % 60) END AS last_hit_on,
            CASE WHEN now = 'unjudged' THEN DATE '{AS_OF}' - 30 ELSE DATE '{AS_OF}' END AS judged_on
        FROM told QUALIFY ROW_NUMBER() OVER (PARTITION BY rule, key ORDER BY i) = 1 ORDER BY i LIMIT {findings}
        ) ORDER BY rule, i
    """
    target = run / "findings.parquet"
    made = run / "made.parquet"
    with duckdb.connect() as connection:
        connection.execute(f"COPY ({sql}) TO '{made}' (FORMAT parquet)", {"ledger": str(target), "rows": findings})
        states = dict(connection.execute(f"SELECT state, COUNT(*) FROM '{made}' GROUP BY 1 ORDER BY 1").fetchall())
    made.replace(target)
    record = json.loads((run / "run.json").read_text(encoding="utf-8"))
    record.update(states=states, checksums={})
    (run / "run.json").write_text(json.dumps(record, ensure_ascii=False), encoding="utf-8")
    return sum(states.values())


def next_day(run: Path) -> Path:
    """Make the run of the day after beside `run`; return its folder.

    Of what stood, one in thirteen is cleared and as many are new. What still stands was found and judged again, and of
    it 85 in 100 say something else, since their evidence is of a longer period. What was cleared, expired or could not
    be judged stays, but for a few that are back again.
    """
    day = date.fromisoformat(AS_OF) + timedelta(days=1)
    target = run.with_name(f"{day:%Y%m%d}-001")
    shutil.copytree(run, target)
    draw = "CAST(hash(rule || key || '{}') % 1000 AS INTEGER)"
    # of what is gone, back, new and changed; "{" is of the key as JSON
    sql = f"""
        WITH drawn AS (SELECT *, state IN ('new', 'open', 'recurred') AS stood, {draw.format("a")} AS of_state,
                {draw.format("b")} AS of_words FROM read_parquet($ledger)),
        told AS (
            SELECT *, CASE WHEN stood THEN CASE WHEN of_state < 77 THEN 'cleared' ELSE 'open' END
                WHEN state = 'cleared' AND of_state < 30 THEN 'recurred' ELSE state END AS now
            FROM drawn),
        said AS (
            SELECT * EXCLUDE (stood, of_state, of_words, now, state, amount_yuan, evidence, last_hit_on, judged_on),
                now AS state, now IN ('open', 'recurred') AS found, found AND of_words < 850 AS other,
                CAST(CASE WHEN other THEN amount_yuan * 1.03 ELSE amount_yuan END AS DECIMAL(18, 2)) AS amount_yuan,
                CASE WHEN other THEN regexp_replace(evidence, '}}$', ', "days_longer": 1}}') ELSE evidence
                    END AS evidence,
                CASE WHEN found THEN DATE '{day}' ELSE last_hit_on END AS last_hit_on,
                CASE WHEN found OR now <> state THEN DATE '{day}' ELSE judged_on END AS judged_on
            FROM told
            UNION ALL BY NAME
            SELECT * EXCLUDE (stood, of_state, of_words, key, state, first_seen_on, last_hit_on, judged_on),
                regexp_replace(key, '"}}$', 'N"}}') AS key, 'new' AS state, TRUE AS found, FALSE AS other,
                DATE '{day}' AS first_seen_on, DATE '{day}' AS last_hit_on, DATE '{day}' AS judged_on
            FROM drawn WHERE stood AND of_state >= 923 AND key LIKE '%"}}')
        SELECT {", ".join(_columns(run))} FROM said ORDER BY rule, key
    """
    file = target / "findings.parquet"
    with duckdb.connect() as connection:
        connection.execute(f"COPY ({sql}) TO '{file}' (FORMAT parquet)", {"ledger": str(run / "findings.parquet")})
        states = dict(connection.execute(f"SELECT state, COUNT(*) FROM '{file}' GROUP BY 1 ORDER BY 1").fetchall())
    record = json.loads((target / "run.json").read_text(encoding="utf-8"))
    record.update(run_id=target.name, as_of=day.isoformat(), states=states, checksums={})
    (target / "run.json").write_text(json.dumps(record, ensure_ascii=False), encoding="utf-8")
    return target


def _columns(run: Path) -> list[str]:
    """Return the columns of a run's ledger, in order."""
    with duckdb.connect() as connection:
        found = connection.execute("DESCRIBE SELECT * FROM read_parquet(?)", [str(run / "findings.parquet")]).fetchall()
    return [str(row[0]) for row in found]


def _renumbered(column: str) -> str:
    """Return the column with the numbers of customer and subject put in the place of the template's."""
    customer = f"replace({column}, COALESCE(NULLIF(customer_id, ''), '\\0'), new_customer)"
    return f"replace({customer}, COALESCE(NULLIF(subject_id, ''), '\\0'), new_subject) AS {column}"


def copy_store(source: Path, target: Path) -> None:
    """Copy a screened data folder without the application's store."""
    shutil.copytree(source, target, ignore=shutil.ignore_patterns("app"), dirs_exist_ok=True)


def main() -> None:
    """Make the run."""
    parser = argparse.ArgumentParser()
    parser.add_argument("data", type=Path)
    parser.add_argument("--findings", type=int, default=1_000_000)
    parser.add_argument("--next-day", action="store_true", help="the run after the newest one instead")
    given = parser.parse_args()
    if given.next_day:
        print(f"{next_day(newest_run(given.data))}")
        return
    made = multiply(screened_city(given.data), given.findings)
    print(f"{made:,} findings in {newest_run(given.data)}")


if __name__ == "__main__":
    main()
