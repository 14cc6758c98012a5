"""Planted faults and near misses, one package per specialty."""

from __future__ import annotations

from jicha.sandbox.district import District
from jicha.sandbox.faults import (
    accounts,
    business_expansion,
    customer_files,
    line_loss,
    metering,
    reading_billing_collection,
    tariffs_and_charges,
    usage_inspection,
)
from jicha.sandbox.faults.placed import Placed
from jicha.sandbox.faults.registry import in_turn
from jicha.sandbox.faults.scene import Scene
from jicha.sandbox.faults.truth import Truth, key_of

__all__ = [
    "accounts", "business_expansion", "customer_files", "line_loss", "metering", "plant_faults",
    "reading_billing_collection", "tariffs_and_charges", "usage_inspection",
]  # fmt: skip


def plant_faults(district: District, placed: Placed) -> list[Truth]:
    """Plant every registered fault into a district and return what was planted; a customer gets at most one.

    What found a place and what did not is noted in placed.
    """
    scene = Scene(district, district.rng("faults"), placed)
    calendar = district.calendar
    for prepare in reading_billing_collection.BEFOREHAND:
        prepare(scene)
    for item, again in in_turn(scene.room):
        if calendar.months < item.months or calendar.days < item.days:
            continue
        for _ in range(item.count(district.size) - 1 if again else 1):
            at = scene.take(item.pool, item.group)
            scene.tell(item.rule, item.note, placed=at is not None)
            if at is None:
                break
            item.plant(scene, at)
            if item.records:
                scene.record(item.rule, item.kind, at, item.note)
    packages = (customer_files, metering, reading_billing_collection, line_loss, tariffs_and_charges, accounts)
    for finish in (item for package in packages for item in package.AFTERWARDS):
        finish(scene)
    scene.truths += [Truth("AC014", key_of(requested_by=clerk), kind, note) for kind, note, clerk in scene.clerks]
    return scene.truths
