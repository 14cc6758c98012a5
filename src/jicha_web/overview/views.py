"""The first page."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render

from jicha_web.pages.views import signed_in


@signed_in()
def home(request: HttpRequest) -> HttpResponseBase:
    """Today's work and the figures."""
    return render(request, "overview/home.html")


@signed_in()
def notifications(request: HttpRequest) -> HttpResponseBase:
    """What one was told."""
    return render(request, "overview/home.html")
