"""The customer all round on the page of a finding: what it stands on is there, and is told from the rest."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from django.template.loader import render_to_string

from jicha.catalog.schema import schema
from jicha.customer import CustomerView, Reader, Section
from jicha.language import Language
from jicha_web.core import customers
from jicha_web.findings.models import Finding
from jicha_web.findings.views.customer import _values, is_about
from tests.customer.conftest import AS_OF, city_data
from tests.web.conftest import World

__all__ = ["city_data"]
Found = dict[str, Finding]
Store = Callable[[Path, Any], None]
PARTS = {"HX-Request": "true"}


@pytest.mark.parametrize(
    ("row", "about", "expected"),
    [
        ({"bill_id": "B1", "customer_id": "C"}, {"bill_id": "B1"}, True),
        ({"bill_id": "B2", "customer_id": "C"}, {"bill_id": "B1"}, False),
        ({"customer_id": "C"}, {"customer_id": "C"}, False),  # every row is the customer's
        ({"point_id": "P", "period": date(2026, 9, 1)}, {"point_id": "P", "period": "2026-09-01"}, True),
        ({"point_id": "P", "period": date(2026, 8, 1)}, {"point_id": "P", "period": "2026-09-01"}, False),
        ({"meter_id": "M", "started_at": datetime(2026, 9, 25, 8)}, {"started_at": "2026-09-25T08:00:00"}, True),
        ({"meter_id": "M"}, {}, False),
    ],
)
def test_a_row_is_of_a_finding_when_it_agrees_in_all_both_have(
    row: dict[str, object], about: dict[str, str], expected: bool
) -> None:
    assert is_about(row, about) is expected


def test_the_rows_that_a_finding_stands_on_are_marked(
    world: World, found: Found, monkeypatch: pytest.MonkeyPatch
) -> None:
    blank = dict.fromkeys(schema()["adjustment"].columns)
    rows = tuple({**blank, "adjustment_id": name, "customer_id": "1001"} for name in ("TB2", "TB1"))
    monkeypatch.setattr(CustomerView, "payments", lambda self: Section({"adjustment": rows}))
    one, other = found["1001"], found["20031"]
    for finding in (one, other):
        Finding._base_manager.filter(pk=finding.pk).update(key='{"adjustment_id": "TB1"}')
    client = world.client("city")
    [address] = re.findall(
        r'hx-get="(/customers/1001/payments/[^"]*)"', client.get(f"/findings/{one.pk}/").content.decode()
    )
    page = client.get(address, headers=PARTS).content.decode()
    assert re.findall(r'<tr class="of-finding"[^>]*><td[^>]*>(\w+) ', page) == ["TB1"]
    for query in ("", f"?finding={other.pk}", "?finding=x", "?finding=99999999999"):  # none, or of another customer
        plain = client.get(f"/customers/1001/payments/{query}", headers=PARTS).content.decode()
        assert "TB1" in plain and "of-finding" not in plain
    foreign = world.client("county_b").get(f"/customers/1001/payments/?finding={one.pk}", headers=PARTS)
    assert foreign.status_code == 404


def test_a_bill_shows_how_it_is_computed(city_data: Path) -> None:
    reader = Reader(city_data)
    owner = min(row["customer_id"] for row in reader.all_rows("customer_transformer"))
    view = CustomerView(reader, owner, AS_OF)
    judged = next(bill for bill in view.bills(periods=2) if bill.is_judged)
    bill_id = judged.explanation.bill.bill_id
    page = render_to_string("findings/section.html", _values(view, "bills", unmasked=False, about={"bill_id": bill_id}))
    [marked] = re.findall(r'<tr class="derivation of-finding".*?</details>', page, re.DOTALL)
    shown = customers.bill_in_words(judged, Language.ZH)
    assert shown.lines
    for line in shown.lines:
        assert line.quantity in marked and f"{line.amount:,.2f}" in marked
    made = judged.explanation.made.total_yuan
    assert made is not None and f"{made:,.2f}" in marked


ADJUSTMENTS = [
    {"adjustment_id": name, "customer_id": customer, "yuan": -50, "requested_by": asked, "approved_by": "S9",
     "requested_at": at}
    for name, customer, asked, at in (
        ("T1", "1001", "S7", "2026-08-01 08:00:00"), ("T2", "20031", "S7", "2026-09-01 08:00:00"),
        ("T3", "1001", "S8", "2026-09-02 08:00:00"), ("T4", "1001", "S7", "2025-01-01 08:00:00"),
        ("T5", "1001", "S7", "2026-10-16 00:00:00"),
    )
]  # fmt: skip
READINGS = [
    {"point_id": "P1", "meter_id": "M1", "period": date(2026, month, 1), "register": "total", "method": method,
     "reader_id": "S7", "index_changed_by": changed}
    for month, method, changed in ((9, "manual", None), (8, "remote", "S7"), (7, "local", None), (6, "manual", "S8"))
]  # fmt: skip
POINT = {"point_id": "P1", "customer_id": "1001", "purpose": "settlement", "mode": "lv_lv", "status": "active"}


def test_a_finding_about_a_member_of_staff_shows_what_they_did(
    world: World, found: Found, data: Path, store: Store, settings: Any
) -> None:
    settings.AS_OF = "2026-10-15"  # today
    store(data, {"adjustment": ADJUSTMENTS, "reading": READINGS, "metering_point": [POINT],
                 "staff": [{"staff_id": "S7", "name": "李大力", "org_id": "A1", "post": "cashier"}]})  # fmt: skip
    pk = found["1001"].pk
    about = {"subject": "staff", "subject_id": "S7", "customer_id": "", "key": '{"requested_by": "S7"}'}
    Finding._base_manager.filter(pk=pk).update(rule="AC014", **about)

    def cells(who: str, section: str, column: str) -> list[str]:
        page = world.client(who).get(f"/findings/{pk}/staff/{section}/", headers=PARTS)
        assert page.status_code == 200
        [table] = page.context["tables"] or [{"lines": []}]
        texts = [{str(head.zh): text.zh for head, text, _right in line} for line, _marked in table["lines"]]
        return [text[column] for text in texts] or [
            text.zh for head, text in table.get("single", ()) if head.zh == column
        ]

    page = world.client("city").get(f"/findings/{pk}/").content.decode()
    assert "当事人员" in page and f"/findings/{pk}/staff/adjustments/" in page
    assert f"/findings/{pk}/staff/by_hand/" not in page  # the rule reads no readings
    assert cells("city", "adjustments", "退补编号") == ["T2", "T1"]  # neither another's, nor old, nor of tomorrow
    assert cells("county_a", "adjustments", "退补编号") == ["T1"]  # the other customer lies in another county
    assert cells("city", "adjustments", "用户编号") == ["20031", "1001"]
    assert cells("city", "edits", "电费年月") == ["2026-08"]
    assert cells("county_a", "by_hand", "电费年月") == ["2026-09", "2026-07", "2026-06"]  # not the remote one
    person = world.client("city").get(f"/findings/{pk}/staff/person/", headers=PARTS).content.decode()
    assert "S7" in person and "李大力" in person
    assert world.client("county_b").get(f"/findings/{pk}/staff/adjustments/").status_code == 404
    assert world.client("city").get(f"/findings/{pk}/staff/secrets/").status_code == 404
    assert world.client("city").get(f"/findings/{found['1002'].pk}/staff/person/").status_code == 404  # of a customer
