"""What people do on the pages, step by step, by the hooks that the pages carry."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import Locator, Page, expect

from tests.web.field.making import jpeg
from tests.web.journeys.conftest import deliver

CUSTOMER = "3300000001"
PDF = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"


def deliver_customer(data: Path, *, contract_capacity_kva: str) -> None:
    """A customer whose transformers are 650.5 kVA together; on two-part tariff by capacity."""
    deliver(data, "customer.csv", [
        "customer_id,org_id,name,address,status,usage_class,voltage_v,contract_capacity_kva,opened_on",
        f"{CUSTOMER},A1,临江恒达纺织有限公司,云岭县工业路1号,active,large_industrial,10000,{contract_capacity_kva},2015-03-01",
    ])  # fmt: skip


def deliver_files(data: Path) -> None:
    """The files that a first delivery brings: one customer with a wrong contract capacity."""
    deliver_customer(data, contract_capacity_kva="400")
    deliver(data, "customer_transformer.csv", [
        "transformer_id,customer_id,capacity_kva,status,installed_on",
        f"T1,{CUSTOMER},400,running,2015-03-01", f"T2,{CUSTOMER},250.5,running,2015-03-01",
    ])  # fmt: skip
    deliver(data, "metering_point.csv", [
        "point_id,customer_id,purpose,status,tariff_code,basic_charge_mode",
        f"M1,{CUSTOMER},settlement,active,TF1,capacity",
    ])  # fmt: skip
    deliver(data, "tariff.csv", ["tariff_code,effective_from,capacity_price", "TF1,2025-01-01,32.1234"])
    deliver(data, "service_order.csv", [
        "order_id,org_id,customer_id,kind,status,applied_at",
        f"O1,A1,{CUSTOMER},rename,closed,2020-01-01 09:00:00",
    ])  # fmt: skip


def send(page: Page, button: Locator, timeout_ms: float = 15_000) -> None:
    """Press a button that sends a form, say yes where the page asks first, and wait for the page that answers.

    A click alone returns before the request is under way; whoever then opens another page may cancel it. The mark is
    set on the page of the button: a link pressed just before may still be on its way there.
    """
    button.wait_for(timeout=timeout_ms)
    page.wait_for_load_state()
    page.evaluate("document.documentElement.dataset.pressed = ''")
    button.click()
    yes = page.locator("dialog[open] [data-test=confirm-yes]")
    answered = page.locator("html:not([data-pressed])")
    answered.or_(yes).first.wait_for(state="attached", timeout=timeout_ms)
    if yes.count():
        yes.click()
        answered.wait_for(state="attached", timeout=timeout_ms)
    page.wait_for_load_state()


def start_run(page: Page, as_of: str) -> None:
    page.goto("/runs/")
    page.locator("[data-test=start-run] summary").click()
    page.fill("[name=as_of]", as_of)
    page.fill("[name=rules]", "CF006")
    send(page, page.locator("[data-test=start]"), 120_000)  # the worker's work is done within the request


def take_into_case(page: Page, rule: str) -> str:
    """Open the first finding of a rule and take it into a case; return the address of the case."""
    page.goto(f"/findings/?rule={rule}")
    page.locator("#list a[href^='/findings/']").first.click()
    expect(page.locator("[data-test=reason]")).to_contain_text("650.5")
    send(page, page.locator("[data-test=into-case]"))
    if not re.search(r"/cases/\d+/", page.url):
        page.locator("a[href^='/cases/']", has_text="JC").first.click()
    return re.sub(r"^https?://[^/]+", "", page.url)


def state(page: Page) -> str:
    return page.locator("[data-test=case-head]").get_attribute("data-state") or ""


def step(page: Page, case: str, event: str, note: str = "") -> None:
    """Make a move on the page of a case."""
    page.goto(case)
    place = page.locator(f"[data-test=step-{event}]")
    if note:
        place.locator("summary").click()
        place.locator("textarea").fill(note)
    send(page, place.locator("button").last)


def dispatch(page: Page, case: str, event: str, person: str = "") -> None:
    page.goto(case)
    page.locator(f"[data-test=step-{event}] a").click()
    if person:
        page.locator(f"[data-person={person}] input").check()
    page.fill("#analysis", "合同容量400kVA，在册变压器650.5kVA，核对现场变压器铭牌和业扩资料")
    send(page, page.locator("[data-test=dispatch]"))


def photograph(page: Page, kind: str, seed: int) -> None:
    page.locator(f"[data-test=album-{kind}] input[type=file]").set_input_files(
        {"name": f"{kind}.jpg", "mimeType": "image/jpeg", "buffer": jpeg(seed=seed)}
    )
    expect(page.locator(f"[data-test=kind-{kind}] img").first).to_be_visible()


def answer_checklist(page: Page) -> None:
    items = page.locator("#checklist [data-test=item]")
    for number in range(items.count()):
        item = items.nth(number)
        identity = item.get_attribute("id")
        item.locator(".answer-ok").click()
        expect(page.locator(f"#{identity}[data-answer=ok]")).to_be_visible()


def sign(page: Page) -> None:
    pad = page.locator("[data-test=sign-pad]")
    pad.scroll_into_view_if_needed()
    box = pad.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 20, box["y"] + 30)
    page.mouse.down()
    for n in range(12):
        page.mouse.move(box["x"] + 20 + 15 * n, box["y"] + 30 + 25 * (n % 2))
    page.mouse.up()
    page.click("[data-test=sign-save]")
    expect(page.locator("#signature img").first).to_be_visible()


def describe(page: Page, verdict: str = "true") -> None:
    page.locator(f"label[for=v-{verdict}] span").click()
    page.fill("#summary", "现场两台变压器均在运行，合计650.5kVA")
    page.fill("#other_problems", "无")
    page.fill("#companion", "王五")
    page.click("[data-test=details-save]")
    page.wait_for_timeout(300)


def rectify(page: Page, case: str, done_on: str) -> None:
    """Record the rectification with the file that proves it."""
    page.goto(case)
    page.fill("[name=started_on]", "2026-10-15")
    page.fill("[name=order_number]", "GD20261015001")
    page.fill("[name=done_on]", done_on)
    page.fill("[name=result]", "档案已更正为650.5kVA")
    send(page, page.locator("[data-test=rectify-form] .btn-primary"))
    page.locator("[data-test=file-form] select").select_option("rectified")
    page.locator("[data-test=file-form] input[type=file]").set_input_files(
        {"name": f"更正-{done_on}.pdf", "mimeType": "application/pdf", "buffer": PDF + done_on.encode()}
    )
    send(page, page.locator("[data-test=file-form] .btn-primary"))
