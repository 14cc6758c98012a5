"""PDF by Typst. Values reach the template as JSON in `sys.inputs` only: no text of a person becomes markup."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import typst
from fontTools.ttLib import TTCollection, TTFont

from jicha_web.documents import layout
from jicha_web.documents.rendered import Rendered, file_sha256, template_path

FONTS = Path(__file__).resolve().parent / "fonts"
_IGNORED = set("\n\r\t\u200b\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\ufeff")  # drawn by no font, nor to be
_one_at_a_time = threading.Lock()  # Typst keeps a cache per process and takes all cores


def texts_of(value: Any) -> Iterator[str]:
    """Yield all texts within a value, keys left out."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from texts_of(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from texts_of(item)


def _characters(path: Path) -> frozenset[int]:
    if path.suffix.lower() in {".ttc", ".otc"}:
        with TTCollection(path, lazy=True) as faces:
            return frozenset(faces.fonts[0].getBestCmap() or ())
    with TTFont(path, lazy=True) as font:
        return frozenset(font.getBestCmap() or ())


@cache
def shipped_characters() -> frozenset[int]:
    """Return the characters that every shipped font can draw."""
    sets = [_characters(path) for path in sorted(FONTS.glob("*.otf"))]
    return frozenset.intersection(*sets)


def rare_characters(data: Any) -> set[str]:
    """Return the characters of a document that the shipped fonts cannot draw."""
    used = {character for text in texts_of(data) for character in text} - _IGNORED
    return {character for character in used if ord(character) not in shipped_characters()}


@cache
def system_characters() -> frozenset[int]:
    """Return the characters that some font of the machine can draw; read once, when a rare character is met."""
    found: set[int] = set()
    fonts = typst.Fonts(include_system_fonts=True, include_embedded_fonts=False).fonts()
    for path in sorted({info.path for info in fonts if info.path}):
        try:
            found |= _characters(Path(path))
        except Exception:  # a font that cannot be read draws nothing
            continue
    return frozenset(found)


def render_pdf(
    template: str, data: Mapping[str, Any], *, own: Path | None = None, made_on: date | None = None
) -> Rendered:
    """Return a PDF of a template (`TEMPLATE.typ`) filled with plain values (texts, numbers, lists, mappings).

    own: folder of the utility's own templates, looked in first. made_on: the date in the file's properties; without it
    none is written, so that equal values give an equal file. BadInput names the line where the template does not serve.
    """
    path = template_path(template, ".typ", own)
    rare = rare_characters(data)
    missing = tuple(sorted(c for c in rare if ord(c) not in system_characters()))
    instant = datetime.combine(made_on or date(1970, 1, 1), time(), UTC)
    inputs = {"data": json.dumps(data, ensure_ascii=False, default=str)}
    sha256 = file_sha256(path)
    if template == layout.NAME and own is not None and path.parent == own:
        _require_fit(path, sha256)
    fonts = {"font_paths": [str(FONTS)], "ignore_system_fonts": len(rare) == len(missing)}
    content = _compiled(path, inputs, timestamp=int(instant.timestamp()), **fonts)
    return Rendered(content, sha256, missing)


def _compiled(path: Path, inputs: dict[str, str], **how: Any) -> bytes:
    try:
        with _one_at_a_time:
            return bytes(typst.compile(str(path), root=str(path.parent), format="pdf", sys_inputs=inputs, **how))
    except typst.TypstError as error:
        raise layout.unfit(path.name, getattr(error, "diagnostic", ""), str(error)) from error


@lru_cache(maxsize=8)
def _require_fit(path: Path, sha256: str) -> None:
    """Raise BadInput unless an own layout can set whatever a paper may hold. sha256: of the file, tried once."""
    del sha256
    inputs = {"data": json.dumps(layout.example(), ensure_ascii=False)}
    _compiled(path, inputs, font_paths=[str(FONTS)], ignore_system_fonts=True)
