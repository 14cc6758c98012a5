"""The dial of one planted meter: what runs and what is read, while a district's months are made."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from jicha.sandbox.arrays import Array
from jicha.sandbox.faults.registry import Plant
from jicha.sandbox.faults.scene import Scene
from jicha.sandbox.registers import REMOTE, Registers

_MARGIN = 500_000  # units on a dial that must not roll over


class Dial:
    """The settlement meter of a planted customer while its months are made; `back` counts periods from P0."""

    def __init__(self, scene: Scene, registers: Registers, at: Array) -> None:
        self.scene, self.registers = scene, registers
        self.position = int(at[0])
        self.row = int(np.flatnonzero(registers.settles & (registers.owner == self.position))[0])
        self.calendar = scene.district.calendar
        self.last = len(self.calendar.periods) - 1
        self.factor = float(registers.multiplier[self.row])
        self._begin = len(self.calendar.span) - self.calendar.days
        self._plain()

    def _plain(self) -> None:
        """Every period read from afar at midnight, a dial that does not roll over."""
        registers, row = self.registers, self.row
        for number in range(self.last + 1):
            registers.method[row, number] = REMOTE
            day = self.reading_day(self.last - number)
            registers.read_at[row, number] = day.astype("datetime64[s]") + np.timedelta64(1500 + number * 60, "s")
            place = int(self.calendar.period_edges[number + 1]) - self._begin
            if place >= 0:
                registers.edge[row, number + 1] = registers.freeze[row, place]
        if registers.start[row] + registers.freeze[row, -1] > registers.limit[row] - 30 * _MARGIN:
            registers.start[row] = _MARGIN

    def reading_day(self, back: int) -> Any:
        """The first day of the month after a period."""
        return self.calendar.span[0] + self.calendar.period_edges[self.last - back + 1]

    def end(self, back: int) -> int:
        """Place in `edge` of the end of a period."""
        return self.last - back + 1

    def units(self, kwh: float) -> int:
        """Energy as steps of the dial."""
        return round(kwh * 100 / self.factor)

    def used(self, back: int) -> int:
        """Steps of a period as it is read."""
        edge = self.registers.edge[self.row]
        return int(edge[self.end(back)] - edge[self.end(back) - 1])

    def live(self) -> int:
        """How many periods have been billed."""
        return self.last - int(max(self.registers.first_period[self.row], 0)) + 1

    def usage(self, kwh: Mapping[int, float] | float) -> None:
        """Let the customer really use so many kWh in some periods, or in every one since it is whole."""
        wanted = kwh if isinstance(kwh, Mapping) else dict.fromkeys(range(self.live() - 1), kwh)
        registers, row = self.registers, self.row
        old = np.diff(registers.edge[row])
        new = old.copy()
        stays = np.isnat(self.scene.district.disconnected[self.position])
        until = self.last + 1 if stays else int(registers.last_period[row])  # the last period of who leaves stays
        for back, amount in wanted.items():
            if self.last - back < until:
                new[self.last - back] = self.units(amount)
        registers.edge[row, 1:] = registers.edge[row, 0] + np.cumsum(new)
        before = np.diff(registers.freeze[row])
        steps = before.copy()
        edges = self.calendar.period_edges - self._begin
        for number in range(self.last + 1):
            if edges[number + 1] > 0:
                self._spread(
                    steps, max(int(edges[number]), 0), int(edges[number + 1]), int(old[number]), int(new[number])
                )
                registers.peak_kw[row, number] = min(
                    registers.peak_kw[row, number] * (new[number] / max(old[number], 1)), registers.ceiling_kw[row]
                )
        ratio, tail = new[-1] / max(old[-1], 1), int(edges[-1])
        steps[max(tail, 0) :] = np.rint(before[max(tail, 0) :] * ratio).astype(np.int64)
        run = np.append(0, np.cumsum(steps))
        if tail >= 0:
            place = int(np.argmax(edges >= 0))
            registers.freeze[row] = run - run[edges[place]] + registers.edge[row, place]
        else:  # the reported days begin after the last reading
            since = registers.freeze[row, 0] - (registers.edge[row, 0] + old.sum())
            registers.freeze[row] = run + registers.edge[row, -1] + round(since * ratio)
        self._flow((steps - before) * self.factor / 100)

    def evenly(self, kwh: float, months: int) -> None:
        """Let the customer use about so many kWh on every day of the latest periods, and since."""
        self.usage({back: kwh * float(self.calendar.month_days[self.last - back]) for back in range(months)})
        freeze = self.registers.freeze[self.row]
        steps = np.diff(freeze)
        flat, units = steps.copy(), self.units(kwh)
        edges = [*(self.calendar.period_edges - self._begin)[-months - 1 :].tolist(), len(steps)]
        wave = 1 + 0.04 * (-1.0) ** np.arange(32 + len(steps))
        for begin, end in itertools.pairwise(max(edge, 0) for edge in edges):
            if end > begin:
                weight = np.cumsum(wave[: end - begin])
                run = np.rint(weight / weight[-1] * units * (end - begin))
                flat[begin:end] = np.diff(run, prepend=0).astype(np.int64)
        run = np.append(0, np.cumsum(flat))
        anchor = max(edges[-2], 0)  # the index at the last reading stays
        self.registers.freeze[self.row] = run - run[anchor] + freeze[anchor]
        self._flow((flat - steps) * self.factor / 100)

    @staticmethod
    def _spread(steps: Array, first: int, until: int, old: int, new: int) -> None:
        """Spread a month's new steps over its reported days as the old ones were."""
        part = steps[first:until]
        total = int(part.sum())
        goal = new if old in {total, 0} else round(new * total / old)
        weight = np.cumsum(part) / total if total else np.arange(1, len(part) + 1) / len(part)
        part[:] = np.diff(np.rint(weight * goal).astype(np.int64), prepend=0)

    def _flow(self, kwh: Array) -> None:
        district = self.scene.district
        area = int(district.area[self.position])
        if area >= 0:
            self.registers.area_sold[area] += kwh
        else:
            self.registers.feeder_sold[int(district.feeder[self.position])] += kwh

    def shown(self, day: Any, part: float) -> int:
        """Steps run at a part of a reported day."""
        place = int((np.datetime64(day, "D") - self.calendar.span[0]).astype(np.int64)) - self._begin
        freeze = self.registers.freeze[self.row]
        return int(freeze[place] + round((freeze[place + 1] - freeze[place]) * part))

    def read(self, back: int, method: int, *, days: int = 0, hour: float = 10.0) -> None:
        """Read a period by another method, so many days after its reading day; the dial shows what has run by then."""
        registers, row = self.registers, self.row
        day = self.reading_day(back) + days
        registers.method[row, self.last - back] = method
        registers.read_at[row, self.last - back] = day.astype("datetime64[s]") + np.timedelta64(int(hour * 3600), "s")
        if (day - self.calendar.span[0]).astype(np.int64) >= self._begin:
            registers.edge[row, self.end(back)] = self.shown(day, hour / 24)

    def skip(self, *backs: int) -> None:
        """Leave periods without reading and bill: their energy shows in the next one."""
        registers, row = self.registers, self.row
        places = sorted(self.last - back for back in backs)
        for number in places:
            registers.edge[row, number + 1] = registers.edge[row, number]

        def hide(_registers: Any, months: Any) -> None:
            months.live[row, places] = False

        self.scene.district.edits.months.append(hide)

    def quantity(self, back: int, kwh: float) -> None:
        """Bill so many kWh more than the dial shows."""
        row, number, units = self.row, self.last - back, self.units(kwh)

        def change(_registers: Any, months: Any) -> None:
            months.total[row, number] += units

        self.scene.district.edits.months.append(change)

    def move(self, back: int, kwh: float) -> None:
        """Read so much more (or less) than has run."""
        self.registers.edge[self.row, self.end(back)] += self.units(kwh)


def dial(change: Callable[[Dial], None]) -> Plant:
    """Return a plant that changes the meter of the chosen customer when it runs."""

    def plant(scene: Scene, at: Array) -> None:
        def run(registers: Registers) -> None:
            position = int(at[0])
            if position not in scene.dials:
                scene.dials[position] = Dial(scene, registers, at)
            change(scene.dials[position])

        scene.district.edits.run.append(run)

    return plant
