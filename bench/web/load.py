"""Response times of the application with people at work: lists, details, dashboard, transitions.

    JICHA_DATA=/tmp/bench-web python bench/web/load.py --users 8 --think 2 --seconds 120
    JICHA_DATA=/tmp/bench-web python bench/web/load.py --users 8 --think 0 --seconds 60     # saturated

Starts the application's own server on a free port of this machine, on the store that bench/web/seed.py filled, with
SQLite or what JICHA_DATABASE_URL names. Client and server share the machine's cores. Every answer must be 200.
"""

from __future__ import annotations

import argparse
import http.client
import os
import random
import re
import socket
import statistics
import subprocess
import sys
import threading
import time
from collections import defaultdict
from dataclasses import dataclass, field
from importlib import import_module
from urllib.parse import urlencode

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "jicha_web.settings")
os.environ.setdefault("JICHA_HTTPS", "0")
os.environ.setdefault("JICHA_AS_OF", "2026-10-15")
django.setup()

from django.conf import settings  # noqa: E402
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY  # noqa: E402
from django.db import connection  # noqa: E402
from django.urls import reverse  # noqa: E402

from jicha_web.cases.models import Case  # noqa: E402
from jicha_web.findings.models import Finding  # noqa: E402
from jicha_web.organisation.models import Membership, Person  # noqa: E402

KINDS = {"findings": 25, "finding": 20, "cases": 20, "case": 15, "home": 10, "transition": 10}


@dataclass
class Times:
    """Milliseconds per kind of page, and answers that were not 200."""

    ms: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    failures: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, kind: str, ms: float, problem: str = "") -> None:
        with self.lock:
            if problem:
                self.failures.append(f"{kind}: {problem}")
            else:
                self.ms[kind].append(ms)


