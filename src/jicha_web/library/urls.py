"""Addresses of this part."""

from __future__ import annotations

from django.urls import URLPattern, path

from jicha_web.library import views

urlpatterns: list[URLPattern] = [
    path("library/", views.library, name="library"),
    path("library/upload/", views.upload, name="library-upload"),
    path("library/documents/<int:pk>/", views.document, name="library-document"),
    path("library/documents/<int:pk>/file/", views.download, name="library-file"),
    path("library/documents/<int:pk>/withdraw/", views.withdraw, name="library-withdraw"),
    path("library/clauses/<int:pk>/", views.clause, name="library-clause"),
    path("library/cited/<str:regulation>/", views.citation, name="library-regulation"),
    path("library/cited/<str:regulation>/<str:article>/", views.citation, name="library-citation"),
    path("library/cases/", views.typical_cases, name="library-typical-cases"),
    path("library/cases/<int:pk>/", views.typical_case, name="library-typical-case"),
    path("library/cases/<int:pk>/withdraw/", views.withdraw_typical, name="library-withdraw-typical"),
    path("library/checklists/", views.checklists, name="library-checklists"),
]
