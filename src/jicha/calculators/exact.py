"""Exact numbers that remember how they were made: the formula in words, and the numbers put into it.

A calculator writes ordinary arithmetic on terms; the derivation that a customer or an auditor reads comes from the same
expression, so the two cannot differ. Values are fractions: nothing is rounded unless a step says so.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Context, Decimal
from fractions import Fraction

from jicha.errors import BadInput
from jicha.language import Text

_ATOM, _PRODUCT, _SUM = 3, 2, 1
_ROOT = Context(prec=60)
ROOT_PLACES = 40
"""Decimal places to which an irrational square root enters; far below any rounding of a result."""


def half_up(value: Fraction, places: int) -> Fraction:
    """Round half away from zero to `places` decimals, exactly."""
    scale = 10**places
    magnitude = (abs(value) * scale * 2 + 1) // 2
    return Fraction(magnitude if value >= 0 else -magnitude, scale)


def decimal_text(value: Fraction, places: int) -> str:
    """Write a number with exactly `places` decimals, rounded half up."""
    scaled = half_up(value, places) * 10**places
    digits = str(abs(int(scaled))).rjust(places + 1, "0")
    text = f"{digits[:-places]}.{digits[-places:]}" if places else digits
    return f"-{text}" if scaled < 0 else text


def plain_text(value: Fraction) -> str:
    """Write a number as short as it is exact, at most with twelve decimals; longer ones with six."""
    places = 12 if (value * 10**12).denominator == 1 else 6
    text = decimal_text(value, places)
    return text.rstrip("0").rstrip(".") if "." in text else text


@dataclass(frozen=True, slots=True)
class Term:
    """A number with its formula: `words` names the quantities, `numbers` shows their values.

    `raw` is the value before the rounding of the step that named the term, where there was one.
    """

    value: Fraction
    words: Text
    numbers: str
    strength: int = _ATOM
    raw: Fraction | None = None

    def __add__(self, other: Term | int) -> Term:
        return self._join(other, "+", _SUM, self.value + _value(other))

    def __sub__(self, other: Term | int) -> Term:
        return self._join(other, "−", _SUM, self.value - _value(other), strict=True)

    def __mul__(self, other: Term | int) -> Term:
        return self._join(other, "×", _PRODUCT, self.value * _value(other))

    def __truediv__(self, other: Term | int) -> Term:
        divisor = term(other)
        if divisor.value == 0:
            raise BadInput(
                zh=f"“{divisor.words.zh}”等于 0，不能作除数：{self.words.zh} ÷ {divisor.words.zh}。请核对输入。",
                en=f"'{divisor.words.en}' is 0 and cannot divide '{self.words.en}'; check the input",
            )
        return self._join(divisor, "÷", _PRODUCT, self.value / divisor.value, strict=True)

    def __rsub__(self, other: int) -> Term:
        return term(other) - self

    def __radd__(self, other: int) -> Term:
        return term(other) + self

    def __rmul__(self, other: int) -> Term:
        return term(other) * self

    def __rtruediv__(self, other: int) -> Term:
        return term(other) / self

    def __neg__(self) -> Term:
        return term(0) - self

    def before_rounding(self) -> Term:
        """Return the same quantity as it was before its step rounded it."""
        if self.raw is None or self.raw == self.value:
            return self
        return replace(self, value=self.raw, numbers=_literal(self.raw), raw=None)

    def named(self, words: Text) -> Term:
        """Return the number under a name of its own, as later formulas cite it."""
        return Term(self.value, words, _literal(self.value), raw=self.raw)

    def _join(self, other: Term | int, sign: str, strength: int, value: Fraction, *, strict: bool = False) -> Term:
        right = term(other)
        left_weak, right_weak = self.strength < strength, right.strength < strength + strict
        return Term(
            value,
            Text(*(f"{_wrap(a, left_weak)} {sign} {_wrap(b, right_weak)}" for a, b in _pairs(self, right))),
            f"{_wrap(self.numbers, left_weak)} {sign} {_wrap(right.numbers, right_weak)}",
            strength,
        )


def _pairs(left: Term, right: Term) -> list[tuple[str, str]]:
    return [(left.words.zh, right.words.zh), (left.words.en, right.words.en)]


def _wrap(text: str, weak: bool) -> str:
    return f"({text})" if weak else text


def _value(operand: Term | int) -> Fraction:
    return operand.value if isinstance(operand, Term) else Fraction(operand)


def _literal(value: Fraction) -> str:
    return f"(−{plain_text(-value)})" if value < 0 else plain_text(value)


def term(value: Term | int | Fraction | Decimal, words: Text | None = None) -> Term:
    """Return a number as a term; without words it is written as itself."""
    if isinstance(value, Term):
        return value
    exact = Fraction(value)
    text = _literal(exact)
    return Term(exact, words or Text(text, text), text)


def total(terms: list[Term]) -> Term:
    """Return the sum of one or more terms."""
    result = terms[0]
    for other in terms[1:]:
        result = result + other
    return result


def root(square: Term) -> Term:
    """Return the square root, exact where it is rational, else to 40 places; a negative number is refused."""
    if square.value < 0:
        raise BadInput(
            zh=f"“{square.words.zh}”为负数（{plain_text(square.value)}），不能开平方。请核对输入。",
            en=f"'{square.words.en}' is negative ({plain_text(square.value)}) and has no square root; check the input",
        )
    return Term(_root(square.value), Text(f"√({square.words.zh})", f"√({square.words.en})"), f"√({square.numbers})")


def _root(value: Fraction) -> Fraction:
    scaled = value.numerator * value.denominator
    found = _ROOT.sqrt(Decimal(scaled))
    if found == found.to_integral_value() and int(found) ** 2 == scaled:
        return Fraction(int(found), value.denominator)
    return half_up(Fraction(found) / value.denominator, ROOT_PLACES)


SQRT3 = Term(_root(Fraction(3)), Text("√3", "√3"), "√3")


def largest(left: Term, right: Term) -> Term:
    """Return the greater of two terms, with both in its formula."""
    return _pick("max", left, right, max(left.value, right.value))


def smallest(left: Term, right: Term) -> Term:
    """Return the lesser of two terms, with both in its formula."""
    return _pick("min", left, right, min(left.value, right.value))


def _pick(name: str, left: Term, right: Term, value: Fraction) -> Term:
    words = Text(*(f"{name}({a}, {b})" for a, b in _pairs(left, right)))
    return Term(value, words, f"{name}({left.numbers}, {right.numbers})")
