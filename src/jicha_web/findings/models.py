"""Findings as people handle them. The next run overwrites what a run says of one, never what people say."""

from __future__ import annotations

from copy import copy
from typing import Any, ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from jicha_web.history.models import Recorded
from jicha_web.organisation.models import Organisation, Person
from jicha_web.organisation.scope import ScopedManager
from jicha_web.runs.models import Run

STANDING = ("new", "open", "recurred")  # states in which a run found that the condition holds
RANKS = {"high": 3, "medium": 2, "low": 1}  # of severities, for the order


class NullsLastIndex(models.Index):
    """An index in whose descending columns nothing comes last: PostgreSQL puts it first unless told, SQLite last."""

    def create_sql(self, model: type[models.Model], schema_editor: Any, using: str = "", **kwargs: Any) -> Any:
        """Return the statement that makes the index."""
        told = copy(self)
        if schema_editor.connection.vendor == "postgresql":
            told.fields_orders = [(name, f"{way} NULLS LAST" if way else way) for name, way in self.fields_orders]
        return models.Index.create_sql(told, model, schema_editor, using, **kwargs)


class Finding(Recorded):
    """A suspected problem, known by (rule, key). `state` is the runs' word, `handling` the people's."""

    # what a run says is written for a million rows at once; `findings.proving` compares it with the run's own file
    SAID = (
        "said_hash", "rule_version", "subject", "subject_id", "customer_id", "period", "specialty", "severity", "kind",
        "state", "amount_yuan", "energy_kwh", "reason_zh", "reason_en", "evidence", "missing", "first_seen_on",
        "last_hit_on", "judged_on", "whitelisted_until",
    )  # fmt: skip
    MADE_UNTOLD = True  # by a run, a million at once: `findings.proving` holds them against its file
    UNPROVED: ClassVar = dict.fromkeys(
        (*SAID, "organisation_id", "key_hash", "severity_rank"), "said by a run: compared with the run's own file"
    ) | {
        "run_id": "the run that wrote the row last; which one it was changes with every import",
        "priority": "an order of work, counted anew with every import",
    }  # fmt: skip
    HANDLINGS: ClassVar = [
        ("open", _("To handle")),
        ("snoozed", _("Snoozed")),
        ("dismissed", _("Dismissed")),
        ("whitelisted", _("On the white list")),
        ("in_case", _("In a case")),
        ("settled", _("Settled by a case")),
    ]
    rule = models.CharField(max_length=16)
    key = models.TextField()  # JSON object as the core writes it
    key_hash = models.CharField(max_length=32)  # of (rule, key)
    said_hash = models.CharField(max_length=32, default="")  # of all that the run says
    rule_version = models.CharField(max_length=64)
    subject = models.CharField(max_length=32)
    subject_id = models.CharField(max_length=64)
    customer_id = models.CharField(max_length=64, blank=True)
    # no index of their own: finding_list and finding_case begin with them
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+", db_index=False)
    period = models.DateField(null=True)
    specialty = models.CharField(max_length=8)
    severity = models.CharField(max_length=8)
    severity_rank = models.PositiveSmallIntegerField()  # RANKS
    kind = models.CharField(max_length=16)  # `class` of the rule: fee, file, process …
    state = models.CharField(max_length=16)  # new, open, cleared, expired, unjudged, withdrawn, recurred
    # whether the condition holds; one value to compare, so that an index gives a list in its order
    stands = models.GeneratedField(
        expression=models.Case(models.When(state__in=STANDING, then=1), default=0),
        output_field=models.SmallIntegerField(), db_persist=True,
    )  # fmt: skip
    amount_yuan = models.DecimalField(max_digits=18, decimal_places=2, null=True)
    energy_kwh = models.DecimalField(max_digits=14, decimal_places=2, null=True)
    reason_zh = models.TextField()  # personal values are masked in both
    reason_en = models.TextField()
    evidence = models.JSONField(default=dict)  # unmasked: show through masked_evidence only
    missing = models.TextField(blank=True)
    first_seen_on = models.DateField()
    last_hit_on = models.DateField()
    judged_on = models.DateField(null=True)
    whitelisted_until = models.DateField(null=True)
    run = models.ForeignKey(Run, on_delete=models.PROTECT, related_name="findings", db_index=False)  # said so first
    priority = models.FloatField(default=0)  # severity × amount × precision × age, see findings.priority
    handling = models.CharField(max_length=16, choices=HANDLINGS, default="open", db_default="open")
    snoozed_until = models.DateField(null=True)
    case = models.ForeignKey("cases.Case", null=True, on_delete=models.PROTECT, related_name="findings", db_index=False)

    objects = ScopedManager["Finding"]()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["rule", "key_hash"], name="finding_identity")]
        # A list is read in the order of an index that begins with the two conditions nearly every list has. The columns
        # at its end are filters: SQLite passes over what does not match without reading its row.
        indexes: ClassVar = [
            models.Index(
                fields=[
                    "organisation",
                    "handling",
                    "stands",
                    "-priority",
                    "id",
                    "specialty",
                    "severity_rank",
                    "state",
                    "period",
                ],
                name="finding_list",
            ),
            models.Index(
                fields=["handling", "stands", "-priority", "id", "organisation", "specialty", "state", "period"],
                name="finding_all",
            ),
            models.Index(fields=["-priority", "id", "organisation", "stands", "state"], name="finding_any"),
            models.Index(
                fields=["rule", "handling", "stands", "-priority", "id", "organisation", "specialty"],
                name="finding_rule",
            ),
            models.Index(
                fields=["handling", "stands", "-severity_rank", "-priority", "id", "organisation", "specialty", "rule"],
                name="finding_severity",
            ),
            NullsLastIndex(
                fields=["handling", "stands", "-amount_yuan", "id", "organisation", "specialty", "severity_rank"],
                name="finding_amount",
            ),
            models.Index(
                fields=["handling", "stands", "-first_seen_on", "id", "organisation", "specialty", "state"],
                name="finding_first",
            ),
            models.Index(
                fields=[
                    "handling",
                    "stands",
                    "-last_hit_on",
                    "id",
                    "organisation",
                    "specialty",
                    "severity_rank",
                    "rule",
                ],
                name="finding_seen",
            ),
            # a specialty whose findings are not urgent lies far down the list of all; counted without reading a row
            models.Index(
                fields=["handling", "stands", "specialty", "-priority", "id", "organisation", "severity_rank", "rule"],
                name="finding_specialty",
            ),
            models.Index(fields=["customer_id", "id"], name="finding_customer"),
            models.Index(fields=["subject_id", "id"], name="finding_subject"),
            # by rule and specialty as well: the overview counts the cases of each without reading a row
            models.Index(
                fields=["case", "rule", "specialty"], condition=models.Q(case__isnull=False), name="finding_case"
            ),
            models.Index(fields=["run", "state", "handling", "stands"], name="finding_run"),
        ]


