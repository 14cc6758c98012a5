"""A pocket calculator for explained bills: reads the printed lines and steps, and adds up what they say.

It knows nothing of how bills are computed: only digits, signs and brackets, as an accountant would key them in.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Context, Decimal, localcontext

_NUMBER = re.compile(r"\d[\d,]*(?:\.\d+)?")
_TOKENS = re.compile(r"\d[\d,]*(?:\.\d+)?|[()+−×÷/²√、%-]")
_RESULT = re.compile(r"\s*(−?-?\d[\d,]*(?:\.\d+)?)(%?)")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")


def equations(text: str) -> Iterator[tuple[Decimal, str, str]]:
    """Yield of each equation in a printed step: what its left side comes to, its result as printed, and the text.

    Words, units and dates are skipped; a list of quantities is their sum.
    """
    for clause in re.split(r"[；;，]", _DAY.sub("", text)):
        sides = clause.split("=")
        for left, right in itertools.pairwise(sides):
            found = _RESULT.match(right)
            tokens = _keyed(left)
            if found and any(token in "+−×÷/²√" for token in tokens):
                yield _value(tokens), found[1].replace(",", "").replace("−", "-"), clause


def _keyed(left: str) -> list[str]:
    """Return the digits and signs of a left side, from the last colon on (what stands before is its name)."""
    left = re.split(r"[：:]", left)[-1]
    left = re.sub(r"（[^）]*）|[A-Za-z]+\d+|\d+ 的", " ", left)
    tokens = _TOKENS.findall(left)
    while tokens and tokens[0] in "+−×÷/、":  # of words
        del tokens[0]
    if "、" not in tokens:
        return tokens
    at = tokens.index("−")  # a list of quantities that are taken off is their sum
    return [*tokens[: at + 1], "(", *("+" if token == "、" else token for token in tokens[at + 1 :]), ")"]


def _value(tokens: list[str]) -> Decimal:
    """Evaluate keyed tokens."""
    code = []
    signs = {"−": "-", "×": "*", "÷": "/", "²": "**2", "√": "root", "%": "/D(100)"}
    for token in tokens:
        code.append(f"D('{token.replace(',', '')}')" if _NUMBER.fullmatch(token) else signs.get(token, token))
    with localcontext(Context(prec=60, rounding=ROUND_HALF_UP)):
        found: Decimal = eval(" ".join(code), {"D": Decimal, "root": lambda x: x.sqrt()})
        return found


def rounded_like(value: Decimal, printed: str) -> Decimal:
    """Round as a result is printed: half up, a quotient to 6 places first."""
    places = Decimal(1).scaleb(Decimal(printed).as_tuple().exponent)  # type: ignore[arg-type]
    return value.quantize(Decimal("0.000001"), ROUND_HALF_UP).quantize(places, ROUND_HALF_UP)
