"""What the pages of cases share."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest

from jicha_web.pages.paging import Page


def page_of_list(rows: Sequence[Any], request: HttpRequest, *, size: int) -> Page:
    """Return the page of a list that is in memory."""
    text = request.GET.get("page", "")
    number = int(text) if text.isascii() and text.isdigit() and 0 < len(text) < 7 else 1
    number = min(max(number, 1), max(1, -(-len(rows) // size)))
    start = (number - 1) * size
    return Page(list(rows[start : start + size]), number, size, len(rows), False, start + size < len(rows))
