"""Addresses of this part."""

from __future__ import annotations

from django.urls import path

from jicha_web.overview import views

urlpatterns = [
    path("", views.home, name="home"),
    path("notifications/", views.notifications, name="notifications"),
    path("notifications/settings/", views.notifications, name="notification_settings"),
]
