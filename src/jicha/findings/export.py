"""Findings as a file: Parquet, CSV or a workbook, with the same columns and values; written aside, then renamed."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.parquet as pq
import xlsxwriter

from jicha.catalog.files import specialties, vocabulary
from jicha.errors import BadInput
from jicha.findings.read import COLUMNS, DEFAULT_SORT, Filter, Ledger
from jicha.findings.words import word
from jicha.language import Language, Text
from jicha.warehouse.cells import harmless
from jicha.warehouse.machine import failure_of

SHEET_ROWS = 1_000_000  # Excel ends at 1,048,576
_CELL_CHARACTERS = 32_767
_MONEY = pa.decimal128(18, 2)
_TYPES = {"amount_yuan": _MONEY, "energy_kwh": pa.decimal128(14, 2)} | dict.fromkeys(
    ("period", "first_seen_on", "last_hit_on", "judged_on", "whitelisted_until"), pa.date32()
)
SCHEMA = pa.schema([(name, _TYPES.get(name, pa.string())) for name in COLUMNS])
_WIDTHS = {"reason": 60, "evidence": 40, "basis": 40, "remedy": 36, "org_path": 36, "key": 26, "rule_name": 30}


@contextmanager
def written_aside(out: Path) -> Iterator[Path]:
    """Yield a path beside `out` that becomes `out` when all went well, and is removed otherwise."""
    aside = out.with_name(f".{out.name}.{os.getpid()}.tmp")
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        yield aside
        aside.replace(out)
    except (OSError, xlsxwriter.exceptions.FileCreateError) as error:
        kept = Text("原有文件未改动", "nothing was replaced")
        raise failure_of(error, doing=Text("写文件", "writing the file"), place=out, unchanged=kept) from error
    finally:
        with suppress(OSError):
            aside.unlink(missing_ok=True)


def _write_parquet(path: Path, batches: Iterator[pa.RecordBatch], ledger: Ledger) -> int:
    rows = 0
    facts = {"jicha_run": ledger.run.run_id, "jicha_as_of": ledger.run.as_of.isoformat()}
    with pq.ParquetWriter(path, SCHEMA.with_metadata(facts), compression="zstd") as writer:
        for batch in batches:
            writer.write_batch(batch)
            rows += batch.num_rows
    return rows


def _write_csv(path: Path, batches: Iterator[pa.RecordBatch]) -> int:
    rows = 0
    with path.open("wb") as file:
        file.write(b"\xef\xbb\xbf")
        with pacsv.CSVWriter(file, SCHEMA) as writer:
            for batch in batches:
                safe = [harmless(column) for column in batch.columns]
                writer.write_batch(pa.RecordBatch.from_arrays(safe, schema=SCHEMA))
                rows += batch.num_rows
    return rows


class Book:
    """A workbook whose text is never taken for a formula or a link."""

    def __init__(self, path: Path) -> None:
        options = {
            "constant_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
        }
        self._book = xlsxwriter.Workbook(str(path), options)
        self.head = self._book.add_format({"bold": True, "bg_color": "#E8EEF6", "bottom": 1, "valign": "vcenter"})
        self.title = self._book.add_format({"bold": True, "font_size": 14})
        self.wrap = self._book.add_format({"text_wrap": True, "valign": "top"})
        self._formats = {
            Decimal: self._book.add_format({"num_format": "#,##0.00"}),
            date: self._book.add_format({"num_format": "yyyy-mm-dd"}),
            int: self._book.add_format({"num_format": "#,##0"}),
        }

    def close(self) -> None:
        """Write the file."""
        self._book.close()

    def sheet(self, name: str, widths: list[float]) -> Any:
        """Add a sheet with column widths."""
        sheet = self._book.add_worksheet(name)
        for index, width in enumerate(widths):
            sheet.set_column(index, index, width)
        return sheet

    def table(self, name: str, heads: list[str], widths: list[float]) -> Any:
        """Add a sheet whose first row is a frozen head."""
        sheet = self.sheet(name, widths)
        sheet.freeze_panes(1, 0)
        for index, head in enumerate(heads):
            sheet.write_string(0, index, head, self.head)
        return sheet

    def cell(self, sheet: Any, row: int, column: int, value: object, style: Any = None) -> None:
        """Write one value by its type; a number beyond what Excel holds exactly is written as text."""
        match value:
            case None | "":
                pass
            case Decimal() if abs(value) < 10**13:
                sheet.write_number(row, column, float(value), style or self._formats[Decimal])
            case bool():
                sheet.write_boolean(row, column, value, style)
            case int():
                sheet.write_number(row, column, value, style or self._formats[int])
            case float():
                sheet.write_number(row, column, value, style)
            case date():
                sheet.write_datetime(row, column, value, style or self._formats[date])
            case _:
                text = str(value)
                cut = text if len(text) <= _CELL_CHARACTERS else text[: _CELL_CHARACTERS - 1] + "…"
                sheet.write_string(row, column, cut, style)


def run_facts(ledger: Ledger, language: Language) -> list[tuple[str, object]]:
    """Return what identifies the run, label and value."""
    run = ledger.run
    top = ledger.organisations.top
    return [
        (word("utility", language), top.name if top else ""),
        (word("as_of", language), run.as_of),
        (word("p0", language), run.p0.isoformat()[:7]),
        (word("run_id", language), run.run_id),
        (word("created_at", language), run.created_at.isoformat(sep=" ", timespec="minutes") + " UTC"),
        (word("user", language), run.user),
        (word("data_version", language), run.data_version),
        (word("scope", language), ledger.organisations.name(run.org) if run.org else word("scope_all", language)),
        (word("jicha_version", language), run.jicha_version),
    ]


def _write_xlsx(path: Path, batches: Iterator[pa.RecordBatch], ledger: Ledger, language: Language) -> int:
    book = Book(path)
    rows = 0
    sheet: Any = None
    line = 0
    widths = [_WIDTHS.get(name, 14) for name in COLUMNS]

    def new_sheet() -> Any:
        number = "" if rows == 0 else f" {rows // SHEET_ROWS + 1}"
        return book.table(word("sheet_findings", language) + number, list(COLUMNS), list(widths))

    def finish() -> None:
        sheet.autofilter(0, 0, max(line, 1), len(COLUMNS) - 1)

    sheet = new_sheet()
    for batch in batches:
        for record in batch.to_pylist():
            if line == SHEET_ROWS:
                finish()
                sheet, line = new_sheet(), 0
            line += 1
            rows += 1
            for index, name in enumerate(COLUMNS):
                book.cell(sheet, line, index, record[name])
    finish()
    facts = book.sheet(word("sheet_facts", language), [24, 70])
    content: list[tuple[str, object]] = [*run_facts(ledger, language), (word("rows", language), rows), ("", "")]
    content += [(name, column_word(name, language)) for name in COLUMNS]
    words = vocabulary()
    kinds: list[tuple[str, Mapping[str, Mapping[str, str]]]] = [("specialty", specialties())]
    kinds += [(column, words[column]) for column in ("severity", "class", "subject")]
    kinds += [("state", words["finding_state"])]
    content += [("", "")]
    content += [
        (f"{column} = {code}", entry[language.value]) for column, codes in kinds for code, entry in codes.items()
    ]
    for line, (label, value) in enumerate(content):
        book.cell(facts, line, 0, label, book.head if label else None)
        book.cell(facts, line, 1, str(value) if isinstance(value, int) else value)
    book.close()
    return rows


def column_word(name: str, language: Language) -> str:
    """Return the label of an export column."""
    return word(f"column_{name}", language)


def check_format(out: Path, endings: tuple[str, ...] = (".parquet", ".csv", ".xlsx")) -> str:
    """Return the ending of a file's name; BadInput when it is not one of those known."""
    ending = out.suffix.lower()
    if ending not in endings:
        raise BadInput(
            zh=f"{out} 的格式不支持。文件名应以 {'、'.join(endings)} 之一结尾。",
            en=f"the format of {out.name} is not known; the name should end in one of {', '.join(endings)}",
        )
    return ending


def export_findings(
    ledger: Ledger,
    wanted: Filter,
    out: Path,
    *,
    language: Language,
    unmasked: bool = False,
    sort: str | None = DEFAULT_SORT,
) -> int:
    """Write the selected findings to `out`, by its ending; return how many."""
    ending = check_format(out)
    with written_aside(out) as aside:
        batches = (
            pa.RecordBatch.from_arrays(
                [column.cast(field.type) for column, field in zip(batch.columns, SCHEMA, strict=True)], schema=SCHEMA
            )
            for batch in ledger.batches(wanted, language=language, unmasked=unmasked, sort=sort)
        )
        if ending == ".parquet":
            return _write_parquet(aside, batches, ledger)
        if ending == ".csv":
            return _write_csv(aside, batches)
        return _write_xlsx(aside, batches, ledger, language)
