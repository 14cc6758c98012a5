"""A tariff of any country as data: read it, compute a bill with it.

`compute(read_tariff({"items": […]}, "tariff"), {"kwh": Decimal(900)})`; what an item can be: `generic_compute.Item`.
"""

from jicha.billing.generic_compute import GenericBill, GenericTariff, Item, Rounding, block_parts, compute
from jicha.billing.generic_data import read_tariff

__all__ = ["GenericBill", "GenericTariff", "Item", "Rounding", "block_parts", "compute", "read_tariff"]
