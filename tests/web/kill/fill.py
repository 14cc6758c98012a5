"""A process that fills a store of its own: people signed in, cases to open, cases that wait for proof.

Run as `python -m tests.web.kill.fill PROPOSED WAITING`, with JICHA_DATA and, for PostgreSQL, JICHA_DATABASE_URL; prints
JSON: session keys, the cases, the run to import.
"""

from __future__ import annotations

import json
import os
import sys
from datetime import date
from importlib import import_module

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "jicha_web.settings"
django.setup()

from django.conf import settings  # noqa: E402
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY  # noqa: E402
from django.utils import timezone  # noqa: E402

from jicha_web.cases import gates  # noqa: E402
from jicha_web.cases.models import Case  # noqa: E402
from jicha_web.findings.models import Finding  # noqa: E402
from jicha_web.organisation.models import Person  # noqa: E402
from jicha_web.organisation.scope import EVERYTHING, scoped  # noqa: E402
from jicha_web.runs.importing import adopt  # noqa: E402
from tests.web.assess import building  # noqa: E402
from tests.web.cases.building import make_case  # noqa: E402
from tests.web.conftest import World, build_world  # noqa: E402


def session_key(person: Person) -> str:
    store = import_module(settings.SESSION_ENGINE).SessionStore()
    store[SESSION_KEY] = str(person.pk)
    store[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    store[HASH_SESSION_KEY] = person.get_session_auth_hash()
    store.create()
    return str(store.session_key)


_make_finding = building.make_finding


def cleared_finding(world: World, case: Case, rule: str) -> Finding:
    """A finding of the case's own customer that a run has judged again since: what proves the case."""
    key = {"customer_id": case.customer_id}
    return _make_finding(world, case, rule, key=key, state="cleared", judged_on=date(2026, 10, 16))


def main(proposed: int, waiting: int) -> None:
    gates._gates["visit_complete"] = lambda case, by: []
    building.make_finding = cleared_finding  # type: ignore[assignment]
    world = build_world()
    with scoped(EVERYTHING):
        building.make_run(as_of=date(2026, 9, 1))
        to_open = [make_case(world).pk for _ in range(proposed)]
        to_prove = [building.waiting_case(world, "CF001", customer_id=f"9{n:09d}").pk for n in range(waiting)]
        run = adopt("20261015-001", at=timezone.now())
        print(
            json.dumps(
                {"session": session_key(world.people["city"]), "to_open": to_open, "to_prove": to_prove, "run": run.pk}
            )
        )


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
