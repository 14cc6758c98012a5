"""CSV and other delimited text: opening, and staging for the engine."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from jicha.errors import BadInput
from jicha.ingest.encoding import TextFile, open_text
from jicha.ingest.header import ROWS, Header, csv_header
from jicha.ingest.messages import code_of, line_reason
from jicha.ingest.model import Place, Raw
from jicha.ingest.recognise import Candidates
from jicha.ingest.records import Fault, Split, Splitter
from jicha.ingest.scratch import Reject, Scratch, source_json
from jicha.warehouse.tables import quoted

_FAULTS = 20_000  # kept in memory before they are written
_FAULT_TEXT = 64 << 20  # characters


@dataclass(frozen=True)
class OpenCsv:
    """A delimited text file whose encoding, delimiter and header are known."""

    place: Place
    text: TextFile
    header: Header
    delimiter: str


def open_csv(place: Place, candidates: Candidates, scratch: Scratch) -> OpenCsv | None:
    """Find encoding, delimiter and header; None when no row looks like a header; BadInput when the file is empty."""
    if place.path.stat().st_size == 0:
        zh, en = place.text
        raise BadInput(zh=f"{zh}是空的（0 字节）。请重新导出。", en=f"{en} is empty (0 bytes); export it again")
    text = open_text(place.path, scratch.path("utf16", "txt"), candidates.encoding)
    first = next(text.texts(), [])
    lines = (first if isinstance(first, list) else first.replace("\r\n", "\n").split("\n"))[: 4 * ROWS]
    found = csv_header(lines, candidates.score, candidates.delimiter)
    return OpenCsv(place, text, *found) if found is not None else None


def stage_csv(file: OpenCsv, table: str, scratch: Scratch, advance: Callable[[int], None] = lambda _: None) -> Raw:
    """Split the file into records for the engine; rejects of lines that are no record are written.

    table: for which the rejects stand. advance: told the physical lines read so far, after every block.
    """
    header = file.header
    splitter = Splitter(file.text, delimiter=file.delimiter, fields=len(header.cells), header_lines=header.lines)
    target = scratch.path("records")

    def flush(split: Split) -> None:
        scratch.reject(table, file.place, [_reject(fault, file) for fault in split.faults])
        split.faults.clear()

    for split in splitter.run(target):
        if len(split.faults) > _FAULTS or sum(len(fault.text) for fault in split.faults) > _FAULT_TEXT:
            flush(split)
        advance(split.record_lines + split.blank + split.fault_lines)
    result = splitter.result
    flush(result)
    kinds = ["VARCHAR"] * len(header.cells)
    return Raw(
        relation=f"SELECT * FROM read_parquet({quoted(str(target))})",
        kinds=kinds,
        header=header.cells,
        records=result.records,
        lines=file.text.lines,
        header_lines=header.lines,
        blank=result.blank,
        record_lines=result.record_lines,
        fault_lines=result.fault_lines,
        encoding=file.text.label,
    )


def _reject(fault: Fault, file: OpenCsv) -> Reject:
    reason = line_reason(
        fault.problem, found=len(fault.fields), expected=len(file.header.cells), encoding=file.text.label
    )
    source = source_json(file.header.cells, fault.fields)
    return Reject(fault.line, None, fault.text, code_of(fault.problem), reason.zh, reason.en, source)
