"""How many queries each page costs: known to the last one, and the same with more rows."""

from __future__ import annotations

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from jicha_web.cases.models import Case
from jicha_web.findings.models import Finding
from tests.web.conftest import World

# page → its queries for a specialist of the city, session, person and roles among them
QUERIES = {
    "/": 11,
    "/findings/": 11,
    "/findings/?severity=high&order=-amount": 11,
    "/findings/{finding}/": 10,
    "/cases/": 11,
    "/cases/?state=assessing": 11,
    "/my-work/": 9,
    "/cases/{case}/": 30,
    "/overview/by/unit/": 9,
    "/overview/by/specialty/?period=year": 10,
    "/overview/by/rule/?period=year": 10,
    "/overview/by/person/": 9,
    "/overview/findings/": 7,
    "/overview/map/": 9,
}


def counted(client: Client) -> dict[str, int]:
    """Return how many queries each page costs the second time it is opened."""
    finding = Finding._base_manager.order_by("pk").values_list("pk", flat=True)[0]
    case = Case._base_manager.filter(state="assessing").order_by("pk").values_list("pk", flat=True)[0]
    found = {}
    for page in QUERIES:
        address = page.format(finding=finding, case=case)
        assert client.get(address).status_code == 200, address
        with CaptureQueriesContext(connection) as queries:
            client.get(address)
        found[page] = len(queries)
    return found


def add_copies(*times: int) -> None:
    """Put every case and every finding in again, with numbers and keys of their own."""
    for time in times:
        cases = list(Case._base_manager.exclude(number__startswith="again").order_by("pk"))
        for case in cases:
            case.pk, case.number = None, f"again{time}-{case.number}"
        Case._base_manager.bulk_create(cases)
        findings = list(Finding._base_manager.exclude(key_hash__startswith="again").order_by("pk"))
        for finding in findings:
            finding.pk, finding.key_hash = None, f"again{time}{finding.key_hash[-20:]}"
        Finding._base_manager.bulk_create(findings)


def test_the_queries_of_each_page_are_known_and_do_not_grow(filled: World) -> None:
    client = filled.client("city")
    add_copies(*range(6))  # every list is longer than a page: it is counted
    assert counted(client) == QUERIES
    add_copies(6, 7)
    assert counted(client) == QUERIES
