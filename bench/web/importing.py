"""Takes the newest run in, as the worker does, and says how long it took.

    JICHA_DATA=/tmp/bench-web python bench/web/importing.py [--again]

--again: once more, as the next day's run that says the same of nearly all.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import time

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "jicha_web.settings")
django.setup()

from django.conf import settings  # noqa: E402
from ledger import newest_run  # noqa: E402
from seed import NOW  # noqa: E402

from jicha_web.findings.models import Finding  # noqa: E402
from jicha_web.runs.importing import adopt, again, import_run  # noqa: E402


def main() -> None:
    """Import and print JSON: seconds, CPU seconds of this process, peak memory."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--again", action="store_true")
    given = parser.parse_args()
    run = adopt(newest_run(settings.DATA).name, at=NOW)
    if given.again:
        again(run)
        run.refresh_from_db()
    began = time.perf_counter()
    import_run(run, at=NOW, progress=lambda *_told: None)
    used = resource.getrusage(resource.RUSAGE_SELF)
    print(json.dumps({
        "findings": Finding._base_manager.count(), "seconds": round(time.perf_counter() - began, 1),
        "cpu_seconds": round(used.ru_utime + used.ru_stime, 1), "peak_mb": used.ru_maxrss // 1024,
    }))  # fmt: skip


if __name__ == "__main__":
    main()
