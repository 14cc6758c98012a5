"""A desk at which faults are made: a small stored city, commands as a user gives them, what is stored to compare."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb

from jicha.cli import main
from jicha.warehouse import Warehouse
from jicha.warehouse.tables import TableFiles

AS_OF = "2026-10-15"
SOME = ("--rules", "CF", "--rules", "RC010")  # options of a screen where any rule would do; RC010 reads bills
_MAIN = "import sys; from jicha.cli import main; main(sys.argv[1:])"
# the high-water mark of this program alone, in kB: ru_maxrss would carry over what the forking test held
PEAK = (
    "import atexit, pathlib, re; atexit.register(lambda: "
    "print('PEAK', re.search(r'VmHWM:\\s+(\\d+)', pathlib.Path('/proc/self/status').read_text())[1]))"
)


def hears_ctrl_c() -> None:
    """Let a new process be stopped by Ctrl-C, though the one that runs the tests may ignore it."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@dataclass(frozen=True)
class Said:
    """What a command said and how it ended."""

    code: int
    text: str


@contextlib.contextmanager
def _as_it_was() -> Iterator[None]:
    """Take back what a command sets for the whole of its process."""
    hook, stop = sys.unraisablehook, signal.getsignal(signal.SIGTERM)
    try:
        yield
    finally:
        sys.unraisablehook = hook
        signal.signal(signal.SIGTERM, stop)


def call(*arguments: object) -> Said:
    """Run a command to its end within this process: a new one takes longer to start than most commands to run."""
    with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace", buffering=1) as heard, _as_it_was():
        streams = {number: os.dup(number) for number in (1, 2)}  # what is not Python writes to these
        try:
            for number in streams:
                os.dup2(heard.fileno(), number)
            with contextlib.redirect_stdout(heard), contextlib.redirect_stderr(heard):
                main([str(argument) for argument in arguments])
            code: object = 0
        except SystemExit as ended:
            code = ended.code
        finally:
            for number, kept in streams.items():
                os.dup2(kept, number)
                os.close(kept)
        heard.flush()
        heard.seek(0)
        return Said(int(str(code or 0)), heard.read())


@dataclass(frozen=True)
class Desk:
    """A data folder with one run, and its source: the city, and the bills of one month as a second delivery."""

    data: Path
    source: Path
    second: Path
    is_apart: bool = False  # every command in a process of its own: what it leaves unfinished ends with it

    def start(self, *arguments: object, before: str = "", **environment: str) -> subprocess.Popen[str]:
        """Start a command in a process of its own; before: statements that the process runs first."""
        command = [sys.executable, "-c", f"{before}\n{_MAIN}", *map(str, arguments)]
        return subprocess.Popen(
            command,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
            env=os.environ | environment,
            preexec_fn=hears_ctrl_c,  # noqa: PLW1509
        )

    def run(self, *arguments: object, before: str = "", **environment: str) -> Said:
        """Run a command to its end, in a process of its own where something is set first; never with a stack trace."""
        if self.is_apart or before or environment:
            process = self.start(*arguments, before=before, **environment)
            text, _ = process.communicate(timeout=300)
            said = Said(process.returncode, text)
        else:
            said = call(*arguments)
        assert "Traceback" not in said.text and "panicked" not in said.text, said.text
        return said

    def load(self, *options: object, source: Path | None = None, **more: str) -> Said:
        return self.run("load", self.data, source or self.second, *options, **more)

    def screen(self, *options: object, **more: str) -> Said:
        return self.run("screen", self.data, "--as-of", AS_OF, "--inputs", self.source / "run", *options, **more)

    def tables(self) -> dict[str, tuple[int, int]]:
        """Return rows and a sum over the content of every stored table."""
        snapshot = Warehouse(self.data).snapshot()
        found = {}
        with duckdb.connect() as connection:
            for name in snapshot.manifest.tables:
                sql = f"SELECT count(*), coalesce(bit_xor(hash(t)), 0) FROM ({snapshot.relation_sql(name)}) AS t"
                rows, content = connection.execute(sql).fetchall()[0]
                found[name] = (int(rows), int(content))
        return found

    def runs(self) -> set[str]:
        """Return the ids of the published runs."""
        return {path.name for path in (self.data / "runs").glob("[!.]*")}

    def findings(self, run: str) -> list[tuple[object, ...]]:
        """Return the ledger of a run without what is its own."""
        path = self.data / "runs" / run / "findings.parquet"
        with duckdb.connect() as connection:
            return connection.execute(
                f"SELECT rule, key, state, amount_yuan, evidence, first_seen_on FROM '{path}' ORDER BY ALL"
            ).fetchall()

    def unnamed_files(self) -> set[str]:
        """Return the stored files that no manifest names."""
        warehouse = Warehouse(self.data)
        named: set[Path] = set()
        for number in range(1, warehouse.manifest().version + 1):
            for name, table in warehouse.manifest(number).tables.items():
                named |= set(TableFiles(warehouse.data / "tables" / name, table.delta_version).files)
        found = (path for path in (warehouse.data / "tables").rglob("*.parquet") if "_delta_log" not in path.parts)
        return {path.name for path in found if path not in named}

    def file_of(self, table: str) -> Path:
        """Return one stored file of a table."""
        return min((self.data / "tables" / table).rglob("*.parquet"))
