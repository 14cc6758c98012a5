"""The same checks in jicha's SQL, Polars, pandas and Great Expectations, from the same files, in the same run.

`python bench/peers.py DATA [--rounds 2]`: each check of each engine runs in a process of its own, in alternating order;
the best of the rounds counts. Nothing is printed of a check whose keys differ. `run`: the checks of jicha once more,
one after the other in one session, where relations are shared, as a screening does.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib
import json
import shutil
import tempfile
import time
from pathlib import Path
from typing import Any

from measure import as_json, cpu_seconds, run_python, table

CHECKS = (
    "CF001", "CF008", "CF011", "CF012", "CF013", "CF014", "MT007", "MT008", "MT014", "RC001", "RC005", "RC007",
    "arrears_age", "still_point", "median_quantity",
)  # fmt: skip
IN_GX = ("CF001", "CF012")  # what Great Expectations can express
ENGINES = ("jicha", "polars", "pandas")


def digest(keys: list[str]) -> str:
    return hashlib.sha256("\n".join(sorted(set(map(str, keys)))).encode()).hexdigest()


def child(engine: str, checks: list[str], data: Path, listed: Path, memory: str) -> None:
    """Run checks in this process and print what they took."""
    if engine == "jicha":
        in_jicha = importlib.import_module("in_jicha")
        spill = Path(tempfile.mkdtemp(prefix="jicha-bench-"))
        try:
            done = in_jicha.timed(data, checks, memory, spill)
        finally:
            shutil.rmtree(spill, ignore_errors=True)
    else:
        module = importlib.import_module({"gx": "in_gx"}.get(engine, f"in_{engine}"))
        files = json.loads(listed.read_text(encoding="utf-8"))
        done = {}
        for check in checks:
            started, cpu = time.perf_counter(), cpu_seconds()
            keys = module.keys(files, check)
            done[check] = (keys, time.perf_counter() - started, cpu_seconds() - cpu)
    print(as_json({check: [len(set(keys)), digest(keys), wall, cpu] for check, (keys, wall, cpu) in done.items()}))


def compare(data: Path, rounds: int, memory: str) -> dict[str, Any]:
    """Return per check and engine the best seconds, CPU seconds and peak memory; raises when keys differ."""
    in_jicha = importlib.import_module("in_jicha")
    result: dict[str, Any] = {check: {} for check in CHECKS}
    with tempfile.TemporaryDirectory(prefix="jicha-bench-") as folder:
        listed = Path(folder) / "files.json"
        listed.write_text(json.dumps(in_jicha.files(data)), encoding="utf-8")

        def once(engine: str, checks: list[str], label: str) -> None:
            more = ["--child", engine, "--checks", ",".join(checks), "--listed", str(listed), "--memory", memory]
            taken, output = run_python(__file__, str(data), *more)
            for check, (count, sha, wall, cpu) in json.loads(output.splitlines()[-1]).items():
                known = result[check].setdefault("keys", [count, sha])
                if known != [count, sha]:
                    raise RuntimeError(f"{check}: {engine} finds {count} keys, others {known[0]}: not the same check")
                best = result[check].setdefault(label, {"seconds": wall, "cpu_seconds": cpu, "peak_mb": taken.peak_mb})
                if wall < best["seconds"]:
                    best.update(seconds=wall, cpu_seconds=cpu, peak_mb=taken.peak_mb)

        for number in range(rounds):
            for check in CHECKS:
                for engine in ENGINES if number % 2 == 0 else reversed(ENGINES):
                    once(engine, [check], engine)
            for check in IN_GX:
                once("gx", [check], "great_expectations")
            once("jicha", list(CHECKS), "run")
    return result


def shown(result: dict[str, Any]) -> str:
    """Return the table of the comparison."""
    rows = []
    names = ["run", *ENGINES]
    for check, found in result.items():
        seconds = [found[name]["seconds"] for name in names]
        rows.append([
            check, f"{found['keys'][0]:,}", *(f"{s:.2f}" for s in seconds),
            f"{seconds[0] / seconds[2]:.2f}", f"{seconds[1] / seconds[2]:.2f}", f"{seconds[1] / seconds[3]:.2f}",
        ])  # fmt: skip
    sums = [sum(found[name]["seconds"] for found in result.values()) for name in names]
    rows.append([
        "total", "", *(f"{s:.2f}" for s in sums), f"{sums[0] / sums[2]:.2f}", f"{sums[1] / sums[2]:.2f}",
        f"{sums[1] / sums[3]:.2f}",
    ])  # fmt: skip
    peaks = [f"{max(found[name]['peak_mb'] for found in result.values()):,.0f}" for name in names]
    rows.append(["peak MB", "", *peaks, "", "", ""])
    header = [
        "check",
        "keys",
        "jicha, shared",
        "jicha, alone",
        "Polars",
        "pandas",
        "shared/Polars",
        "alone/Polars",
        "alone/pandas",
    ]
    lines = []
    for check in IN_GX:
        gx, own = (result[check][label]["seconds"] for label in ("great_expectations", "jicha"))
        lines.append(f"Great Expectations, {check}: {gx:.2f} s, {gx / own:.0f} times jicha alone.")
    return "\n".join([table(header, rows), "", *lines])


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("data", type=Path)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--memory", default="6GB")
    parser.add_argument("--child")
    parser.add_argument("--checks", default="")
    parser.add_argument("--listed", type=Path)
    given = parser.parse_args()
    if given.child:
        child(given.child, given.checks.split(","), given.data, given.listed, given.memory)
    else:
        print(shown(compare(given.data, given.rounds, given.memory)))


if __name__ == "__main__":
    main()
