"""What belongs to a visit in rows of its own: positions, readings, seals; the visit holds one hash over all of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from jicha_web.field.models import Position, Seal, SiteReading, Visit
from jicha_web.history.read import BATCH, Damage
from jicha_web.history.values import digest, plain

POSITION = ("at", "latitude", "longitude", "accuracy_m", "kind")
READING = ("meter_id", "register", "index_kwh", "note", "data_index_kwh", "data_read_on")
SEAL = ("place", "number_found", "state", "number_set")


def _values(rows: Iterable[Any], names: tuple[str, ...]) -> list[dict[str, Any]]:
    return [{name: plain(getattr(row, name)) for name in names} for row in sorted(rows, key=lambda r: r.pk)]


def content_of(
    positions: Iterable[Position], readings: Iterable[SiteReading], seals: Iterable[Seal]
) -> dict[str, list[dict[str, Any]]]:
    """Return the rows as JSON values; keys are the names in the case's file as well."""
    return {
        "positions": _values(positions, POSITION),
        "readings": _values(readings, READING),
        "seals": _values(seals, SEAL),
    }


def hash_of(visit: Visit) -> str:
    """Return the hash over the rows of a visit as the database holds them; empty while there is none."""
    content = content_of(
        Position.objects.filter(visit=visit), SiteReading.objects.filter(visit=visit), Seal.objects.filter(visit=visit)
    )
    return digest(content) if any(content.values()) else ""


def damage(object_id: int | None) -> Iterator[Damage]:
    """Tell of which visits the rows are not those that were recorded."""
    visits = Visit._base_manager.order_by("pk")
    if object_id is not None:
        visits = visits.filter(pk=object_id)
    for visit in visits.prefetch_related("positions", "readings", "seals").iterator(chunk_size=BATCH):
        content = content_of(visit.positions.all(), visit.readings.all(), visit.seals.all())
        expected = digest(content) if any(content.values()) else ""
        if expected != visit.rows_hash:
            yield Damage("rows", Visit.history_type(), visit.pk, visit.version)
