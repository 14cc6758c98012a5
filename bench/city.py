"""Seconds and memory of the whole path on cities, and what was found of what was planted, rule by rule.

`python bench/city.py [--customers 20000] [--seed 1 --seed 2]`
"""

from __future__ import annotations

import argparse
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import recall
from settings import AS_OF

COMMAND = "import sys; from jicha.cli import main; main(sys.argv[1:])"


def run(name: str, *arguments: str) -> None:
    """Run one command in a process of its own and print what it took; raises when it fails."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    started = time.perf_counter()
    command = ["/usr/bin/time", "-f", "%M", sys.executable, "-c", COMMAND, *arguments]
    measured = shutil.which("time") is not None
    done = subprocess.run(command if measured else command[3:], capture_output=True, text=True, check=True)
    wall = time.perf_counter() - started
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    peak = f"{int(done.stderr.split()[-1]) / 1024:8.0f} MB" if measured else "(install `time` for peak memory)"
    print(f"{name:10} {wall:8.1f} s wall {cpu:8.1f} s CPU {peak}")


def path(seed: int, customers: int, months: int, days: int) -> None:
    """Build, load and screen a city in a temporary folder and report on it; print each step and the table of rules."""
    folder = Path(tempfile.mkdtemp(prefix="jicha-bench-"))
    city, data = folder / "city", folder / "data"
    print(f"{customers:,} customers, {months} months, {days} days, seed {seed} (our own generator)")
    try:
        size = ("--customers", str(customers), "--months", str(months), "--days", str(days), "--seed", str(seed))
        run("sandbox", "sandbox", str(city), *size)
        run("load", "load", str(data), str(city))
        run("load again", "load", str(data), str(city))
        run("screen", "screen", str(data), "--as-of", str(AS_OF), "--inputs", str(city / "run"))
        run("report", "report", str(data), "--out", str(folder / "report.html"))
        (record,) = (data / "runs").glob("*/run.json")
        print(recall.shown(recall.counted(city, record.parent), customers), flush=True)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def main() -> None:
    """One city for each seed."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--customers", type=int, default=20_000)
    parser.add_argument("--months", type=int, default=24)
    parser.add_argument("--days", type=int, default=90)
    parser.add_argument("--seed", type=int, action="append", help="once for each city; 1 by default")
    given = parser.parse_args()
    for seed in given.seed or [1]:
        path(seed, given.customers, given.months, given.days)


if __name__ == "__main__":
    main()
