"""The power a wrongly connected three-phase meter shows, as a share of the true power, from the phasors.

One element with voltage at angle α and current at angle β − φ shows U I cos(α − β + φ). With α − β = k · 30° that is
U I cosφ (cos k30° − sin k30° tanφ), so the share of the true power √3 U I cosφ (three wires, line voltages) or
3 U I cosφ (four wires, phase voltages) depends on tanφ alone. Balanced load and voltages are assumed.
"""

from __future__ import annotations

import functools
import math
from decimal import Decimal
from fractions import Fraction
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

from jicha.calculators.exact import SQRT3, Term, root, term, total
from jicha.calculators.inputs import Count, Number, Part, about
from jicha.calculators.problems import exactly_one, needed, only_one
from jicha.calculators.sheet import Sheet
from jicha.catalog.files import catalog_path, read_yaml
from jicha.errors import BadInput
from jicha.language import Text

System = Literal["3p3w", "3p4w"]
_PHASE = {"a": 0, "b": -4, "c": 4}  # in units of 30 degrees
_LINE = {"ab": 1, "bc": -3, "ca": 5, "ba": 7, "cb": 3, "ac": -1}
_HALVES = {0: (2, 0), 1: (0, 1), 2: (1, 0), 3: (0, 0), 4: (-1, 0), 5: (0, -1), 6: (-2, 0)}
"""cos(k · 30°) = (p + q√3) / 2 for k = 0..6."""


@functools.cache
def named_faults() -> dict[str, dict[str, dict[str, Any]]]:
    """Return the wrong wirings by system and name."""
    content: dict[str, dict[str, dict[str, Any]]] = read_yaml(catalog_path("calculators", "wiring.yaml"))
    return content


def _names() -> list[str]:
    return [name for faults in named_faults().values() for name in faults]


def _known(name: str) -> str:
    if name not in _names():
        raise PydanticCustomError("literal_error", "one of the faults", {"expected": ", ".join(_names())})
    return name


Fault = Annotated[str, AfterValidator(_known), WithJsonSchema({"type": "string", "enum": _names()})]


class Element(Part):
    """One measuring element of the meter, as it is wrongly connected."""

    voltage: Annotated[
        Literal["a", "b", "c", "ab", "bc", "ca", "ba", "cb", "ac", "0"],
        about(
            "所接电压：三相四线 a/b/c，三相三线 ab/cb/…，0 为失压", "voltage: a/b/c with four wires, ab/cb/… with three"
        ),
    ]
    current: Annotated[
        Literal["a", "b", "c", "-a", "-b", "-c", "0"],
        about("所接电流，负号为反接，0 为失流", "current, minus: reversed, 0: lost"),
    ]
    voltage_scale: Annotated[Number, about("电压占正常的比例", "voltage over normal", "factor", ge=0)] = Decimal(1)
    current_scale: Annotated[Number, about("电流占正常的比例", "current over normal", "factor", ge=0)] = Decimal(1)


_CAPACITIVE = ("容性", "capacitive")


class LoadAngle(Part):
    """The angle of the load, in one of three ways."""

    power_factor: Annotated[Number | None, about("功率因数", "power factor", "factor", gt=0, le=1)] = None
    tan_phi: Annotated[
        Number | None, about("tanφ，感性为正", "tanφ, inductive positive", "factor", negative=_CAPACITIVE)
    ] = None
    phi_degrees: Annotated[
        Number | None,
        about("功率因数角，感性为正", "angle φ, inductive positive", "°", gt=-90, lt=90, negative=_CAPACITIVE),
    ] = None
    capacitive: Annotated[bool, about("容性（配合 power_factor）", "capacitive (with power_factor)")] = False


class Wiring(LoadAngle):
    """Correction of a wrong wiring by phasors."""

    kind: Literal["wiring"]
    system: Annotated[System, about("三相三线或三相四线", "three or four wires")]
    fault: Annotated[Fault | None, about("常见错误接线的名称", "name of a common wrong wiring")] = None
    elements: Annotated[
        list[Element] | None, about("各元件实际接线", "what each element is connected to", min_length=2, max_length=3)
    ] = None


class PowerTerm(Part):
    """One term of a power: factor × (√3) × U I × cos or sin of an angle."""

    factor: Annotated[
        Number, about("系数，反向为负", "factor, negative: reversed", "factor", negative=("反向", "reversed"))
    ] = Decimal(1)
    root3: Annotated[bool, about("系数另乘 √3", "the factor is multiplied by √3")] = False
    function: Annotated[Literal["cos", "sin"], about("cos 或 sin", "cos or sin")] = "cos"
    degrees: Annotated[
        Count,
        about(
            "角度，30 的倍数",
            "angle, a multiple of 30",
            "°",
            ge=-360,
            le=360,
            multiple_of=30,
            negative=("顺时针", "clockwise"),
        ),
    ] = 0
    phi: Annotated[
        Literal["plus", "minus"], about("φ 的符号：角度 + φ 或 角度 − φ", "sign of φ: angle + φ or angle − φ")
    ] = "plus"


class Expression(LoadAngle):
    """The wrong power is known as an expression in U (between lines with three wires, else of a phase), I and φ."""

    kind: Literal["expression"]
    system: Annotated[
        System, about("三相三线或三相四线，定正确功率 √3UIcosφ 或 3UIcosφ", "right power: 3p3w √3UIcosφ, 3p4w 3UIcosφ")
    ]
    wrong: Annotated[
        list[PowerTerm],
        about("错误接线功率的各项，相加", "terms of the wrong power, summed", min_length=1, max_length=6),
    ]


