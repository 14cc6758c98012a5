"""A PostgreSQL server of one's own: free loopback port, temporary folder, unprivileged user."""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg

PASSWORD = "p@ss:w/rd%41?geheim"  # what must be written %XX in an address, on purpose


@dataclass(frozen=True)
class Postgres:
    """A running server."""

    port: int
    encoded = quote(PASSWORD, safe="")

    def url(self, *, user: str = "jicha", password: str = encoded, port: int | None = None) -> str:
        return f"postgresql+psycopg://{user}:{password}@127.0.0.1:{port or self.port}/postgres"

    @property
    def shown(self) -> str:
        return f"postgresql+psycopg://jicha@127.0.0.1:{self.port}/postgres"

    def run(self, sql: str) -> None:
        with psycopg.connect(
            host="127.0.0.1", port=self.port, user="jicha", password=PASSWORD, dbname="postgres"
        ) as connection:
            connection.execute(sql.encode())


def _program(name: str) -> str:
    found = shutil.which(name)
    installed = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    if found is None and not installed:
        raise RuntimeError(f"{name} of PostgreSQL is missing: `make postgres` installs it (Debian, Ubuntu)")
    return str(Path(found).resolve()) if found else str(installed[-1])


def _user() -> dict[str, Any]:
    """PostgreSQL refuses to run as root."""
    if os.geteuid():
        return {}
    names = {entry.pw_name for entry in pwd.getpwall()}
    account = pwd.getpwnam("postgres" if "postgres" in names else "nobody")
    return {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@contextlib.contextmanager
def running_postgres() -> Iterator[Postgres]:
    folder = Path(tempfile.mkdtemp(prefix="jicha-postgres-"))
    account = _user()
    try:
        secret = folder / "password"
        secret.write_text(PASSWORD, encoding="utf-8")
        if account:
            for path in (folder, secret):
                os.chown(path, account["user"], account["group"])
        cluster = folder / "cluster"
        initdb = [_program("initdb"), "-D", str(cluster), "-U", "jicha", "-A", "scram-sha-256", f"--pwfile={secret}"]
        done = subprocess.run(
            [*initdb, "-E", "UTF8", "--no-locale", "--no-sync"], check=False, capture_output=True, cwd=folder, **account
        )
        assert done.returncode == 0, done.stderr.decode()
        server = Postgres(free_port())
        options = [
            f"port={server.port}",
            "listen_addresses=127.0.0.1",
            f"unix_socket_directories={folder}",
            "fsync=off",
        ]
        command = [_program("postgres"), "-D", str(cluster), *(part for option in options for part in ("-c", option))]
        with (folder / "log").open("wb") as log:
            process = subprocess.Popen(command, stdout=log, stderr=log, cwd=folder, **account)
        try:
            _wait(server, process, folder / "log")
            yield server
        finally:
            process.terminate()
            process.wait(60)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _wait(server: Postgres, process: subprocess.Popen[bytes], log: Path) -> None:
    last = time.monotonic() + 60
    while True:
        try:
            server.run("SELECT 1")
            return
        except psycopg.OperationalError:
            if process.poll() is not None or time.monotonic() > last:
                raise RuntimeError(log.read_text(encoding="utf-8", errors="replace")) from None
            time.sleep(0.05)
