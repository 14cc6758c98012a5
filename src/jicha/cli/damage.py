"""Saying which stored tables are damaged, beside what a command shows all the same."""

from __future__ import annotations

from collections.abc import Mapping

from jicha.cli.common import messages
from jicha.errors import MachineFailure
from jicha.language import Language, Text
from jicha.warehouse import Snapshot


def damaged_tables(snapshot: Snapshot) -> dict[str, MachineFailure]:
    """Return the tables whose files are not all there, and what is wrong; contents are not read."""
    found = {name: snapshot.damage(name) for name in snapshot.manifest.tables}
    return {name: error for name, error in found.items() if error is not None}


def say_damaged(damaged: Mapping[str, MachineFailure], language: Language) -> None:
    """Say it on standard error."""
    names = Text("、".join(damaged), ", ".join(damaged))
    head = Text(
        f"{len(damaged)} 张表已损坏（{names.zh}），用到它们的规则无法判定：",
        f"{len(damaged)} damaged tables ({names.en}); rules that need them cannot judge:",
    )
    messages.print(head.to(language), style="bold red", markup=False)
    for error in damaged.values():
        messages.print(f"- {error.to(language)}", style="red", markup=False)
