"""Notifications, what people want by mail, and the reports that were made."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from jicha_web.organisation.models import Organisation, Person
from jicha_web.organisation.scope import ScopedManager


class Notification(models.Model):
    """One message to one person, in the app and, where they wish, by mail. `once` makes the same message once only."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="notifications")
    kind = models.CharField(max_length=32)
    text_zh = models.CharField(max_length=300)
    text_en = models.CharField(max_length=300)
    url = models.CharField(max_length=300, blank=True)
    at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)
    mailed_at = models.DateTimeField(null=True)
    to_mail = models.BooleanField(default=False)  # waits to be mailed
    once = models.CharField(max_length=128)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["person", "once"], name="notification_once")]
        indexes: ClassVar = [
            models.Index(fields=["person", "read_at", "-at"]),
            models.Index(fields=["at"], condition=models.Q(to_mail=True), name="notification_to_mail"),
        ]


class NotificationChoice(models.Model):
    """Whether a person wants a kind of notification by mail; without a row the kind's own setting counts."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="notification_choices")
    kind = models.CharField(max_length=32)
    by_mail = models.BooleanField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["person", "kind"], name="notification_choice")]


class Report(models.Model):
    """A weekly or monthly report of a unit's subtree, made once and kept. Files lie below DATA/app/files."""

    KINDS: ClassVar = [("week", _("Weekly")), ("month", _("Monthly"))]
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=8, choices=KINDS)
    first_on = models.DateField()
    last_on = models.DateField()
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    figures = models.JSONField(default=dict)
    files = models.JSONField(default=dict)  # pdf, docx, xlsx → path
    objects = ScopedManager["Report"]()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["organisation", "kind", "-first_on"])]
