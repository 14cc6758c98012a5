"""What people look up: regulations and working rules with their clauses, and typical cases."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from jicha_web.history.models import Recorded, Rows
from jicha_web.organisation.models import Organisation, Person
from jicha_web.organisation.scope import current


class PublishedManager(models.Manager["Document"]):
    """Documents for everybody, of the units in sight and of those above them: a station reads its city's handbook."""

    def get_queryset(self) -> models.QuerySet[Document]:
        """Return the documents in sight; ScopeMissing when nobody said for whom."""
        return super().get_queryset().filter(current().published("organisation"))


class Document(Recorded):
    """A regulation, working rule or handbook in one edition. What is shipped has no file; an upload keeps its bytes."""

    STORED_FILES = (("file", "sha256"),)
    HISTORY_ROWS = (
        Rows("clauses", (
            "order", "article", "heading_zh", "heading_en", "text_zh", "text_en", "verified", "source",
        )),
    )  # fmt: skip
    KINDS: ClassVar = [
        ("regulation", _("Regulation")),
        ("working_rule", _("Working rule")),
        ("handbook", _("Handbook")),
        ("checklist", _("Checklist")),
        ("other", _("Other")),
    ]
    STATES: ClassVar = [("in_force", _("In force")), ("replaced", _("Replaced")), ("withdrawn", _("Withdrawn"))]
    kind = models.CharField(max_length=16, choices=KINDS)
    code = models.CharField(max_length=32, blank=True, db_index=True)  # the short name that rules cite
    title = models.CharField(max_length=300)
    edition = models.CharField(max_length=64, blank=True)
    issuer = models.CharField(max_length=200, blank=True)
    effective_from = models.DateField(null=True, blank=True)
    effective_to = models.DateField(null=True, blank=True)  # last day
    organisation = models.ForeignKey(
        Organisation, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )  # null: for everybody
    origin = models.CharField(max_length=16, choices=[("catalog", _("Shipped")), ("upload", _("Uploaded"))])
    note = models.TextField(blank=True)  # how far the text could be compared with the official one
    file = models.CharField(max_length=255, blank=True)  # below DATA/app/files
    file_name = models.CharField(max_length=200, blank=True)
    sha256 = models.CharField(max_length=64, blank=True)  # of the file; of the catalog's text where there is no file
    size_bytes = models.PositiveIntegerField(default=0)
    searchable = models.BooleanField(default=True)  # false: a scan, whose text could not be read
    state = models.CharField(max_length=16, choices=STATES, default="in_force")
    by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    objects = PublishedManager()

    def __str__(self) -> str:
        return self.title


class Clause(models.Model):
    """A clause, or a passage where a text has none. `verified`: its number was compared with the official text."""

    document = models.ForeignKey(Document, on_delete=models.CASCADE, related_name="clauses")
    order = models.PositiveIntegerField()
    article = models.CharField(max_length=64, blank=True)
    heading_zh = models.CharField(max_length=200, blank=True)
    heading_en = models.CharField(max_length=200, blank=True)
    text_zh = models.TextField()
    text_en = models.TextField(blank=True)
    verified = models.BooleanField(default=False)
    source = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["document", "order"], name="clause_order")]
        indexes: ClassVar = [models.Index(fields=["article"], name="clause_article")]


class TypicalCase(Recorded):
    """A closed case as a lesson, anonymised: everybody who signs in may read it. Where it came from is not shown."""

    title = models.CharField(max_length=200)
    specialty = models.CharField(max_length=8, blank=True)
    rules = models.JSONField(default=list)  # codes
    story_zh = models.TextField()
    story_en = models.TextField(blank=True)
    lesson = models.TextField(blank=True)
    basis = models.JSONField(default=list)  # [{regulation, article, verified}], as rules cite
    outcome = models.CharField(max_length=16, blank=True)
    source_case_id = models.BigIntegerField(
        null=True
    )  # for those who may see that case; null: shipped with the catalog
    code = models.CharField(max_length=32, blank=True, db_index=True)  # of a shipped example
    published_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    published_at = models.DateTimeField()
    withdrawn = models.BooleanField(default=False)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["specialty", "-published_at", "id"], name="typical_list")]

    def __str__(self) -> str:
        return self.title
