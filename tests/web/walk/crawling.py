"""Follows all that pages offer to one reader: links, parts that htmx asks for, and what forms and buttons send.

What a page offers must be open to its reader: an answer 403 or 404 (or a failure) to something offered is a fault of
the page that offers it. Forms are sent as they stand, unfilled, and what they did is taken back: being told that
something is missing is fine, being refused is not.
"""

from __future__ import annotations

import json
from collections import Counter, deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit

from django.test import Client
from django.urls import Resolver404, resolve

Asks = Callable[..., Any]  # (client, method, path, **values): an answer with `text_seen`; what it changed is undone
_NO_TYPING = {"submit", "button", "image", "reset", "file"}
_UNFOLLOWED_SCHEMES = ("mailto:", "tel:", "javascript:", "data:", "blob:")


@dataclass(frozen=True)
class Offer:
    """Something that a page offers. page: where it stands. method: get or post. data: what a form would send."""

    page: str
    method: str
    path: str
    data: tuple[tuple[str, str], ...] = ()

    @property
    def shape(self) -> tuple[str, str, tuple[str, ...]]:
        """Return what makes two offers alike: method, the kind of page, the names of its choices."""
        split = urlsplit(self.path)
        names = tuple(sorted({name for name, _value in parse_qsl(split.query, keep_blank_values=True)}))
        if self.method == "post":  # what a button of a form says counts as well
            names += tuple(sorted(f"{name}={value}" for name, value in self.data if name in {"event", "what", "do"}))
        return self.method, _kind(split.path), names


@dataclass
class Crawl:
    """What was seen. opened: pages by address. refused: (offer, status). shapes: how many of each kind were met."""

    opened: dict[str, int] = field(default_factory=dict)
    refused: list[tuple[Offer, int]] = field(default_factory=list)
    sent: int = 0
    shapes: Counter[tuple[str, str, tuple[str, ...]]] = field(default_factory=Counter)

    def told(self) -> list[str]:
        """Return one line for each thing offered and refused."""
        return [f"{o.page} offers {o.method} {o.path}: {status}" for o, status in self.refused]


