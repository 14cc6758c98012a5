"""Faults of reading, billing and collection, RC001 to RC021."""

from jicha.sandbox.faults.reading_billing_collection import (
    bills,
    collected,
    estimates,
    indexes,
    money,
    readers,
    usage,
)
from jicha.sandbox.faults.reading_billing_collection.indexes import exchanged
from jicha.sandbox.faults.reading_billing_collection.money import far_areas
from jicha.sandbox.faults.reading_billing_collection.readers import by_readers, editors, villages
from jicha.sandbox.faults.reading_billing_collection.usage import empty_estates

__all__ = ["AFTERWARDS", "BEFOREHAND", "bills", "collected", "estimates", "indexes", "money", "readers", "usage"]

BEFOREHAND = [villages]  # need many of one kind together
AFTERWARDS = [empty_estates, editors, by_readers, far_areas, exchanged]  # need to know what else was planted
