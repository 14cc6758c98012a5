"""Addresses of this part."""

from __future__ import annotations

from django.urls import path

from jicha_web.runs import views

urlpatterns = [
    path("runs/", views.runs, name="runs"),
    path("runs/start/", views.start, name="run_start"),
    path("runs/compare/", views.compare, name="runs_compare"),
    path("runs/schedules/", views.schedule_list, name="run_schedules"),
    path("runs/schedules/<int:pk>/", views.schedule_list, name="run_schedule"),
    path("runs/<int:pk>/", views.run, name="run"),
    path("runs/<int:pk>/import/", views.import_again, name="run_import"),
    path("runs/<int:pk>/not-judged/<slug:code>/", views.not_judged, name="run_not_judged"),
    path("deliveries/", views.deliveries, name="deliveries"),
    path("deliveries/expected/<int:pk>/", views.deliveries, name="delivery_expected"),
]
