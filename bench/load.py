"""Rows per second and peak memory of `jicha load`: `python bench/load.py [--rows 1000000] [--only csv]`.

Each case runs in a process of its own, so that its peak memory is its own.
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from datetime import datetime
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import xlsxwriter

HEADER = ["应收编号", "用户编号", "计量点编号", "电费年月", "账单类型", "电价码", "结算电量", "应收电费", "发行日期"]
CASES = [
    ("gb18030", "clean"), ("gb18030", "dirty"), ("utf-8", "clean"), ("utf-8", "dirty"),
    ("xlsx", "clean"), ("xlsx", "dirty"), ("parquet", "clean"), ("parquet", "dirty"), ("again", "utf-8"),
    ("parquet-large", "clean"),
]  # fmt: skip


def row(number: int, *, dirty: bool) -> list[str]:
    """Return a bill; every hundredth dirty one is wrong in one of four ways, every tenth is in an unusual form."""
    month = number % 24
    kwh, yuan = f"{number % 9000 + 0.25:.2f}", f"{number % 5000 + 0.5:.2f}"
    cells = [
        f"B{number:09d}", f"C{number // 24:08d}", f"P{number // 24:08d}", f"{2025 + month // 12}-{month % 12 + 1:02d}",
        "正常", f"T{number % 30:03d}", kwh, yuan, f"2026-01-{number % 28 + 1:02d}",
    ]  # fmt: skip
    if dirty and number % 10 == 0:
        cells[6], cells[8] = f"１,{number % 900 + 100}.50", "2026年1月5日"
        cells[6] = f'"{cells[6]}"'
    if dirty and number % 100 == 0:
        wrong = number // 100 % 4
        cells[(6, 4, 8, 1)[wrong]] = ("abc", "未知", "2026-02-30", "")[wrong]
    return cells


def make_large(path: Path, rows: int) -> None:
    """Write a typed Parquet file of many row groups, without holding it in memory."""
    texts = ", ".join(f"printf('{c}%08d', n // 24) AS {name}" for c, name in zip("CP", HEADER[1:3], strict=True))
    with duckdb.connect() as connection:
        connection.execute(
            f"""COPY (SELECT printf('B%09d', n) AS {HEADER[0]}, {texts},
                make_date(CAST(2025 + n % 24 // 12 AS INT), CAST(n % 12 + 1 AS INT), 1) AS {HEADER[3]},
                'normal' AS {HEADER[4]}, printf('T%03d', n % 30) AS {HEADER[5]},
                CAST(n % 9000 + 0.25 AS DECIMAL(14, 2)) AS {HEADER[6]},
                CAST(n % 5000 + 0.5 AS DECIMAL(18, 2)) AS {HEADER[7]},
                DATE '2026-01-01' + CAST(n % 28 AS INT) AS {HEADER[8]}
            FROM range({rows}) AS t(n)) TO '{path}' (FORMAT parquet)"""
        )


def make(folder: Path, kind: str, state: str, rows: int) -> None:
    """Write the source file of a case."""
    dirty = state == "dirty"
    if kind == "xlsx":
        with xlsxwriter.Workbook(str(folder / "电费账单.xlsx"), {"constant_memory": True}) as book:
            sheet = book.add_worksheet("电费账单")
            sheet.write_row(0, 0, HEADER)
            for number in range(rows):
                cells = row(number, dirty=dirty)
                for index, cell in enumerate(cells):
                    if index in {6, 7} and not dirty:
                        sheet.write_number(number + 1, index, float(cell))
                    else:
                        sheet.write_string(number + 1, index, cell.strip('"'))
    elif kind == "parquet-large":
        make_large(folder / "电费账单.parquet", rows)
    elif kind == "parquet":
        cells = ([cell.strip('"') for cell in row(number, dirty=dirty)] for number in range(rows))
        columns = list(zip(*cells, strict=True))
        pq.write_table(pa.table(dict(zip(HEADER, map(list, columns), strict=True))), folder / "电费账单.parquet")
    else:
        with (folder / "电费账单.csv").open("w", encoding=kind, newline="") as file:
            file.write(",".join(HEADER) + "\r\n")
            order = range(rows)
            file.writelines(",".join(row(number, dirty=dirty)) + "\r\n" for number in order)


def run_case(data: Path, source: Path) -> None:
    """Load one source and print what it took: run in a child process."""
    from jicha.ingest import load  # noqa: PLC0415 - the child's imports count as its memory

    started = time.perf_counter()
    result = load(data, [source], now=datetime(2026, 10, 15))  # noqa: DTZ001
    seconds = time.perf_counter() - started
    used = resource.getrusage(resource.RUSAGE_SELF)
    peak, cpu = used.ru_maxrss / 1024, used.ru_utime + used.ru_stime
    table = result.tables["bill"]
    print(json.dumps([table.accepted, table.rejected, cpu, seconds, peak]))


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--xlsx-rows", type=int, default=100_000)
    parser.add_argument("--large-rows", type=int, default=20_000_000)
    parser.add_argument("--only", default="")
    parser.add_argument("--child", nargs=2, type=Path)
    options = parser.parse_args()
    if options.child:
        run_case(*options.child)
        return
    random.seed(1)
    work = Path(tempfile.mkdtemp(prefix="jicha-bench-"))
    try:
        print(f"{'case':<16}{'rows':>10}{'rejected':>10}{'seconds':>9}{'CPU-s':>8}{'rows/s':>12}{'peak MB':>9}")
        for kind, state in CASES:
            if options.only not in kind:
                continue
            rows = {"xlsx": options.xlsx_rows, "parquet-large": options.large_rows}.get(kind, options.rows)
            source, data = work / "source", work / "data"
            if kind != "again":  # the same file into the same folder: nothing changes
                shutil.rmtree(source, ignore_errors=True)
                shutil.rmtree(data, ignore_errors=True)
                source.mkdir()
                make(source, kind, state, rows)
            child = [sys.executable, __file__, "--child", str(data), str(source)]
            found = subprocess.run(child, stdout=subprocess.PIPE, text=True, check=True).stdout
            accepted, rejected, cpu, seconds, peak = json.loads(found.splitlines()[-1])
            speed = (accepted + rejected) / seconds
            counts = f"{kind + ' ' + state:<16}{accepted:>10,}{rejected:>10,}"
            print(f"{counts}{seconds:>9.1f}{cpu:>8.1f}{speed:>12,.0f}{peak:>9,.0f}", flush=True)
    finally:
        shutil.rmtree(work, ignore_errors=True)


if __name__ == "__main__":
    main()
