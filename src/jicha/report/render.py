"""What all pages share: templates, assets, numbers."""

from __future__ import annotations

import functools
from decimal import Decimal
from importlib import resources

import jinja2

from jicha.catalog.reason import NOTHING


def asset(name: str) -> str:
    """Return a style or script of the pages."""
    return resources.files("jicha.report").joinpath("assets", name).read_text(encoding="utf-8")


def _money(value: Decimal | None, places: int = 2) -> str:
    return NOTHING if value is None else f"{value:,.{places}f}"


@functools.cache
def environment() -> jinja2.Environment:
    """Return the templates: everything is escaped, an unknown name is an error."""
    folder = resources.files("jicha.report").joinpath("templates")
    found = jinja2.Environment(
        loader=jinja2.FunctionLoader(lambda name: folder.joinpath(name).read_text(encoding="utf-8")),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    found.filters |= {"number": lambda value: f"{value:,}", "money": _money}
    return found
