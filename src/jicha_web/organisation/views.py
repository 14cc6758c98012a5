"""Pages of units and people."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render

from jicha_web.pages.views import signed_in


@signed_in()
def profile(request: HttpRequest) -> HttpResponseBase:
    """One's own settings."""
    return render(request, "overview/home.html")


@signed_in()
def password(request: HttpRequest) -> HttpResponseBase:
    """One's own password."""
    return render(request, "overview/home.html")
