"""The shared form of rules, definitions and models: YAML front matter in a leading comment, then SELECTs."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jicha.catalog.files import parse_yaml
from jicha.errors import BadInput

_FRONT = re.compile(r"\A\s*/\*---\n(?P<yaml>.*?)\n---\*/[ \t]*\n(?P<sql>.*)\Z", re.DOTALL)
_NOT_JUDGED = re.compile(r"^/\*--- not judged ---\*/[ \t]*$", re.MULTILINE)


@dataclass(frozen=True)
class SqlFile:
    """A parsed file: its front matter, the main SELECT, and the SELECT of what could not be judged."""

    path: Path
    front: Mapping[str, Any]
    sql: str
    not_judged_sql: str | None


def _statement(text: str) -> str:
    return text.strip().removesuffix(";").strip()


def read_sql_file(path: Path) -> SqlFile:
    """Read a rule, definition or model; BadInput says where its form is broken."""
    try:
        text = path.read_text(encoding="utf-8").replace("\r\n", "\n")
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(
            zh=f"无法读取 {path}：{error}。应为 UTF-8 文本文件。",
            en=f"cannot read {path}: {error}; expected a UTF-8 text file",
        ) from error
    match = _FRONT.match(text)
    if match is None:
        raise BadInput(
            zh=f"{path}：文件应以 /*--- 开头、---*/ 结尾的 YAML 说明块开始，其后是一条 SELECT。",
            en=f"{path}: expected a YAML block between /*--- and ---*/ at the top, then one SELECT",
        )
    front = parse_yaml(match["yaml"], str(path), first_line=2)
    if not isinstance(front, dict):
        raise BadInput(
            zh=f"{path}：说明块应是“字段: 值”形式。", en=f"{path}: the front matter should be `field: value` lines"
        )
    parts = _NOT_JUDGED.split(match["sql"])
    if len(parts) > 2:
        raise BadInput(zh=f"{path}：“not judged”段最多一个。", en=f"{path}: at most one `not judged` part")
    return SqlFile(
        path=path,
        front=front,
        sql=_statement(parts[0]),
        not_judged_sql=_statement(parts[1]) if len(parts) == 2 else None,
    )
