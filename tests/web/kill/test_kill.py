"""Web server and worker are killed twenty times each, under load: no move is lost or doubled, the chains are whole."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import random
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from tests.ingest.postgres import free_port, running_postgres

pytestmark = pytest.mark.slow
KILLS = 20
PROPOSED, WAITING, CLIENTS = 800, 40, 4
Environment = dict[str, str]


@contextlib.contextmanager
def store(folder: Path, database: str) -> Iterator[Environment]:
    """Give the environment of an application of its own, on a small city that was loaded and screened."""
    city, data = folder / "city", folder / "data"
    environment = {
        **os.environ, "JICHA_DATA": str(data), "JICHA_HTTPS": "0", "DJANGO_SETTINGS_MODULE": "jicha_web.settings",
    }  # fmt: skip
    environment.pop("JICHA_SECRET_KEY", None)
    jicha = [sys.executable, "-c", "from jicha.cli import main; main()"]
    run([*jicha, "sandbox", str(city), "--customers", "300", "--months", "3", "--days", "30", "--as-of", "2026-10-15"])
    run([*jicha, "load", str(data), str(city)])
    run([*jicha, "screen", str(data), "--as-of", "2026-10-15", "--rules", "CF,MT", "--inputs", str(city / "run")])
    with contextlib.ExitStack() as stack:
        if database == "postgresql":
            server = stack.enter_context(running_postgres())
            environment["JICHA_DATABASE_URL"] = server.url().replace("postgresql+psycopg", "postgresql")
        manage(environment, "migrate", "--verbosity", "0")
        manage(environment, "createcachetable")
        yield environment


def run(command: list[str], environment: Environment | None = None) -> str:
    done = subprocess.run(command, check=False, capture_output=True, text=True, env=environment)
    assert done.returncode == 0, f"{command}: {done.stderr[-2000:]}"
    return done.stdout


def manage(environment: Environment, *arguments: str) -> str:
    return run([sys.executable, "-m", "jicha_web.manage", *arguments], environment)


def told(environment: Environment, module: str, *arguments: str) -> Any:
    output = run([sys.executable, "-m", module, *arguments], environment)
    return json.loads(output.splitlines()[-1])


class Process:
    """A process group that is killed and started again."""

    def __init__(self, command: list[str], environment: Environment) -> None:
        self.command, self.environment = command, environment
        self.start()

    def start(self) -> None:
        self.child = subprocess.Popen(self.command, env=self.environment, start_new_session=True)

    def kill(self) -> None:
        os.killpg(self.child.pid, signal.SIGKILL)
        self.child.wait()


class Client(threading.Thread):
    """Opens cases one after the other, again and again until each is answered."""

    def __init__(self, port: int, session: str, cases: list[int]) -> None:
        super().__init__(daemon=True)
        self.port, self.cookie, self.cases = port, f"sessionid={session}", cases
        self.acknowledged: list[int] = []
        self.stopped = threading.Event()

    def run(self) -> None:
        while self.cases and not self.stopped.is_set():
            with contextlib.suppress(OSError, http.client.HTTPException, LookupError):
                self.open(self.cases[-1])
                self.acknowledged.append(self.cases.pop())
                continue
            time.sleep(0.05)

    def open(self, pk: int) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            connection.request("GET", f"/cases/{pk}/", headers={"Cookie": self.cookie})
            answer = connection.getresponse()
            page = answer.read().decode()
            if answer.status != 200:
                raise LookupError(answer.status)
            if f"/cases/{pk}/move/open/" not in page:  # the answer to an earlier try was lost, not the move
                return
            cookie = next(v.split(";")[0] for h, v in answer.getheaders() if v.startswith("csrftoken="))
            token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
            body = urlencode({"csrfmiddlewaretoken": token[1] if token else "", "note": ""})
            headers = {"Cookie": f"{self.cookie}; {cookie}", "Content-Type": "application/x-www-form-urlencoded"}
            connection.request("POST", f"/cases/{pk}/move/open/", body, headers)
            status = connection.getresponse().status
            if status not in {200, 302}:
                raise LookupError(status)
        finally:
            connection.close()


def wait_for(port: int) -> None:
    for _ in range(300):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise RuntimeError("the server did not start")


def kill_web(environment: Environment, session: str, cases: list[int], rng: random.Random) -> list[int]:
    """Open cases by four people while the server is killed; return what was acknowledged."""
    port = free_port()
    web = Process([
        sys.executable, "-m", "granian", "--interface", "wsgi", "--workers", "2", "--blocking-threads", "1",
        "--port", str(port), "--log-level", "critical", "jicha_web.wsgi:application",
    ], environment)  # fmt: skip
    clients = [Client(port, session, cases[n::CLIENTS]) for n in range(CLIENTS)]
    try:
        wait_for(port)
        for client in clients:
            client.start()
        for _ in range(KILLS):
            time.sleep(rng.uniform(0.2, 1.5))
            web.kill()
            web.start()
            wait_for(port)
        for client in clients:
            client.join(240)
            client.stopped.set()
    finally:
        web.kill()
    assert not any(client.cases for client in clients), "some cases were never opened"
    return [pk for client in clients for pk in client.acknowledged]


def kill_worker(environment: Environment, run_pk: int, rng: random.Random) -> None:
    """Import a run, which proves cases, while the worker is killed; asked for again as a person would."""
    ask = (
        "from django.utils import timezone; from jicha_web.jobs.models import Job; "
        "from jicha_web.runs.models import Run; "
        "from jicha_web.runs.screening import ask_import; Job.objects.filter(state='running').update(state='failed'); "
        f"ask_import(Run.objects.get(pk={run_pk}), by=None, at=timezone.now())"
    )
    for number in range(KILLS + 1):
        manage(environment, "shell", "-v", "0", "-c", ask)
        worker = Process([sys.executable, "-m", "jicha_web.manage", "worker", "--verbosity", "0"], environment)
        if number < KILLS:
            time.sleep(rng.uniform(1.5, 5))
            worker.kill()
            continue
        for _ in range(240):
            if dict(told(environment, "tests.web.kill.look")["runs"])[run_pk] == "done":
                break
            time.sleep(1)
        worker.kill()


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_kills_lose_and_double_nothing(tmp_path: Path, database: str) -> None:
    rng = random.Random(database)
    with store(tmp_path, database) as environment:
        filled = told(environment, "tests.web.kill.fill", str(PROPOSED), str(WAITING))
        acknowledged = kill_web(environment, filled["session"], filled["to_open"], rng)
        kill_worker(environment, filled["run"], rng)
        seen = told(environment, "tests.web.kill.look")
    assert seen["damage"] == []
    states = {int(pk): state for pk, state in seen["states"].items()}
    moves = {(pk, verb): count for pk, verb, count in seen["moves"]}
    assert sorted(acknowledged) == sorted(filled["to_open"])
    assert {states[pk] for pk in filled["to_open"]} == {"registered"}
    assert {moves.get((pk, "open")) for pk in filled["to_open"]} == {1}
    assert dict(seen["runs"])[filled["run"]] == "done"
    assert sorted(set(seen["proofs"])) == sorted(filled["to_prove"])
    assert len(seen["proofs"]) == WAITING
    assert not [key for key, count in moves.items() if key[1] in {"prove", "disprove"} and count > 1]
