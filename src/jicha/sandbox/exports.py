"""Writing the sandbox as the files of a utility's systems: GB18030 CSV, workbooks, Parquet."""

from __future__ import annotations

import io
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from jicha.catalog.schema import Column, schema
from jicha.language import Language
from jicha.sandbox.workbook import write_workbook

_DATE_STYLES = {"dash": "%Y-%m-%d", "slash": "%Y/%m/%d", "plain": "%Y%m%d"}
_STYLE_OF = {"meter": "plain", "instrument_transformer": "plain", "bill": "slash", "metering_point": "slash"}
_UTF8 = {"ami_meter"}  # comes from another system
WORKBOOKS = {
    "组织与网点": ["organization", "staff", "outlet"],
    "电网档案": ["feeder", "area", "pms_area"],
    "电价表": ["tariff", "tariff_tier", "tariff_component", "pf_adjustment", "transformer_loss"],
    "业务费用与退补": ["service_fee", "adjustment", "field_test", "usage_inspection"],
    "科目余额": ["ledger"],
    "自备电源": ["self_generator", "transformer_status"],
}
_SHEET_ROWS = 60_000  # larger ones are written as CSV


@dataclass
class Share:
    """What one part of the city gives: large tables as Parquet at once, the rest to be put together with the others."""

    path: Path
    rows: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    csvs: dict[tuple[str, str], bytearray] = field(default_factory=dict)  # table, part -> a header and rows
    sheets: dict[str, list[Any]] = field(default_factory=lambda: defaultdict(list))

    def __getstate__(self) -> dict[str, Any]:
        """Return what goes from the process of a part to that of the city."""
        return {**self.__dict__, "rows": dict(self.rows), "sheets": dict(self.sheets)}

    def parquet(self, table: str, content: Any, part: str) -> None:
        """Write one part of a large table as Parquet: English names, codes."""
        self.rows[table] += content.num_rows
        pq.write_table(content, self.path / f"{table}_{part}.parquet", compression="zstd", compression_level=3)

    def csv(self, table: str, content: Any, part: str) -> None:
        """Add rows to a Chinese CSV file: labels as header, values as people read them."""
        if not content.num_rows:
            return
        self.rows[table] += content.num_rows
        begun = self.csvs.setdefault((table, part), bytearray())
        buffer = io.BytesIO()
        pa_csv.write_csv(_readable(table, content), buffer, pa_csv.WriteOptions(include_header=not begun))
        begun += buffer.getvalue().decode().encode(_encoding(table))

    def csv_by(self, table: str, content: Any, parts: Any, names: list[str]) -> None:
        """Add rows to one file per part; `parts` holds the position of each row's name."""
        for number, name in enumerate(names):
            at = np.flatnonzero(parts == number)
            if len(at):
                self.csv(table, content.take(pa.array(at)), name)

    def sheet(self, table: str, content: Any) -> None:
        """Keep rows of a small table for its workbook."""
        self.sheets[table].append(content)


@dataclass
class Folder:
    """The folder being written: shares are added in the order of their parts, workbooks come at the end."""

    path: Path
    rows: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    _open: dict[tuple[str, str], tuple[BinaryIO, bytes]] = field(default_factory=dict)  # with the header it has
    _kept: dict[str, list[Any]] = field(default_factory=lambda: defaultdict(list))

    def add(self, share: Share) -> None:
        """Append what one part gave; its Parquet files are here already."""
        for table, count in share.rows.items():
            self.rows[table] += count
        for key, content in share.csvs.items():
            header, _, rows = bytes(content).partition(b"\n")  # no name of a column holds a line break
            file, before = self._open.get(key) or self._begin(*key, header)
            if header != before:
                raise ValueError(f"{file.name}: {header!r} follows {before!r}")
            file.write(rows)
        for table, parts in share.sheets.items():
            self._kept[table] += parts

    def _begin(self, table: str, part: str, header: bytes) -> tuple[BinaryIO, bytes]:
        zh = schema()[table].zh
        file = (self.path / (f"{zh}_{part}.csv" if part else f"{zh}.csv")).open("wb")
        self._open[table, part] = file, header
        file.write((b"\xef\xbb\xbf" if table in _UTF8 else b"") + header + b"\n")
        return file, header

    def close(self) -> None:
        """Write the workbooks and close all files."""
        rest = Share(self.path)
        for title, tables in WORKBOOKS.items():
            sheets = {}
            for table in tables:
                content = pa.concat_tables(self._kept.pop(table, []), promote_options="default")
                if content.num_rows > _SHEET_ROWS:
                    rest.csv(table, content, "")
                elif content.num_rows:
                    self.rows[table] += content.num_rows
                    sheets[table] = content
            if sheets:
                write_workbook(self.path / f"{title}.xlsx", sheets, title=title, indent=1 if len(sheets) > 1 else 0)
        for table, parts in self._kept.items():
            content = pa.concat_tables(parts, promote_options="default")
            self.rows[table] += content.num_rows
            write_workbook(self.path / f"{schema()[table].zh}_高压.xlsx", {table: content}, title=schema()[table].zh)
        self.add(rest)
        for file, _ in self._open.values():
            file.close()


def _encoding(table: str) -> str:
    return "utf-8" if table in _UTF8 else "gb18030"


def _readable(table: str, content: Any) -> Any:
    columns = [schema()[table].columns[name] for name in content.column_names]
    style = _DATE_STYLES[_STYLE_OF.get(table, "dash")]
    values = [_text(column, content.column(at), style) for at, column in enumerate(columns)]
    return pa.table(values, names=[column.zh for column in columns])


def _text(column: Column, values: Any, style: str) -> Any:
    if column.labels:
        encoded = values.combine_chunks().dictionary_encode()
        labels = [column.value_label(code, Language.ZH) for code in encoded.dictionary.to_pylist()]
        return pa.array(labels, type=pa.string()).take(encoded.indices)
    if column.type == "date":
        return _days(values.combine_chunks(), style)
    if column.type == "timestamp":
        return values.cast(pa.timestamp("s"))
    if column.type == "bool":
        return pc.if_else(values, "是", "否")
    if column.decimal and column.name.endswith("_yuan"):
        return _grouped(values.combine_chunks())
    return values


def _days(values: Any, style: str) -> Any:
    encoded = values.dictionary_encode()
    words = [day.strftime(style) for day in encoded.dictionary.to_pylist()]
    if style == _DATE_STYLES["slash"]:  # 2026/1/5, as spreadsheets write it
        words = [f"{day.year}/{day.month}/{day.day}" for day in encoded.dictionary.to_pylist()]
    return pa.array(words, type=pa.string()).take(encoded.indices)


def _grouped(values: Any) -> Any:
    """Amounts from a thousand up get separators."""
    words = values.cast(pa.string())
    large = pc.fill_null(pc.greater_equal(pc.abs(values), 1000), False)
    at = np.flatnonzero(large.to_numpy(zero_copy_only=False))
    if not len(at):
        return words
    grouped = [f"{value:,.2f}" for value in values.take(pa.array(at)).to_pylist()]
    return pc.replace_with_mask(words, large, pa.array(grouped, type=pa.string()))
