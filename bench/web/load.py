"""Response times of the application with people at work: lists, details, dashboards, transitions.

    JICHA_DATA=/tmp/bench-web python bench/web/load.py --users 8 --think 2 --seconds 120
    JICHA_DATA=/tmp/bench-web python bench/web/load.py --users 8 --think 0 --seconds 60     # saturated

Starts the application's own server on a free port of this machine, on the store that bench/web/seed.py filled, with
SQLite or what JICHA_DATABASE_URL names. Client and server share the machine's cores. Every answer must be 200.
"""

from __future__ import annotations

import argparse
import http.client
import json
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
from typing import Any
from urllib.parse import urlencode

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "jicha_web.settings")
os.environ.setdefault("JICHA_HTTPS", "0")
os.environ.setdefault("JICHA_AS_OF", "2026-10-15")
django.setup()

from django.conf import settings  # noqa: E402
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY  # noqa: E402
from django.db import connection  # noqa: E402
from django.db.models import QuerySet  # noqa: E402
from django.urls import reverse  # noqa: E402
from store import free_port  # noqa: E402

from jicha_web.cases.models import Case  # noqa: E402
from jicha_web.findings.models import Finding  # noqa: E402
from jicha_web.organisation.models import Membership, Organisation, Person  # noqa: E402

KINDS = {"findings": 22, "finding": 20, "cases": 20, "case": 15, "home": 6, "overview": 7, "transition": 10}
OVERVIEWS = [
    "by/unit/?period=year", "by/specialty/?period=year", "by/rule/?period=year", "by/person/?period=year",
    "by/unit/", "by/rule/", "findings/", "map/",
]  # fmt: skip
# two of the city, four of counties, two inspectors of stations
STAFF = ("city_specialist", "county_specialist", "county_specialist", "station_inspector") * 50


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


def _some(rows: QuerySet[Any]) -> list[int]:
    """Return the ids of two thousand rows."""
    return list(rows.order_by("-pk").values_list("pk", flat=True)[:2000])


