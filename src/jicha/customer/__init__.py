"""All that the tables of one data version know of one customer, area or feeder, section by section (360°)."""

from jicha.customer.bills import BillBeside
from jicha.customer.curve import Curve, CurveDay
from jicha.customer.grid import AreaView, Change, Changes, FeederView, Gap, GridView, Loss, UnknownGrid
from jicha.customer.reader import Reader, UnknownCustomer
from jicha.customer.view import SECTIONS, CustomerView, Section

__all__ = [
    "SECTIONS", "AreaView", "BillBeside", "Change", "Changes", "Curve", "CurveDay", "CustomerView", "FeederView", "Gap",
    "GridView", "Loss", "Reader", "Section", "UnknownCustomer", "UnknownGrid",
]  # fmt: skip
