"""Every filter in every order of the lists of findings and cases, and every overview, as three levels see them.

    JICHA_DATA=/tmp/bench-web python bench/web/lists.py [--over 100] [--only findings] [--level city]

Of a list the two queries that may be dear: which rows the page shows, and how many there are. Of an overview the page.
Each is asked twice in this process, the second time counts; what takes `--over` milliseconds is told as it comes. The
last line is JSON.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any
from urllib.parse import unquote, urlencode

from django.conf import settings
from django.db import connection
from django.db.models import QuerySet
from django.http import QueryDict
from django.test import Client
from load import quantile, session_of, staff

from jicha_web.cases import listing
from jicha_web.cases.listing import Asker
from jicha_web.cases.models import Case
from jicha_web.core import rules as rules_core
from jicha_web.findings import filters
from jicha_web.findings.models import Finding
from jicha_web.organisation.middleware import ActingPerson, now
from jicha_web.organisation.models import Organisation
from jicha_web.organisation.rights import scope_of
from jicha_web.organisation.scope import scoped
from jicha_web.pages.paging import COUNTED, count_of, keys_of

Query = dict[str, Any]
DEEP = 200  # a page that somebody may turn to
LEVELS = ("city", "county", "station")


def _finding_filters() -> list[Query]:
    some = Finding._base_manager.exclude(customer_id="").order_by("pk")[50_000:50_001].get()
    rules = list(Finding._base_manager.order_by("rule").values_list("rule", flat=True).distinct())
    county = Organisation.objects.filter(level="county").order_by("pk")[3].pk
    station = Organisation.objects.filter(level="station").order_by("pk")[30].pk
    period = Finding._base_manager.exclude(period=None).order_by("pk").values_list("period", flat=True)[0]
    run = Finding._base_manager.order_by("pk").values_list("run", flat=True)[0]
    words = [some.reason_zh[:4], some.reason_zh[-6:-2], "倍率", "voltage", "没有这样的话"]
    return [
        {}, *({"severity": value} for value in ("high", "medium", "low")),
        *({"specialty": value} for value in sorted({code[:2] for code in rules})),
        {"rule": rules[0]}, {"rule": rules[-1]}, {"rule": ",".join(rules[:5])},
        *({"state": value} for value in (*rules_core.words("finding_state"), "all")),
        *({"handling": value} for value in ("in_case", "settled", "dismissed", "snoozed", "all")),
        {"state": "all", "handling": "all"}, {"unit": county}, {"unit": station}, {"unit": station, "severity": "high"},
        {"customer": some.customer_id}, {"subject": some.subject_id}, {"period": f"{period:%Y-%m}"},
        {"period": "2019-01"}, {"min_yuan": "100"}, {"min_yuan": "5000"}, {"min_yuan": "10000000"}, {"run": run},
        {"q": some.customer_id}, {"q": some.customer_id[:-3]}, {"q": rules[3]}, *({"q": word} for word in words),
        *({"q": word, "state": "all", "handling": "all"} for word in words[-3:]),
        {"severity": "high", "specialty": rules[0][:2]}, {"severity": "low", "min_yuan": "5000"},
        {"rule": rules[0], "severity": "high"}, {"specialty": rules[0][:2], "period": f"{period:%Y-%m}"},
    ]  # fmt: skip


def _case_filters() -> list[Query]:
    some = Case._base_manager.exclude(customer_id="").order_by("pk")[50_000:50_001].get()
    rules = list(Finding._base_manager.order_by("rule").values_list("rule", flat=True).distinct())
    county = Organisation.objects.filter(level="county").order_by("pk")[3].pk
    station = Organisation.objects.filter(level="station").order_by("pk")[30].pk
    assignee = Case._base_manager.exclude(assignee=None).order_by("pk").values_list("assignee", flat=True)[10]
    states = sorted(set(Case._base_manager.order_by().values_list("state", flat=True).distinct()))
    return [
        {}, {"state": "open"}, *({"state": state} for state in states), {"state": states[:3]},
        *({"severity": value} for value in ("high", "medium", "low")), {"outcome": "theft"}, {"outcome": "unfounded"},
        {"source": "findings"}, {"source": "lead"}, {"recurrence": 1}, {"returned": 1}, {"unit": county},
        {"unit": station}, *({"due": value} for value in ("late", "today", "soon")), {"mine": 1},
        *({"assignee": value} for value in ("me", "none", assignee)), {"rule": rules[0]}, {"rule": rules[-1]},
        {"specialty": rules[0][:2]}, {"opened_from": "2026-01-01"}, {"opened_from": "2026-10-14"},
        {"closed_from": "2026-10-10"}, {"q": some.number}, {"q": some.customer_id}, {"q": "合并核查"},
        {"q": "没有这样的话"},
        {"q": some.customer_name}, {"rule": rules[0], "state": "open"}, {"specialty": rules[0][:2], "state": "closed"},
    ]  # fmt: skip


def overviews() -> Iterator[str]:
    """Yield the addresses of all overviews."""
    yield from ("/", *(f"/overview/{name}" for name in ("findings/", "map/")))
    for way in ("unit", "specialty", "rule", "person"):
        yield from (f"/overview/by/{way}/?period={period}" for period in ("month", "quarter", "year", "all"))


def _read(query: Query) -> QueryDict:
    return QueryDict(urlencode(query, doseq=True))


def lists(what: str, asker: Asker) -> Iterator[tuple[str, Callable[[], object]]]:
    """Yield name and work of each query of a list: which rows a page shows, by every order; and how many there are."""
    queries, orders = (_finding_filters(), filters.ORDERS) if what == "findings" else (_case_filters(), listing.ORDERS)

    def rows(query: Query) -> QuerySet[Any]:
        if what == "findings":
            return filters.findings(filters.read(_read(query)))
        return listing.filtered(_read(query), asker)

    for query in queries:
        name = f"{what}?{unquote(urlencode(query, doseq=True))}"
        yield f"{name} count", partial(count_of, rows(query), COUNTED + 1)
        for order in orders:
            ordered = rows({**query, "order": order})
            yield f"{name} order={order}", partial(keys_of, ordered, slice(0, 51))
            if not query:
                yield f"{name} order={order} page {DEEP}", partial(keys_of, ordered, slice(50 * DEEP, 50 * DEEP + 51))


def timed(work: Callable[[], object]) -> float:
    """Return the milliseconds of the second time; of the first, when that took long."""
    for _ in range(2):
        began = time.perf_counter()
        work()
        took = (time.perf_counter() - began) * 1000
        if took > 300:
            break
    return took


def main() -> None:
    """Ask everything; print what is slow as it comes, then JSON."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--over", type=float, default=100, help="milliseconds from which a query is told")
    parser.add_argument("--only", default="", choices=["", "findings", "cases", "overview"])
    parser.add_argument("--level", default="", choices=["", *LEVELS])
    given = parser.parse_args()
    people = {person.organisation.level: person for person, _place in staff(4)}
    found: dict[str, list[float]] = defaultdict(list)

    def told(name: str, level: str, work: Callable[[], object]) -> None:
        took = timed(work)
        kind = name.strip("/").partition("?")[0].partition("/")[0] or "home"
        found[f"{kind} {level}"].append(took)
        if took >= given.over:
            print(f"{took:7.0f}  {level:8} {name}", flush=True)

    for level in [given.level] if given.level else LEVELS:
        person = people[level]
        acting = ActingPerson(person, now())
        for what in ("findings", "cases"):
            if given.only in {"", what} and acting.may({"findings": "finding_view", "cases": "case_view"}[what]):
                with scoped(scope_of(person, acting.today)):
                    for name, work in lists(what, Asker(person, acting.at)):
                        told(name, level, work)
        if given.only in {"", "overview"} and acting.may("overview_view"):
            client = Client(headers={"host": "localhost", "accept-language": "zh-CN"})
            client.cookies[settings.SESSION_COOKIE_NAME] = session_of(person)
            for address in overviews():
                told(address, level, partial(client.get, address))
    told_of = {
        name: {"asked": len(ms), "p50": round(statistics.median(ms)), "p95": round(quantile(ms, 0.95)),
               "most": round(max(ms)), "over_200": sum(one > 200 for one in ms)}
        for name, ms in found.items()
    }  # fmt: skip
    print(json.dumps({"database": connection.vendor, "lists": told_of}, ensure_ascii=False))


if __name__ == "__main__":
    main()
