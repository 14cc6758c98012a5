"""Makes the indexes of findings and cases anew, for a store that was filled by an earlier commit.

JICHA_DATA=/tmp/bench-web python bench/web/indexes.py
"""

from __future__ import annotations

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "jicha_web.settings")
django.setup()

from django.db import connection  # noqa: E402

from jicha_web.cases.models import Case  # noqa: E402
from jicha_web.findings.models import Finding  # noqa: E402


def main() -> None:
    """Drop and make them, and let the database learn how its rows lie."""
    with connection.cursor() as cursor:
        editor = connection.schema_editor(collect_sql=True)
        for model in (Finding, Case):
            for index in model._meta.indexes:
                cursor.execute(f"DROP INDEX IF EXISTS {index.name}")
                cursor.execute(str(index.create_sql(model, editor)))
        # with what PostgreSQL does by itself within minutes: an index alone is read where all see the same rows
        cursor.execute("ANALYZE" if connection.vendor == "sqlite" else "VACUUM (ANALYZE)")


if __name__ == "__main__":
    main()
