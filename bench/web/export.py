"""Exports of long lists as the worker does them: seconds, peak memory, size.

    JICHA_DATA=/tmp/bench-web python bench/web/export.py findings --rows 100000

Prints JSON. `--rows` bounds the list by the lowest amount or the day of opening that leaves about so many rows; 0: all.
The peak is of this process, beside what it takes before it begins (`start_mb`): it must not grow with the rows.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from pathlib import Path
from urllib.parse import urlencode

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "jicha_web.settings")
django.setup()

from django.conf import settings  # noqa: E402
from django.db.models import Count  # noqa: E402
from seed import NOW  # noqa: E402
from store import peak_mb  # noqa: E402

from jicha_web.cases.models import Case  # noqa: E402
from jicha_web.findings.models import Finding  # noqa: E402
from jicha_web.jobs.models import Job  # noqa: E402
from jicha_web.jobs.work import enqueue, run_job  # noqa: E402
from jicha_web.organisation.models import Person  # noqa: E402


def _query(what: str, rows: int) -> dict[str, str]:
    """Return the filter of a list of about so many rows."""
    if what == "cases":
        opened = Case._base_manager.order_by("-opened_at").values_list("opened_at", flat=True)
        return {"opened_from": opened[rows].date().isoformat()} if 0 < rows < opened.count() else {}
    wide = {"state": "all", "handling": "all"}
    by_rule = Finding._base_manager.order_by().values_list("rule").annotate(n=Count("pk"))
    counts = sorted(by_rule, key=lambda row: (row[1], row[0]))  # the small ones first: the sum comes near
    if not 0 < rows < sum(n for _rule, n in counts):
        return wide
    codes, total = [], 0
    for code, n in counts:
        if total >= rows:
            break
        codes.append(code)
        total += n
    return {**wide, "rule": ",".join(codes)}


def main() -> None:
    """Export and print what it took."""
    parser = argparse.ArgumentParser()
    parser.add_argument("what", choices=["findings", "cases"])
    parser.add_argument("--rows", type=int, default=100_000)
    given = parser.parse_args()
    person = Person.objects.filter(memberships__role="city_specialist").order_by("pk")[0]
    query = urlencode(_query(given.what, given.rows))
    job = enqueue(f"export_{given.what}", by=person, at=NOW, query=query)
    start, began = peak_mb(), time.perf_counter()
    run_job.func(job_id=job.pk, at=NOW.isoformat(), language="zh-hans")
    seconds = time.perf_counter() - began
    job = Job.objects.get(pk=job.pk)
    if job.state != "done":
        raise SystemExit(f"the export ended as {job.state}: {job.message}")
    file = Path(settings.MEDIA_ROOT) / job.result_file
    print(json.dumps({
        "what": given.what, "rows": job.total, "seconds": round(seconds, 1), "start_mb": start, "peak_mb": peak_mb(),
        "file_mb": round(file.stat().st_size / 1e6, 1),
    }))  # fmt: skip
    file.unlink()


if __name__ == "__main__":
    main()
