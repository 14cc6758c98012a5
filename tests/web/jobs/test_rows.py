"""Rows of a job are read so that it may write meanwhile, and so may others."""

from __future__ import annotations

import sqlite3

import pytest
from django.db import connection

from jicha_web.cases.models import Case
from jicha_web.jobs.rows import in_chunks
from jicha_web.organisation.models import Organisation


@pytest.mark.django_db(transaction=True)
def test_a_job_writes_while_it_reads_and_others_write() -> None:
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL has no such limit")
    for number in range(9):
        Organisation.objects.create(code=f"U{number}", name=str(number), level="station", path=f"{number:04d}")
    units = Organisation.objects.order_by("-code")
    other = sqlite3.connect(connection.settings_dict["NAME"], timeout=5, uri=True)
    seen = []
    try:
        for unit in in_chunks(units, 2):
            seen.append(unit.code)
            with other:
                other.execute("UPDATE organisation_organisation SET name = name || 'x'")
            Organisation.objects.filter(pk=unit.pk).update(name="progress")
    finally:
        other.close()
    assert seen == [f"U{number}" for number in range(8, -1, -1)]


@pytest.mark.django_db
def test_nothing_is_nothing() -> None:
    assert list(in_chunks(Case._base_manager.order_by("pk"))) == []
