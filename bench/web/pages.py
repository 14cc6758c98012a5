"""What each kind of page costs: milliseconds of CPU in the process that answers, one page after the other.

    JICHA_DATA=/tmp/bench-web python bench/web/pages.py --times 40

Prints JSON. Unlike the times of bench/web/load.py these hardly depend on what else the machine does; of PostgreSQL they
leave out what the database itself does (`wall` has it), of SQLite they hold everything.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from collections import defaultdict
from typing import Any

from django.conf import settings
from django.db import connection
from django.test import Client
from load import KINDS, Times, User, quantile, staff


def main() -> None:
    """Open pages of every kind as people of all levels; print JSON."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--times", type=int, default=40, help="pages of each kind")
    given = parser.parse_args()
    users = [User(port=0, person=person, think=0, times=Times(), place=place) for person, place in staff(8)]
    cpu: dict[str, list[float]] = defaultdict(list)
    wall: dict[str, list[float]] = defaultdict(list)
    for number in range(-1, given.times):  # the first round reads templates and rules
        for kind in KINDS:
            user = users[number % len(users)]
            if kind == "transition" or kind not in user.kinds:
                continue
            client = Client(headers={"host": "localhost", "accept-language": "zh-CN"})
            client.cookies[settings.SESSION_COOKIE_NAME] = user.cookie.partition("=")[2]
            began, clock = time.process_time(), time.perf_counter()
            answer = client.get(user.address(kind))
            if answer.status_code != 200:
                raise SystemExit(f"{kind}: {answer.status_code}")
            if number >= 0:
                cpu[kind].append((time.process_time() - began) * 1000)
                wall[kind].append((time.perf_counter() - clock) * 1000)
    pages: dict[str, dict[str, Any]] = {
        kind: {
            "pages": len(ms), "p50": round(statistics.median(ms)), "p95": round(quantile(ms, 0.95)),
            "wall_p50": round(statistics.median(wall[kind])),
        }
        for kind, ms in cpu.items()
    }  # fmt: skip
    print(json.dumps({"database": connection.vendor, "pages": pages}))


if __name__ == "__main__":
    main()
