"""Wrong wirings against phasors added numerically, and against the factors of textbooks."""

from __future__ import annotations

import cmath
import math
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from jicha.calculators import find
from jicha.calculators.wiring import named_faults
from jicha.errors import BadInput

PHASES = {"a": 0.0, "b": -120.0, "c": 120.0}


def phasor(degrees: float, size: float = 1.0) -> complex:
    return cmath.rect(size, math.radians(degrees))


def numeric_share(system: str, elements: list[Any], phi: float) -> float:
    """What the meter shows over the truth, by complex numbers of unit phase voltages and currents."""
    power = 0.0
    for voltage, current, *scale in elements:
        if "0" in (voltage, current):
            continue
        ends = [phasor(PHASES[p]) for p in voltage]
        tension = ends[0] - ends[1] if len(ends) == 2 else ends[0]
        flow = phasor(PHASES[current.lstrip("-")] - phi) * (-1 if current[0] == "-" else 1)
        power += (tension * flow.conjugate()).real * float(scale[0] if scale else 1)
    return power / (3 * math.cos(math.radians(phi)))


@pytest.mark.parametrize("phi", [-20.0, 10.0, 25.0, 40.0])
@pytest.mark.parametrize(("system", "name"), [(s, n) for s, faults in named_faults().items() for n in faults])
def test_share_is_that_of_the_phasors(system: str, name: str, phi: float) -> None:
    expected = numeric_share(system, named_faults()[system][name]["elements"], phi)
    content = {
        "correction": {"kind": "wiring", "system": system, "fault": name, "phi_degrees": Decimal(str(phi))},
        "recorded_kwh": 1000 if expected > 0 else -1000,  # which way such a meter runs
    }
    if abs(expected) < 1e-12:
        with pytest.raises(BadInput, match="metering_normal_month"):
            find("metering_correction").from_json(content)
        return
    found = find("metering_correction").from_json(content)
    assert float(found.values["recorded_share"].exact) == pytest.approx(expected, abs=1e-9)
    assert float(found.values["correction_factor"].exact) == pytest.approx(1 / expected, rel=1e-6)


@pytest.mark.parametrize(
    ("fault", "factor"),
    [
        ("voltage_a_lost", lambda t: 2 / (1 + t / math.sqrt(3))),
        ("voltage_c_lost", lambda t: 2 / (1 - t / math.sqrt(3))),
        ("voltage_b_lost", lambda t: 2),
        ("current_a_reversed", lambda t: math.sqrt(3) / t),
        ("both_currents_reversed", lambda t: -1),
    ],
)
def test_textbook_factors(fault: str, factor: Any) -> None:
    content = {"correction": {"kind": "wiring", "system": "3p3w", "fault": fault, "power_factor": "0.8"}}
    found = find("metering_correction").from_json(content)
    assert float(found.values["correction_factor"].exact) == pytest.approx(factor(0.75), rel=1e-9)


def test_phases_agree_with_wiring() -> None:
    def factor(correction: dict[str, Any]) -> Decimal:
        return find("metering_correction").from_json({"correction": correction}).values["correction_factor"].exact

    lost = {"kind": "wiring", "system": "3p4w", "fault": "two_currents_lost"}
    assert factor({"kind": "phases", "lost_phases": 2}) == factor(lost) == 3
    states = [{"current_share": -1}, {}, {}]
    assert factor({"kind": "phases", "reversed_phases": 1}) == factor({"kind": "phase_shares", "states": states}) == 3


TERM = st.fixed_dictionaries(
    {
        "factor": st.sampled_from(["-2", "-1", "0.5", "1", "3"]),
        "root3": st.booleans(),
        "function": st.sampled_from(["cos", "sin"]),
        "degrees": st.integers(-12, 12).map(lambda step: 30 * step),
        "phi": st.sampled_from(["plus", "minus"]),
    }
)


@given(st.lists(TERM, min_size=1, max_size=3), st.sampled_from(["3p3w", "3p4w"]), st.integers(-60, 60))
def test_an_expression_is_what_its_terms_come_to(terms: list[dict[str, Any]], system: str, phi: int) -> None:
    """Against the same sum in binary floats."""
    wrong = sum(
        float(t["factor"])
        * (math.sqrt(3) if t["root3"] else 1)
        * getattr(math, t["function"])(math.radians(t["degrees"] + (phi if t["phi"] == "plus" else -phi)))
        for t in terms
    )
    right = (math.sqrt(3) if system == "3p3w" else 3) * math.cos(math.radians(phi))
    assume(abs(wrong) > 1e-3)
    given_ = {"correction": {"kind": "expression", "system": system, "wrong": terms, "phi_degrees": phi}}
    found = find("metering_correction").from_json(given_)
    assert float(found.values["recorded_share"].exact) == pytest.approx(wrong / right, abs=1e-8)
