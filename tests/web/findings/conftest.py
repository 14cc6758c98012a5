from __future__ import annotations

from pathlib import Path

import pytest

from jicha_web.findings.models import Finding
from jicha_web.organisation.scope import EVERYTHING, scoped
from jicha_web.runs import importing
from tests.web.conftest import World
from tests.web.small_data import data, screened_once

__all__ = ["data"]


@pytest.fixture
def found(world: World, data: Path) -> dict[str, Finding]:
    """The findings of a run, by customer: 1001 and 1002 of A1, 20031 of B1, 1004 of an unknown unit."""
    run = importing.adopt(screened_once(data), at=world.now)
    importing.import_run(run, at=world.now, progress=lambda _done, _total, _text: None)
    with scoped(EVERYTHING):
        return {one.customer_id: one for one in Finding.objects.select_related("organisation")}
