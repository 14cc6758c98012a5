"""Load, derive and screen a city, beside the same checks in other tools and a bare scan; `make bench SIZE=1000000`.

Writes bench/results/DATE-SIZE.md and .json: machine, date, command, commit, figures. The data come from our own
generator: nobody's real data.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import peers
import scan
from measure import Taken, as_json, machine, run, run_python, table
from settings import AS_OF, CORE

SPAN = ("--months", "24", "--days", "90")
LIMIT_SECONDS, LIMIT_MB, LIMIT_SCANS = 180, 8192, 10  # what is aimed at for a million customers on two cores


def measured(size: int, folder: Path, memory: str, rounds: int) -> dict[str, Any]:
    """Return all figures of one city in a folder; a step that was done there keeps its figures and is not repeated."""
    city, data = folder / "city", folder / "data"
    folder.mkdir(parents=True, exist_ok=True)
    done = {
        "generate": once(folder / f"generate-{size}.json", city, "sandbox", str(city), "--customers", str(size), *SPAN),
        "load": once(folder / f"load-{size}.json", data, "load", str(data), str(city), "--json"),
    }
    steps = {name: taken for name, (taken, _) in done.items()}
    asked = ("--as-of", str(AS_OF), "--inputs", str(city / "run"), "--memory", memory, "--json")
    steps["screen"], output = run("screen", str(data), *asked)
    content = json.loads(output)
    scanned = json.loads(run_python(scan.__file__, str(data), "--memory", memory)[1])
    return {
        "customers": size, "rows": sum(t.rows for t in scan.Warehouse(data).manifest().tables.values()),
        "memory": memory, "steps": steps, "run": summary(content), "scan": scanned,
        "peers": peers.compare(data, rounds, memory),
        "notes": [f"{name} was done before, at commit {at}." for name, (_, at) in done.items() if at != commit()],
    }  # fmt: skip


def once(kept: Path, made: Path, *arguments: str) -> tuple[Taken, str]:
    """Run a command unless an earlier call ran it to its end; return what it took then or now, and at which commit."""
    if not kept.exists():
        if made.exists():
            raise SystemExit(
                f"{made} was not made to its end here ({kept} is missing): delete it or take another folder"
            )
        kept.write_text(as_json([run(*arguments)[0], commit()]) + "\n", encoding="utf-8")
    taken, at = json.loads(kept.read_text(encoding="utf-8"))
    return Taken(**taken), at


def commit() -> str:
    """Short name of the commit of this checkout."""
    asked = ["git", "rev-parse", "--short", "HEAD"]
    return subprocess.run(asked, capture_output=True, text=True, check=False).stdout.strip()


def summary(content: dict[str, Any]) -> dict[str, Any]:
    """Return what the record of a run says of its time: relations, rules with them, the dearest of both."""
    models: dict[str, float] = content["model_seconds"]
    rules = {code: rule["seconds"] for code, rule in content["rules"].items()}
    return {
        "seconds": content["seconds"], "derive_seconds": sum(models.values()), "rules_seconds": sum(rules.values()),
        "rules": len(rules), "findings": sum(rule["findings"] for rule in content["rules"].values()),
        "not_done": [code for code, rule in content["rules"].items() if rule["outcome"] != "done"],
        "specialties": {
            name: [len(own), sum(own)]
            for name in sorted({code[:2] for code in rules})
            if (own := [seconds for code, seconds in rules.items() if code[:2] == name])
        },
        "models": dict(sorted(models.items(), key=lambda item: -item[1])[:10]),
        "dearest": dict(sorted(rules.items(), key=lambda item: -item[1])[:15]),
    }  # fmt: skip


def verdict(met: bool) -> str:
    return "met" if met else "MISSED"


def shown(found: dict[str, Any]) -> str:
    """Return the figures as Markdown."""
    run_, scanned, steps = found["run"], found["scan"], found["steps"]
    rows = [
        [name, f"{t.seconds:,.1f}", f"{t.cpu_seconds:,.1f}", f"{t.peak_mb:,.0f}", f"{t.read_mb:,.0f}"]
        for name, t in ((n, t if isinstance(t, Taken) else Taken(**t)) for n, t in steps.items())
    ]
    rows += [["… of that derived relations", f"{run_['derive_seconds']:,.1f}", "", "", ""]]
    rows += [["bare scan of the columns used", f"{scanned['seconds']:,.1f}", f"{scanned['cpu_seconds']:,.1f}", "", ""]]
    screen = steps["screen"] if isinstance(steps["screen"], Taken) else Taken(**steps["screen"])
    compared = {c: f for c, f in found["peers"].items() if f["polars"]["seconds"] > 0.5 or f["run"]["seconds"] > 0.5}
    slower = [c for c, f in compared.items() if f["run"]["seconds"] > f["polars"]["seconds"]]
    alone = [c for c, f in compared.items() if f["jicha"]["seconds"] > f["polars"]["seconds"]]
    total = [sum(f[name]["seconds"] for f in found["peers"].values()) for name in ("run", "polars", "jicha")]
    ratio = run_["rules_seconds"] / scanned["seconds"]
    core = [run_["specialties"][kind] for kind in CORE if kind in run_["specialties"]]
    core_rules, core_seconds = sum(many for many, _ in core), sum(seconds for _, seconds in core)
    core_ratio = core_seconds / scanned["seconds"]
    aims = [
        [
            f"{core_rules} rules of {', '.join(CORE)} within {LIMIT_SECONDS} s",
            f"{core_seconds:.0f} s",
            verdict(core_seconds <= LIMIT_SECONDS),
        ],
        [f"… at most {LIMIT_SCANS} bare scans", f"{core_ratio:.1f}", verdict(core_ratio <= LIMIT_SCANS)],
        [
            f"all {run_['rules']} rules within {LIMIT_SECONDS} s",
            f"{screen.seconds:.0f} s",
            verdict(screen.seconds <= LIMIT_SECONDS),
        ],
        [f"within {LIMIT_MB // 1024} GB", f"{screen.peak_mb:,.0f} MB", verdict(screen.peak_mb <= LIMIT_MB)],
        [
            "not slower than Polars in total",
            f"{total[0]:.1f} / {total[1]:.1f} s (each alone {total[2]:.1f} s)",
            verdict(total[0] <= total[1]),
        ],
        [
            "nor on a check above half a second",
            f"slower: {', '.join(slower) or 'none'} (each alone: {', '.join(alone) or 'none'})",
            verdict(not slower),
        ],
        [f"all {run_['rules']} rules at most {LIMIT_SCANS} bare scans", f"{ratio:.1f}", verdict(ratio <= LIMIT_SCANS)],
    ]
    dear = [[code, f"{seconds:.2f}"] for code, seconds in run_["dearest"].items()]
    models = [[name, f"{seconds:.2f}"] for name, seconds in run_["models"].items()]
    kinds = [[name, str(many), f"{seconds:.1f}"] for name, (many, seconds) in run_["specialties"].items()]
    place = found["machine"]
    lines = [
        f"# {found['customers']:,} customers, {found['rows']:,} rows", "",
        "Data of our own generator (24 months of bills, 90 days of readings).",
        "The aims are for a million customers on two cores.",
        f"{found['date']}, commit {found['commit']}, `{found['command']}`.",
        f"{place['cores']} cores, {place['memory_gb']} GB, {place['processor']}, Python {place['python']}; "
        f"engine limit {found['memory']}.",
        *found.get("notes", []), "",
        table(["step", "seconds", "CPU seconds", "peak MB", "MB read"], rows), "", "## Aims", "",
        table(["aim", "found", ""], aims), "", "## Against other tools", "", peers.shown(found["peers"]), "",
        "*shared*: the checks one after the other in one session, as a screening does; a relation counts for the first",
        "that needs it. *alone*: each check in a session of its own that makes every relation anew. All give the same:",
        "of CF008, MT014 and RC001 the key with the counts, the amount and the energy, of other rules the key alone",
        "(jicha makes their evidence too), of a relation all columns.", "",
        "## Dearest rules and relations", "",
        "Seconds of a rule hold the relations that it was the first to need, and writing its findings.", "",
        table(["specialty", "rules", "seconds"], kinds), "", table(["rule", "seconds"], dear), "",
        table(["relation", "seconds"], models), "",
    ]  # fmt: skip
    return "\n".join(lines)


def stamped(found: dict[str, Any], command: str, now: datetime) -> dict[str, Any]:
    """Return the figures with where, when and of what they are."""
    return found | {
        "machine": machine(),
        "date": f"{now:%Y-%m-%d}",
        "command": command,
        "commit": commit(),
    }


def write(found: dict[str, Any], folder: Path) -> Path:
    """Write the figures as Markdown and JSON."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{found['date']}-{found['customers']}.md"
    path.write_text(shown(found), encoding="utf-8")
    path.with_suffix(".json").write_text(as_json(found) + "\n", encoding="utf-8")
    return path


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--size", type=int, default=1_000_000)
    parser.add_argument(
        "--folder", type=Path, help="keep the city and its data here; what is done there is not repeated"
    )
    parser.add_argument("--memory", default="6GB")
    parser.add_argument("--rounds", type=int, default=2)
    given = parser.parse_args()
    folder = given.folder or Path(tempfile.mkdtemp(prefix="jicha-bench-"))
    try:
        found = measured(given.size, folder, given.memory, given.rounds)
    finally:
        if given.folder is None:
            shutil.rmtree(folder, ignore_errors=True)
    found = stamped(found, f"make bench SIZE={given.size}", datetime.now(UTC))
    path = write(found, Path(__file__).parent / "results")
    print(path.read_text(encoding="utf-8"))


if __name__ == "__main__":
    main()
