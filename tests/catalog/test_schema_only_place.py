"""The schema stands in one place: a table and a column added to schema.yaml alone work everywhere."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from jicha.catalog.files import catalog_path

COLUMN = "      reading_day:   {type: int, zh: 抄表例日}\n"
ADDED_COLUMN = (
    "      nickname:      {type: string, zh: 曾用名, personal: true}\n"
    "      grade:\n        type: enum\n        zh: 信用等级\n"
    "        labels: {a: {zh: 优, en: Good}, b: {zh: 差, en: Poor}}\n"
)
ADDED_TABLE = """
  drone_flight:
    zh: 无人机巡检
    en: Drone flight
    key: [flight_id]
    partition: flown_on
    columns:
      flight_id:     {type: string, zh: 架次编号, required: true}
      customer_id:   {type: string, zh: 用户编号, ref: customer.customer_id, required: true}
      flown_on:      {type: date, zh: 飞行日期}
      height_m:      {type: 'decimal(6,1)', zh: 飞行高度(m)}
"""


@pytest.mark.slow
def test_a_column_and_a_table_added_to_the_file_alone(tmp_path: Path) -> None:
    catalog = tmp_path / "path" / "jicha_catalog"
    shutil.copytree(catalog_path(), catalog)
    text = (catalog / "schema.yaml").read_text(encoding="utf-8")
    assert COLUMN in text
    changed = text.replace(COLUMN, COLUMN + ADDED_COLUMN) + ADDED_TABLE
    (catalog / "schema.yaml").write_text(changed, encoding="utf-8")
    source = tmp_path / "source"
    source.mkdir()
    (source / "用电客户.csv").write_text(
        "用户编号,单位编码,用户状态,用电类别,曾用名,信用等级\nC1,S1,正常用电,居民生活,老王,优\nC2,S1,正常用电,居民生活,,丙\n",
        encoding="gb18030",
    )
    (source / "无人机巡检_202610.csv").write_text(
        "架次编号,用户编号,飞行日期,飞行高度(m)\nF1,C1,2026年10月3日,35.5\nF2,C9,2026/10/4,40\nF3,C1,2026/10/4,40.25\n",
        encoding="utf-8",
    )
    environment = {**os.environ, "PYTHONPATH": str(catalog.parent), "JICHA_LANG": "en"}

    def jicha(*arguments: str) -> subprocess.CompletedProcess[str]:
        code = "import sys; from jicha.cli import main; main(sys.argv[1:])"
        return subprocess.run(
            [sys.executable, "-c", code, *arguments], env=environment, capture_output=True, text=True, check=False
        )

    data = str(tmp_path / "data")
    loaded = jicha("load", data, str(source), "--json")
    assert loaded.returncode == 1, loaded.stderr  # two rejects: an unknown code, a height too fine
    status = json.loads(jicha("status", data, "--json").stdout)
    assert "drone_flight" in json.dumps(status)
    assert jicha("rejects", data, "--out", str(tmp_path / "rejects.csv")).returncode == 0
    rejects = (tmp_path / "rejects.csv").read_text(encoding="utf-8-sig")
    assert "grade" in rejects and "丙" in rejects and "height_m" in rejects
    assert jicha("export", "tables", data, "--out", str(tmp_path / "out")).returncode == 0
    with duckdb.connect() as connection:
        read = "SELECT nickname, grade FROM read_parquet(?)"
        assert connection.execute(read, [str(tmp_path / "out" / "customer.parquet")]).fetchall() == [("老王", "a")]
        read = "SELECT flight_id, CAST(height_m AS VARCHAR) FROM read_parquet(?) ORDER BY 1"
        flights = connection.execute(read, [str(tmp_path / "out" / "drone_flight.parquet")]).fetchall()
        assert flights == [("F1", "35.5"), ("F2", "40.0")]
