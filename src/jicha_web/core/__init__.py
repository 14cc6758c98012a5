"""The one door to `jicha`: what the application asks of the analytic core goes through here, and nowhere else.

A part that needs more of the core adds a name here; it never imports `jicha` itself (import-linter).
"""

from __future__ import annotations

from functools import cache
from typing import Any

from jicha.catalog.files import catalog_path, read_yaml
from jicha.errors import BadInput, MachineFailure
from jicha.language import Language, Text

__all__ = ["BadInput", "Language", "MachineFailure", "Text", "application_file", "catalog_path"]


@cache
def application_file(name: str) -> dict[str, Any]:
    """Return the content of `jicha_catalog/application/NAME.yaml`."""
    return dict(read_yaml(catalog_path("application", f"{name}.yaml")))