class User(threading.Thread):
    """One person at work until the end, with pauses. place: which of how many with the same work this one is."""

    def __init__(self, *, port: int, person: Person, think: float, times: Times, place: tuple[int, int]) -> None:
        super().__init__(daemon=True)
        self.rng, self.end, self.think, self.times = random.Random(person.pk), 0.0, think, times
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self.cookie = f"sessionid={session_of(person)}"
        unit = person.memberships.get().organisation
        units = Organisation.objects.filter(path__startswith=unit.path).values("pk")
        mine = {"organisation__in": list(units.values_list("pk", flat=True))}
        self.kinds = dict(KINDS)
        self.findings = _some(Finding._base_manager.filter(**mine))
        self.rules = list(Finding._base_manager.order_by("rule").values_list("rule", flat=True).distinct())
        # what each level moves without handing anything in: the city opens, a county returns, an inspector begins
        self.event, state = {
            "city": ("open", "proposed"), "county": ("return_to_city", "county_pending"),
        }.get(unit.level, ("start_check", "station_pending"))  # fmt: skip
        waiting = Case._base_manager.filter(**mine, state=state)
        # none that is moved meanwhile: what a county returns to the city is out of the county's sight, and not found
        self.cases = _some(Case._base_manager.filter(**mine).exclude(state=state))
        if unit.level == "station":
            waiting = waiting.filter(assignee=person)
            self.kinds = {kind: n for kind, n in KINDS.items() if kind not in {"findings", "finding", "overview"}}
        self.waiting = [pk for number, pk in enumerate(_some(waiting)) if number % place[1] == place[0]]
        self.rng.shuffle(self.waiting)

    def address(self, kind: str) -> str:
        """Return an address of a kind of page."""
        match kind:
            case "findings":
                query = self.rng.choice([
                    {}, {"severity": "high"}, {"specialty": "TC"}, {"rule": self.rng.choice(self.rules)},
                    {"page": self.rng.randrange(1, 40)}, {"order": "-amount"},
                ])  # fmt: skip
                return f"{reverse('findings')}?{urlencode(query)}"
            case "finding":
                return reverse("finding", args=[self.rng.choice(self.findings)])
            case "cases":
                query = self.rng.choice([{}, {"state": "assessing"}, {"severity": "high"}])
                return f"{reverse('cases')}?{urlencode(query)}"
            case "case":
                return reverse("case", args=[self.rng.choice(self.cases)])
            case "overview":
                return f"/overview/{self.rng.choice(OVERVIEWS)}"
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
        """Move a case on; return the milliseconds of the move alone, None when none is left."""
        if not self.waiting:
            return None
        pk = self.waiting.pop()
        status, page = self.get(reverse("case", args=[pk]))
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
        if status != 200 or token is None:
            raise RuntimeError(f"no form on case {pk}: {status}")
        body = urlencode({"csrfmiddlewaretoken": token[1], "note": "资料不全，请补充"})
        began = time.perf_counter()
        self.connection.request("POST", reverse("case_move", args=[pk, self.event]), body, {
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
            kind = self.rng.choices(list(self.kinds), list(self.kinds.values()))[0]
            try:
                if kind == "transition":
                    took = self.transition()
                    if took is not None:
                        self.times.add(kind, took)
                else:
                    address, began = self.address(kind), time.perf_counter()
                    status, _ = self.get(address)
                    problem = "" if status == 200 else f"{status} {address}"
                    self.times.add(kind, (time.perf_counter() - began) * 1000, problem)
            except (OSError, http.client.HTTPException, RuntimeError) as error:
                self.times.add(kind, 0, f"{type(error).__name__} {error}")
                self.connection.close()
            if self.think:
                time.sleep(self.rng.uniform(0.5, 1.5) * self.think)


def serve(port: int) -> subprocess.Popen[bytes]:
    server = subprocess.Popen([
        sys.executable, "-m", "granian", "--interface", "wsgi", "--workers", "2", "--blocking-threads", "1",
        "--port", str(port), "--log-level", "warning", "jicha_web.wsgi:application",
    ])  # fmt: skip
    for _ in range(600):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return server
        time.sleep(0.2)
    server.terminate()
    server.wait()
    raise RuntimeError("the server did not start")


def quantile(values: list[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def figures(times: Times, seconds: float) -> dict[str, Any]:
    """Return p50, p95, p99 in milliseconds by kind of page, and how many were answered."""
    pages = {
        kind: {
            "answers": len(ms), "p50": round(statistics.median(ms)), "p95": round(quantile(ms, 0.95)),
            "p99": round(quantile(ms, 0.99)),
        }
        for kind in KINDS
        if (ms := times.ms.get(kind, []))
    }  # fmt: skip
    total = sum(page["answers"] for page in pages.values())
    return {"pages": pages, "answers": total, "per_second": round(total / seconds, 1), "failures": times.failures}


def staff(number: int) -> list[tuple[Person, tuple[int, int]]]:
    """Return people of all levels, in the shares of STAFF, and which of those of their role each is."""
    roles = STAFF[:number]
    by_role = {
        role: iter(Membership.objects.filter(role=role, is_active=True).select_related("person").order_by("pk"))
        for role in set(roles)
    }
    taken = [(next(by_role[role]).person, role) for role in roles]
    seen: dict[str, int] = defaultdict(int)
    found = []
    for person, role in taken:
        found.append((person, (seen[role], roles.count(role))))
        seen[role] += 1
    return found


def main() -> None:
    """Have people work; print JSON."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--users", type=int, default=8)
    parser.add_argument("--think", type=float, default=2.0, help="seconds between two pages")
    parser.add_argument("--seconds", type=float, default=120)
    given = parser.parse_args()
    port = free_port()
    server, times = serve(port), Times()
    try:
        users = [
            User(port=port, person=person, think=given.think, times=times, place=place)
            for person, place in staff(given.users)
        ]
        connection.close()
        for user in users[:4]:  # each process has read its templates and rules
            user.get(reverse("home"))
        for user in users:
            user.end = time.monotonic() + given.seconds
            user.start()
        for user in users:
            user.join()
    finally:
        server.terminate()
        server.wait()
    print(json.dumps({
        "database": connection.vendor, "users": given.users, "think": given.think, "seconds": given.seconds,
        **figures(times, given.seconds),
    }, ensure_ascii=False))  # fmt: skip


if __name__ == "__main__":
    main()
