"""What goes beside the data: run inputs, the truth, a note for the reader."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from jicha.sandbox.calendar import EXTRA_WORKDAYS, Calendar, holidays
from jicha.sandbox.faults.truth import SHARED_PHONE_LIST, Truth
from jicha.sandbox.people import SYSTEM_ACCOUNT

_README = """云溪市（虚构）营销系统导出数据 / Exports of the marketing system of Yunxi, an invented city
======================================================================================

所有人员、企业、地址、证件号码、电话均为虚构，与任何真实个人或单位无关。证件号码使用未分配的行政区划代码 3399，
电话使用未向公众放号的号段。
All persons, firms, addresses, identity numbers and telephone numbers are invented. Identity numbers use the
unassigned area code 3399, telephones use segments that are not given to the public.

客户 customers: {customers}；账期 periods: {first} … {p0}；稽查日 screening date: {as_of}；seed {seed}

  *_城东.csv …      营销系统导出，GB18030，中文表头   marketing exports, GB18030, Chinese headers
  *.xlsx            人工整理的表格（标题行、合计行）  hand-made workbooks (title rows, totals)
  *.parquet         采集与历史数据                    collection system and history
  truth.parquet     埋设的问题与近似正常情形          planted faults and near misses (not loaded)
  run/              稽查运行参数与名单                run inputs

  jicha load DATA {folder}
  jicha screen DATA --as-of {as_of} --inputs {folder}/run
"""


def mark(folder: Path) -> None:
    """Mark a folder as a city of the sandbox: .jichaignore, which names what is not to be loaded."""
    (folder / ".jichaignore").write_text("truth.parquet\nrun/\nREADME.txt\n", encoding="utf-8")


def write_inputs(folder: Path, calendar: Calendar, truths: Sequence[Truth], *, customers: int) -> None:
    """Write truth.parquet, README.txt and what goes into the run folder."""
    rows = sorted((t.rule, t.key, t.kind, t.note) for t in truths)
    columns = list(zip(*rows, strict=True)) if rows else [(), (), (), ()]
    names = ["rule", "key", "kind", "note"]
    pq.write_table(pa.table([pa.array(c, type=pa.string()) for c in columns], names=names), folder / "truth.parquet")
    (folder / "README.txt").write_text(
        _README.format(
            customers=customers, first=calendar.periods[0], p0=calendar.p0, as_of=calendar.as_of, seed=calendar.seed,
            folder=folder.name,
        ),
        encoding="utf-8",
    )  # fmt: skip
    run = folder / "run"
    (run / "parameters.yaml").write_text(
        f"# Run parameters of the sandbox city\nsettle_day: {calendar.settle_day}\n", encoding="utf-8"
    )
    years = {calendar.start.year, calendar.as_of.year} | {p.astype(object).year for p in calendar.periods}
    _list(run / "holidays.csv", ["day"], ([d.isoformat()] for d in holidays() if d.year in years))
    _list(run / "extra_workdays.csv", ["day"], ([d] for d in EXTRA_WORKDAYS if int(d[:4]) in years))
    phones = sorted({t.extra for t in truths if t.tag == SHARED_PHONE_LIST})
    _list(run / "shared_phones.csv", ["phone"], ([p] for p in phones))
    _list(run / "system_staff.csv", ["staff_id"], [[SYSTEM_ACCOUNT]])
    expired = [t for t in truths if t.rule == "CF002" and t.kind == "hit"][:1]
    _list(
        run / "whitelist.csv",
        ["rule", "key", "until", "reason", "by"],
        ([t.rule, t.key, f"{calendar.as_of.year - 1}-12-31", "代办人电话，已过期", "SG100001"] for t in expired),
    )


def _list(path: Path, header: list[str], rows: Iterable[list[Any]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)
