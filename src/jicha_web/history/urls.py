"""Addresses of this part."""

from __future__ import annotations

from django.urls import path

from jicha_web.history import views

urlpatterns = [
    path("history/", views.audit, name="history"),
    path("history/export/", views.audit_export, name="history_export"),
    path("history/<slug:kind>/<int:pk>/", views.object_history, name="object_history"),
]
