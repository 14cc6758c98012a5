"""What a case is, what it costs, which documents say so, and how it is put right."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from jicha_web.cases.models import OUTCOMES, Case
from jicha_web.history.models import Recorded
from jicha_web.organisation.models import Organisation, Person
from jicha_web.organisation.scope import ScopedManager


class Assessment(Recorded):
    """The outcome of a case, proposed by one and approved by another; the newest counts."""

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

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="calculations")
    calculator = models.CharField(max_length=64)
    inputs = models.JSONField()
    result = models.JSONField()
    claim_yuan = models.DecimalField(max_digits=18, decimal_places=2, null=True)  # see calculations.yaml
    penalty_yuan = models.DecimalField(max_digits=18, decimal_places=2, null=True)
    refund_yuan = models.DecimalField(max_digits=18, decimal_places=2, null=True)
    amount_yuan = models.DecimalField(max_digits=18, decimal_places=2, null=True)  # claim and penalty less refund
    used = models.BooleanField(default=True)  # in the assessment
    by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    objects = ScopedManager["Calculation"]("case__organisation")


class Paper(Recorded):
    """A document of a case, made once and kept: what was handed over is never made again differently."""

    STORED_FILES = (("docx", "docx_sha256"), ("pdf", "pdf_sha256"))
    issued_before = False  # of what issuing returns: there was this paper already, no other was made
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="papers")
    kind = models.CharField(max_length=32)  # documents.yaml
    number = models.CharField(max_length=80, unique=True)
    issuer = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")  # the unit that counts it
    assessment = models.ForeignKey(Assessment, null=True, on_delete=models.PROTECT, related_name="papers")
    missing_glyphs = models.CharField(max_length=100, blank=True)  # characters that no font could draw
    docx = models.CharField(max_length=255)
    pdf = models.CharField(max_length=255)
    docx_sha256 = models.CharField(max_length=64)
    pdf_sha256 = models.CharField(max_length=64)
    template_sha256 = models.CharField(max_length=64)
    by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    cancelled = models.BooleanField(default=False)
    cancel_reason = models.TextField(blank=True)
    objects = ScopedManager["Paper"]("case__organisation")


class LatestNumber(models.Model):
    """The latest number given to a kind of paper of a unit in a year, so that two made at once get two numbers."""

    kind = models.CharField(max_length=32)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    year = models.PositiveSmallIntegerField()
    latest = models.PositiveIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["kind", "organisation", "year"], name="paper_latest_number")
        ]


class Rectification(Recorded):
    """How a case is put right: until when, by which order in the marketing system, with which result and proof."""

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
    by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")  # null: sent back by a run
    at = models.DateTimeField()
    done_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    objects = ScopedManager["Rectification"]("case__organisation")


class CaseFile(Recorded):
    """A file kept with a case as proof: a screenshot of the marketing system, a signed paper, a receipt."""

    STORED_FILES = (("file", "sha256"),)
    KINDS: ClassVar = [
        ("rectified", _("Proof of the rectification")),
        ("signed", _("Signed paper")),
        ("receipt", _("Receipt")),
        ("hand_proof", _("Proof by hand")),
        ("other", _("Other")),
    ]
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="files")
    kind = models.CharField(max_length=16, choices=KINDS)
    name = models.CharField(max_length=200)
    file = models.CharField(max_length=255)  # below DATA/app/files
    media_type = models.CharField(max_length=100)
    sha256 = models.CharField(max_length=64)
    size_bytes = models.PositiveIntegerField()
    by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    removed = models.BooleanField(default=False)
    objects = ScopedManager["CaseFile"]("case__organisation")


class Money(Recorded):
    """An amount billed back, refunded or collected for a case."""

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
    at = models.DateTimeField()
    cancelled = models.BooleanField(default=False)
    cancel_reason = models.TextField(blank=True)
    objects = ScopedManager["Money"]("case__organisation")


class OwnTemplate(Recorded):
    """A Word template of the utility in place of the shipped one; the file is DATA/templates/TEMPLATE.docx."""

    template = models.CharField(max_length=32)  # a kind of documents.yaml, or report
    sha256 = models.CharField(max_length=64)
    size_bytes = models.PositiveIntegerField()
    by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    removed = models.BooleanField(default=False)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["template"], condition=models.Q(removed=False), name="one_own_template")
        ]
