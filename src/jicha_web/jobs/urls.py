"""Addresses of this part."""

from __future__ import annotations

from django.urls import path

from jicha_web.jobs import views

urlpatterns = [
    path("jobs/", views.jobs, name="jobs"),
    path("jobs/export/<slug:name>/", views.list_export, name="list_export"),
    path("jobs/<int:pk>/", views.job, name="job"),
    path("jobs/<int:pk>/cancel/", views.job_cancel, name="job_cancel"),
    path("jobs/<int:pk>/undo/", views.job_undo, name="job_undo"),
    path("jobs/<int:pk>/file/", views.job_file, name="job_file"),
]
