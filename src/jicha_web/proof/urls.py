"""Addresses of this part."""

from __future__ import annotations

from django.urls import path

from jicha_web.proof import views_casefile, views_publish

urlpatterns = [
    path("cases/<int:pk>/pack/", views_casefile.case_pack, name="case_pack"),
    path("cases/<int:pk>/publish/", views_publish.case_publish, name="case_publish"),
]
