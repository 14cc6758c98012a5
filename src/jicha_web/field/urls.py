"""Addresses of this part."""

from __future__ import annotations

from django.urls import path

from jicha_web.field.views import lists, photos, visit

urlpatterns = [
    path("cases/<int:case_pk>/visit/", visit.visit_start, name="visit_start"),
    path("visits/<int:pk>/", visit.visit, name="visit"),
    path("visits/<int:pk>/registers/", visit.visit_registers, name="visit_registers"),
    path("visits/<int:pk>/details/", visit.visit_details, name="visit_details"),
    path("visits/<int:pk>/answers/<int:item_pk>/", visit.visit_answer, name="visit_answer"),
    path("visits/<int:pk>/positions/", visit.visit_positions, name="visit_positions"),
    path("visits/<int:pk>/readings/", visit.visit_readings, name="visit_readings"),
    path("visits/<int:pk>/seals/", visit.visit_seals, name="visit_seals"),
    path("visits/<int:pk>/signature/", visit.visit_signature, name="visit_signature"),
    path("visits/<int:pk>/photos/", photos.photo_add, name="visit_photos"),
    path("visits/<int:pk>/submit/", visit.visit_submit, name="visit_submit"),
    path("lists/", lists.lists, name="field_lists"),
    path("lists/export/", lists.lists_export, name="field_lists_export"),
    path("lists/import/", lists.lists_import, name="field_lists_import"),
    path("lists/<int:pk>/", lists.list_reply, name="field_list"),
    path("lists/<int:pk>/take/", lists.list_take, name="field_list_take"),
    path("lists/<int:pk>/drop/", lists.list_drop, name="field_list_drop"),
    path("photos/<int:pk>/", photos.photo, name="photo"),
    path("photos/<int:pk>/thumb/", photos.photo_thumb, name="photo_thumb"),
    path("photos/<int:pk>/original/", photos.photo_original, name="photo_original"),
    path("photos/<int:pk>/remove/", photos.photo_remove, name="photo_remove"),
]
