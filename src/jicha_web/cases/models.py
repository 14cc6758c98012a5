"""Cases: what is checked together at one place, by whom, until when. States and outcomes are two things."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from jicha_web.cases import titles
from jicha_web.cases.codes import choices
from jicha_web.history.models import Recorded, RecordedPrivately, Rows
from jicha_web.organisation.models import Organisation, Person
from jicha_web.organisation.scope import ScopedManager

OUTCOMES = choices("outcomes")
LONGEST_NUMBER = 32


class Case(RecordedPrivately):
    """One case. `organisation` is the unit it lies with: it goes down with each dispatch and is the row's scope."""

    PERSONAL_FIELDS = ("customer_name", "subject_name", "address")
    HISTORY_ROWS = (
        Rows("parts", ("person_id", "part", "at")),
        Rows("parties", ("staff_id", "name", "organisation_id", "part", "rule"), personal=True),
        Rows("dispatches", (
            "from_organisation_id", "to_organisation_id", "assignee_id", "by_id", "at", "due_at", "analysis",
        )),
        # what was answered is told by the visits (field.answers)
        Rows("checklist", ("order", "code", "section", "rule", "text_zh", "text_en", "required")),
        Rows("proofs", ("finding_id", "run_id", "verdict", "state", "why", "until", "at")),
    )  # fmt: skip
    UNPROVED: ClassVar = {"told": "the latest reminder: it is written with every tick and decides nothing"}

    SOURCES: ClassVar = choices("sources")
    number = models.CharField(max_length=LONGEST_NUMBER, unique=True)  # JC2026112200001
    title = models.CharField(max_length=200)
    source = models.CharField(max_length=16, choices=SOURCES)
    description = models.TextField(blank=True)
    state = models.CharField(max_length=32)  # workflow.yaml
    state_since = models.DateTimeField()
    outcome = models.CharField(max_length=16, choices=OUTCOMES, blank=True)
    severity = models.CharField(max_length=8)
    subject = models.CharField(max_length=32)  # customer, area, staff
    subject_id = models.CharField(max_length=64)
    subject_name = models.CharField(max_length=200, blank=True)  # of what is no customer: area, member of staff
    address = models.CharField(max_length=300, blank=True)  # personal
    latitude = models.FloatField(null=True)
    longitude = models.FloatField(null=True)
    customer_id = models.CharField(max_length=64, blank=True)
    customer_name = models.CharField(max_length=200, blank=True)  # personal: show through the masking tag
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="cases")
    subject_organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="+"
    )  # where it happened
    assignee = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="assigned_cases")
    priority = models.FloatField(default=0)
    amount_yuan = models.DecimalField(max_digits=18, decimal_places=2, null=True)  # suspected
    confirmed_yuan = models.DecimalField(max_digits=18, decimal_places=2, null=True)
    collected_yuan = models.DecimalField(max_digits=18, decimal_places=2, null=True)
    opened_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True)  # of the present state
    due_by_calendar = models.BooleanField(default=True)  # no: the year has no calendar, Monday to Friday stood in
    closed_at = models.DateTimeField(null=True)
    recurrence_of = models.ForeignKey(
        "self", null=True, on_delete=models.PROTECT, related_name="recurrences", db_index=False
    )  # case_recurrence
    returns = models.PositiveSmallIntegerField(default=0)  # times it was sent back
    told = models.CharField(max_length=64, blank=True)  # the latest reminder or escalation: state, deadline, step

    objects = ScopedManager["Case"]()

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["organisation", "state", "due_at", "id"], name="case_list"),
            models.Index(fields=["state", "due_at", "id"], name="case_state"),
            models.Index(fields=["assignee", "state", "due_at"], name="case_assignee"),
            models.Index(fields=["customer_id", "id"], name="case_customer"),
            models.Index(fields=["subject_id", "subject", "state"], name="case_subject"),
            models.Index(fields=["due_at", "-priority", "id", "state", "organisation", "assignee"], name="case_due"),
            # of those alone that recur: with the nothing of all others SQLite takes it for useless and reads all cases
            models.Index(
                fields=["recurrence_of"], condition=models.Q(recurrence_of__isnull=False), name="case_recurrence"
            ),
            models.Index(fields=["opened_at", "id"], name="case_opened"),
            models.Index(fields=["title", "customer_name"], name="case_words"),  # searched through for rare words
            models.Index(fields=["-priority", "id", "state", "organisation", "severity"], name="case_priority"),
            # all that the overview counts and sums: it reads no row
            models.Index(fields=["state", "organisation", "assignee", "due_at"], name="case_open"),
            models.Index(
                fields=[
                    "opened_at",
                    "organisation",
                    "state",
                    "due_at",
                    "severity",
                    "assignee",
                    "amount_yuan",
                    "confirmed_yuan",
                    "collected_yuan",
                    "id",  # PostgreSQL's indexes do not have it by themselves
                ],
                name="case_figures",
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def shown_title(self) -> str:
        """The title in the language of the page."""
        return titles.shown(self.title)


class LatestNumber(models.Model):
    """The latest number given to a case of a day, so that two cases opened at once get two numbers."""

    day = models.DateField(unique=True)
    latest = models.PositiveIntegerField(default=0)


class Part(models.Model):
    """Who took which part in a case: who assesses, approves and collects must be different people."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="parts")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    part = models.CharField(max_length=16)  # dispatch, check, assess, approve, rectify, collect, review
    at = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["case", "part"])]


class Party(models.Model):
    """A member of staff whom a case is about, from its evidence or named by hand; they and their unit keep off it."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="parties")
    staff_id = models.CharField(max_length=64, db_index=True)
    name = models.CharField(max_length=100, blank=True)
    organisation = models.ForeignKey(Organisation, null=True, on_delete=models.PROTECT, related_name="+")  # their unit
    part = models.CharField(max_length=64)  # evidence column: reader_id, cashier_id …
    rule = models.CharField(max_length=16, blank=True)


class Dispatch(models.Model):
    """One step down: from a unit to one below it, with an analysis and a deadline."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="dispatches")
    from_organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    to_organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    assignee = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    due_at = models.DateTimeField()
    analysis = models.TextField()


class Extension(Recorded):
    """A later deadline: asked by the one who has the case, approved by another."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="extensions")
    state = models.CharField(
        max_length=16,
        choices=[("asked", _("Asked")), ("approved", _("Approved")), ("refused", _("Refused"))],
        default="asked",
    )
    until = models.DateTimeField()
    reason = models.TextField()
    asked_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    approved_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    approved_at = models.DateTimeField(null=True)


class ChecklistItem(models.Model):
    """One thing to check on site: from a finding's rule, or a comprehensive one that every visit covers."""

    ANSWERS: ClassVar = [("ok", _("In order")), ("problem", _("Problem")), ("not_possible", _("Could not be checked"))]
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="checklist")
    order = models.PositiveSmallIntegerField()
    code = models.CharField(max_length=48)  # checklists.yaml
    section = models.CharField(max_length=32)  # finding, files, device, quantity, price
    rule = models.CharField(max_length=16, blank=True)
    text_zh = models.TextField()
    text_en = models.TextField()
    required = models.BooleanField(default=True)
    answer = models.CharField(max_length=16, choices=ANSWERS, blank=True)
    note = models.TextField(blank=True)
    answered_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    answered_at = models.DateTimeField(null=True)

    @property
    def answers(self) -> list[tuple[str, Any]]:
        """The answers as this point's question reads: a question whether something is so has no answer “in order”."""
        kind = self.code.partition(":")[2]  # codes of a rule's points: RULE:finding, RULE:near_missN, RULE:remedy
        so, not_so = (_("It is so"), _("It is not so")) if kind.isdigit() else (_("Applies"), _("Does not apply"))
        if not kind.isdigit() and not kind.startswith("near_miss"):
            return self.ANSWERS
        return [("problem", so), ("ok", not_so), *(pair for pair in self.ANSWERS if pair[0] == "not_possible")]

    @property
    def answer_label(self) -> str:
        """The answer as a person reads it; empty when there is none yet."""
        return str(dict(self.answers).get(self.answer, self.answer))


