"""The sheet a calculator fills: named steps with formula, numbers and rounding; clauses; warnings; the result."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import Any

from jicha.calculators.exact import Term, decimal_text, half_up, plain_text, term
from jicha.calculators.facts import EditionName, Fact, edition_on, editions, fact, unit_text, warning_texts
from jicha.calculators.inputs import Inputs, Part, RuleInputs
from jicha.catalog.files import regulations
from jicha.language import Language, Text

EXACT_PLACES = 12
FIGURE_PLACES = 6


@dataclass(frozen=True, slots=True)
class Value:
    """One named result. `value` has `places` decimals; `exact` is the number before that rounding, to twelve."""

    name: str
    label: Text
    value: Decimal
    unit: str
    places: int
    exact: Decimal


@dataclass(frozen=True, slots=True)
class Step:
    """One line of the derivation: formula in words, the numbers put in, what came out, how it was rounded."""

    name: str
    label: Text
    formula: Text
    numbers: str
    result: str
    unit: str
    rounded_to: int | None


@dataclass(frozen=True, slots=True)
class Basis:
    """What a value rests on. `citation` is fit for a customer: it names no article that is not verified."""

    fact: str
    label: Text
    regulation: str
    edition: EditionName | None
    article: str | None
    verified: bool
    bound: str
    source: str

    def citation(self) -> str:
        """Return title and, only if verified, the article."""
        return self.regulation + (self.article or "" if self.verified else "")


@dataclass(frozen=True, slots=True)
class Caution:
    """Something the reader has to decide or know, by a permanent code."""

    code: str
    text: Text


@dataclass(frozen=True, slots=True)
class Result:
    """What a calculator found; `result["back_fee_yuan"]` is the decimal of that name."""

    calculator: str
    edition: EditionName | None
    values: dict[str, Value]
    steps: tuple[Step, ...]
    basis: tuple[Basis, ...]
    warnings: tuple[Caution, ...]

    def __getitem__(self, name: str) -> Decimal:
        return self.values[name].value

    def to_json(self) -> dict[str, Any]:
        """Return the result for a machine; numbers as decimal strings, texts in both languages."""
        return {
            "calculator": self.calculator,
            "edition": self.edition,
            "results": {
                v.name: {
                    "value": str(v.value), "unit": v.unit, "places": v.places, "exact": str(v.exact), **_both(v.label),
                }
                for v in self.values.values()
            },
            "steps": [
                {
                    "name": s.name, **_both(s.label), "formula": _both(s.formula), "numbers": s.numbers,
                    "result": s.result, "unit": s.unit, "rounded_to": s.rounded_to,
                }
                for s in self.steps
            ],
            "basis": [
                {
                    "fact": b.fact, **_both(b.label), "regulation": b.regulation, "edition": b.edition,
                    "article": b.article, "verified": b.verified, "bound": b.bound, "source": b.source,
                    "citation": b.citation(),
                }
                for b in self.basis
            ],
            "warnings": [{"code": w.code, **_both(w.text)} for w in self.warnings],
        }  # fmt: skip


def _both(text: Text) -> dict[str, str]:
    return {"zh": text.zh, "en": text.en}


@dataclass
class Sheet:
    """Collects what a calculator does. Without an edition in its inputs a calculation rests on no rule book."""

    calculator: str
    inputs: Inputs
    edition: EditionName | None = None
    values: dict[str, Value] = field(default_factory=dict)
    steps: list[Step] = field(default_factory=list)
    basis: dict[str, Basis] = field(default_factory=dict)
    warnings: dict[str, Caution] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if isinstance(self.inputs, RuleInputs):
            self.edition = _edition(self.inputs)
            day = self.inputs.in_force_on
            if day is not None and edition_on(day) != self.edition:
                self.warn("edition_not_in_force", edition=self.edition, day=day)

    def given(self, name: str, of: Part | None = None, words: Text | None = None) -> Term:
        """Return an input as a term under its own label; it must be there."""
        part = self.inputs if of is None else of
        value = getattr(part, name)
        if value is None:
            raise LookupError(f"{type(part).__name__}.{name} is null")  # a mistake of the calculator, not of the user
        return term(Fraction(value), words or label_of(part, name))

    def fact(self, key: str, override: str | None = None) -> Term:
        """Return a dated fact as a term and cite it; an input named by `override` takes precedence over its value."""
        found = self.cite(key)
        value = getattr(self.inputs, override) if override else None
        if value is None:
            if found.value is None:
                raise LookupError(f"{key} has no value in {self.edition}")
            return term(found.value, found.words)
        if found.bound == "ceiling" and found.value is not None and value > found.value:
            self.warn("above_ceiling", what=found.words, value=plain_text(Fraction(value)), limit=found.value)
        elif found.bound == "fixed" and found.value is not None and value != found.value:
            self.warn("not_the_rule", what=found.words, value=plain_text(Fraction(value)), limit=found.value)
        return term(Fraction(value), found.words)

    def cite(self, key: str) -> Fact:
        """Put a fact among the bases of the result, and its warning if it is only a ceiling."""
        found = fact(key, self.edition or "2024")
        title = regulations()[found.regulation]["title"]
        if found.regulation == "营业规则" and self.edition:
            title = editions()[self.edition].title
        edition = self.edition if found.regulation == "营业规则" else None
        self.basis[key] = Basis(
            key, found.words, title, edition, found.article, found.verified, found.bound, found.source
        )
        if found.bound == "ceiling":
            self.warn("ceiling")
        return found

    def warn(self, code: str, **parts: object) -> None:
        """Add a warning once; a bilingual part is put in per language."""
        texts = warning_texts()[code]

        def filled(language: Language) -> str:
            return texts[language.value].format(
                **{n: p.to(language) if isinstance(p, Text) else p for n, p in parts.items()}
            )

        text = Text(filled(Language.ZH), filled(Language.EN))
        self.warnings[f"{code}:{text.en}"] = Caution(code, text)

    def energy(self, name: str, zh: str, en: str, formula: Term, unit: str = "kWh") -> Term:
        """Add a step whose result is rounded to `kwh_places`; later steps use the rounded value."""
        return self._step(name, Text(zh, en), unit, formula, places=self.inputs.kwh_places, show=FIGURE_PLACES)

    def money(self, name: str, zh: str, en: str, formula: Term, unit: str = "yuan") -> Term:
        """Add a step whose result is rounded to `amount_places`; later steps use the rounded value."""
        places = self.inputs.amount_places
        return self._step(name, Text(zh, en), unit, formula, places=places, show=places)

    def rounded(self, name: str, zh: str, en: str, unit: str, formula: Term, *, places: int) -> Term:
        """Add a step whose result is rounded to a given number of decimals."""
        return self._step(name, Text(zh, en), unit, formula, places=places, show=places)

    def figure(self, name: str, zh: str, en: str, unit: str, formula: Term, *, show: int = FIGURE_PLACES) -> Term:
        """Add a step that is shown with `show` decimals and goes on exactly."""
        return self._step(name, Text(zh, en), unit, formula, places=None, show=show)

    def percent(self, name: str, zh: str, en: str, share: Term) -> Term:
        """Add a share as a percentage, shown with `percent_places` decimals; return the percentage, exact."""
        return self.figure(name, zh, en, "%", share * 100, show=self.inputs.percent_places)

    def _step(self, name: str, label: Text, unit: str, formula: Term, *, places: int | None, show: int) -> Term:
        value = formula.value if places is None else half_up(formula.value, places)
        digits = show if places is None else places
        text = decimal_text(value, digits)
        shown = plain_text(value) if places is None else text
        self.steps.append(Step(name, label, formula.words, formula.numbers, shown, unit, places))
        self.values[name] = Value(
            name, label, Decimal(text), unit, digits, Decimal(decimal_text(formula.value, EXACT_PLACES))
        )
        return Term(value, label, term(value).numbers, raw=formula.value)

    def result(self) -> Result:
        """Return what was filled in."""
        return Result(
            self.calculator,
            self.edition,
            dict(self.values),
            tuple(self.steps),
            tuple(self.basis.values()),
            tuple(self.warnings.values()),
        )


def _edition(inputs: RuleInputs) -> EditionName:
    if inputs.edition is not None:
        return inputs.edition
    return edition_on(inputs.in_force_on) if inputs.in_force_on is not None else "2024"


def label_of(part: Part, name: str) -> Text:
    """Return the label of a field in both languages: its text up to the first comma, without a closing bracket."""
    extra = type(part).model_fields[name].json_schema_extra
    if not isinstance(extra, dict):
        raise LookupError(f"{type(part).__name__}.{name} has no label")
    zh, en = str(extra["zh"]).split("，")[0], str(extra["en"]).split(", ")[0]
    return Text(re.sub("（[^（）]*）$", "", zh), re.sub(r" \([^()]*\)$", "", en))


def unit_in(unit: str, language: Language) -> str:
    """Return how a unit is written in one language."""
    return unit_text(unit).to(language)
