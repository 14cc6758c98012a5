"""A case that lies with the inspector of station A1, its visit begun, and all that the gate asks for."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings

from jicha_web.cases.models import Case, ChecklistItem
from jicha_web.field import photos, visits
from jicha_web.field.models import Photo, Visit
from jicha_web.organisation.models import Person
from tests.web.cases.building import case_in, open_gates
from tests.web.conftest import NOW, World
from tests.web.field import making


@dataclass
class Site:
    """One visit, with short ways to its verbs."""

    world: World
    case: Case
    visit: Visit

    @property
    def inspector(self) -> Person:
        return self.world.people["station_a1"]

    def photo(self, kind: str, seed: int, **how: Any) -> Photo:
        return photos.add(
            case=self.case, visit=self.visit, kind=kind, content=making.jpeg(seed=seed, **how),
            by=self.inspector, at=NOW,
        )  # fmt: skip

    def answer_all(self) -> None:
        for item in ChecklistItem.objects.filter(case=self.case):
            visits.answer(visit=self.visit, item=item, answer="ok", note="", by=self.inspector, at=NOW)

    def complete(self, seed: int = 1) -> None:
        by = self.inspector
        self.photo("site", seed)
        self.photo("meter", seed + 1)
        place = visits.Place(29.1, 119.6, 12.0)
        visits.add_positions(visit=self.visit, places=[place], kind="point", by=by, at=NOW)
        self.answer_all()
        visits.set_details(
            visit=self.visit, by=by, at=NOW, verdict="true", summary="倍率录错", other_problems="无", companion="赵六"
        )
        visits.add_reading(
            visit=self.visit, meter_id="M1", register="total", index_kwh=Decimal("1234.5"), note="", by=by, at=NOW
        )
        visits.add_seal(
            visit=self.visit, place="表盖", number_found="F1", state="intact", number_set="", by=by, at=NOW
        )  # fmt: skip
        visits.refuse_signature(visit=self.visit, reason="客户不在", witness="村委会王五", by=by, at=NOW)


def begin(world: World, **fields: Any) -> Site:
    case = case_in(world, "station_pending", latitude=29.1, longitude=119.6, **fields)
    for order, (code, required) in enumerate([("files_holder", True), ("device_meter", True), ("extra", False)], 1):
        ChecklistItem.objects.create(
            case=case, order=order, code=code, section="files", text_zh=f"核对{order}", text_en=f"check {order}",
            required=required,
        )  # fmt: skip
    visit = visits.start(case=case, by=world.people["station_a1"], at=NOW, client_uuid=uuid4())
    return Site(world, case, visit)


@pytest.fixture
def site(world: World, all_units: None) -> Site:
    return begin(world)


@pytest.fixture(autouse=True)
def own_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(settings, "MEDIA_ROOT", tmp_path / "files")
    return tmp_path / "files"


__all__ = ["open_gates"]
