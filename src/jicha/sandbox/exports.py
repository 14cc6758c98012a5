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
class Folder:
    """The folder being written; small tables are kept until the end, large ones go out part by part."""

    path: Path
    rows: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    _open: dict[Path, BinaryIO] = field(default_factory=dict)
    _kept: dict[str, list[Any]] = field(default_factory=lambda: defaultdict(list))

    def parquet(self, table: str, content: Any, part: str) -> None:
        """Write one part of a large table as Parquet: English names, codes."""
        self.rows[table] += content.num_rows
        pq.write_table(content, self.path / f"{table}_{part}.parquet", compression="zstd", compression_level=3)

    def csv(self, table: str, content: Any, part: str) -> None:
        """Append rows to a Chinese CSV file: labels as header, values as people read them."""
        if not content.num_rows:
            return
        self.rows[table] += content.num_rows
        encoding = "utf-8" if table in _UTF8 else "gb18030"
        path = self.path / (f"{schema()[table].zh}_{part}.csv" if part else f"{schema()[table].zh}.csv")
        begun = path in self._open
        if not begun:
            self._open[path] = path.open("wb")
            if encoding == "utf-8":
                self._open[path].write(b"\xef\xbb\xbf")
        buffer = io.BytesIO()
        pa_csv.write_csv(_readable(table, content), buffer, pa_csv.WriteOptions(include_header=not begun))
        self._open[path].write(buffer.getvalue().decode().encode(encoding))

    def csv_by(self, table: str, content: Any, parts: Any, names: list[str]) -> None:
        """Append rows to one file per part; `parts` holds the position of each row's name."""
        for number, name in enumerate(names):
            at = np.flatnonzero(parts == number)
            if len(at):
                self.csv(table, content.take(pa.array(at)), name)

    def sheet(self, table: str, content: Any) -> None:
        """Keep rows of a small table for its workbook."""
        self._kept[table].append(content)

    def close(self) -> None:
        """Write the workbooks and close all files."""
        for title, tables in WORKBOOKS.items():
            sheets = {}
            for table in tables:
                content = pa.concat_tables(self._kept.pop(table, []), promote_options="default")
                if content.num_rows > _SHEET_ROWS:
                    self.csv(table, content, "")
                elif content.num_rows:
                    self.rows[table] += content.num_rows
                    sheets[table] = content
            if sheets:
                write_workbook(self.path / f"{title}.xlsx", sheets, title=title, indent=1 if len(sheets) > 1 else 0)
        for table, parts in self._kept.items():
            content = pa.concat_tables(parts, promote_options="default")
            self.rows[table] += content.num_rows
            write_workbook(self.path / f"{schema()[table].zh}_高压.xlsx", {table: content}, title=schema()[table].zh)
        for file in self._open.values():
            file.close()


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