class Lead(RecordedPrivately):
    """A hint from outside the rules. Who reported it stands apart, in `Reporter`."""

    PERSONAL_FIELDS = ("customer_name", "address", "text")  # a text may name who reported it
    HISTORY_ROWS = (Rows("reporter", ("name", "phone", "wishes_reply"), personal=True),)

    SOURCES: ClassVar = choices("lead_sources")
    STATES: ClassVar = [("new", _("New")), ("in_case", _("In a case")), ("dismissed", _("Dismissed"))]
    source = models.CharField(max_length=32, choices=SOURCES)
    received_on = models.DateField()
    text = models.TextField()
    customer_id = models.CharField(max_length=64, blank=True, db_index=True)
    customer_name = models.CharField(max_length=200, blank=True)
    address = models.CharField(max_length=300, blank=True)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=16, choices=STATES, default="new")
    case = models.ForeignKey(Case, null=True, on_delete=models.PROTECT, related_name="leads")
    entered_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    entered_at = models.DateTimeField()
    external_id = models.CharField(max_length=64, blank=True)  # of the system it came from: entered once only
    objects = ScopedManager["Lead"]()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["source", "external_id"], condition=~models.Q(external_id=""), name="lead_entered_once"
            )
        ]
        indexes: ClassVar = [models.Index(fields=["organisation", "state", "-id"], name="lead_list")]


class EnteredLine(models.Model):
    """By what a lead was entered from a file: the same line is entered once. Beside the lead, whose history it is no
    part of: it proves nothing, and what it is made of (who reported, by phone) must not stand there as a hash.
    """

    lead = models.OneToOneField(Lead, on_delete=models.PROTECT, related_name="entered_line")
    line_hash = models.CharField(max_length=64, unique=True)  # leads.line_hash


class Reporter(models.Model):
    """Who reported a lead: seen by those with `reporter_view`, each look recorded."""

    lead = models.OneToOneField(Lead, on_delete=models.PROTECT, related_name="reporter")
    name = models.CharField(max_length=100, blank=True)
    phone = models.CharField(max_length=32, blank=True)
    wishes_reply = models.BooleanField(default=False)
