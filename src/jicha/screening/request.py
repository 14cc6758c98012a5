"""What is asked of a screening run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from jicha.errors import BadInput


@dataclass(frozen=True)
class Request:
    """What is asked of a run."""

    data: Path
    as_of: date
    rules: Sequence[str] = ()
    org: str | None = None
    inputs: Path | None = None
    memory: str = "4GB"
    threads: int | None = None
    wait_seconds: float = 600
    data_version: int | None = None


def refuse_ahead(as_of: date, *, today: date, zh: str = "", en: str = "") -> None:
    """Refuse a screening day after today: its run would be the newest until then, and hide what runs before it find.

    today: the day where the utility is. zh, en: what else may be done, added to the message.
    """
    if as_of > today:
        raise BadInput(
            zh=f"筛查日期 {as_of} 在今天（{today}）之后：请选择今天或更早的日期。{zh}",
            en=f"the screening date {as_of} lies ahead: choose today ({today}) or a day before{en}",
        )
