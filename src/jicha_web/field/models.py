"""What was found on site."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from jicha_web.cases.models import Case
from jicha_web.history.models import Recorded
from jicha_web.organisation.models import Person
from jicha_web.organisation.scope import ScopedManager


class Visit(Recorded):
    """One check of a case on site. `client_uuid` is made on the phone: the same visit sent twice is one."""

    HISTORY_FIELDS = ("case_id", "client_uuid", "person_id", "state", "verdict", "summary")
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="visits")
    client_uuid = models.UUIDField(unique=True)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    companion = models.CharField(max_length=100, blank=True)  # the second inspector
    state = models.CharField(
        max_length=16, choices=[("draft", _("Draft")), ("submitted", _("Submitted"))], default="draft"
    )
    mode = models.CharField(max_length=8, choices=[("site", _("On site")), ("list", _("By list"))], default="site")
    started_at = models.DateTimeField()
    submitted_at = models.DateTimeField(null=True)
    verdict = models.CharField(
        max_length=16,
        blank=True,
        choices=[("true", _("True")), ("untrue", _("Not true")), ("unclear", _("Could not be told"))],
    )
    summary = models.TextField(blank=True)
    other_problems = models.TextField(blank=True)
    refused_signature = models.CharField(max_length=200, blank=True)  # why, and who witnessed
    objects = ScopedManager["Visit"]("case__organisation")


class Photo(Recorded):
    """A photo as evidence: the original bytes kept unserved, a re-encoded copy for display."""

    HISTORY_FIELDS = ("visit_id", "kind", "sha256", "size_bytes", "taken_at", "latitude", "longitude", "removed")
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
    display_sha256 = models.CharField(max_length=64)
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
