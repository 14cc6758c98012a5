"""Numbers of cases: JC, the day, a count of the day."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from jicha_web.cases.models import LatestNumber


def next_numbers(at: datetime, count: int) -> list[str]:
    """Return the next numbers of a day; the row is locked until the transaction ends, so no two cases share one."""
    if not count:
        return []
    day = timezone.localdate(at)
    with transaction.atomic():
        LatestNumber.objects.get_or_create(day=day)
        LatestNumber.objects.filter(day=day).update(latest=F("latest") + count)
        latest = LatestNumber.objects.values_list("latest", flat=True).get(day=day)
    return [f"JC{day:%Y%m%d}{number:05d}" for number in range(latest - count + 1, latest + 1)]
