"""Every kind of work has a name in both languages: nobody reads its code."""

from __future__ import annotations

from django.utils.translation import override

from jicha_web.jobs import work
from jicha_web.jobs.models import Job


def test_every_kind_of_work_has_a_name() -> None:
    kinds = {kind for kind, function in work._works.items() if function.__module__.startswith("jicha_web.")}
    assert kinds and kinds <= set(Job.KINDS)
    for kind in kinds:
        with override("zh-hans"):
            assert not Job(kind=kind).title.isascii(), kind
