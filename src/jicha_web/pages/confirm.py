"""Asking before what cannot be undone: by dialog where scripts run, by a page of its own where they do not."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def ask(request: HttpRequest, *, question: Any, consequence: Any, back: str) -> HttpResponse | None:
    """Return the page that asks, or None when the person has confirmed.

    if page := confirm.ask(request, question=_("Cancel this case?"), consequence=…, back=case_url):
        return page

    The button carries `data-confirm="{{ text }}"`, with which jicha.js asks at once and sends `confirmed`.
    """
    if request.POST.get("confirmed"):
        return None
    fields = [
        (name, value) for name, values in request.POST.lists() if name != "csrfmiddlewaretoken" for value in values
    ]
    values = {"question": question, "consequence": consequence, "back": back, "fields": fields,
              "action": request.get_full_path()}  # fmt: skip
    return render(request, "pages/confirm.html", values)
