"""Where the catalog's files are, and reading YAML with a clear error."""

from __future__ import annotations

import functools
from importlib import resources
from pathlib import Path
from typing import Any

import yaml

from jicha.errors import BadInput


def catalog_path(*parts: str) -> Path:
    """Return the path of a file or folder of the shipped catalog."""
    return Path(str(resources.files("jicha_catalog"))).joinpath(*parts)


def read_yaml(path: Path) -> Any:
    """Read one YAML file; BadInput names the file, line and column of a syntax error."""
    try:
        return parse_yaml(path.read_text(encoding="utf-8"), str(path))
    except UnicodeDecodeError as error:
        raise BadInput(
            zh=f"{path} 不是 UTF-8 文本文件。请用 UTF-8 编码重新保存。",
            en=f"{path} is no UTF-8 text; save it again as UTF-8",
        ) from error
    except OSError as error:
        raise BadInput(
            zh=f"无法读取 {path}：{error.strerror}。请检查文件是否存在、是否有读取权限。",
            en=f"cannot read {path}: {error.strerror}; check that it exists and may be read",
        ) from error


def parse_yaml(text: str, place: str, first_line: int = 1) -> Any:
    """Parse YAML text; `place` and `first_line` say where it stands, for the error."""
    try:
        return yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except yaml.MarkedYAMLError as error:
        line = first_line + (error.problem_mark.line if error.problem_mark else 0)
        raise BadInput(
            zh=f"{place} 第 {line} 行：YAML 语法错误（{error.problem}）。",
            en=f"{place}, line {line}: YAML syntax error ({error.problem})",
        ) from error


@functools.cache
def vocabulary() -> dict[str, dict[str, dict[str, str]]]:
    """Return the labels of stored codes: kind -> code -> {zh, en}."""
    content: dict[str, dict[str, dict[str, str]]] = read_yaml(catalog_path("vocabulary.yaml"))
    return content


@functools.cache
def specialties() -> dict[str, dict[str, str]]:
    """Return the nine specialties: code -> {zh, en, folder}."""
    content: dict[str, dict[str, str]] = read_yaml(catalog_path("specialties.yaml"))
    return content


@functools.cache
def regulations() -> dict[str, dict[str, str]]:
    """Return the regulations by the short name that rules cite."""
    content: dict[str, dict[str, str]] = read_yaml(catalog_path("regulations.yaml"))
    return content