class FindingTotal(models.Model):
    """Findings to handle, counted: rows are differences, their sum is the figure. Written by triggers, see `kept`.

    Whoever handles a finding adds a row and waits for nobody. A row without a unit says that an import is on and the
    sum is not the figure meanwhile.
    """

    organisation = models.ForeignKey(Organisation, null=True, on_delete=models.CASCADE, related_name="+")
    specialty = models.CharField(max_length=8)
    rule = models.CharField(max_length=16)
    severity_rank = models.PositiveSmallIntegerField()
    n = models.IntegerField()
    cents = models.BigIntegerField()  # of the yuan at stake


class CaseCode(models.Model):
    """A rule or specialty of a case's findings, with what the overview counts by. Written by triggers, see `kept`."""

    case = models.ForeignKey("cases.Case", on_delete=models.CASCADE, related_name="+", db_index=False)
    kind = models.CharField(max_length=16)  # rule, specialty
    code = models.CharField(max_length=16)
    state = models.CharField(max_length=32)
    opened_at = models.DateTimeField()
    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="+", db_index=False)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["case", "kind", "code"], name="case_code")]
        indexes: ClassVar = [
            # counted by code and state in its order, without a row; the case is what a list is narrowed to
            models.Index(
                fields=["kind", "code", "state", "opened_at", "organisation", "case"], name="case_code_figures"
            ),
        ]


class SavedFilter(models.Model):
    """A filter of a list that a person keeps, or shares with a unit's subtree."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="saved_filters")
    page = models.CharField(max_length=32)  # findings, cases
    name = models.CharField(max_length=100)
    query = models.TextField()  # the query string of the address
    shared_with = models.ForeignKey(Organisation, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    made_at = models.DateTimeField()


class WhitelistEntry(Recorded):
    """A finding, or a rule for one customer, that is right as it is, until a day; asked and approved by two people."""

    STATES: ClassVar = [
        ("asked", _("Asked")),
        ("approved", _("Approved")),
        ("refused", _("Refused")),
        ("ended", _("Ended")),
        ("withdrawn", _("Withdrawn")),
    ]
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    rule = models.CharField(max_length=16)
    key = models.TextField()
    until = models.DateField()
    reason = models.TextField()
    state = models.CharField(max_length=16, choices=STATES, default="asked")
    asked_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    approved_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    approved_at = models.DateTimeField(null=True)
    objects = ScopedManager["WhitelistEntry"]()
    ALIVE: ClassVar = ("asked", "approved")

    class Meta:
        constraints: ClassVar = [  # two people who ask for the same at once
            models.UniqueConstraint(
                fields=["rule", "key"], condition=models.Q(state__in=("asked", "approved")), name="whitelist_once"
            )
        ]


class RuleChange(Recorded):
    """A proposed change of a rule's status or of a parameter for a subtree; in force once another person approves."""

    STATES: ClassVar = [("asked", _("Asked")), ("approved", _("Approved")), ("refused", _("Refused"))]
    rule = models.CharField(max_length=16)
    what = models.CharField(max_length=16, choices=[("status", _("Status")), ("parameter", _("Parameter"))])
    name = models.CharField(max_length=64, blank=True)  # of the parameter
    organisation = models.ForeignKey(
        Organisation, null=True, on_delete=models.PROTECT, related_name="+"
    )  # null: everywhere
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)
    reason = models.TextField()
    state = models.CharField(max_length=16, choices=STATES, default="asked")
    asked_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    approved_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    approved_at = models.DateTimeField(null=True)
