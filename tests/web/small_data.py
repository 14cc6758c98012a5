"""A data folder of a few rows with one rule of the utility's own: enough to screen, import and look at."""

from __future__ import annotations

import functools
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from jicha.screening.request import Request
from jicha.screening.run import RunResult, screen
from tests.conftest import store_rows

Store = Callable[[Path, Mapping[str, Sequence[Mapping[str, Any]]]], None]
DAY = date(2026, 10, 15)
ORGS = [
    {"org_id": "C", "name": "临江供电公司", "level": "city"},
    {"org_id": "A", "name": "云岭县供电公司", "level": "county", "parent_id": "C"},
    {"org_id": "A1", "name": "云岭供电所", "level": "station", "parent_id": "A"},
    {"org_id": "B", "name": "清河县供电公司", "level": "county", "parent_id": "C"},
    {"org_id": "B1", "name": "清河供电所", "level": "station", "parent_id": "B"},
]
RULE = """\
/*---
code: ZZ001
name: {zh: 无地址客户, en: Customer without an address}
group: CF
subject: customer
class: file
severity: high
status: active
frequency: monthly
proof: state
tables: [customer]
key: [customer_id]
parameters:
  - {name: least, type: int, default: 1, min: 0, max: 9, source: practice}
reason: {zh: "客户{name}（{phone}）缺少地址", en: "{name} ({phone}) has no address"}
amount: {zh: 固定, en: fixed}
basis: [{regulation: 营业规则, article: 第九条, verified: false}]
remedy: {zh: 补录, en: Enter it}
---*/
SELECT
    c.customer_id, c.name, c.phone, CAST(100 * LENGTH(c.customer_id) AS DECIMAL(18, 2)) AS amount_yuan
FROM customer AS c
WHERE c.address IS NULL AND LENGTH(c.customer_id) >= $least
/*--- not judged ---*/
SELECT c.customer_id, CAST('address' AS VARCHAR) AS missing FROM customer AS c WHERE c.address = 'unknown'
"""


def customer(name: str, org: str, **values: object) -> dict[str, object]:
    base = {"customer_id": name, "org_id": org, "status": "active", "usage_class": "residential"}
    return {**base, "name": "王小明", "phone": "13812345678", **values}


CUSTOMERS = [customer("1001", "A1"), customer("1002", "A1"), customer("20031", "B1"), customer("1004", "X9"),
             customer("1005", "A1", address="unknown"), customer("1006", "B1", address="东街6号")]  # fmt: skip


def write_rule(data: Path, text: str = RULE) -> None:
    (data / "rules").mkdir(parents=True, exist_ok=True)
    (data / "rules" / "ZZ001_no_address.sql").write_text(text, encoding="utf-8")


def screen_it(data: Path, as_of: date = DAY) -> RunResult:
    return screen(Request(data, as_of, rules=("ZZ001",)), now=datetime(2026, 10, 16, 8), user="tester")


@functools.cache
def _aside() -> tempfile.TemporaryDirectory[str]:
    """The place of what is made once and copied for every test; it goes with the process."""
    return tempfile.TemporaryDirectory()


@functools.cache
def _stored() -> Path:
    folder = Path(_aside().name) / "stored"
    store_rows(folder, {"organization": ORGS, "customer": CUSTOMERS})
    write_rule(folder)
    return folder


@functools.cache
def _screened() -> tuple[Path, str]:
    folder = Path(_aside().name) / "screened"
    shutil.copytree(_stored(), folder)
    return folder, screen_it(folder).run_id


def screened_once(data: Path) -> str:
    """Put the run that `screen_it` makes of untouched data into a folder of them; return its id."""
    folder, run_id = _screened()
    shutil.copytree(folder, data, dirs_exist_ok=True)
    return run_id


@pytest.fixture
def data(tmp_path: Path) -> Iterator[Path]:
    """A folder with data, put where the application looks for it."""
    folder = tmp_path / "data"
    shutil.copytree(_stored(), folder)
    before = settings.DATA, settings.STORE, settings.MEDIA_ROOT
    settings.DATA, settings.STORE, settings.MEDIA_ROOT = folder, folder / "app", folder / "app" / "files"
    yield folder
    settings.DATA, settings.STORE, settings.MEDIA_ROOT = before
