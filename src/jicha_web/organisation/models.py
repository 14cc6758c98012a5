"""Units, people, what they hold: roles, qualifications, trainings, tools."""

from __future__ import annotations

from datetime import date
from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.utils.translation import gettext_lazy as _

from jicha_web.history.models import Recorded
from jicha_web.organisation.scope import LONGEST_PATH, SEGMENT, ScopedManager


class Organisation(models.Model):
    """A unit. `path` is the way from the root in fixed segments (000100020003), so that a subtree is a prefix."""

    LEVELS: ClassVar = [
        ("province", _("Province")),
        ("city", _("City")),
        ("county", _("County")),
        ("station", _("Station")),
    ]
    code = models.CharField(max_length=64, unique=True)  # organization.org_id of the data
    name = models.CharField(max_length=200)
    level = models.CharField(max_length=16, choices=LEVELS)
    parent = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="children")
    path = models.CharField(max_length=LONGEST_PATH, unique=True)
    latitude = models.FloatField(null=True)
    longitude = models.FloatField(null=True)
    is_active = models.BooleanField(default=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["level", "path"])]

    def __str__(self) -> str:
        return self.name

    def covers(self, other: Organisation) -> bool:
        """Whether another unit is this one or below it."""
        return other.path.startswith(self.path)

    @property
    def depth(self) -> int:
        """How many units lie above it."""
        return len(self.path) // SEGMENT - 1


class PersonManager(BaseUserManager["Person"]):
    """Makes people."""

    def create_person(self, username: str, *, password: str | None = None, **fields: object) -> Person:
        """Make a person; without a password nobody can sign in as them."""
        person = self.model(username=username, **fields)
        person.set_password(password)
        person.save(using=self._db)
        return person


class Person(AbstractBaseUser, Recorded):
    """Someone who signs in. `staff_id` is the number in the utility's data: by it a case knows its people (回避)."""

    UNPROVED: ClassVar = {
        "password": "Django hashes it anew by itself when its parameters change; people's changes of it are told",
        "last_login": "written by Django at every sign-in",
        "language": "a person's own wish",
        "email": "where a person wants to be reached: set by themselves, and nothing of a case rests on it",
        "phone": "where a person wants to be reached: set by themselves, and nothing of a case rests on it",
    }
    username = models.CharField(max_length=64, unique=True)
    staff_id = models.CharField(max_length=64, blank=True, db_index=True)
    name = models.CharField(max_length=100)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="people")
    email = models.EmailField(blank=True)
    phone = models.CharField(max_length=32, blank=True)
    language = models.CharField(max_length=8, default="zh-hans")
    is_active = models.BooleanField(default=True)
    must_change_password = models.BooleanField(default=False)

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS: ClassVar = ["name"]
    objects = PersonManager()

    def __str__(self) -> str:
        return self.name


class Membership(Recorded):
    """A role that a person holds for a unit and its subtree."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="memberships")
    role = models.CharField(max_length=32)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="memberships")
    until = models.DateField(null=True, blank=True)  # last day; null: until taken back
    is_active = models.BooleanField(default=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["person", "role", "organisation"], condition=models.Q(is_active=True), name="one_membership"
            )
        ]

    def holds_on(self, day: date) -> bool:
        """Whether it counts on a day."""
        return self.is_active and (self.until is None or day <= self.until)


class Qualification(Recorded):
    """A certificate, with its last day."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="qualifications")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=64)
    number = models.CharField(max_length=64, blank=True)
    valid_from = models.DateField(null=True, blank=True)
    valid_until = models.DateField(null=True, blank=True)
    objects = ScopedManager["Qualification"]()


class Training(Recorded):
    """A training that a person took part in."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="trainings")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    topic = models.CharField(max_length=200)
    held_on = models.DateField()
    hours = models.DecimalField(max_digits=5, decimal_places=1)
    result = models.CharField(max_length=100, blank=True)
    objects = ScopedManager["Training"]()


class Tool(Recorded):
    """An instrument or tool of a unit: clamp meter, field tester, recorder, with the last day of its calibration."""

    STATES: ClassVar = [
        ("ready", _("Ready")),
        ("lent", _("Lent")),
        ("repair", _("In repair")),
        ("retired", _("Retired")),
    ]
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=100)
    number = models.CharField(max_length=64)
    holder = models.ForeignKey(Person, null=True, blank=True, on_delete=models.PROTECT, related_name="tools")
    calibrated_until = models.DateField(null=True, blank=True)
    state = models.CharField(max_length=16, choices=STATES, default="ready")
    objects = ScopedManager["Tool"]()
