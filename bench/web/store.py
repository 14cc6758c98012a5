"""Databases of the measurement: SQLite in the data folder, or a PostgreSQL server of one's own while it lasts."""

from __future__ import annotations

import contextlib
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

# of Debian's defaults only what no installation leaves as it is; a commit waits for the disk
SETTINGS = ("shared_buffers=512MB", "max_wal_size=4GB", "checkpoint_timeout=15min")


def environment(data: Path, database_url: str = "") -> dict[str, str]:
    """Return the environment of the application on a data folder; without an address of a database, SQLite."""
    kept = {name: value for name, value in os.environ.items() if name not in {"JICHA_SECRET_KEY", "JICHA_DATABASE_URL"}}
    own = {"JICHA_DATA": str(data), "JICHA_HTTPS": "0", "JICHA_AS_OF": "2026-10-15"}
    return {**kept, **own, **({"JICHA_DATABASE_URL": database_url} if database_url else {})}


def program(name: str) -> str:
    """Return one of PostgreSQL's programs; "" where it is not installed."""
    if found := shutil.which(name):
        return str(Path(found).resolve())
    installed = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    return str(installed[-1]) if installed else ""


def free_port() -> int:
    """Return a port of this machine that nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def _account() -> dict[str, Any]:
    """Return as whom the server runs: it refuses to run as root."""
    if os.geteuid():
        return {}
    names = {entry.pw_name for entry in pwd.getpwall()}
    account = pwd.getpwnam("postgres" if "postgres" in names else "nobody")
    return {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}


def peak_mb() -> int:
    """Return the most memory that this process has had.

    Not `ru_maxrss`: a process inherits that from the one that started it, and a step would tell what the bench took.
    """
    told = Path("/proc/self/status").read_text(encoding="utf-8")
    return int(told.partition("VmHWM:")[2].split()[0]) // 1024


@contextlib.contextmanager
def postgres(folder: Path) -> Iterator[str]:
    """Start a server whose cluster lies in `folder`, made where there is none; give the address of its database."""
    account, secret, cluster = _account(), folder / "password", folder / "cluster"
    if not cluster.is_dir():
        folder.mkdir(parents=True, exist_ok=True)
        secret.write_text(secrets.token_hex(16), encoding="utf-8")
        if account:
            for path in (folder, secret):
                os.chown(path, account["user"], account["group"])
        subprocess.run(
            [program("initdb"), "-D", cluster, "-U", "jicha", "-A", "scram-sha-256", f"--pwfile={secret}", "-E", "UTF8",
             "--no-locale"],
            check=True, stdout=subprocess.DEVNULL, cwd=folder, **account,
        )  # fmt: skip
    port, word = free_port(), secret.read_text(encoding="utf-8")
    # no socket file: a path of a folder may be longer than one may be
    options = [f"port={port}", "listen_addresses=127.0.0.1", "unix_socket_directories=", *SETTINGS]
    command = [program("postgres"), "-D", str(cluster), *(part for option in options for part in ("-c", option))]
    with (folder / "log").open("ab") as log:
        server = subprocess.Popen(command, stdout=log, stderr=log, cwd=folder, **account)
    try:
        _wait(port)
        yield f"postgresql://jicha:{word}@127.0.0.1:{port}/postgres"
    finally:
        server.send_signal(signal.SIGINT)  # at once, in order: it does not wait for those who are connected
        server.wait(120)


@contextlib.contextmanager
def empty_database(url: str) -> Iterator[str]:
    """Give the address of an empty database beside that of `url`, and drop it afterwards."""
    import psycopg  # noqa: PLC0415 (SQLite is measured without it)

    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("DROP DATABASE IF EXISTS bench_import WITH (FORCE)")
        connection.execute("CREATE DATABASE bench_import")
        yield f"{url.rpartition('/')[0]}/bench_import"
        connection.execute("DROP DATABASE bench_import WITH (FORCE)")


def _wait(port: int) -> None:
    for _ in range(600):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                time.sleep(1)  # it listens before it answers
                return
        time.sleep(0.1)
    raise RuntimeError("PostgreSQL did not start")
