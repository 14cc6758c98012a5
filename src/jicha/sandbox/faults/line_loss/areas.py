"""LL004 jumps of the loss of an area, made with the master meter: what the customers' meters report stays."""

from __future__ import annotations

import numpy as np

from jicha.sandbox.arrays import Array
from jicha.sandbox.faults.scene import Scene
from jicha.sandbox.faults.truth import HIT, NEAR_MISS, Truth, key_of
from jicha.sandbox.freezes import Flows

_SPAN = 37  # days that are looked at
_STEADY = 1.5  # points by which the loss of an ordinary area may change
# loss before, its scatter, change in the last seven days; points each
_JUMPS: list[tuple[str, str, float, float, float]] = [
    (HIT, "突增3.5个百分点", 3.0, 0.6, 3.5), (NEAR_MISS, "增2.7个百分点", 3.0, 0.6, 2.7),
    (HIT, "突增5个百分点", 4.0, 0.7, 5.0), (NEAR_MISS, "原已高损8%", 8.0, 0.6, 6.0),
    (HIT, "突增12个百分点", 3.5, 0.6, 12.0), (NEAR_MISS, "减2.7个百分点", 5.0, 0.6, -2.7),
    (HIT, "突降3.6个百分点", 4.5, 0.6, -3.6), (NEAR_MISS, "原为负损", -1.6, 0.6, 6.0),
    (HIT, "突降8个百分点", 4.0, 0.6, -8.0), (NEAR_MISS, "波动大，增4个百分点", 3.5, 1.6, 4.0),
    (HIT, "波动大，突增6.5个百分点", 3.5, 1.6, 6.5), (NEAR_MISS, "稳定", 4.0, 0.6, 0.0),
    (HIT, "原损耗6.5%，突增4个百分点", 6.5, 0.6, 4.0), (NEAR_MISS, "原损耗7.6%，突增5个百分点", 7.6, 0.5, 5.0),
    (HIT, "原损耗-0.5%，突增5个百分点", -0.5, 0.6, 5.0), (NEAR_MISS, "昨日已恢复", 3.5, 0.6, 6.001),
    (NEAR_MISS, "随夏季负荷渐升", 3.0, 0.6, 1.501),
]  # fmt: skip


def jumps(scene: Scene) -> None:
    """Plant jumps when the master meters are built; areas whose days are complete are chosen then."""
    if scene.district.calendar.days < _SPAN + 5:
        return
    rng = scene.district.rng("line loss")

    def change(flows: Flows) -> None:
        many = np.bincount(scene.district.area[scene.district.area >= 0], minlength=len(flows.seen))
        complete = flows.missing[:, -_SPAN:] <= np.maximum(1, 0.015 * many)[:, None]
        fit = (many >= 30) & complete[:, -7:].all(axis=1) & (complete.sum(axis=1) >= 30)
        fit &= flows.seen[:, -_SPAN:].min(axis=1) > 150
        out = flows.seen + flows.exported
        fit &= (flows.made_seen < 0.8 * out)[:, -_SPAN:].all(axis=1)  # something is left for the master meter
        free = rng.permutation(np.flatnonzero(fit)).tolist()
        planted: list[int] = []
        times = max(1, round(2 * scene.district.size / 20_000))
        for _ in range(times):
            for kind, note, base, scatter, jump in _JUMPS:
                if len(free) < 8:
                    break
                here = int(free.pop())
                planted.append(here)
                _set(flows, here, _series(note, base, scatter, jump, flows.seen.shape[1]))
                area_id = scene.frame("area")["area_id"][here]
                scene.truths.append(Truth("LL004", key_of(area_id=area_id), kind, note))
        for here in np.setdiff1d(np.arange(len(many)), planted).tolist():
            _settle(flows, here, complete[here])

    scene.district.edits.areas.append(change)


def _series(note: str, base: float, scatter: float, jump: float, days: int) -> Array:
    """Loss per day in per cent, its scatter even and without chance."""
    turn = np.arange(days)
    wave = np.sin(turn * 2.399) * 1.414 * scatter
    loss = base + np.where(turn >= days - 8, 0.1 * wave, wave)
    loss[-7:] += jump
    if note == "昨日已恢复":
        loss[-1] -= jump
    if note == "随夏季负荷渐升":
        loss[:-7] = base + np.linspace(-2.5, 1.0, days - 7) + 0.2 * wave[:-7]
    return np.asarray(loss)


def _settle(flows: Flows, here: int, complete: Array) -> None:
    """Let the last days of an area lose about what the days before did, whatever other faults hide there."""
    supplied = flows.supplied[here, -_SPAN:]  # a view
    into = supplied + flows.made_seen[here, -_SPAN:]
    out = (flows.seen + flows.exported)[here, -_SPAN:]
    loss = 100 * (1 - out / np.maximum(into, 1e-9))
    base, recent = complete & (np.arange(_SPAN) < _SPAN - 8), complete & (np.arange(_SPAN) >= _SPAN - 7)
    if not base.any() or not recent.any() or abs(loss[recent].mean() - loss[base].mean()) <= _STEADY:
        return
    wanted = loss[base].mean() + np.clip(loss - loss[base].mean(), -_STEADY, _STEADY)
    supplied[recent] = np.maximum(out / (1 - wanted / 100) - flows.made_seen[here, -_SPAN:], 0)[recent]


def _set(flows: Flows, here: int, loss: Array) -> None:
    """Let the master meter count what gives these losses."""
    out = flows.seen[here] + flows.exported[here]
    flows.supplied[here] = np.maximum(out / (1 - loss / 100) - flows.made_seen[here], 0)
