"""The 360° view of a customer, and the one reader per process and data version."""

from __future__ import annotations

import threading
from collections.abc import Collection, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from jicha.billing.words import BillView, view
from jicha.catalog.mask import mask
from jicha.catalog.reason import show_value
from jicha.catalog.schema import schema
from jicha.customer import SECTIONS, BillBeside, Curve, CurveDay, CustomerView, Reader, Section, UnknownCustomer
from jicha.customer.view import AreaLoss
from jicha.language import Language, Text, capital
from jicha.warehouse.manifest import read_manifest

__all__ = [
    "SECTIONS", "AreaLoss", "BillBeside", "BillView", "Curve", "CurveDay", "CustomerView", "Section", "UnknownCustomer",
    "bill_in_words", "column_text", "customer_view", "is_quantity", "reader_of", "table_label", "value_text",
]  # fmt: skip

_lock = threading.Lock()
_readers: dict[Path, Reader] = {}


def customer_view(data: Path, customer_id: str, *, as_of: date, orgs: Collection[str] | None) -> CustomerView:
    """Return the view of a customer on the current data; UnknownCustomer where it lies in none of `orgs`."""
    return CustomerView(reader_of(data), customer_id, as_of, orgs)


def reader_of(data: Path) -> Reader:
    """Return the one reader of the newest data version."""
    version = read_manifest(data).version
    with _lock:
        reader = _readers.get(data)
        if reader is None or reader.version != version:
            reader = _readers[data] = Reader(data)
    return reader


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
