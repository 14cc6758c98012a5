"""Charts and maps as plain values, built in views and drawn in the browser; each also stands as a table of figures."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.conf import settings

Value = int | float | Decimal | None


@dataclass(frozen=True)
class Series:
    """One row of figures, one per label of the chart. `band`: the (low, high) that is usual, per label."""

    name: str
    values: Sequence[Value]
    kind: str = "bar"  # bar, line, limit (a dashed line)
    stack: str = ""
    tone: str = ""  # bad, warn, good, info, calm; empty: the next colour
    band: Sequence[tuple[Value, Value]] = ()


@dataclass(frozen=True)
class Chart:
    """A chart over labels. `links`: the list that each label's figure opens. `flat`: bars lie (long labels)."""

    id: str
    title: str
    labels: Sequence[str]
    series: Sequence[Series]
    unit: str = ""
    links: Sequence[str] = ()
    flat: bool = False
    height: str = "m"  # s, m, l

    @property
    def json(self) -> str:
        """Its values for an attribute: htmx, told to allow no scripts, would drop those of a script element."""
        return json.dumps(self.data, ensure_ascii=False, separators=(",", ":"))

    @property
    def data(self) -> dict[str, Any]:
        """What the browser draws."""

        def number(value: Value) -> float | int | None:
            return float(value) if isinstance(value, Decimal) else value

        return {
            "title": self.title, "labels": list(self.labels), "unit": self.unit, "links": list(self.links),
            "flat": self.flat,
            "series": [
                {"name": s.name, "kind": s.kind, "stack": s.stack, "tone": s.tone,
                 "values": [number(v) for v in s.values],
                 "band": [[number(low), number(high)] for low, high in s.band]}
                for s in self.series
            ],
        }  # fmt: skip

    @property
    def rows(self) -> list[tuple[str, str, list[Value]]]:
        """The figures by label: (label, address, values)."""
        links = list(self.links) or [""] * len(self.labels)
        return [(label, links[i], [s.values[i] for s in self.series]) for i, label in enumerate(self.labels)]

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to draw."""
        return not any(v for s in self.series for v in s.values)


@dataclass(frozen=True)
class MapPoint:
    """A point, WGS-84. `size`: 1 small to 5 large; `layer`: points of one layer are shown and hidden together.

    `label` appears on pointing, `name` always stands beside it.
    """

    latitude: float
    longitude: float
    label: str
    tone: str = "info"
    url: str = ""
    size: float = 2
    layer: str = ""
    name: str = ""


@dataclass(frozen=True)
class Map:
    """A schematic map. `tracks`: ways as (latitude, longitude) points; `areas`: a GeoJSON FeatureCollection.

    `edges`: thin lines between two places, such as a unit and the one above it.
    """

    id: str
    title: str
    points: Sequence[MapPoint]
    tracks: Sequence[Sequence[tuple[float, float]]] = ()
    edges: Sequence[tuple[tuple[float, float], tuple[float, float]]] = ()
    areas: dict[str, Any] = field(default_factory=dict)
    height: str = "m"

    @property
    def json(self) -> str:
        """Its values for an attribute: htmx, told to allow no scripts, would drop those of a script element."""
        return json.dumps(self.data, ensure_ascii=False, separators=(",", ":"))

    @property
    def data(self) -> dict[str, Any]:
        """What the browser draws."""
        return {
            "tiles": settings.TILE_URL,
            "points": [
                {"at": [p.latitude, p.longitude], "label": p.label, "tone": p.tone, "url": p.url, "size": p.size,
                 "layer": p.layer, "name": p.name}
                for p in self.points
            ],
            "tracks": [[list(at) for at in track] for track in self.tracks],
            "edges": [[list(one), list(other)] for one, other in self.edges],
            "areas": self.areas,
        }  # fmt: skip
