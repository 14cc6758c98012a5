"""Inputs with their bounds: a number beyond what the database holds, or a page too deep, is refused, not tried."""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, Any

from ninja import Path, Query, Schema
from pydantic import BeforeValidator, Field, StringConstraints

LARGEST = 9_223_372_036_854_775_807

Pk = Annotated[int, Path(ge=1, le=LARGEST, description="number of the object")]
Id = Annotated[int, Field(ge=1, le=LARGEST)]
Code = Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=r"^[^\x00-\x1f/]+$")]
Words = Annotated[str, StringConstraints(max_length=100, pattern=r"^[^\x00]*$")]
Short = Annotated[str, StringConstraints(max_length=200, pattern=r"^[^\x00]*$")]
Long = Annotated[str, StringConstraints(max_length=5000, pattern=r"^[^\x00]*$")]


_ISO = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


def _iso(value: Any) -> Any:
    if isinstance(value, date) or (isinstance(value, str) and _ISO.fullmatch(value)):
        return value
    raise ValueError("a day is written 2026-10-15")  # seconds since 1970 would be taken otherwise


Day = Annotated[date, BeforeValidator(_iso)]


class Window(Schema):
    """Which part of a list."""

    limit: Annotated[int, Field(ge=1, le=200)] = 50
    offset: Annotated[int, Field(ge=0, le=100_000)] = 0


Windowed = Annotated[Window, Query()]


def cut(rows: Any, window: Window) -> tuple[list[Any], int | None]:
    """Return the rows of a window, and the offset of the next one; None at the end."""
    found = list(rows[window.offset : window.offset + window.limit + 1])
    more = len(found) > window.limit and window.offset + window.limit <= 100_000
    return found[: window.limit], window.offset + window.limit if more else None
