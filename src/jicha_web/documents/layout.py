"""What the layout of PDFs (`paper.typ`) receives, told by documents.yaml, and why one of a utility's own is unfit.

A layout is tried with an example that has every field and every kind of block, so that it fails at once and not at the
first paper that has a block it cannot set.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Any

from jicha_web import core
from jicha_web.core import Text

NAME = "paper"
_PLACE = re.compile(r"error: .*?┌─ [^\n]*?:(\d+):(\d+)\n(?:[^\n]*\n)?\s*\d+ │ ([^\n]*)", re.DOTALL)
_NO_FIELD = re.compile(r'does not contain key "([^"]*)"')


@cache
def fields() -> dict[str, dict[str, Text]]:
    """Return the names of all fields with what they are: of `data` under "", of blocks under their kind."""
    told = core.application_file("documents")["layout"]
    return {
        kind: {name: Text(one["zh"], one["en"]) for name, one in content.items()}
        for kind, content in {"": told["data"], **told["blocks"]}.items()
    }


def example() -> dict[str, Any]:
    """Return data with every field and a block of every kind; plain values, as JSON holds them."""
    told = core.application_file("documents")["layout"]
    blocks = [{"kind": kind, **_examples(content)} for kind, content in told["blocks"].items()]
    return {**_examples(told["data"]), "blocks": blocks}


def _examples(content: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    return {name: one["example"] for name, one in content.items()}


def unfit(name: str, diagnostic: str, message: str) -> core.BadInput:
    """Return what is wrong with a layout: file, line, column, and for an unknown field which there are.

    diagnostic, message: of Typst.
    """
    at_zh = at_en = ""
    if place := _PLACE.search(diagnostic):
        line, column, source = place.groups()
        at_zh, at_en = (
            f"第 {line} 行第 {column} 列（{source.strip()}）",
            f"line {line}, column {column} ({source.strip()})",
        )
    why_zh = why_en = message
    if missing := _NO_FIELD.search(message):
        known = "; ".join(f"{kind or 'data'}: {', '.join(names)}" for kind, names in fields().items())
        why_zh, why_en = f"没有字段 {missing[1]}；可用：{known}", f"there is no field {missing[1]}; known: {known}"
    return core.BadInput(
        zh=f"文书模板 {name} {at_zh}无法生成 PDF：{why_zh}。请检查模板，或删去自己的模板以使用自带的。",
        en=f"the template {name} gives no PDF, {at_en or 'no line told'}: {why_en}; "
        "mend it, or remove your own to use the shipped one",
    )
