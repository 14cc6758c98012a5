"""Addresses of this part."""

from __future__ import annotations

from django.urls import path

from jicha_web.organisation.views import own, people, units

urlpatterns = [
    path("profile/", own.profile, name="profile"),
    path("profile/password/", own.password, name="password"),
    path("units/", units.units, name="units"),
    path("units/take-over/", units.take_over, name="units_take_over"),
    path("people/", people.people_list, name="people"),
    path("people/new/", people.person_new, name="person_new"),
    path("people/<int:pk>/", people.person, name="person"),
    path("people/<int:pk>/edit/", people.person_edit, name="person_edit"),
    path("people/<int:pk>/password/", people.person_password, name="person_password"),
    path("people/<int:pk>/active/", people.person_active, name="person_active"),
    path("people/<int:pk>/roles/new/", people.grant, name="grant"),
    path("people/<int:pk>/roles/<int:membership>/revoke/", people.revoke, name="revoke"),
    path("people/<int:pk>/certificates/new/", people.qualification_new, name="qualification_new"),
    path("people/<int:pk>/certificates/<int:qualification>/", people.qualification_renew, name="qualification_renew"),
    path("people/<int:pk>/trainings/new/", people.training_new, name="training_new"),
    path("tools/", units.tools, name="tools"),
    path("tools/new/", units.tool_new, name="tool_new"),
    path("tools/<int:pk>/", units.tool, name="tool"),
]
