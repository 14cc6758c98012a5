"""How a voltage of three phases is given: between lines (380 V) or to neutral (220 V)."""

from __future__ import annotations

from typing import Annotated, Literal

from jicha.calculators.exact import SQRT3, Term, term
from jicha.calculators.inputs import about

VoltageBetween = Annotated[
    Literal["lines", "phase_neutral"],
    about(
        "三相电压所指：lines 线电压（如 380V），phase_neutral 相电压（如 220V）",
        "what a voltage of three phases is: between lines (380 V), or phase to neutral (220 V)",
    ),
]

PHASES: dict[str, Term] = {"lines": SQRT3, "phase_neutral": term(3)}
"""By what voltage × current is multiplied for the apparent power of three balanced phases."""
