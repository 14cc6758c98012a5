"""Addresses of this part."""

from __future__ import annotations

from django.urls import path

from jicha_web.overview import views, views_notices, views_reports, views_search

urlpatterns = [
    path("", views.home, name="home"),
    path("search/", views_search.search, name="search"),
    path("overview/findings/", views.findings, name="overview_findings"),
    path("overview/map/", views.overview_map, name="overview_map"),
    path("overview/by/<slug:dimension>/", views.overview_by, name="overview_by"),
    path("notifications/", views_notices.notifications, name="notifications"),
    path("notifications/read/", views_notices.notifications_read, name="notifications_read"),
    path("notifications/settings/", views_notices.notification_settings, name="notification_settings"),
    path("notifications/<int:pk>/", views_notices.notification, name="notification"),
    path("reports/", views_reports.reports, name="reports"),
    path("reports/new/", views_reports.report_new, name="report_new"),
    path("reports/<int:pk>/", views_reports.report, name="report"),
    path("reports/<int:pk>/<slug:form>/", views_reports.report_file, name="report_file"),
]
