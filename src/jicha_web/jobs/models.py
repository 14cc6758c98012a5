"""Background work that people can watch, and when recurring work is due."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from jicha_web.organisation.models import Organisation, Person
from jicha_web.organisation.scope import ScopedManager


class Job(models.Model):
    """One piece of work: who asked, how far it is, what came of it. `result_file` is below DATA/app/files."""

    STATES: ClassVar = [
        ("queued", _("Queued")),
        ("running", _("Running")),
        ("done", _("Done")),
        ("failed", _("Failed")),
        ("cancelled", _("Cancelled")),
    ]
    kind = models.CharField(max_length=48, db_index=True)  # a name registered with jobs.work
    arguments = models.JSONField(default=dict)
    organisation = models.ForeignKey(Organisation, null=True, on_delete=models.PROTECT, related_name="+")
    by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="jobs")
    state = models.CharField(max_length=16, choices=STATES, default="queued")
    asked_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    message = models.TextField(blank=True)  # what is being done, or why it failed and what to do
    result = models.JSONField(default=dict)
    result_file = models.CharField(max_length=255, blank=True)
    cancel_asked = models.BooleanField(default=False)
    beaten_at = models.DateTimeField(null=True)  # sign of life; a job without one for minutes was killed

    KINDS: ClassVar = {
        "dispatch_cases": _("Dispatch of many cases"),
        "enter_leads": _("Leads from a file"),
        "export_cases": _("Export of cases"),
        "export_findings": _("Export of findings"),
        "export_history": _("Export of the history"),
        "export_list": _("Export of a list"),
        "handle_findings": _("Handling of many findings"),
        "import_run": _("Import of a run's findings"),
        "load_delivery": _("Load of a delivery"),
        "organisation.synchronise": _("Units and people taken over from the data"),
        "overview.report": _("Report"),
        "pack_case": _("Case as one file"),
        "read_document": _("Text of a document"),
        "rule_backtest": _("Look back with a rule"),
        "rule_preview": _("Trial of a rule"),
        "screen": _("Screening"),
        "undo_job": _("Taking back of a job"),
        "write_outcomes": _("Outcomes of cases written for the rules' precision"),
    }

    objects = models.Manager()
    in_sight = ScopedManager["Job"]()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["by", "-asked_at"]), models.Index(fields=["state", "asked_at"])]

    @property
    def title(self) -> str:
        """What kind of work it is, in words."""
        return str(self.KINDS.get(self.kind, self.kind))


class Due(models.Model):
    """When a piece of recurring work was last done; the tick claims it by comparing `last_at`."""

    name = models.CharField(max_length=64, unique=True)
    last_at = models.DateTimeField(null=True)
