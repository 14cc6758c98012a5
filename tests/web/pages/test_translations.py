"""Every text of code and templates has its Chinese, and nothing else lies in the catalog."""

from __future__ import annotations

import gettext
import importlib.util
import shutil
import sys
from pathlib import Path
from types import ModuleType

import pytest

SCRIPT = Path(__file__).parents[3] / "scripts/po.py"


@pytest.fixture(scope="module")
def po() -> ModuleType:
    spec = importlib.util.spec_from_file_location("po", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["po"] = module
    spec.loader.exec_module(module)
    return module


@pytest.mark.skipif(shutil.which("xgettext") is None, reason="needs gettext: apt-get install gettext")
def test_all_texts_are_translated_and_used(po: ModuleType) -> None:
    assert po.problems(po.read(po.CATALOG), po.used()) == []


def test_the_compiled_catalog_holds_the_same(po: ModuleType) -> None:
    with po.CATALOG.with_suffix(".mo").open("rb") as file:
        compiled = gettext.GNUTranslations(file)
    texts = po.read(po.CATALOG)
    assert texts
    for message, text in texts.items():
        if not message.plural and not message.context:
            assert compiled.gettext(message.msgid) == text


def test_problems_are_named(po: ModuleType) -> None:
    one, other = po.Message("%(n)s rows"), po.Message("Gone")
    found = po.problems({one: "行", other: "已无"}, {one, po.Message("New")})
    assert found == ["not translated: New", "not used: Gone", "placeholders differ: %(n)s rows → 行"]