def session_of(person: Person) -> str:
    """Sign a person in without a password; return the session's key."""
    store = import_module(settings.SESSION_ENGINE).SessionStore()
    store[SESSION_KEY] = str(person.pk)
    store[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    store[HASH_SESSION_KEY] = person.get_session_auth_hash()
    store.create()
    return str(store.session_key)


class User(threading.Thread):
    """One person at work until the end, with pauses."""

    def __init__(self, *, port: int, person: Person, end: float, think: float, times: Times, seed: int) -> None:
        super().__init__(daemon=True)
        self.rng, self.end, self.think, self.times = random.Random(seed), end, think, times
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self.cookie = f"sessionid={session_of(person)}"
        unit = person.memberships.get().organisation
        mine = {"organisation__path__startswith": unit.path}
        self.findings = list(Finding._base_manager.filter(**mine).order_by("-pk").values_list("pk", flat=True)[:2000])
        self.cases = list(Case._base_manager.filter(**mine).order_by("-pk").values_list("pk", flat=True)[:2000])
        opens = unit.level == "city"  # who opens cases
        waiting = Case._base_manager.filter(**mine, state="proposed" if opens else "").order_by("pk")
        self.waiting = list(waiting.values_list("pk", flat=True)[:2000])
        self.rng.shuffle(self.waiting)

    def address(self, kind: str) -> str:
        """Return an address of a kind of page."""
        match kind:
            case "findings":
                query = self.rng.choice([
                    {}, {"severity": "high"}, {"specialty": "TC"}, {"rule": "TC001"},
                    {"page": self.rng.randrange(1, 40)},
                ])  # fmt: skip
                return f"{reverse('findings')}?{urlencode(query)}"
            case "finding":
                return reverse("finding", args=[self.rng.choice(self.findings)])
            case "cases":
                query = self.rng.choice([{}, {"state": "assessing"}, {"severity": "high"}])
                return f"{reverse('cases')}?{urlencode(query)}"
            case "case":
                return reverse("case", args=[self.rng.choice(self.cases)])
            case _:
                return reverse("home")

    def get(self, address: str) -> tuple[int, str]:
        self.connection.request("GET", address, headers={"Cookie": self.cookie, "Accept-Language": "zh-CN"})
        answer = self.connection.getresponse()
        for header, value in answer.getheaders():
            if header.lower() == "set-cookie" and value.startswith("csrftoken="):
                self.token_cookie = value.split(";")[0]
        return answer.status, answer.read().decode()

    def transition(self) -> float | None:
        """Open a proposed case, as a specialist does; return the milliseconds of the move alone."""
        if not self.waiting:
            return None
        pk = self.waiting.pop()
        status, page = self.get(reverse("case", args=[pk]))
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
        if status != 200 or token is None:
            raise RuntimeError(f"no form on case {pk}: {status}")
        body = urlencode({"csrfmiddlewaretoken": token[1], "note": ""})
        began = time.perf_counter()
        self.connection.request("POST", reverse("case_move", args=[pk, "open"]), body, {
            "Cookie": f"{self.cookie}; {self.token_cookie}", "Content-Type": "application/x-www-form-urlencoded",
        })  # fmt: skip
        answer = self.connection.getresponse()
        answer.read()
        if answer.status not in {200, 302, 303}:
            raise RuntimeError(f"move of case {pk}: {answer.status}")
        return (time.perf_counter() - began) * 1000

    def run(self) -> None:
        """Work until the end."""
        while time.monotonic() < self.end:
            kind = self.rng.choices(list(KINDS), list(KINDS.values()))[0]
            try:
                if kind == "transition":
                    took = self.transition()
                    if took is not None:
                        self.times.add(kind, took)
                else:
                    began = time.perf_counter()
                    status, _ = self.get(self.address(kind))
                    problem = "" if status == 200 else f"{status} {self.address(kind)}"
                    self.times.add(kind, (time.perf_counter() - began) * 1000, problem)
            except (OSError, http.client.HTTPException, RuntimeError) as error:
                self.times.add(kind, 0, f"{type(error).__name__} {error}")
                self.connection.close()
            if self.think:
                time.sleep(self.rng.uniform(0.5, 1.5) * self.think)


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def serve(port: int) -> subprocess.Popen[bytes]:
    server = subprocess.Popen([
        sys.executable, "-m", "granian", "--interface", "wsgi", "--workers", "2", "--blocking-threads", "1",
        "--port", str(port), "--log-level", "warning", "jicha_web.wsgi:application",
    ])  # fmt: skip
    for _ in range(100):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return server
        time.sleep(0.2)
    raise RuntimeError("the server did not start")


def quantile(values: list[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def shown(times: Times, seconds: float) -> str:
    lines = ["| page | answers | p50 ms | p95 ms | p99 ms |", "|---|---:|---:|---:|---:|"]
    for kind in KINDS:
        ms = times.ms.get(kind, [])
        if ms:
            figures = (statistics.median(ms), quantile(ms, 0.95), quantile(ms, 0.99))
            lines.append(f"| {kind} | {len(ms)} | " + " | ".join(f"{value:.0f}" for value in figures) + " |")
    total = sum(len(ms) for ms in times.ms.values())
    lines.append(f"\n{total} answers, {total / seconds:.1f} a second, {len(times.failures)} failures")
    lines += [f"- {failure}" for failure in times.failures[:10]]
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--users", type=int, default=8)
    parser.add_argument("--think", type=float, default=2.0, help="seconds between two pages")
    parser.add_argument("--seconds", type=float, default=120)
    given = parser.parse_args()
    specialists = Membership.objects.filter(role__in=("city_specialist", "county_specialist"), is_active=True)
    staff = [m.person for m in specialists.select_related("person").order_by("pk")[: given.users]]
    port = free_port()
    server, times = serve(port), Times()
    try:
        users = [
            User(port=port, person=person, end=0, think=given.think, times=times, seed=seed)
            for seed, person in enumerate(staff)
        ]
        connection.close()
        for user in users:
            user.end = time.monotonic() + given.seconds
            user.start()
        for user in users:
            user.join()
    finally:
        server.terminate()
        server.wait()
    print(f"{connection.vendor}, {given.users} people, think {given.think} s, {given.seconds:.0f} s\n")
    print(shown(times, given.seconds))


if __name__ == "__main__":
    main()
