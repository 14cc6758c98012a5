"""Addresses of this part."""

from __future__ import annotations

from django.urls import path

from jicha_web.organisation import views

urlpatterns = [
    path("profile/", views.profile, name="profile"),
    path("profile/password/", views.password, name="password"),
]
