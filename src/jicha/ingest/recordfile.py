"""The records of a text file as a Parquet file: line_ and c0, c1, … as text, an empty field as NULL."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.parquet as pq


class RecordFile:
    """A Parquet file that is written block by block."""

    def __init__(self, path: Path, fields: int) -> None:
        self._names = [f"c{i}" for i in range(fields)]
        self._schema = pa.schema([("line_", pa.int64()), *((name, pa.string()) for name in self._names)])
        # read once and whole: neither dictionaries nor statistics would pay
        self._writer = pq.ParquetWriter(
            path, self._schema, compression="snappy", use_dictionary=False, write_statistics=False
        )
        self._odd: list[tuple[int, list[str]]] = []
        self._convert = pacsv.ConvertOptions(
            column_types=dict.fromkeys(self._names, pa.string()),
            strings_can_be_null=True,
            null_values=[""],
            check_utf8=False,
        )

    def __enter__(self) -> RecordFile:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None and self._odd:
            numbers = pa.array([number for number, _ in self._odd], pa.int64())
            columns = zip(*(fields for _, fields in self._odd), strict=True)
            self._write(numbers, [pa.array([cell or None for cell in column], pa.string()) for column in columns])
        self._writer.close()

    def add(self, numbers: np.ndarray[Any, np.dtype[np.int64]], data: bytes, delimiter: str) -> None:
        """Add records without quotes and line ends in their fields: one line each, UTF-8, and their line numbers.

        Every line has as many fields as the file; the caller has looked.
        """
        if not data:
            return
        table = pacsv.read_csv(
            pa.py_buffer(data),
            read_options=pacsv.ReadOptions(column_names=self._names, use_threads=False, block_size=len(data)),
            parse_options=pacsv.ParseOptions(
                delimiter=delimiter, quote_char=False, escape_char=False, ignore_empty_lines=False
            ),
            convert_options=self._convert,
        )
        self._write(pa.array(numbers, pa.int64()), [column.combine_chunks() for column in table.columns])

    def add_fields(self, number: int, fields: list[str]) -> None:
        """Add a record some field of which contains a line end."""
        self._odd.append((number, fields))

    def _write(self, numbers: pa.Array, columns: list[pa.Array]) -> None:
        self._writer.write_table(pa.Table.from_arrays([numbers, *columns], schema=self._schema))
