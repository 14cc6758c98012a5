"""Deliveries that arrive, runs that judge them, the schedule of both."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from jicha_web.history.models import Recorded
from jicha_web.jobs.models import Job
from jicha_web.organisation.models import Organisation


class Run(models.Model):
    """A screening run of the core (DATA/runs/RUN_ID) as the application knows it."""

    STATES: ClassVar = [
        ("queued", _("Queued")),
        ("screening", _("Screening")),
        ("importing", _("Importing findings")),
        ("done", _("Done")),
        ("failed", _("Failed")),
    ]
    run_id = models.CharField(max_length=64, unique=True, null=True)  # null until the core has named it
    as_of = models.DateField()
    period = models.DateField(null=True)  # P0, first day of the billing month
    data_version = models.CharField(max_length=64, blank=True)
    state = models.CharField(max_length=16, choices=STATES, default="queued")
    asked_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    by_name = models.CharField(max_length=100, blank=True)
    trigger = models.CharField(max_length=16, default="hand")  # hand, schedule, new_data, command
    organisation = models.ForeignKey(Organisation, null=True, on_delete=models.PROTECT, related_name="+")  # asked for
    rules = models.JSONField(default=dict)  # code → outcome, version, findings, not_judged, seconds
    counts = models.JSONField(default=dict)  # state → findings
    imported_rows = models.PositiveIntegerField(default=0)  # how far the import is; one that was killed goes on here
    imported_at = models.DateTimeField(null=True)  # null and done: an earlier day than what is shown, kept to compare
    attempts = models.PositiveSmallIntegerField(default=0)  # of the import, after its worker was killed
    notices = models.JSONField(default=list)  # what people should know: {zh, en}
    job = models.ForeignKey(Job, null=True, on_delete=models.SET_NULL, related_name="runs")
    error = models.TextField(blank=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["-as_of", "-id"])]


class RunSchedule(Recorded):
    """When runs start by themselves: at a time of day, on a day of the week or month, or when new data have arrived."""

    UNPROVED: ClassVar = {
        "last_started_at": "written with every start; the runs tell of themselves",
        "last_data_version": "written with every start; the runs tell of themselves",
    }

    KINDS: ClassVar = [
        ("daily", _("Daily")),
        ("weekly", _("Weekly")),
        ("monthly", _("Monthly")),
        ("new_data", _("On new data")),
    ]
    name = models.CharField(max_length=100)
    kind = models.CharField(max_length=16, choices=KINDS)
    at_time = models.TimeField(null=True, blank=True)
    day = models.PositiveSmallIntegerField(null=True, blank=True)  # 1–7 of the week (Monday 1), 1–28 of the month
    rules = models.JSONField(default=list, blank=True)  # codes or groups; empty: all
    organisation = models.ForeignKey(Organisation, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    is_active = models.BooleanField(default=True)
    last_started_at = models.DateTimeField(null=True)
    last_data_version = models.PositiveIntegerField(default=0)
    since = models.DateTimeField(null=True)  # what was due before is not caught up


class ExpectedDelivery(Recorded):
    """A file or folder that a source system delivers into the watched folder, and by when; late: an alert."""

    UNPROVED: ClassVar = {
        "last_arrived_at": "written with every file that arrives; the deliveries tell of themselves",
        "alerted_for": "the latest alert: written with every one",
    }
    SPANS: ClassVar = [("day", _("Day")), ("month", _("Month"))]
    name = models.CharField(max_length=100)
    pattern = models.CharField(max_length=200)  # glob below the watched folder
    every = models.CharField(max_length=16, choices=SPANS)
    by_time = models.TimeField(null=True, blank=True)
    by_day = models.PositiveSmallIntegerField(null=True, blank=True)
    mapping = models.CharField(max_length=200, blank=True)  # a name that core.loads.mapping_file knows
    is_active = models.BooleanField(default=True)
    last_arrived_at = models.DateTimeField(null=True)
    first_due_on = models.DateField(null=True)  # what was due before the expectation was made is not missed
    alerted_for = models.DateField(null=True)  # the day or month that was last told to be missing


class Delivery(models.Model):
    """One load of delivered files by the application."""

    STATES: ClassVar = [
        ("arrived", _("Arrived")),
        ("loading", _("Loading")),
        ("loaded", _("Loaded")),
        ("rejects", _("Loaded with rejects")),
        ("failed", _("Failed")),
    ]
    arrived_at = models.DateTimeField()
    files = models.JSONField(default=list)
    state = models.CharField(max_length=16, choices=STATES, default="arrived")
    load_id = models.CharField(max_length=64, blank=True)
    rows = models.BigIntegerField(default=0)
    rejects = models.BigIntegerField(default=0)
    message = models.TextField(blank=True)
    job = models.ForeignKey(Job, null=True, on_delete=models.SET_NULL, related_name="+")
