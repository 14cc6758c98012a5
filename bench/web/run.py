"""The application with a city's year, on SQLite and PostgreSQL: import, pages, exports; written to bench/results.

    python bench/web/run.py --findings 1000000 --cases 100000 --people 200 [--folder FOLDER]

Each step is a process of its own. The filled stores, SQLite's and a PostgreSQL cluster's, stay in FOLDER: to fill them
takes half an hour, to measure again a quarter of one. The import is measured into an empty store of its own each time.
PostgreSQL is what JICHA_DATABASE_URL names (an empty database: then the import is measured in it, once), else a server
of one's own where initdb is installed; without both, SQLite alone is measured and the result says so.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

import ledger  # noqa: E402
import store  # noqa: E402
from measure import machine, table  # noqa: E402
from million import commit  # noqa: E402

PAGES = {
    "findings": "list of findings", "finding": "finding", "cases": "list of cases", "case": "case",
    "home": "first page", "overview": "overviews by unit, rule, person …, map", "transition": "move of a case",
}  # fmt: skip
MODES = {"think": ("--think", "2", "--seconds", "120"), "saturated": ("--think", "0", "--seconds", "60")}
MODE_WORDS = {"think": "8 people, 2 s between two pages", "saturated": "8 people without a pause"}
Found = dict[str, Any]


def python(environment: dict[str, str], *arguments: object) -> str:
    """Run a step; return the last line of what it prints."""
    done = subprocess.run(
        [sys.executable, *map(str, arguments)], env=environment, check=True, stdout=subprocess.PIPE, text=True
    )
    lines = done.stdout.strip().splitlines()
    return lines[-1] if lines else ""


class Steps:
    """The steps of one database: what fills it is done once, what is measured is measured anew."""

    def __init__(self, folder: Path, database: str, environment: dict[str, str]) -> None:
        self._folder, self._database, self._environment = folder, database, environment

    def measured(self, name: str, script: str, *arguments: object) -> Found:
        """Return the figures of a step, with the load of the machine when it began and when it ended."""
        before = os.getloadavg()[0]
        found: Found = json.loads(python(self._environment, HERE / script, *arguments))
        found["load"] = [round(before, 1), round(os.getloadavg()[0], 1)]
        print(f"{self._database} {name}: {json.dumps(found, ensure_ascii=False)}", flush=True)
        return found

    def done(self, name: str, *commands: tuple[object, ...]) -> None:
        """Do something once that is not measured."""
        kept = self._folder / f"{self._database}-{name}.done"
        if not kept.exists():
            for command in commands:
                python(self._environment, *command)
            kept.touch()


def prepare(given: argparse.Namespace) -> tuple[tuple[object, ...], ...]:
    """Return the commands that make an empty store with units and people."""
    manage = ("-m", "jicha_web.manage")
    units = (HERE / "seed.py", "--units-only", "--people", given.people)
    return (*manage, "migrate", "--verbosity", 0), (*manage, "createcachetable"), units


def measured_import(folder: Path, database: str, given: argparse.Namespace, url: str = "") -> dict[str, Found]:
    """Take the run and that of the next day into an empty store and throw it away.

    url: of an empty PostgreSQL database that is there for it.
    """
    with tempfile.TemporaryDirectory(dir=folder) as name:
        ledger.copy_store(folder / "data", Path(name))
        environment = store.environment(Path(name), url)
        for command in prepare(given):
            python(environment, *command)
        steps = Steps(folder, database, environment)
        found = {"import": steps.measured("import", "importing.py")}
        ledger.next_day(ledger.newest_run(Path(name)))
        return {**found, "next_day": steps.measured("next day", "importing.py")}


def measure(folder: Path, database: str, environment: dict[str, str], given: argparse.Namespace) -> Found:
    """Fill one database, unless it is, and measure it; the import is in it when it was filled now."""
    steps = Steps(folder, database, environment)
    found: Found = {}
    steps.done("prepared", *prepare(given))
    if not (folder / f"{database}-imported.done").exists():
        found["import"] = steps.measured("import", "importing.py")
        (folder / f"{database}-imported.done").touch()
    python(environment, "-m", "jicha_web.manage", "migrate", "--verbosity", 0)  # a store that was kept: its tables
    steps.done("indexed", (HERE / "indexes.py",))  # a store that was kept may have an earlier commit's
    steps.done("seeded", (HERE / "seed.py", "--cases", given.cases))
    found["pages"] = steps.measured("pages", "pages.py")
    for mode, arguments in MODES.items():
        found[mode] = steps.measured(mode, "load.py", "--users", 8, *arguments)
    for what in ("findings", "cases"):
        for rows in (given.export // 10, given.export):
            found[f"{what}-{rows}"] = steps.measured(f"export-{what}-{rows}", "export.py", what, "--rows", rows)
    return found


def shown(found: dict[str, Found], given: argparse.Namespace, now: datetime) -> str:
    """Return the figures as Markdown."""
    about = machine()
    lines = [
        f"# The application with {given.findings:,} findings, {given.cases:,} cases, {given.people} people",
        "",
        f"{now:%Y-%m-%d}, commit {commit()}, {about['processor']}, {about['cores']} cores, {about['memory_gb']} GB, "
        f"Python {about['python']}. `make bench-web`. Server (two processes), database and client share the cores; "
        "`load` is how many processes wanted a core when a step began and when it ended: above the number of cores the "
        "times are those of a crowded machine, and CPU seconds say more.", "",
        "## Import of the run", "",
        "Seconds until all findings are in with their indexes, and until what follows an import is done as well (cases "
        "that open by themselves, proofs). Of what stands on the next day 85 in 100 say something else and all have a "
        "new day; one in thirteen is cleared, as many are new.", "",
    ]  # fmt: skip
    rows = [
        [f"{words}, {name}", f"{one['findings']:,}", f"{one['rows_seconds']:,}", f"{one['seconds']:,}",
         f"{one['cpu_seconds']:,}", f"{one['peak_mb']:,}", _load(one)]
        for name, by in found.items()
        for step, words in (("import", "first run"), ("next_day", "the next day's")) if step in by
        for one in [by[step]]
    ]  # fmt: skip
    heads = ["run, database", "findings", "rows in", "all done", "CPU seconds of the importer", "peak MB", "load"]
    lines += [table(heads, rows), ""]
    for mode, words in MODE_WORDS.items():
        lines += [
            f"## Pages, {words}",
            "",
            "Milliseconds at the client; failures are answers that were not as expected.",
            "",
        ]
        rows = []
        for name, by in found.items():
            one = by[mode]
            for page, label in PAGES.items():
                if ms := one["pages"].get(page):
                    rows.append([f"{label}, {name}", *(f"{ms[key]:,}" for key in ("answers", "p50", "p95", "p99"))])
            failures = len(one["failures"])
            rows.append([f"**all, {name}**: {one['per_second']} a second, {failures} failures, load {_load(one)}",
                         f"{one['answers']:,}", "", "", ""])  # fmt: skip
        lines += [table(["page", "answers", "p50", "p95", "p99"], rows), ""]
    told = "The process that answers, one page after the other; of PostgreSQL without what the database itself does."
    lines += ["## What a page costs, milliseconds of CPU", "", told, ""]
    rows = [
        [f"{PAGES[page]}, {name}", str(ms["pages"]), str(ms["p50"]), str(ms["p95"]), str(ms["wall_p50"])]
        for name, by in found.items() for page, ms in by["pages"]["pages"].items()
    ]  # fmt: skip
    lines += [table(["page", "answers", "p50", "p95", "p50 by the clock"], rows), ""]
    told = "The peak is of the process that writes; before it began it took `start`."
    lines += ["## Exports in the background", "", told, ""]
    rows = [
        [f"{one['what']}, {name}", f"{one['rows']:,}", f"{one['seconds']:,}", str(one["start_mb"]), str(one["peak_mb"]),
         str(one["file_mb"]), _load(one)]
        for name, by in found.items() for step, one in by.items() if step.startswith(("findings-", "cases-"))
    ]  # fmt: skip
    lines += [table(["list", "rows", "seconds", "start MB", "peak MB", "file MB", "load"], rows), ""]
    if "PostgreSQL" in found:
        lines += [
            f"PostgreSQL with {', '.join(store.SETTINGS)}, otherwise Debian's defaults: a commit waits for the disk."
        ]
    else:
        lines += ["PostgreSQL was not measured: neither JICHA_DATABASE_URL nor initdb was there."]
    return "\n".join(lines) + "\n"


def _load(one: Found) -> str:
    return " → ".join(map(str, one.get("load", ())))


def main() -> None:
    """Measure both databases and write the result."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--findings", type=int, default=1_000_000)
    parser.add_argument("--cases", type=int, default=100_000)
    parser.add_argument("--people", type=int, default=200)
    parser.add_argument("--export", type=int, default=100_000, help="rows of the long exports")
    parser.add_argument("--folder", type=Path, help="keep the filled stores here, or measure those that are here")
    given = parser.parse_args()
    folder = given.folder or Path(tempfile.mkdtemp(prefix="jicha-bench-web-"))
    try:
        data = folder / "data"
        if not (folder / "ledger.done").exists():
            ledger.multiply(ledger.screened_city(data), given.findings)
            (folder / "ledger.done").touch()
        sqlite = measure(folder, "sqlite", store.environment(data), given)
        found = {"SQLite": {**sqlite, **measured_import(folder, "sqlite", given)}}
        with contextlib.ExitStack() as stack:
            url, own = os.environ.get("JICHA_DATABASE_URL", ""), False
            if not url and store.program("initdb"):
                url, own = stack.enter_context(store.postgres(folder / "postgresql")), True
            if url:
                postgresql = measure(folder, "postgresql", store.environment(data, url), given)
                if own:
                    with store.empty_database(url) as empty:
                        postgresql |= measured_import(folder, "postgresql", given, empty)
                found["PostgreSQL"] = postgresql
    finally:
        if given.folder is None:
            shutil.rmtree(folder, ignore_errors=True)
    path = HERE.parent / "results" / f"{datetime.now(UTC):%Y-%m-%d}-web.md"
    path.write_text(shown(found, given, datetime.now(UTC)), encoding="utf-8")
    print(path.read_text(encoding="utf-8"))


if __name__ == "__main__":
    main()
