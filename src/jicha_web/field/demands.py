"""What a visit has to bring back, read from evidence.yaml."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from jicha_web import core
from jicha_web.core import Text


@dataclass(frozen=True)
class Demand:
    """One thing that has to be there. `subjects`: of cases; empty: all. `place`: anchor on the page of the visit."""

    code: str
    label: Text
    required: bool
    at_least: int
    place: str
    kinds: frozenset[str]
    subjects: frozenset[str]

    def of(self, subject: str) -> bool:
        """Whether it is asked for in a case about such a subject."""
        return self.required and (not self.subjects or subject in self.subjects)


@dataclass(frozen=True)
class ReplyField:
    """A column of a list of results. `required`: always, when_true, never."""

    code: str
    label: Text
    required: str


@dataclass(frozen=True)
class Evidence:
    """The whole of evidence.yaml."""

    demands: tuple[Demand, ...]
    earlier_visits_count: bool
    far_m: float
    old_photo_h: float
    track_every_s: float
    track_every_m: float
    most_pixels: int
    most_whole_pixels: int
    display_px: int
    display_quality: int
    most_photos: int
    qualification_kinds: frozenset[str]
    when_expired: str  # warn, refuse, ignore
    when_none: str
    list_severities: frozenset[str]
    list_rows: int
    list_fields: tuple[ReplyField, ...]
    verdicts: Mapping[str, Text]
    verdict_words: Mapping[str, str]  # what a list may say, in small letters → code


CODES = (
    "site_photo", "meter_photo", "point", "track", "reading", "checklist", "verdict", "summary", "other_problems",
    "signature", "companion",
)  # fmt: skip
LIST_CODES = (
    "verdict", "summary", "other_problems", "order_number", "order_started_on", "order_result", "inspector",
)  # fmt: skip


def _text(value: Mapping[str, str]) -> Text:
    return Text(value["zh"], value["en"])


def _one_of(value: str, allowed: tuple[str, ...], where: str) -> str:
    if value not in allowed:
        raise ValueError(f"evidence.yaml: {where} is {value!r}; expected one of {', '.join(allowed)}")
    return value


def _checked(names: Mapping[str, Any], known: tuple[str, ...], where: str) -> None:
    if unknown := set(names) - set(known):
        raise ValueError(f"evidence.yaml: {where} names {sorted(unknown)}; known are {', '.join(known)}")


@cache
def evidence() -> Evidence:
    """Return what is configured; ValueError names what cannot be understood."""
    return parse(core.application_file("evidence"))


def parse(content: Mapping[str, Any]) -> Evidence:
    """Read the content of evidence.yaml."""
    _checked(content["demands"], CODES, "demands")
    fields = content["list_mode"]["fields"]
    _checked(fields, LIST_CODES, "list_mode.fields")
    modes = ("warn", "refuse", "ignore")
    photos, quality = content["photos"], content["qualification"]
    return Evidence(
        demands=tuple(
            Demand(
                code, _text(d), bool(d["required"]), int(d.get("at_least", 1)), d["place"],
                frozenset(d.get("kinds", ())), frozenset(d.get("for", ())),
            )
            for code, d in content["demands"].items()
        ),
        earlier_visits_count=bool(content["earlier_visits_count"]),
        far_m=float(content["far_m"]),
        old_photo_h=float(content["old_photo_h"]),
        track_every_s=float(content["track"]["every_s"]),
        track_every_m=float(content["track"]["every_m"]),
        most_pixels=int(photos["most_megapixels"]) * 1_000_000,
        most_whole_pixels=int(photos["most_megapixels_whole"]) * 1_000_000,
        display_px=int(photos["display_px"]),
        display_quality=int(photos["display_quality"]),
        most_photos=int(photos["most_per_case"]),
        qualification_kinds=frozenset(quality["kinds"]),
        when_expired=_one_of(quality["expired"], modes, "qualification.expired"),
        when_none=_one_of(quality["none"], modes, "qualification.none"),
        list_severities=frozenset(content["list_mode"]["severities"]),
        list_rows=int(content["list_mode"]["most_rows"]),
        list_fields=tuple(
            ReplyField(
                code, _text(f),
                _one_of(f["required"], ("always", "when_true", "never"), f"list_mode.fields.{code}.required"),
            )
            for code, f in fields.items()
        ),
        verdicts={code: _text(v) for code, v in content["list_mode"]["verdicts"].items()},
        verdict_words={
            str(word).lower(): code
            for code, v in content["list_mode"]["verdicts"].items()
            for word in (code, v["zh"], v["en"], *v.get("also", ()))
        },
    )  # fmt: skip
