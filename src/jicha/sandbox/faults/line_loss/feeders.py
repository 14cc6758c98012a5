"""LL005 feeders whose monthly loss is abnormal, made with the meter at the substation."""

from __future__ import annotations

import numpy as np

from jicha.sandbox.arrays import Array
from jicha.sandbox.faults.scene import Scene
from jicha.sandbox.faults.truth import HIT, NEAR_MISS, Truth, key_of
from jicha.sandbox.freezes import Flows

# loss in P0 and in the month before, per cent
_LOSSES: list[tuple[str, float, float]] = [
    (HIT, 10.1, 10.1), (NEAR_MISS, 9.9, 9.9), (HIT, 14.0, 12.0), (NEAR_MISS, 12.0, 7.2), (HIT, -1.1, -1.1),
    (NEAR_MISS, -0.9, -0.9), (HIT, -4.0, -2.0), (NEAR_MISS, 9.4, 4.2), (HIT, 12.0, 6.8), (NEAR_MISS, -1.5, 3.3),
    (HIT, 3.0, 10.5), (NEAR_MISS, 9.9, 5.0), (HIT, -3.0, 2.2), (NEAR_MISS, 3.0, 7.9), (HIT, 22.0, 25.0),
]  # fmt: skip
_ORDINARY = (0.5, 7.0)  # per cent a month


def abnormal(scene: Scene) -> None:
    """Plant losses of feeders when their meters are built."""
    calendar = scene.district.calendar
    if calendar.months < 2 or calendar.days < 80:
        return
    rng = scene.district.rng("feeder loss")

    def change(flows: Flows) -> None:
        month = flows.days.astype("datetime64[M]")
        last = calendar.periods[-1].astype("datetime64[M]")
        busy = [flows.line_seen[:, month == last - back].sum(axis=1) > 30_000 for back in (0, 1)]
        planted: list[int] = []
        free = rng.permutation(np.flatnonzero(busy[0] & busy[1])).tolist()
        for kind, *losses in _LOSSES:
            if len(free) < 4:
                break
            here = int(free.pop())
            planted.append(here)
            for back, loss in enumerate(losses):
                days = month == last - back
                flows.line[here, days] = flows.line_seen[here, days] / (1 - loss / 100)
            feeder_id = scene.frame("feeder")["feeder_id"][here]
            key = key_of(feeder_id=feeder_id, period=str(calendar.p0))
            scene.truths.append(Truth("LL005", key, kind, f"线损{losses[0]}%，上月{losses[1]}%"))
        others = np.setdiff1d(np.arange(len(flows.line)), planted)
        for back in (0, 1):
            _settle(flows, others, month == last - back)

    scene.district.edits.feeders.append(change)


def _settle(flows: Flows, feeders: Array, days: Array) -> None:
    """Let a month of feeders show an ordinary loss, whatever other faults hide from it or areas feed back."""
    sold = flows.line_seen[np.ix_(feeders, days)].sum(axis=1)
    line = flows.line[np.ix_(feeders, days)].sum(axis=1)
    least, most = (sold / (1 - loss / 100) for loss in _ORDINARY)
    goal = np.where(sold > 0, np.clip(line, least, most), line)
    flows.line[np.ix_(feeders, days)] *= (goal / np.maximum(line, 1e-9))[:, None]
