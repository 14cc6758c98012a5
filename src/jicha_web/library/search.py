"""Searching clauses, and finding the clause that a rule cites."""

from __future__ import annotations

import re
from datetime import date

from django.db.models import Case, IntegerField, Q, QuerySet, Value, When

from jicha_web.core.library import Cited, cited_clauses
from jicha_web.library.models import Clause, Document

_DIGITS = "〇一二三四五六七八九"
_NUMBERED = re.compile(r"^第?\s*(\d{1,3})\s*条$")


def chinese_number(number: int) -> str:
    """Return a number below 1000 as clauses write it: 101 → 一百零一."""
    hundreds, rest = divmod(number, 100)
    tens, ones = divmod(rest, 10)
    text = f"{_DIGITS[hundreds]}百" if hundreds else ""
    if rest and hundreds and not tens:
        text += "零"
    if tens:
        text += f"{_DIGITS[tens] if tens > 1 or hundreds else ''}十"
    return text + (_DIGITS[ones] if ones else "")


def search(words: str, *, kind: str = "", replaced: bool = False) -> QuerySet[Clause]:
    """Return the clauses in sight that hold all words, a clause asked for by number (101条) first."""
    documents = Document.objects.exclude(state="withdrawn")
    if kind:
        documents = documents.filter(kind=kind)
    if not replaced:
        documents = documents.exclude(state="replaced")
    clauses = Clause.objects.filter(document__in=documents.values("pk")).select_related("document")
    article = ""
    for word in words.split()[:8]:
        numbered = _NUMBERED.match(word)
        asked = f"第{chinese_number(int(numbered[1]))}条" if numbered else word
        article = asked if asked.startswith("第") and asked.endswith("条") else article
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
