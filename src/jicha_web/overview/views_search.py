"""The search of the top bar: a number leads straight to its page, words to what fits them."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET

from jicha_web.overview import searching
from jicha_web.pages.views import signed_in


@require_GET
@signed_in()
def search(request: HttpRequest) -> HttpResponseBase:
    """Show what was found; the number of one thing alone opens it at once."""
    text = request.GET.get("q", "").strip()[: searching.LONGEST]
    groups = searching.search(request, text)
    if address := searching.only(groups):
        return redirect(address)
    return render(request, "overview/search.html", {"text": text, "groups": groups})
