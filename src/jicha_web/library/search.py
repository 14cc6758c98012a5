"""Searching clauses, and finding the clause that a rule cites."""

from __future__ import annotations

import re
from datetime import date

from django.db.models import Case, IntegerField, Q, QuerySet, Value, When

from jicha_web.core.library import Cited, cited_clauses
from jicha_web.library.models import Clause, Document
from jicha_web.library.texts import article_of

_ARTICLE = re.compile(
    r"(?:第\s*[零〇一二三四五六七八九十百]+|第?\s*(?<!\d)\d{1,3}(?!\d))\s*条(?:之[一二三四五六七八九十]+)?"
)
_PART = re.compile(r"第[零〇一二三四五六七八九十\d]+[款项]\Z")  # clauses are kept whole
_QUOTES = str.maketrans("《》“”", "    ")


def asked_for(words: str) -> list[str]:
    """Return the words that are looked for, clauses as rules number them: 《规则》第 101 条 → 规则, 第一百零一条."""
    spaced = _ARTICLE.sub(lambda found: f" {_numbered(found[0])} ", words.translate(_QUOTES))
    found = spaced.split()
    if any(_ARTICLE.fullmatch(word) for word in found):
        found = [word for word in found if not _PART.match(word)]
    return found[:8]


def _numbered(article: str) -> str:
    number = article_of(article)
    return number if number.startswith("第") else f"第{number}"


def search(words: str, *, kind: str = "", replaced: bool = False) -> QuerySet[Clause]:
    """Return the clauses in sight that hold all words, a clause asked for by number (101条) first."""
    documents = Document.objects.exclude(state="withdrawn")
    if kind:
        documents = documents.filter(kind=kind)
    if not replaced:
        documents = documents.exclude(state="replaced")
    clauses = Clause.objects.filter(document__in=documents.values("pk")).select_related("document")
    article = ""
    for asked in asked_for(words):
        article = asked if _ARTICLE.fullmatch(asked) else article
        clauses = clauses.filter(
            Q(article__icontains=asked) | Q(heading_zh__icontains=asked) | Q(heading_en__icontains=asked)
            | Q(text_zh__icontains=asked) | Q(text_en__icontains=asked) | Q(document__title__icontains=asked)
            | Q(document__code__icontains=asked)
        )  # fmt: skip
    first = Case(When(article=article or "-", then=Value(0)), default=Value(1), output_field=IntegerField())
    return clauses.order_by(first, "document_id", "order")


def cited(regulation: str, article: str | None, day: date) -> Clause | Document | None:
    """Return the clause that a rule cites, in the edition in force on a day; where it is missing, the regulation."""
    editions = Document.objects.filter(code=regulation).exclude(state="withdrawn")
    in_force = editions.filter(
        Q(effective_from=None) | Q(effective_from__lte=day), Q(effective_to=None) | Q(effective_to__gte=day)
    )
    document = (
        in_force.order_by("-effective_from", "-pk").first() or editions.order_by("-effective_from", "-pk").first()
    )
    if document is None or not article:
        return document
    same = Clause.objects.filter(document__in=in_force.values("pk"), article=article).select_related("document")
    return same.order_by("-document__effective_from", "pk").first() or document


def citing_rules(clause: Clause) -> Cited | None:
    """Return which rules cite a clause."""
    key = (clause.document.code, clause.article)
    return next((one for one in cited_clauses() if (one.regulation, one.article) == key), None)
