"""Numbers of cases: JC, the day, a count of the day."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from jicha_web.cases.models import LatestNumber


def next_number(at: datetime) -> str:
    """Return the next number of a day; the row is locked until the transaction ends, so no two cases share one."""
    day = timezone.localdate(at)
    with transaction.atomic():
        LatestNumber.objects.get_or_create(day=day)
        LatestNumber.objects.filter(day=day).update(latest=F("latest") + 1)
        latest = LatestNumber.objects.values_list("latest", flat=True).get(day=day)
    return f"JC{day:%Y%m%d}{latest:05d}"
