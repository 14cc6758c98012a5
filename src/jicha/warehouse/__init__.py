"""The stored tables of a data folder: Delta tables, one manifest per data-set version, one lock."""

from jicha.warehouse.manifest import Manifest, TableVersion
from jicha.warehouse.store import Snapshot, Warehouse

__all__ = ["Manifest", "Snapshot", "TableVersion", "Warehouse"]
