"""Seconds and peak memory of the whole path on one city: `python bench/city.py [--customers 20000]`."""

from __future__ import annotations

import argparse
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

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


def main() -> None:
    """Build, load, screen and report a city in a temporary folder."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--customers", type=int, default=20_000)
    parser.add_argument("--months", type=int, default=24)
    parser.add_argument("--days", type=int, default=90)
    given = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="jicha-bench-"))
    city, data = str(folder / "city"), str(folder / "data")
    print(f"{given.customers:,} customers, {given.months} months, {given.days} days (our own generator)")
    try:
        size = ("--customers", str(given.customers), "--months", str(given.months), "--days", str(given.days))
        run("sandbox", "sandbox", city, *size)
        run("load", "load", data, city)
        run("load again", "load", data, city)
        run("screen", "screen", data, "--as-of", "2026-10-15", "--inputs", f"{city}/run")
        run("report", "report", data, "--out", str(folder / "report.html"))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
