"""Bills a second and peak memory of recomputing a loaded data folder: `python bench/billing.py DATA [--from 2025-01]`.

With nrel-pysam installed (bench/requirements-billing.txt) also how many monthly bills its Utilityrate5 makes of the
comparable part: time-of-use energy and a demand charge, one process, one customer after another.
"""

from __future__ import annotations

import argparse
import os
import platform
import resource
import tempfile
import time
from datetime import date
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

from jicha.billing.many import MODEL, open_session, periods_with_bills, recompute_periods
from jicha.catalog.relations import relations
from jicha.engine.source import StoredTables
from jicha.warehouse.store import Warehouse

_PEER_CUSTOMERS = 200


def machine() -> str:
    """Return what it runs on."""
    return f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"


def ours(data: Path, first: date | None, last: date | None, as_of: date, memory: str) -> float:
    """Recompute period after period and print what it took; return bills per second of wall time."""
    source = StoredTables(Warehouse(data).snapshot())
    bills = 0
    with tempfile.TemporaryDirectory() as spill:
        started, before = time.perf_counter(), time.process_time()
        with open_session(source, as_of=as_of, run_folder=data / "run", memory=memory, spill=Path(spill)) as session:
            for some in recompute_periods(session, periods_with_bills(session, first=first, last=last)):
                # every column: the model is a view, and what nobody asks for is not worked out
                asked = ", ".join(f"COUNT({column})" for column in relations()[MODEL].columns)
                count, judged, *_ = session.connection.execute(
                    f"SELECT COUNT(*), COUNT(energy_yuan), {asked} FROM {MODEL}"
                ).fetchall()[0]
                bills += count
                took = time.perf_counter() - started
                print(
                    f"{some[0]:%Y-%m} to {some[-1]:%Y-%m} {count:10,} bills {judged:10,} judged {took:8.1f} s so far",
                    flush=True,
                )
        wall, cpu = time.perf_counter() - started, time.process_time() - before
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"{bills:,} bills {wall:.1f} s wall {cpu:.1f} s CPU: {bills / wall:,.0f} bills/s, {bills / cpu:,.0f} per CPU-s"
    )
    print(f"peak {peak:,.0f} MB; {machine()}")
    return bills / wall


def peer() -> float | None:
    """Return monthly bills per second of NREL-PySAM's Utilityrate5, None where it is not installed."""
    if find_spec("PySAM") is None:
        print("nrel-pysam is not installed: no ratio")
        return None
    model = import_module("PySAM.Utilityrate5").new()
    schedule = [[1] * 8 + [2] * 8 + [3] * 8 for _ in range(12)]
    model.value("analysis_period", 1)
    model.value("system_use_lifetime_output", 0)
    model.value("inflation_rate", 0)
    model.value("degradation", [0])
    model.value("load", [50.0] * 8760)
    model.value("gen", [0.0] * 8760)
    model.value("ur_metering_option", 4)
    model.value("ur_ec_tou_mat", [[p, 1, 1e38, 0, price, 0] for p, price in ((1, 0.33), (2, 0.56), (3, 1.0))])
    model.value("ur_ec_sched_weekday", schedule)
    model.value("ur_ec_sched_weekend", schedule)
    model.value("ur_dc_enable", 1)
    model.value("ur_dc_sched_weekday", [[1] * 24] * 12)
    model.value("ur_dc_sched_weekend", [[1] * 24] * 12)
    model.value("ur_dc_tou_mat", [[1, 1, 1e38, 38.0]])
    model.value("ur_dc_flat_mat", [[month, 1, 1e38, 0.0] for month in range(12)])
    started = time.perf_counter()
    for _ in range(_PEER_CUSTOMERS):
        model.execute()
    wall = time.perf_counter() - started
    rate = _PEER_CUSTOMERS * 12 / wall
    print(f"Utilityrate5: {rate:,.0f} monthly bills/s ({_PEER_CUSTOMERS} customers, a year of hours each)")
    return rate


def main() -> None:
    """Print the figures of a data folder."""
    parser = argparse.ArgumentParser()
    parser.add_argument("data", type=Path)
    parser.add_argument("--from", dest="first", type=lambda text: date.fromisoformat(f"{text}-01"))
    parser.add_argument("--to", dest="last", type=lambda text: date.fromisoformat(f"{text}-01"))
    parser.add_argument("--as-of", type=date.fromisoformat, default=date(2026, 10, 15))
    parser.add_argument("--memory", default="4GB")
    given = parser.parse_args()
    rate = ours(given.data, given.first, given.last, given.as_of, given.memory)
    other = peer()
    if other:
        print(f"ratio {rate / other:,.0f}: not the same task, Utilityrate5 bins 8,760 hours for each customer")


if __name__ == "__main__":
    main()
