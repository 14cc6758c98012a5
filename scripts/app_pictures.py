"""Pictures of the main pages at 1440 and 390 px, from the running demo: `python scripts/app_pictures.py demo OUT`.

Takes one finding into a case on the way, sends it down to a station and begins the visit, so that each page shows work.
"""

from __future__ import annotations

import json
import re
import shutil
import sys
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

WIDTHS = {1440: 900, 390: 844}


def accounts(demo: Path) -> dict[str, str]:
    """Return user name → password as `make demo` printed them."""
    lines = (line.split() for line in (demo / "serve.log").read_text(encoding="utf-8").splitlines())
    return {words[0]: words[1] for words in lines if len(words) >= 4 and "-" in words[1]}


def signed_in(browser: Browser, base: str, user: str, password: str, width: int) -> Page:
    """Return a page of someone who has signed in."""
    context = browser.new_context(viewport={"width": width, "height": WIDTHS[width]}, locale="zh-CN", base_url=base)
    page = context.new_page()
    page.goto("/login/")
    page.fill("input[name=username]", user)
    page.fill("input[name=password]", password)
    page.press("input[name=password]", "Enter")
    page.wait_for_load_state()
    return page


def to_the_station(browser: Browser, base: str, people: dict[str, str], demo: Path) -> tuple[str, str, str, str]:
    """Take the first finding of a customer of the first station into a case down to the station's phone."""
    city = signed_in(browser, base, "city", people["city"], 1440)
    inspectors = [name for name in people if name.startswith("station")]
    station = inspectors[0]
    phone = signed_in(browser, base, station, people[station], 390)
    unit = next(
        line.split()[-1] for line in (demo / "serve.log").read_text(encoding="utf-8").splitlines() if station in line
    )
    for number in range(1, 20):
        city.goto(f"/findings/?specialty=MT&page={number}")
        row = city.locator("#list tbody tr", has_text=unit).first
        if row.count():
            city.goto(row.locator("a[href^='/findings/']").first.get_attribute("href") or "")
            break
    finding = re.sub(r"^https?://[^/]+", "", city.url)
    customer = city.locator("a[href^='/customers/']").first.get_attribute("href") or ""
    remedy = city.locator("dt", has_text="处理建议").first.locator("xpath=following-sibling::dd").inner_text()
    city.click("[data-test=into-case]")
    city.wait_for_load_state()
    case = re.search(r"/cases/\d+/", city.url) or re.search(r"/cases/\d+/", city.content())
    assert case is not None
    for user, event, person in (("city", "dispatch_county", ""), ("county1", "assign_station", station)):
        page = city if user == "city" else signed_in(browser, base, user, people[user], 1440)
        page.goto(f"{case[0]}dispatch/{event}/")
        if person and page.locator(f"[data-person={person}] input").count():
            page.locator(f"[data-person={person}] input").check()
        page.fill("#analysis", remedy)
        page.click("[data-test=dispatch]")
        page.wait_for_load_state()
    phone.goto(f"{case[0]}visit/")
    phone.click("[data-test=start]")
    phone.wait_for_load_state()
    return finding, customer, case[0], phone.url.removeprefix(base)


def main(demo: Path, out: Path) -> None:
    """Take all pictures."""
    people = accounts(demo)
    base = json.loads((demo / "data/app/serve.json").read_text(encoding="utf-8"))["address"].rstrip("/")
    out.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-dev-shm-usage"]
        )
        finding, customer, case, visit = to_the_station(browser, base, people, demo)
        pages = {
            "home": ("city", "/"), "findings": ("city", "/findings/"), "finding": ("city", finding),
            "customer": ("city", customer), "proposals": ("city", "/cases/proposals/"), "cases": ("city", "/cases/"),
            "case": ("county1", case), "visit": (next(n for n in people if n.startswith("station")), visit),
            "workflow": ("county1", "/cases/workflow/"), "rule": ("author", "/rules/MT004/"),
            "runs": ("city", "/runs/"), "library": ("city", "/library/"),
        }  # fmt: skip
        for width in WIDTHS:
            for name, (user, address) in pages.items():
                page = signed_in(browser, base, user, people[user], width)
                page.goto(address)
                page.wait_for_timeout(1500)  # charts and parts that come later
                page.screenshot(path=str(out / f"app-{name}-{width}.png"))
                page.context.close()
        browser.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