def tan_of(sheet: Sheet, given: LoadAngle) -> Term | None:
    """Return tanφ; None where it was not given. Degrees enter by the binary sine of the machine, to 12 decimals."""
    ways = [n for n in ("power_factor", "tan_phi", "phi_degrees") if getattr(given, n) is not None]
    if len(ways) > 1:
        raise only_one(sheet.calculator, *ways)
    if given.tan_phi is not None:
        return sheet.given("tan_phi", given)
    if given.phi_degrees is not None:
        return term(Decimal(f"{math.tan(math.radians(given.phi_degrees)):.12f}"), Text("tanφ", "tanφ"))
    if given.power_factor is None:
        return None
    factor = sheet.given("power_factor", given)
    sine = root(1 - factor * factor)
    tangent = -(sine / factor) if given.capacitive else sine / factor
    return sheet.figure("tan_phi", "tanφ", "tanφ", "factor", tangent)


def _cosine(steps: int) -> tuple[Fraction, Fraction]:
    """Return p, q with cos(steps · 30°) = p + q√3."""
    k = steps % 12
    p, q = _HALVES[min(k, 12 - k)]
    return Fraction(p, 2), Fraction(q, 2)


def _elements(sheet: Sheet, given: Wiring) -> list[Element]:
    if (given.fault is None) == (given.elements is None):
        raise exactly_one(sheet.calculator, given, "fault", "elements")
    if given.elements is not None:
        found = given.elements
    else:
        faults = named_faults()[given.system]
        if given.fault not in faults:
            raise BadInput(
                zh=f"{sheet.calculator}：{given.system} 没有接线 {given.fault}，应为 {', '.join(faults)} 之一。",
                en=f"{sheet.calculator}: {given.system} has no wiring {given.fault}; one of {', '.join(faults)}",
            )
        found = [
            Element(voltage=e[0], current=e[1], voltage_scale=Decimal(e[2]) if len(e) > 2 else Decimal(1))
            for e in faults[given.fault]["elements"]
        ]
    voltages = _LINE if given.system == "3p3w" else _PHASE
    if len(found) != (2 if given.system == "3p3w" else 3) or any(e.voltage not in {*voltages, "0"} for e in found):
        raise BadInput(
            zh=f"{sheet.calculator}：{given.system} 应有 {2 if given.system == '3p3w' else 3} 个元件，"
            f"电压为 {'、'.join(voltages)} 或 0。",
            en=f"{sheet.calculator}: {given.system} has {2 if given.system == '3p3w' else 3} elements "
            f"with voltages {', '.join(voltages)} or 0",
        )
    return found


def shown_share(sheet: Sheet, given: Wiring) -> Term:
    """Return what the meter shows over the true energy, as a term; negative: it runs backwards."""
    elements = _elements(sheet, given)
    voltages = _LINE if given.system == "3p3w" else _PHASE
    cosines, sines = (Fraction(0), Fraction(0)), (Fraction(0), Fraction(0))
    for element in elements:
        if element.voltage == "0" or element.current == "0":
            continue
        scale = Fraction(element.voltage_scale) * Fraction(element.current_scale)
        steps = (
            voltages[element.voltage] - _PHASE[element.current.lstrip("-")] + (6 if element.current[0] == "-" else 0)
        )
        cosines = _plus(cosines, _cosine(steps), scale)
        sines = _plus(sines, _cosine(steps - 3), scale)  # sin x = cos(x − 90°)
    return _over_right(sheet, given, given.system, cosines, sines)


def expressed_share(sheet: Sheet, given: Expression) -> Term:
    """Return the wrong power of an expression over the right power, as a term."""
    cosines, sines = (Fraction(0), Fraction(0)), (Fraction(0), Fraction(0))
    for item in given.wrong:
        steps = item.degrees // 30 - (3 if item.function == "sin" else 0)  # sin x = cos(x − 90°)
        if item.phi == "minus":  # cos(α − φ) = cos(φ − α); sin(α − φ) = cos(α − 90° − φ), likewise
            steps = -steps
        scale = Fraction(item.factor)
        cosine, sine = _cosine(steps), _cosine(steps - 3)
        if item.root3:
            cosine, sine = (3 * cosine[1], cosine[0]), (3 * sine[1], sine[0])
        cosines, sines = _plus(cosines, cosine, scale), _plus(sines, sine, scale)
    return _over_right(sheet, given, given.system, cosines, sines)


def _over_right(
    sheet: Sheet, given: LoadAngle, system: System, cosines: tuple[Fraction, Fraction], sines: tuple[Fraction, Fraction]
) -> Term:
    """Return (Σ cos − Σ sin · tanφ) over the factor of the right power; each sum is p + q√3."""
    right = SQRT3 if system == "3p3w" else term(3)
    parts = [_surd(cosines)]
    if sines != (Fraction(0), Fraction(0)):
        tangent = tan_of(sheet, given)
        if tangent is None:
            raise needed(sheet.calculator, "power_factor", "tan_phi", "phi_degrees")
        parts.append(_surd((-sines[0], -sines[1])) * tangent)
    if parts[0].value == 0 and len(parts) > 1:
        parts = parts[1:]
    return total(parts) / right


def _plus(
    sum_: tuple[Fraction, Fraction], more: tuple[Fraction, Fraction], scale: Fraction
) -> tuple[Fraction, Fraction]:
    return sum_[0] + more[0] * scale, sum_[1] + more[1] * scale


def _surd(parts: tuple[Fraction, Fraction]) -> Term:
    plain, roots = parts
    if roots == 0:
        return term(plain)
    multiple = SQRT3 if roots == 1 else term(roots) * SQRT3
    return multiple if plain == 0 else term(plain) + multiple
