"""Takes the newest run in, as the worker does, and says how long it took.

    JICHA_DATA=/tmp/bench-web python bench/web/importing.py [--again]

--again: the same run once more, which says the same of all. The next day's: bench/web/ledger.py --next-day before.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import time
from datetime import datetime

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "jicha_web.settings")
django.setup()

from django.conf import settings  # noqa: E402
from ledger import newest_run  # noqa: E402
from seed import NOW  # noqa: E402
from store import peak_mb  # noqa: E402

from jicha_web.findings.models import Finding  # noqa: E402
from jicha_web.runs import events  # noqa: E402
from jicha_web.runs.importing import adopt, again, import_run  # noqa: E402
from jicha_web.runs.models import Run  # noqa: E402


def main() -> None:
    """Import and print JSON: seconds until the rows are in and until all is done, CPU seconds and peak memory."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--again", action="store_true")
    given = parser.parse_args()
    run = adopt(newest_run(settings.DATA).name, at=NOW)
    if given.again:
        again(run)
        run.refresh_from_db()
    taken_in, rows_in = events.taken_in, 0.0

    def stopwatch(run: Run, at: datetime) -> None:
        nonlocal rows_in
        taken_in(run, at)
        rows_in = time.perf_counter()

    events.taken_in = stopwatch
    began = time.perf_counter()
    import_run(run, at=NOW, progress=lambda *_told: None)
    used = resource.getrusage(resource.RUSAGE_SELF)
    print(json.dumps({
        "findings": Finding._base_manager.count(), "seconds": round(time.perf_counter() - began, 1),
        "rows_seconds": round(rows_in - began, 1),
        "cpu_seconds": round(used.ru_utime + used.ru_stime, 1), "peak_mb": peak_mb(),
    }))  # fmt: skip


if __name__ == "__main__":
    main()
