"""Reports of last week and last month by schedule: asked for again when one fails, ever later, and not for ever."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.utils import timezone

from jicha_web import notices
from jicha_web.core import Text
from jicha_web.jobs.models import Job
from jicha_web.jobs.schedule import every
from jicha_web.jobs.work import enqueue
from jicha_web.organisation.models import Organisation
from jicha_web.organisation.rights import people_with
from jicha_web.organisation.scope import EVERYTHING, scoped
from jicha_web.organisation.tree import units_in_sight
from jicha_web.overview.models import Report
from jicha_web.overview.periods import Period, last_month, last_week
from jicha_web.overview.reporting import WORK

_HOUR = 6  # local; by then the night's run is in
ATTEMPTS = 5  # of the schedule; after them people are told and decide
PAUSE = timedelta(minutes=30)  # after the first failure; each further one doubles it: the last try is 7.5 hours later
_LEVELS = ("province", "city", "county")


@dataclass(frozen=True)
class GivenUp:
    """A report that the schedule could not make. why: what the last try said."""

    unit: Organisation
    kind: str
    period: Period
    why: str

    @property
    def kind_label(self) -> str:
        """Weekly or monthly, in words."""
        return str(dict(Report.KINDS)[self.kind])


def _due(today: date) -> Iterator[tuple[str, Period, set[int], Mapping[int, list[Job]]]]:
    """Yield each kind with its days, the units that have the report, and what the schedule tried for the others."""
    for kind, period in (("week", last_week(today)), ("month", last_month(today))):
        there = set(
            Report._base_manager.filter(kind=kind, first_on=period.first).values_list("organisation", flat=True)
        )
        tries: dict[int, list[Job]] = {}
        asked = Job.objects.filter(kind=WORK, by=None, arguments__span=kind, arguments__day=period.first.isoformat())
        for job in asked.order_by("pk"):
            tries.setdefault(job.arguments["unit"], []).append(job)
        yield kind, period, there, tries


def _failures(tries: list[Job]) -> list[Job]:
    return [job for job in tries if job.state == "failed"]


@every("overview.reports", minutes=30)
def make_due(at: datetime) -> None:
    """Ask for the reports of cities and counties that are not there yet and not being made."""
    if timezone.localtime(at).hour < _HOUR:
        return
    with scoped(EVERYTHING):  # the schedule serves all units
        for kind, period, there, tried in _due(timezone.localdate(at)):
            units = Organisation.objects.filter(level__in=_LEVELS, is_active=True)
            for unit in units.exclude(pk__in=there).order_by("path"):
                tries = tried.get(unit.pk, [])
                failed = _failures(tries)
                if tries and tries[-1].state in {"queued", "running"}:
                    continue
                if len(failed) >= ATTEMPTS:
                    _tell(GivenUp(unit, kind, period, failed[-1].message), at)
                elif not failed or at >= failed[-1].asked_at + PAUSE * 2 ** (len(failed) - 1):
                    enqueue(WORK, by=None, at=at, organisation=unit, unit=unit.pk, span=kind,
                            day=period.first.isoformat())  # fmt: skip


def given_up(today: date) -> list[GivenUp]:
    """Return the reports in sight that the schedule gave up and nobody has made since."""
    units = {unit.pk: unit for unit in units_in_sight()}
    return [
        GivenUp(units[pk], kind, period, failed[-1].message)
        for kind, period, there, tried in _due(today)
        for pk, tries in tried.items()
        if pk in units and pk not in there and len(failed := _failures(tries)) >= ATTEMPTS
    ]


def _tell(lost: GivenUp, at: datetime) -> None:
    """Tell those who read the unit's reports, and those who keep the installation, once."""
    day = timezone.localdate(at)
    people = {*people_with("overview_view", lost.unit, day), *people_with("people_edit", lost.unit, day)}
    kind = {"week": Text("周报", "weekly report"), "month": Text("月报", "monthly report")}[lost.kind]
    span = f"{lost.period.first} – {lost.period.last}"
    notices.notify(
        people=people, kind="report_failed", at=at, url="/reports/",
        text=Text(f"{lost.unit.name}稽查{kind.zh}（{span}）{ATTEMPTS} 次未能生成，不再自动重试：{lost.why}",
                  f"{lost.unit.name}: the {kind.en} ({span}) failed {ATTEMPTS} times and is not tried again by itself: "
                  f"{lost.why}"),
        once=f"report-failed-{lost.unit.pk}-{lost.kind}-{lost.period.first}",
    )  # fmt: skip
