"""The same thing done with many objects in the background: how far it is, and what came of each.

    many = Many(job, total=len(chosen))
    for one in chosen:
        many.tell(label, why_not)     # "" when it was done

Each object is done or refused by itself. What was done stays when the person gives up; the file names every object.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.utils.translation import gettext

from jicha_web.jobs.models import Job
from jicha_web.jobs.sheets import no_formula
from jicha_web.jobs.work import Running
from jicha_web.organisation.models import Person

AT_ONCE = 200  # more than so many are not done while a browser waits
MOST = 4000  # a form takes 5,000 fields
_SHOWN = 200  # refusals on the page of the job


class Many:
    """What came of many objects."""

    def __init__(self, job: Running, *, total: int) -> None:
        self._job, self._total = job, total
        self._rows: list[tuple[str, str]] = []

    def tell(self, label: str, refused: str = "") -> None:
        """Say what came of one; raises Cancelled when the person gave up."""
        self._rows.append((label, refused))
        self._job.progress(len(self._rows), self._total, gettext("Done: %(n)d") % {"n": self._done})

    def passed(self) -> None:
        """Say that one needs nothing any more: it counts neither as done nor as refused."""
        self._total -= 1

    @property
    def _done(self) -> int:
        return sum(not refused for _label, refused in self._rows)

    def _close(self) -> None:
        left = self._total - len(self._rows)
        self._job.result(many=_counted(self._rows, left))
        path = self._job.folder / "results.csv"
        with path.open("w", encoding="utf-8-sig", newline="") as file:
            out = csv.writer(file)
            out.writerow([gettext("Number"), gettext("Result"), gettext("Why not")])
            done, refused = gettext("done"), gettext("refused")
            out.writerows([no_formula(label), refused if why else done, no_formula(why)] for label, why in self._rows)
        self._job.result_file(path.name, path)


@contextmanager
def many(job: Running, *, total: int) -> Iterator[Many]:
    """Keep what came of each, also when the work ends before its last."""
    told = Many(job, total=total)
    try:
        yield told
    finally:
        told._close()


def _counted(rows: Iterable[tuple[str, str]], left: int) -> dict[str, Any]:
    told = list(rows)
    refused = [row for row in told if row[1]]
    return {"done": len(told) - len(refused), "refused": len(refused), "left": left, "why": refused[:_SHOWN]}


def keep(
    kind: str, *, by: Person, at: datetime, rows: Iterable[tuple[str, str]], **arguments: Any
) -> Job:  # fmt: skip
    """Keep what was done with some objects while the browser waited as a job that is over: it can be taken back."""
    counted = _counted(rows, 0)
    total = counted["done"] + counted["refused"]
    return Job.objects.create(
        kind=kind, by=by, asked_at=at, started_at=at, finished_at=at, state="done", arguments=arguments, done=total,
        total=total, message=gettext("Done: %(n)d") % {"n": counted["done"]}, result={"many": counted},
    )  # fmt: skip
