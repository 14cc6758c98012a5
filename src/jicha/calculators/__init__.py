"""Calculators for what an inspector claims, refunds or checks; each gives named results, steps, clauses and warnings.

`calculators()` lists them, `find(name).from_json({...})` calculates from decoded JSON, and each is a typed function:
`jicha.calculators.theft.theft_equipment(TheftEquipment(capacity_kw=Decimal(2), …))`.
"""

from jicha.calculators import (
    agency,
    breach,
    capacity,
    energy,
    late_payment,
    load,
    loss,
    meter_check,
    metering,
    power_factor,
    rates,
    refund,
    settlement,
    tariff,
    theft,
    whole_bill,
)
from jicha.calculators.registry import Calculator, calculators, find
from jicha.calculators.sheet import Result

__all__ = [
    "Calculator",
    "Result",
    "agency",
    "breach",
    "calculators",
    "capacity",
    "energy",
    "find",
    "late_payment",
    "load",
    "loss",
    "meter_check",
    "metering",
    "power_factor",
    "rates",
    "refund",
    "settlement",
    "tariff",
    "theft",
    "whole_bill",
]
