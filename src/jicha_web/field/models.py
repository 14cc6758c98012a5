"""What was found on site."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from jicha_web.cases.models import Case
from jicha_web.history.models import Recorded
from jicha_web.organisation.models import Organisation, Person
from jicha_web.organisation.scope import ScopedManager


class Visit(Recorded):
    """One check of a case on site. `client_uuid` is made on the phone: the same visit sent twice is one."""

    STATES: ClassVar = [("draft", _("Draft")), ("submitted", _("Submitted")), ("abandoned", _("Given up"))]
    MODES: ClassVar = [("site", _("On site")), ("list", _("By list"))]
    VERDICTS: ClassVar = [("true", _("True")), ("untrue", _("Not true")), ("unclear", _("Could not be told"))]
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="visits")
    client_uuid = models.UUIDField(unique=True)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    companion = models.CharField(max_length=100, blank=True)  # the second inspector
    state = models.CharField(max_length=16, choices=STATES, default="draft")
    mode = models.CharField(max_length=8, choices=MODES, default="site")
    started_at = models.DateTimeField()
    submitted_at = models.DateTimeField(null=True)
    verdict = models.CharField(max_length=16, blank=True, choices=VERDICTS)
    summary = models.TextField(blank=True)
    other_problems = models.TextField(blank=True)
    refused_signature = models.CharField(max_length=200, blank=True)  # why, and who witnessed
    answers = models.JSONField(default=dict)  # the checklist as it was submitted: code → [answer, note]
    rows_hash = models.CharField(max_length=64, blank=True)  # over its positions, readings and seals: field.rows
    order_number = models.CharField(max_length=64, blank=True)  # list mode: rectification order, its start and result
    order_started_on = models.DateField(null=True)
    order_result = models.TextField(blank=True)
    inspector = models.CharField(max_length=100, blank=True)  # list mode: who checked, as the list says
    objects = ScopedManager["Visit"]("case__organisation")

    class Meta:
        indexes: ClassVar = [models.Index(fields=["person", "state", "-id"])]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["case"], condition=models.Q(state="draft"), name="one_draft_per_case")
        ]


class Photo(Recorded):
    """A photo as evidence: the original bytes kept unserved, a re-encoded copy for display."""

    STORED_FILES = (("original", "sha256"), ("display", "display_sha256"))
    KINDS: ClassVar = [
        ("site", _("Site")), ("meter", _("Meter")), ("seal", _("Seal")), ("wiring", _("Wiring")),
        ("signature", _("Signature")), ("rectified", _("After rectification")), ("other", _("Other")),
    ]  # fmt: skip
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="photos")
    visit = models.ForeignKey(Visit, null=True, on_delete=models.PROTECT, related_name="photos")
    kind = models.CharField(max_length=16, choices=KINDS)
    original = models.CharField(max_length=255)  # below DATA/app/files
    display = models.CharField(max_length=255)
    sha256 = models.CharField(max_length=64, db_index=True)
    display_sha256 = models.CharField(
        max_length=64, db_index=True
    )  # equal pixels, equal copy: other EXIF hides nothing
    media_type = models.CharField(
        max_length=32, default="image/jpeg"
    )  # of the original: image/jpeg, image/png, image/webp
    size_bytes = models.PositiveIntegerField()
    width_px = models.PositiveIntegerField()
    height_px = models.PositiveIntegerField()
    taken_at = models.DateTimeField(null=True)  # EXIF
    device = models.CharField(max_length=100, blank=True)
    latitude = models.FloatField(null=True)  # WGS-84
    longitude = models.FloatField(null=True)
    by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    removed = models.BooleanField(default=False)
    objects = ScopedManager["Photo"]("case__organisation")


class Position(models.Model):
    """A point of the way of a visit, WGS-84."""

    visit = models.ForeignKey(Visit, on_delete=models.PROTECT, related_name="positions")
    at = models.DateTimeField()
    latitude = models.FloatField()
    longitude = models.FloatField()
    accuracy_m = models.FloatField(null=True)
    kind = models.CharField(max_length=8, choices=[("point", _("Point")), ("track", _("Track"))], default="point")


class SiteReading(models.Model):
    """A register read on site."""

    visit = models.ForeignKey(Visit, on_delete=models.PROTECT, related_name="readings")
    meter_id = models.CharField(max_length=64)
    register = models.CharField(max_length=32)
    index_kwh = models.DecimalField(max_digits=14, decimal_places=4)
    note = models.CharField(max_length=200, blank=True)
    # what the data said then: the latest reading of the same register; null: none to compare with
    data_index_kwh = models.DecimalField(max_digits=14, decimal_places=4, null=True)
    data_read_on = models.DateField(null=True)


class Seal(models.Model):
    """A seal found or set."""

    visit = models.ForeignKey(Visit, on_delete=models.PROTECT, related_name="seals")
    place = models.CharField(max_length=100)
    number_found = models.CharField(max_length=64, blank=True)
    state = models.CharField(
        max_length=16,
        choices=[("intact", _("Intact")), ("broken", _("Broken")), ("missing", _("Missing")), ("forged", _("Forged"))],
    )
    number_set = models.CharField(max_length=64, blank=True)


class ListReply(Recorded):
    """A list with results, as it was sent back: kept with its hash, looked through, then taken in or not."""

    STORED_FILES = (("file", "sha256"),)
    STATES: ClassVar = [("seen", _("Looked through")), ("taken", _("Taken in")), ("dropped", _("Dropped"))]
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    name = models.CharField(max_length=200)
    file = models.CharField(max_length=255)
    sha256 = models.CharField(max_length=64)
    state = models.CharField(max_length=16, choices=STATES, default="seen")
    good = models.PositiveIntegerField(default=0)
    wrong = models.PositiveIntegerField(default=0)
    taken: models.JSONField[Any, Any] = models.JSONField(default=list)  # numbers of the cases
    objects = ScopedManager["ListReply"]()
