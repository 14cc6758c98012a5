"""What a demonstration has beside its accounts: new data are screened by themselves, and prove what was put right."""

from __future__ import annotations

from datetime import datetime

from django.utils import translation
from django.utils.translation import gettext

from jicha_web.organisation.models import Person
from jicha_web.runs.models import RunSchedule
from jicha_web.runs.schedules import save_schedule


def screen_new_data(*, by: Person, at: datetime) -> None:
    """Have new data of someone's unit screened by all rules once they are in, unless something is scheduled already."""
    if RunSchedule.objects.exists():
        return
    with translation.override("zh-hans"):
        name = gettext("On new data")
    values = {"name": name, "kind": "new_data", "is_active": True, "organisation": by.organisation}
    save_schedule(None, values=values, by=by, at=at)
