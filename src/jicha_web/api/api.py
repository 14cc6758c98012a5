"""The API of version 1, with its OpenAPI document and a page that shows it without the network."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from ninja import NinjaAPI, Swagger
from ninja.renderers import JSONRenderer

from jicha_web.api import problems
from jicha_web.api.access import Browser, Machine
from jicha_web.api.routes import cases, findings, knowledge, organisation, photos, runs

DESCRIPTION = """
Browsers call with their session (changes need the CSRF token, header `X-CSRFToken`), machines with a token
(`Authorization: Bearer jicha_…`), which a person makes on the page of tokens: for a unit, some actions, until a day.
What lies outside the caller's units is 404. Lists have `limit` (at most 200) and `offset`. Every refusal is a problem
(RFC 9457, `application/problem+json`) with `reasons`. A token may make 300 requests a minute; then it is answered 429
with `Retry-After`.
""".strip()


class Renderer(JSONRenderer):
    """Chinese as it is, not escaped."""

    def __init__(self) -> None:
        self.json_dumps_params = {"ensure_ascii": False}


class JichaAPI(NinjaAPI):
    """Documents refusals with their own media type."""

    def get_openapi_schema(self, **options: Any) -> Any:
        """Return the OpenAPI document."""
        schema = super().get_openapi_schema(**options)
        for operations in schema["paths"].values():
            for operation in operations.values():
                for status, response in operation["responses"].items():
                    content = response.get("content", {})
                    if str(status)[0] == "4" and "application/json" in content:
                        response["content"] = {problems.MEDIA_TYPE: content["application/json"]}
        return schema


api = JichaAPI(
    title="jicha 稽查", version="1", description=DESCRIPTION, auth=[Machine(), Browser()], docs=Swagger(),
    renderer=Renderer(), docs_decorator=login_required, urls_namespace="api",
)  # fmt: skip
for part in (findings, cases, runs, organisation, knowledge, photos):
    api.add_router("", part.router)
problems.register(api)
