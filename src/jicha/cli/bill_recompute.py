"""`jicha bill recompute`: all bills of a data folder, period by period."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import asdict
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Protocol

import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.parquet as pq
import typer
import xlsxwriter
from rich.table import Table

from jicha.billing.many import (
    COMPONENTS,
    MODEL,
    PeriodSummary,
    open_session,
    periods_with_bills,
    recompute_periods,
    summary_of,
)
from jicha.billing.words import word
from jicha.cli.common import (
    DataArgument,
    JsonOption,
    LangOption,
    MemoryOption,
    existing_folder,
    loaded,
    messages,
    now,
    output,
    print_json,
    progress,
)
from jicha.engine.session import Session
from jicha.engine.source import StoredTables
from jicha.errors import BadInput
from jicha.findings.export import check_format, written_aside
from jicha.language import Language
from jicha.warehouse.cells import SHEET_ROWS, harmless

_MONTHS = ["%Y-%m", "%Y-%m-%d"]


def recompute_command(
    data: DataArgument,
    *,
    first: Annotated[datetime | None, typer.Option("--from", formats=_MONTHS, help="起始账期 first period")] = None,
    last: Annotated[datetime | None, typer.Option("--to", formats=_MONTHS, help="截止账期 last period")] = None,
    out: Annotated[
        Path | None, typer.Option("--out", help="写入 .parquet、.csv、.xlsx write all bills", metavar="FILE")
    ] = None,
    summary: Annotated[bool, typer.Option("--summary/--no-summary", help="按账期汇总 sums per period")] = True,
    as_of: Annotated[
        datetime | None, typer.Option("--as-of", formats=["%Y-%m-%d"], help="数据截止日期 what arose later is not seen")
    ] = None,
    inputs: Annotated[
        Path | None, typer.Option("--inputs", help="运行输入文件夹 folder with billing.yaml", callback=existing_folder)
    ] = None,
    memory: MemoryOption = "4GB",
    lang: LangOption = Language.ZH,
    as_json: JsonOption = False,
) -> None:
    """重算全部账单，汇总多收少收和不能判定的原因 Recompute all bills; sum up differences and what is not judged."""
    ending = check_format(out, (".parquet", ".csv", ".xlsx")) if out else ""
    day = as_of.date() if as_of else now().date()
    source = StoredTables(loaded(data))
    if first and last and first > last:
        raise BadInput(
            zh=f"起始账期 {first:%Y-%m} 晚于截止账期 {last:%Y-%m}，请对调 --from 和 --to。",
            en=f"the first period {first:%Y-%m} is after the last one {last:%Y-%m}; exchange --from and --to",
        )
    found: list[PeriodSummary] = []
    with ExitStack() as stack:
        spill = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="jicha-")))
        session = stack.enter_context(
            open_session(source, as_of=day, run_folder=inputs or data / "run", memory=memory, spill=spill)
        )
        periods = periods_with_bills(session, first=_month(first), last=_month(last))
        writer = stack.enter_context(_writer(out, ending, stack)) if out else None
        bar = stack.enter_context(progress(enabled=not as_json))
        task = bar.add_task("", total=len(periods))
        bar.update(task, description=f"{periods[0]:%Y-%m} …")
        for some in recompute_periods(session, periods):
            found += [summary_of(session, period) for period in some]
            if writer is not None:
                _write(session, writer)
            bar.update(task, description=f"{some[-1]:%Y-%m}", advance=len(some))
    if as_json:
        print_json([asdict(item) for item in found])
    elif summary:
        _print(found, lang)
    if out is not None:
        messages.print(str(out), markup=False)


def _month(given: datetime | None) -> date | None:
    return None if given is None else given.date().replace(day=1)


# -- files -----------------------------------------------------------------------------------------------------------


class _Writer(Protocol):
    def write_batch(self, batch: pa.RecordBatch) -> None: ...

    def __enter__(self) -> _Writer: ...

    def __exit__(self, *error: object) -> None: ...


class _Workbook:
    """One worksheet, row by row; a sheet holds about a million bills."""

    def __init__(self, path: Path) -> None:
        self._book = xlsxwriter.Workbook(str(path), {"constant_memory": True, "default_date_format": "yyyy-mm-dd"})
        self._sheet = self._book.add_worksheet(MODEL)
        self._row = 0

    def write_batch(self, batch: pa.RecordBatch) -> None:
        if self._row + batch.num_rows > SHEET_ROWS:
            raise BadInput(
                zh="账单超过工作表的行数上限，请缩小 --from、--to 范围，或写入 .parquet、.csv。",
                en="more bills than a worksheet has rows; narrow --from and --to, or write .parquet or .csv",
            )
        if self._row == 0:
            self._sheet.write_row(0, 0, batch.schema.names)
        for row in zip(*(column.to_pylist() for column in batch.columns), strict=True):
            self._row += 1
            for at, value in enumerate(row):
                if isinstance(value, str):
                    self._sheet.write_string(self._row, at, value)  # `write` would run a formula
                elif value is not None:
                    self._sheet.write(self._row, at, value if isinstance(value, date) else float(value))

    def __enter__(self) -> _Workbook:
        return self

    def __exit__(self, *error: object) -> None:
        self._book.close()


def _writer(out: Path, ending: str, stack: ExitStack) -> _Writer:
    aside = stack.enter_context(written_aside(out))
    if ending == ".xlsx":
        return _Workbook(aside)
    return _Lazy(aside, pq.ParquetWriter if ending == ".parquet" else _Csv)


class _Csv:
    """A file that a spreadsheet opens as it stands: with a mark of its encoding, and without formulas."""

    def __init__(self, path: str, shape: pa.Schema) -> None:
        self._file = pa.OSFile(path, "wb")
        self._file.write(b"\xef\xbb\xbf")
        self._shape = shape
        self._rows = pacsv.CSVWriter(self._file, shape)

    def write_batch(self, batch: pa.RecordBatch) -> None:
        columns = [harmless(column) for column in batch.columns]
        self._rows.write_batch(pa.RecordBatch.from_arrays(columns, schema=self._shape))

    def __enter__(self) -> _Csv:
        return self

    def __exit__(self, *error: object) -> None:
        self._rows.close()
        self._file.close()


class _Lazy:
    """A file that begins with its first batch, whose schema it takes."""

    def __init__(self, path: Path, kind: Callable[[str, pa.Schema], _Writer]) -> None:
        self._path = path
        self._kind = kind
        self._file: _Writer | None = None

    def write_batch(self, batch: pa.RecordBatch) -> None:
        if self._file is None:
            self._file = self._kind(str(self._path), batch.schema)
            self._file.__enter__()
        self._file.write_batch(batch)

    def __enter__(self) -> _Lazy:
        return self

    def __exit__(self, *error: object) -> None:
        if self._file is not None:
            self._file.__exit__(*error)


def _write(session: Session, writer: _Writer) -> None:
    reader = session.connection.sql(f"SELECT * FROM {MODEL} ORDER BY period, point_id, bill_id").to_arrow_reader(65_536)
    for batch in reader:
        writer.write_batch(batch)


# -- terminal --------------------------------------------------------------------------------------------------------

_WORDS = {
    Language.ZH: {
        "title": "重算汇总（元）", "period": "账期", "bills": "账单", "judged": "已判定", "differing": "有差异",
        "under": "少收", "over": "多收", "reasons": "不能判定的账单（按原因）", "reason": "原因", "share": "占全部账单",
        "energy": "电度", "tier": "阶梯", "basic": "基本", "pf": "力调", "total": "合计",
    },
    Language.EN: {
        "title": "Recomputed bills (yuan)", "period": "Period", "bills": "Bills", "judged": "Judged",
        "differing": "Differing", "under": "under", "over": "over", "reasons": "Bills not judged, by reason",
        "reason": "Reason", "share": "Share of all bills", "energy": "Energy", "tier": "Tiers", "basic": "Basic",
        "pf": "Power factor", "total": "Total",
    },
}  # fmt: skip


def _print(found: list[PeriodSummary], lang: Language) -> None:
    words = _WORDS[lang]
    table = Table(title=words["title"])
    for name in ("period", "bills", "judged", "differing"):
        table.add_column(words[name], justify="right")
    for name in COMPONENTS:
        table.add_column(f"{words[name]}\n{words['under']} / {words['over']}", justify="right")
    for item in found:
        parts = [f"{part.under_yuan:,.2f}\n{part.over_yuan:,.2f}" for part in item.components.values()]
        counts = (f"{item.bills:,}", f"{item.judged:,}", f"{item.differing:,}")
        table.add_row(f"{item.period:%Y-%m}", *counts, *parts)
    output.print(table)
    reasons: dict[str, int] = {}
    for item in found:
        for name, count in item.reasons.items():
            reasons[name] = reasons.get(name, 0) + count
    if not reasons:
        return
    bills = sum(item.bills for item in found)
    table = Table(title=words["reasons"])
    table.add_column(words["reason"])
    table.add_column(words["bills"], justify="right")
    table.add_column(words["share"], justify="right")
    for name, count in sorted(reasons.items(), key=lambda entry: -entry[1]):
        table.add_row(word("reasons", name, lang), f"{count:,}", f"{count / bills:.3%}")
    output.print(table)
