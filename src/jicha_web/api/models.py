"""Tokens by which machines sign in."""

from __future__ import annotations

from datetime import date
from typing import ClassVar

from django.db import models

from jicha_web.history.models import Recorded
from jicha_web.organisation.models import Organisation, Person


class Token(Recorded):
    """A token acts for who made it, narrowed to a unit's subtree and to some actions. Only its hash is kept."""

    UNPROVED: ClassVar = {"last_used_at": "written with every use of it"}

    name = models.CharField(max_length=100)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="tokens")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    actions = models.JSONField(default=list)
    hash = models.CharField(max_length=64, unique=True)
    prefix = models.CharField(max_length=12)  # the first characters, to tell tokens apart
    made_at = models.DateTimeField()
    until = models.DateField()  # last day
    revoked = models.BooleanField(default=False)
    last_used_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["person", "revoked", "-made_at"])]

    def holds_on(self, day: date) -> bool:
        """Whether it counts on a day."""
        return not self.revoked and day <= self.until and self.person.is_active
