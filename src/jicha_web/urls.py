"""All addresses: each part brings its own."""

from __future__ import annotations

from django.urls import include, path

urlpatterns = [
    path("", include("jicha_web.pages.urls")),
    path("", include("jicha_web.overview.urls")),
    path("", include("jicha_web.organisation.urls")),
    path("", include("jicha_web.history.urls")),
    path("", include("jicha_web.jobs.urls")),
    path("", include("jicha_web.runs.urls")),
    path("", include("jicha_web.findings.urls")),
    path("", include("jicha_web.cases.urls")),
    path("", include("jicha_web.field.urls")),
    path("", include("jicha_web.assess.urls")),
    path("", include("jicha_web.proof.urls")),
    path("", include("jicha_web.library.urls")),
    path("", include("jicha_web.api.urls")),
]

handler400 = "jicha_web.pages.errors.bad_request"
handler403 = "jicha_web.pages.errors.forbidden"
handler404 = "jicha_web.pages.errors.not_found"
handler500 = "jicha_web.pages.errors.failed"
