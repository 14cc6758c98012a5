"""The record of what was planted."""

from __future__ import annotations

import json
from dataclasses import dataclass

HIT, NEAR_MISS = "hit", "near_miss"
SHARED_PHONE_LIST = "shared_phones"


@dataclass(frozen=True)
class Truth:
    """One (rule, key) that must be found, or must not."""

    rule: str
    key: str
    kind: str
    note: str
    tag: str = ""  # a run list that the plant needs an entry of
    extra: str = ""  # that entry


def key_of(**parts: str) -> str:
    """Return a finding's key as it stands in files: a JSON object with sorted names."""
    return json.dumps(parts, ensure_ascii=False, sort_keys=True)
