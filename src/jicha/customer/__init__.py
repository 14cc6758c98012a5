"""All that the tables of one data version know of a customer, area, feeder or member of staff, section by section."""

from jicha.customer.bills import BillBeside
from jicha.customer.curve import Curve, CurveDay
from jicha.customer.grid import AreaView, Change, Changes, FeederView, Gap, GridView, Loss, UnknownGrid
from jicha.customer.reader import Reader, UnknownCustomer
from jicha.customer.staff import STAFF_SECTIONS, StaffView
from jicha.customer.view import SECTIONS, CustomerView, Section

__all__ = [
    "SECTIONS", "STAFF_SECTIONS", "AreaView", "BillBeside", "Change", "Changes", "Curve", "CurveDay", "CustomerView",
    "FeederView", "Gap", "GridView", "Loss", "Reader", "Section", "StaffView", "UnknownCustomer", "UnknownGrid",
]  # fmt: skip
