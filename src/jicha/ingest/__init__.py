"""Source files to validated tables: decode, recognise, parse, check, reconcile, merge."""

from jicha.ingest.load import load
from jicha.ingest.merge import Replace
from jicha.ingest.result import LoadResult, TableResult

__all__ = ["LoadResult", "Replace", "TableResult", "load"]
