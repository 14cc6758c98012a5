"""Planted faults and near misses, one package per specialty."""

from __future__ import annotations

from jicha.sandbox.district import District
from jicha.sandbox.faults import customer_files, line_loss, metering, reading_billing_collection
from jicha.sandbox.faults.registry import in_turn
from jicha.sandbox.faults.scene import Scene
from jicha.sandbox.faults.truth import Truth

__all__ = ["customer_files", "line_loss", "metering", "plant_faults", "reading_billing_collection"]


def plant_faults(district: District) -> list[Truth]:
    """Plant every registered fault into a district and return what was planted; a customer gets at most one."""
    scene = Scene(district, district.rng("faults"))
    calendar = district.calendar
    for item in in_turn():
        if calendar.months < item.months or calendar.days < item.days:
            continue
        for _ in range(item.count(district.size)):
            at = scene.take(item.pool, item.group)
            if at is None:
                break
            item.plant(scene, at)
            if item.records:
                scene.record(item.rule, item.kind, at, item.note)
    packages = (customer_files, metering, reading_billing_collection, line_loss)
    for finish in (item for package in packages for item in package.AFTERWARDS):
        finish(scene)
    return scene.truths
