"""The 360° view of a customer, and the one reader per process and data version."""

from __future__ import annotations

import threading
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

from jicha.billing.words import BillView, view
from jicha.catalog.mask import mask
from jicha.catalog.reason import show_value
from jicha.catalog.schema import schema
from jicha.customer import (
    SECTIONS,
    STAFF_SECTIONS,
    BillBeside,
    Curve,
    CurveDay,
    CustomerView,
    Reader,
    Section,
    StaffView,
    UnknownCustomer,
)
from jicha.customer.view import AreaLoss
from jicha.errors import BadInput, MachineFailure
from jicha.language import Language, Text, capital
from jicha.warehouse.manifest import read_manifest

__all__ = [
    "SECTIONS", "STAFF_SECTIONS", "AreaLoss", "Belongs", "BillBeside", "BillView", "Curve", "CurveDay", "CustomerView",
    "Section", "UnknownCustomer", "as_stored", "bill_in_words", "column_text", "customer_view", "is_quantity",
    "reader_of", "staff_view", "table_label", "value_text", "whose",
]  # fmt: skip

_lock = threading.Lock()
_readers: dict[Path, Reader] = {}


def customer_view(data: Path, customer_id: str, *, as_of: date, orgs: Collection[str] | None) -> CustomerView:
    """Return the view of a customer on the current data; UnknownCustomer where it lies in none of `orgs`."""
    return CustomerView(reader_of(data), customer_id, as_of, orgs)


def staff_view(data: Path, staff_id: str, *, as_of: date, orgs: Collection[str] | None) -> StaffView:
    """Return the view of a member of staff; rows of customers who lie in none of `orgs` are left out."""
    return StaffView(reader_of(data), staff_id, as_of, orgs)


def reader_of(data: Path) -> Reader:
    """Return the one reader of the newest data version."""
    version = read_manifest(data).version
    with _lock:
        reader = _readers.get(data)
        if reader is None or reader.version != version:
            reader = _readers[data] = Reader(data)
    return reader


_NUMBERED = (
    ("customer", "customer_id"), ("metering_point", "point_id"), ("meter", "meter_id"), ("ami_meter", "meter_id"),
    ("area", "area_id"), ("feeder", "feeder_id"),
)  # fmt: skip


def as_stored(data: Path, number: str) -> tuple[str, ...]:
    """Return a number as the data write it, whatever its letters' size; nothing where they do not know it.

    It goes through whole columns: to be asked for numbers with letters only, and remembered for a data version.
    """
    try:
        reader = reader_of(data)
    except (BadInput, MachineFailure):
        return ()
    return _as_stored(reader, number.upper())


@lru_cache(maxsize=256)
def _as_stored(reader: Reader, number: str) -> tuple[str, ...]:
    found = (name for table, column in _NUMBERED for name in reader.spellings(table, column, number))
    return tuple(dict.fromkeys(found))


@dataclass(frozen=True)
class Belongs:
    """A metering point or meter by its number, and the customer whose it is."""

    kind: str  # metering_point, meter
    number: str
    customer_id: str


def whose(data: Path, numbers: Collection[str]) -> list[Belongs]:
    """Return the points and meters of some numbers with their customers; those without a customer are left out."""
    reader = reader_of(data)
    points = {number: ("metering_point", number) for number in numbers}
    columns = ("meter_id", "point_id")
    for table in ("meter", "ami_meter"):  # the collection system knows meters that the files do not
        for row in reader.rows(table, "meter_id", numbers, columns=columns, order="meter_id, point_id"):
            if row["point_id"]:
                points.setdefault(row["point_id"], ("meter", row["meter_id"]))
    columns = ("point_id", "customer_id")
    rows = reader.rows("metering_point", "point_id", points, columns=columns, order="point_id")
    return [Belongs(*points[row["point_id"]], row["customer_id"]) for row in rows if row["customer_id"]]


def bill_in_words(item: BillBeside, language: Language) -> BillView:
    """Return a bill beside its recomputation in words."""
    return view(item.explanation, language)


def table_label(table: str) -> Text:
    """Return the label of a canonical table."""
    found = schema()[table]
    return Text(found.label(Language.ZH), found.label(Language.EN))


def column_text(table: str, column: str) -> Text:
    """Return the label of a column where it heads a value: in English it begins with a capital."""
    found = schema()[table].columns[column]
    return Text(found.label(Language.ZH), capital(found.label(Language.EN)))


def is_quantity(table: str, column: str) -> bool:
    """Whether a column holds amounts or quantities, which stand under each other by their units."""
    found = schema()[table].columns[column]
    return found.type.startswith(("decimal", "int", "float", "double")) and not found.labels


def value_text(table: str, column: str, row: Mapping[str, Any], *, unmasked: bool = False) -> Text:
    """Return a value of a row in words: labels for codes, personal values masked unless `unmasked`."""
    found = schema()[table].columns[column]
    value = row[column]
    if value is not None and found.labels:
        return Text(*(found.value_label(str(value), language) for language in (Language.ZH, Language.EN)))
    if value is not None and found.personal and not unmasked:
        value = mask(column, str(value))
    if value is not None and column.endswith("yuan") and is_quantity(table, column):
        return Text(f"{value:,.2f}", f"{value:,.2f}")
    return Text(*(show_value(column, value, {}, language) for language in (Language.ZH, Language.EN)))