class _Reader(HTMLParser):
    """Reads the offers of one page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.page = page
        self.offers: list[Offer] = []
        self._form: dict[str, Any] | None = None
        self._forms: dict[str, dict[str, Any]] = {}
        self._outside: list[tuple[str, dict[str, str | None]]] = []  # controls that name their form by id
        self._select = ""
        self._template = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if tag == "template":
            self._template += 1
        if self._template:
            return
        if tag in {"a", "area"}:
            self._offer("get", values.get("href"))
        for method in ("get", "post"):
            self._offer(method, values.get(f"hx-{method}"))
        if tag == "img":
            self._offer("get", values.get("src"))
        if chart := values.get("data-chart"):
            for address in json.loads(chart).get("links") or ():
                self._offer("get", address)
        if places := values.get("data-map"):
            for point in json.loads(places)["points"]:
                self._offer("get", point["url"])
        if tag == "form":
            method = (values.get("method") or "get").lower()
            self._form = {"action": values.get("action") or self.page, "method": method, "data": [], "buttons": []}
            if values.get("id"):
                self._forms[str(values["id"])] = self._form
        elif tag in {"input", "select", "textarea", "button", "option"}:
            self._control(tag, values)

    def _control(self, tag: str, values: dict[str, str | None]) -> None:
        if tag != "option" and values.get("form"):
            self._outside.append((tag, values))
            return
        if self._form is not None:
            self._take(self._form, tag, values)

    def _take(self, form: dict[str, Any], tag: str, values: dict[str, str | None]) -> None:
        name, value, kind = values.get("name") or "", values.get("value") or "", values.get("type") or ""
        if tag == "select":
            self._select = name
        elif tag == "option":
            if "selected" in values and self._select:
                form["data"].append((self._select, value))
        elif tag == "button" or kind in {"submit", "image"}:
            if kind not in {"button", "reset"} and "disabled" not in values:
                form["buttons"].append((name, value, values.get("formaction"), values.get("formmethod")))
        elif name and kind not in _NO_TYPING and (kind not in {"checkbox", "radio"} or "checked" in values):
            form["data"].append((name, value))

    def handle_endtag(self, tag: str) -> None:
        if tag == "template":
            self._template -= 1
        elif tag == "form" and self._form is not None:
            if not any(one is self._form for one in self._forms.values()):
                self._forms[f" {len(self._forms)}"] = self._form
            self._form = None
        elif tag == "select":
            self._select = ""

    def close(self) -> None:
        """Turn the forms into offers; a control outside of its form is read last, when all forms are known."""
        super().close()
        for tag, values in self._outside:
            if (form := self._forms.get(str(values["form"]))) is not None:
                self._take(form, tag, values)
        for form in self._forms.values():
            for name, value, action, method in form["buttons"] or [("", "", None, None)]:
                data = tuple(form["data"] + ([(name, value)] if name else []))
                self._offer(method or form["method"], action or form["action"], data)

    def _offer(self, method: str, address: str | None, data: tuple[tuple[str, str], ...] = ()) -> None:
        if method == "dialog" or not address or address.startswith(("#", *_UNFOLLOWED_SCHEMES)):
            return
        split = urlsplit(urljoin(self.page, address))
        if split.netloc or split.path.startswith(("/static/",)):
            return
        query = split.query
        if method == "get" and data:  # a form sent as an address: its own values replace the address's
            query, data = urlencode(data), ()
        self.offers.append(Offer(self.page, method, split.path + (f"?{query}" if query else ""), data))


def _kind(path: str) -> str:
    try:
        found = resolve(path)
    except Resolver404:
        return path
    # pages of one view may differ by a word of the address (a section, a deed), not by a number
    said = [
        f"{k}={v}" for k, v in found.kwargs.items() if isinstance(v, str) and k in {"name", "what", "event", "part"}
    ]
    return ":".join([found.view_name or found.route, *said])


def offers_of(page: str, text: str) -> list[Offer]:
    """Return what a page offers, each once."""
    reader = _Reader(page)
    reader.feed(text)
    reader.close()
    return list(dict.fromkeys(reader.offers))


def crawl(
    client: Client,
    asks: Asks,
    starts: Iterable[str] = ("/",),
    *,
    many: int | None = None,
    leave: frozenset[str] = frozenset(),
) -> Crawl:
    """Follow all that is offered from some pages on.

    many: how many offers of one shape are followed (None: all). leave: names of views that are not asked, such as
    signing out. The cookies of the client are as they were after each form.
    """
    seen = Crawl()
    waiting = deque(Offer("(start)", "get", path) for path in starts)
    asked: set[tuple[str, str, tuple[tuple[str, str], ...]]] = set()
    while waiting:
        offer = waiting.popleft()
        key = offer.method, offer.path, offer.data if offer.method == "post" else ()
        if key in asked or _kind(urlsplit(offer.path).path) in leave:
            continue
        asked.add(key)
        seen.shapes[offer.shape] += 1
        if many is not None and seen.shapes[offer.shape] > many:
            continue
        answer = _ask(client, asks, offer)
        if offer.method == "post":
            seen.sent += 1
        status = int(answer.status_code)
        if status in {403, 404, 405} or status >= 500:
            seen.refused.append((offer, status))
            continue
        if status in {301, 302} and offer.method == "get":
            waiting.append(Offer(offer.page, "get", urljoin(offer.path, answer.headers["Location"])))
            continue
        if offer.method == "get":
            seen.opened[offer.path] = status
            if status == 200 and answer.headers.get("Content-Type", "").startswith("text/html"):
                waiting.extend(offers_of(offer.path, answer.text_seen))
    return seen


def _ask(client: Client, asks: Asks, offer: Offer) -> Any:
    cookies = {name: morsel.value for name, morsel in client.cookies.items()}
    data: dict[str, list[str]] = {}
    for name, value in offer.data:
        data.setdefault(name, []).append(value)
    answer = asks(client, offer.method, offer.path, **({"data": data} if offer.method == "post" else {}))
    if offer.method == "post":
        client.cookies.clear()
        for name, value in cookies.items():
            client.cookies[name] = value
    return answer
