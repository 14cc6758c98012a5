"""What a case is, what it costs, which documents say so, and how it is put right."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from jicha_web.cases.models import OUTCOMES, Case
from jicha_web.history.models import Recorded
from jicha_web.organisation.models import Person
from jicha_web.organisation.scope import ScopedManager


class Assessment(Recorded):
    """The outcome of a case, proposed by one and approved by another; the newest counts."""

    HISTORY_FIELDS = (
        "case_id",
        "outcome",
        "findings",
        "state",
        "approved_by_id",
        "claim_yuan",
        "penalty_yuan",
        "refund_yuan",
    )
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="assessments")
    outcome = models.CharField(max_length=16, choices=OUTCOMES)
    findings = models.JSONField(default=dict)  # finding id → confirmed, unfounded, data_error
    reasoning = models.TextField()
    claim_yuan = models.DecimalField(max_digits=18, decimal_places=2, null=True)  # back-billed
    penalty_yuan = models.DecimalField(max_digits=18, decimal_places=2, null=True)
    refund_yuan = models.DecimalField(max_digits=18, decimal_places=2, null=True)
    state = models.CharField(
        max_length=16, default="draft",
        choices=[
            ("draft", _("Draft")), ("submitted", _("To approve")), ("approved", _("Approved")),
            ("refused", _("Refused")),
        ],
    )  # fmt: skip
    by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    approved_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    approved_at = models.DateTimeField(null=True)
    objects = ScopedManager["Assessment"]("case__organisation")


class Calculation(Recorded):
    """A calculator's result kept with the case: inputs, steps and clauses as they were."""

    HISTORY_FIELDS = ("case_id", "calculator", "inputs", "result", "amount_yuan", "used")
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="calculations")
    calculator = models.CharField(max_length=64)
    inputs = models.JSONField()
    result = models.JSONField()
    amount_yuan = models.DecimalField(max_digits=18, decimal_places=2, null=True)
    used = models.BooleanField(default=True)  # in the assessment
    by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    objects = ScopedManager["Calculation"]("case__organisation")


class Paper(Recorded):
    """A document of a case, made once and kept: what was handed over is never made again differently."""

    HISTORY_FIELDS = ("case_id", "kind", "number", "docx_sha256", "pdf_sha256", "template_sha256", "cancelled")
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="papers")
    kind = models.CharField(max_length=32)  # documents.yaml
    number = models.CharField(max_length=40, unique=True)
    docx = models.CharField(max_length=255)
    pdf = models.CharField(max_length=255)
    docx_sha256 = models.CharField(max_length=64)
    pdf_sha256 = models.CharField(max_length=64)
    template_sha256 = models.CharField(max_length=64)
    by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    cancelled = models.BooleanField(default=False)
    objects = ScopedManager["Paper"]("case__organisation")


class Rectification(Recorded):
    """How a case is put right: until when, by which order in the marketing system, with which result and proof."""

    HISTORY_FIELDS = ("case_id", "demand", "due_at", "started_on", "order_number", "result", "done_on", "state")
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="rectifications")
    demand = models.TextField()
    due_at = models.DateTimeField()
    started_on = models.DateField(null=True)
    order_number = models.CharField(max_length=64, blank=True)
    result = models.TextField(blank=True)
    done_on = models.DateField(null=True)
    state = models.CharField(
        max_length=16, default="asked",
        choices=[
            ("asked", _("Asked")), ("started", _("Started")), ("done", _("Done")), ("accepted", _("Accepted")),
            ("returned", _("Returned")),
        ],
    )  # fmt: skip
    by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    objects = ScopedManager["Rectification"]("case__organisation")


class Money(Recorded):
    """An amount billed back, refunded or collected for a case."""

    HISTORY_FIELDS = ("case_id", "kind", "amount_yuan", "booked_on", "reference", "cancelled")
    KINDS: ClassVar = [
        ("billed", _("Billed back")),
        ("penalty", _("Penalty billed")),
        ("collected", _("Collected")),
        ("refunded", _("Refunded")),
    ]
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="money")
    kind = models.CharField(max_length=16, choices=KINDS)
    amount_yuan = models.DecimalField(max_digits=18, decimal_places=2)
    booked_on = models.DateField()
    reference = models.CharField(max_length=64)  # bill, adjustment or payment in the marketing system
    by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    cancelled = models.BooleanField(default=False)
    objects = ScopedManager["Money"]("case__organisation")
