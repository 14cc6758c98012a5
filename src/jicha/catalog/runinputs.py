"""The declared inputs of a run: settings and lists, from `run_inputs.yaml`."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any

from jicha.catalog.files import catalog_path, read_yaml
from jicha.catalog.parameters import Parameter, read_parameter


@functools.cache
def _content() -> Mapping[str, Any]:
    content: Mapping[str, Any] = read_yaml(catalog_path("run_inputs.yaml"))
    return content


def list_columns() -> Mapping[str, Mapping[str, str]]:
    """Return the columns (name → type) of every list that a run may be given."""
    return {name: entry["columns"] for name, entry in _content()["lists"].items()}


def list_labels() -> Mapping[str, Mapping[str, str]]:
    """Return the labels (zh, en) of the lists."""
    return {name: {"zh": entry["zh"], "en": entry["en"]} for name, entry in _content()["lists"].items()}


def settings() -> Mapping[str, Parameter]:
    """Return the settings of a run as typed, bounded parameters."""
    return {
        name: read_parameter({"name": name, **entry}, "run_inputs.yaml")
        for name, entry in _content()["settings"].items()
    }
