"""The words of a rule as a case needs them: name, what to check, how to put right, on which ground."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from jicha.catalog.files import regulations, vocabulary
from jicha.catalog.rules import Rule, load_rules
from jicha.language import Text


@dataclass(frozen=True)
class Ground:
    """A regulation that a rule stands on; `article` is empty where it was not verified: it is never printed then."""

    regulation: str
    title: str
    article: str


@dataclass(frozen=True)
class RuleWords:
    """What a rule says to people."""

    code: str
    name: Text
    group: str
    severity: str
    proof: str
    remedy: Text
    near_miss: tuple[Text, ...]
    grounds: tuple[Ground, ...]


def _text(value: Any) -> Text:
    return Text(str(value["zh"]), str(value["en"])) if isinstance(value, dict) else Text(str(value), str(value))


def _words(rule: Rule) -> RuleWords:
    return RuleWords(
        rule.code, _text(rule.name), rule.group, rule.severity, rule.proof, _text(rule.remedy),
        tuple(_text(item) for item in rule.near_miss),
        tuple(
            Ground(b["regulation"], regulations()[b["regulation"]]["title"],
                   str(b.get("article") or "") if b.get("verified") else "")
            for b in rule.basis
        ),
    )  # fmt: skip


@lru_cache(maxsize=4)
def _all(folder: Path, stamp: tuple[tuple[str, int], ...]) -> dict[str, RuleWords]:
    del stamp  # what the utility's own files looked like
    return {code: _words(rule) for code, rule in load_rules(folder).rules.items()}


def rule_words(data: Path) -> dict[str, RuleWords]:
    """Return the words of the shipped rules and the utility's own, by code."""
    folder = data / "rules"
    files = sorted(folder.rglob("*.sql")) if folder.is_dir() else []
    return _all(folder, tuple((str(path), path.stat().st_mtime_ns) for path in files))


def labels(kind: str) -> dict[str, Text]:
    """Return the labels of stored codes (vocabulary.yaml): severity, class, finding_state, subject, proof …"""
    return {code: _text(label) for code, label in vocabulary()[kind].items()}
