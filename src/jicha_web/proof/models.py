"""What each run said of the findings of the cases that wait for proof."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from jicha_web.cases.models import Case
from jicha_web.findings.models import Finding
from jicha_web.organisation.scope import ScopedManager
from jicha_web.runs.models import Run


class Proof(models.Model):
    """The verdict of one run on one finding of one case."""

    VERDICTS: ClassVar = [
        ("proved", _("Proved")),
        ("not_yet", _("Not yet")),
        ("disproved", _("Still there")),
        ("unjudged", _("Could not be judged")),
    ]
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="proofs")
    finding = models.ForeignKey(Finding, on_delete=models.PROTECT, related_name="proofs")
    run = models.ForeignKey(Run, on_delete=models.PROTECT, related_name="+")
    verdict = models.CharField(max_length=16, choices=VERDICTS)
    state = models.CharField(max_length=16)  # of the finding in the run
    why = models.JSONField(default=dict)  # {zh, en}
    until = models.DateField(null=True)  # not before this day can it be told
    at = models.DateTimeField()
    objects = ScopedManager["Proof"]("case__organisation")

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["finding", "run"], name="one_proof_per_run")]
