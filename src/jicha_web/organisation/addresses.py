"""From which machine a request comes."""

from __future__ import annotations

from contextlib import suppress
from ipaddress import ip_address

from django.conf import settings
from django.http import HttpRequest


def client_address(request: HttpRequest) -> str:
    """Return the address of the machine that asks; behind a reverse proxy, the one that the proxy wrote.

    Sign-ins are limited by person and address: by the proxy's own, anybody could shut a colleague out. Of
    X-Forwarded-For only the last address is the proxy's word, those before it came with the request.
    """
    if settings.BEHIND_PROXY:
        forwarded: str = request.headers.get("X-Forwarded-For", "").rpartition(",")[2].strip()
        if forwarded.count(":") == 1:  # some proxies write the port as well
            forwarded = forwarded.partition(":")[0]
        with suppress(ValueError):  # "unknown", or nothing
            return str(ip_address(forwarded))
    return str(request.META.get("REMOTE_ADDR", ""))
