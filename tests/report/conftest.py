from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest


@pytest.fixture(scope="session")
def folders() -> ModuleType:
    """Return the builder of run folders, found by its place: tests are imported without a path."""
    name = "jicha_tests_run_folder"
    if name not in sys.modules:
        path = Path(__file__).parents[1] / "findings" / "run_folder.py"
        spec = importlib.util.spec_from_file_location(name, path)
        assert spec is not None and spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        spec.loader.exec_module(module)
    return sys.modules[name]
