"""PDF by Typst. Values reach the template as JSON in `sys.inputs` only: no text of a person becomes markup."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time
from functools import cache
from pathlib import Path
from typing import Any

import typst
from fontTools.ttLib import TTCollection, TTFont

from jicha_web import core
from jicha_web.documents.rendered import Rendered, file_sha256, template_path

FONTS = Path(__file__).resolve().parent / "fonts"
_IGNORED = {"\n", "\r", "\t", "\u200b", "\ufeff"}
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
    if path.suffix.lower() == ".ttc":
        faces = TTCollection(path, lazy=True).fonts
        return frozenset(code for face in faces[:1] for code in face.getBestCmap())
    with TTFont(path, lazy=True) as font:
        return frozenset(font.getBestCmap())


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
def system_fonts() -> tuple[Path, ...]:
    """Return the fonts of the machine that may hold rare characters."""
    found: set[Path] = set()
    for info in typst.Fonts(include_system_fonts=True, include_embedded_fonts=False).fonts():
        if info.path:
            found.add(Path(info.path))
    return tuple(sorted(found))


@cache
def _drawn_by_system(character: str) -> bool:
    for path in system_fonts():
        try:
            if ord(character) in _characters(path):
                return True
        except Exception:  # a font that cannot be read draws nothing
            continue
    return False


def render_pdf(
    template: str, data: Mapping[str, Any], *, own: Path | None = None, made_on: date | None = None
) -> Rendered:
    """Return a PDF of a template (`TEMPLATE.typ`) filled with plain values (texts, numbers, lists, mappings).

    own: folder of the utility's own templates, looked in first. made_on: the date in the file's properties; without it
    none is written, so that equal values give an equal file. BadInput when the template is none.
    """
    path = template_path(template, ".typ", own)
    rare = rare_characters(data)
    missing = tuple(sorted(c for c in rare if not _drawn_by_system(c)))
    instant = datetime.combine(made_on or date(1970, 1, 1), time(), UTC)
    inputs = {"data": json.dumps(data, ensure_ascii=False, default=str)}
    try:
        with _one_at_a_time:
            content = typst.compile(
                str(path), root=str(path.parent), format="pdf", sys_inputs=inputs, timestamp=int(instant.timestamp()),
                font_paths=[str(FONTS)], ignore_system_fonts=len(rare) == len(missing),
            )  # fmt: skip
    except typst.TypstError as error:
        raise core.BadInput(
            zh=f"文书模板 {path.name} 无法生成 PDF：{error}。请检查模板，或删去自己的模板以使用自带的。",
            en=f"the template {path.name} gives no PDF: {error}; mend it, or remove your own to use the shipped one",
        ) from error
    return Rendered(bytes(content), file_sha256(path), missing)
