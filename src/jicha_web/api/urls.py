"""Addresses of this part."""

from __future__ import annotations

from django.urls import path

from jicha_web.api import views
from jicha_web.api.api import api
from jicha_web.api.problems import handle_unknown

urlpatterns = [
    path("api/v1/", api.urls),
    path("api/v1/<path:rest>", handle_unknown, name="api-unknown"),
    path("tokens/", views.token_list, name="tokens"),
    path("tokens/<int:pk>/revoke/", views.token_revoke, name="token-revoke"),
]
