"""All that the tables of one data version know of one customer, section by section (360°)."""

from jicha.customer.bills import BillBeside
from jicha.customer.curve import Curve, CurveDay
from jicha.customer.reader import Reader, UnknownCustomer
from jicha.customer.view import SECTIONS, CustomerView, Section

__all__ = ["SECTIONS", "BillBeside", "Curve", "CurveDay", "CustomerView", "Reader", "Section", "UnknownCustomer"]
