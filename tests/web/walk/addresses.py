"""Every address there is: pages from the resolver, operations from the OpenAPI document; each filled in."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver

from jicha_web.api.api import api
from tests.web.walk.objects import NUMBER, UNIT

# what a part of an address that is no number is filled with; a new one is told here, or the walk fails
FILLED: dict[str, str] = {
    "customer_id": "3300000001", "code": "TC006", "rule": "TC006", "regulation": "营业规则",
    "article": "第一百零一条", "event": "start_check", "what": "dismiss", "name": "late_payment", "path": "jicha.css",
    "rest": "nowhere", "org": UNIT, "kind": "work_order", "dimension": "rule", "form": "pdf",
    "template": "work_order", "page": "cases", "section": "customer", "part": "bills", "calculator": "late_payment",
    "period": "2026-09", "format": "pdf", "object_type": "case", "which": "display", "side": "docx", "suffix": "pdf",
    "number": "TQ01000001",
}  # fmt: skip
# by the route, where the same part means different things
FILLED_IN: dict[str, str] = {
    "customers/<str:customer_id>/<slug:name>/:name": "bills", "areas/<str:number>/<slug:name>/:name": "loss",
    "feeders/<str:number>/<slug:name>/:name": "loss",
}  # fmt: skip
_PART = re.compile(r"<(?:(?P<kind>\w+):)?(?P<name>\w+)>")
_GROUP = re.compile(r"\(\?P<(?P<name>\w+)>(?P<pattern>[^()]+)\)")
_OBJECT = re.compile(r"<(int:\w+|uuid:\w+|str:customer_id|str:number|pk)>")


@dataclass(frozen=True)
class Address:
    """One address. `takes`: whether it names an object by number."""

    name: str
    route: str
    path: str
    takes: bool


def _patterns(resolver: URLResolver, before: str = "", namespace: str = "") -> Iterator[tuple[str, str]]:
    for one in resolver.url_patterns:
        route = before + str(one.pattern)
        if isinstance(one, URLResolver):
            inner = f"{namespace}{one.namespace}:" if one.namespace else namespace
            yield from _patterns(one, route, inner)
        elif isinstance(one, URLPattern):
            yield namespace + (one.name or ""), route


def pages() -> list[Address]:
    """Return all pages, filled in; operations of the API are left to `operations`."""
    found = []
    for name, route in _patterns(get_resolver()):
        if name.startswith("api:") and name not in {"api:openapi-view"}:
            continue
        found.append(Address(name or route, route, "/" + _fill(route), bool(_OBJECT.search(route))))
    return found


def _fill(route: str) -> str:
    """Return the route with its parts filled; one written as a pattern takes numbers where it allows them."""
    if "(?P<" in route:

        def of_pattern(match: re.Match[str]) -> str:
            return str(NUMBER) if re.fullmatch(match["pattern"], str(NUMBER)) else FILLED[match["name"]]

        return _GROUP.sub(of_pattern, route).replace("\\", "").strip("^$")

    def value(match: re.Match[str]) -> str:
        name = match["name"]
        if f"{route}:{name}" in FILLED_IN:
            return FILLED_IN[f"{route}:{name}"]
        if name in FILLED:
            return FILLED[name]
        if match["kind"] == "int":
            return str(NUMBER)
        if match["kind"] == "uuid":
            return f"00000000-0000-0000-0000-{NUMBER:012x}"
        raise AssertionError(f"tell tests/web/walk/addresses.py what <{name}> of {route} is filled with")

    return _PART.sub(value, route)


@dataclass(frozen=True)
class Operation:
    """One operation of the API. `body`: whether it takes one."""

    name: str
    method: str
    path: str
    takes: bool
    body: bool


def operations() -> list[Operation]:
    """Return all operations of the API, filled in."""
    found = []
    schema: dict[str, Any] = api.get_openapi_schema()
    for path, methods in schema["paths"].items():
        filled = re.sub(r"\{(\w+)\}", lambda m: str(NUMBER) if m[1] == "pk" else FILLED[m[1]], path)
        for method, details in methods.items():
            found.append(Operation(details["operationId"], method, filled, "{pk}" in path, "requestBody" in details))
    return found
