"""Notifications."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from jicha_web.organisation.models import Person


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
    once = models.CharField(max_length=128)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["person", "once"], name="notification_once")]
        indexes: ClassVar = [models.Index(fields=["person", "read_at", "-at"])]
