"""Splitting CSV text into records with their physical line numbers, and those into a Parquet file of text.

So the engine needs no quoting rules, a quote that is never closed cannot swallow what follows it, and what was counted
here can be compared with what arrives there. Blocks without quotes, nearly all there are, are looked at as arrays of
bytes and never line by line.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from jicha.ingest.encoding import BadLine, TextFile
from jicha.ingest.recordfile import RecordFile

FIELD = "\x1f"
_CONTROL = ("\x00", FIELD, "\x1e")
_BLANK_START = frozenset(("", FIELD, " ", "\t", "\u3000"))
_BLANK_BYTES = (0x0A, 0x20, 0x09, 0xE3, 0xC2)  # with which a blank line can start; the last two lead U+3000 and U+00A0
_BLANK = f" \t\u3000\xa0{FIELD}"
_SPAN = 200  # physical lines that one record may take
_LONGEST = 1 << 20  # characters
_SHOWN = 10_000  # characters of a longer line that its reject shows


@dataclass
class Fault:
    """Lines that are no record."""

    line: int
    span: int  # physical lines
    problem: str  # fields, quote, encoding, control, long
    fields: list[str]
    text: str


@dataclass
class Split:
    """What splitting found; `faults` are written out by the caller in portions."""

    records: int = 0
    record_lines: int = 0  # physical lines of the records: more where fields contain line ends
    blank: int = 0
    fault_lines: int = 0
    faults: list[Fault] = field(default_factory=list)


class Splitter:
    """Splits one file; `fields` is the number of fields of its header."""

    def __init__(self, source: TextFile, *, delimiter: str, fields: int, header_lines: int) -> None:
        self.source = source
        self.delimiter = delimiter
        self.fields = fields
        self.header_lines = header_lines
        self.result = Split()
        self._line = 0  # physical line last read
        self._numbers: list[int] = []  # of records found one by one, and their fields separated by FIELD
        self._texts: list[str] = []
        self._blocks: Iterator[str | list[str]] = iter(())

    def run(self, target: Path) -> Iterator[Split]:
        """Write the records to a file; yields after every block, so that the caller can show progress."""
        self._blocks = self.source.texts()
        with RecordFile(target, self.fields) as out:
            for block in self._blocks:
                rest = self._after_header(block)
                if isinstance(rest, str) and self._plain(rest):
                    self._fast(rest, out)
                else:
                    self._careful(_lines(rest), out)
                self._flush(out)
                yield self.result

    def _after_header(self, block: str | list[str]) -> str | list[str]:
        count = len(block) if isinstance(block, list) else block.count("\n")
        skip = max(0, min(self.header_lines - self._line, count))
        self._line += skip
        if isinstance(block, list):
            return block[skip:]
        return block.split("\n", skip)[skip] if skip else block

    @staticmethod
    def _plain(text: str) -> bool:
        return '"' not in text and not any(character in text for character in _CONTROL)

    def _fast(self, text: str, out: RecordFile) -> None:
        """Split a block without quotes: as one array where all its lines are records, else line by line."""
        if "\r" in text:
            text = text.replace("\r\n", "\n").replace("\r", " ")
        delimiter = self.delimiter
        if not (len(delimiter) == 1 and delimiter.isascii()):
            text, delimiter = text.replace(delimiter, FIELD), FIELD
        data = text.encode()
        count = self._even(data, ord(delimiter))
        if count is None:
            self._by_line(text.replace(delimiter, FIELD))
            return
        out.add(np.arange(self._line + 1, self._line + count + 1), data, delimiter)
        self._line += count
        self._count(count)

    def _even(self, data: bytes, delimiter: int) -> int | None:
        """Return the number of lines of a block (UTF-8, each with its end) if all are records, else None."""
        found = np.frombuffer(data, np.uint8)
        ends = np.flatnonzero(found == 0x0A)
        starts = np.concatenate(([0], ends + 1))[:-1]
        borders = np.flatnonzero(found == delimiter)
        each = self.fields - 1
        if len(borders) != each * len(ends):
            return None
        if each:
            grid = borders.reshape(-1, each)
            if (grid[:, 0] < starts).any() or (grid[:, -1] > ends).any():
                return None
        if len(ends) and int((ends - starts).max()) > _LONGEST:
            return None
        may_be_blank = np.isin(found[starts], (*_BLANK_BYTES, delimiter))
        for start, end in zip(starts[may_be_blank].tolist(), ends[may_be_blank].tolist(), strict=True):
            if not data[start:end].decode().strip(_BLANK + chr(delimiter)):
                return None
        return len(ends)

    def _by_line(self, text: str) -> None:
        """Split a block in which some lines are no records; `text` has FIELD between its fields."""
        lines = text.removesuffix("\n").split("\n") if text else []
        expected = self.fields - 1
        for line_number, line in enumerate(lines, self._line + 1):
            if line.count(FIELD) != expected or len(line) > _LONGEST:
                self._odd(line_number, line.replace(FIELD, self.delimiter))
            elif line[:1] in _BLANK_START and not line.strip(_BLANK):
                self.result.blank += 1
            else:
                self._numbers.append(line_number)
                self._texts.append(line)
        self._line += len(lines)

    def _flush(self, out: RecordFile) -> None:
        """Write the records that were found one by one."""
        if self._numbers:
            self._texts.append("")
            out.add(np.array(self._numbers), "\n".join(self._texts).encode(), FIELD)
            self._count(len(self._numbers))
            self._numbers, self._texts = [], []

    def _count(self, records: int) -> None:
        self.result.records += records
        self.result.record_lines += records

    def _odd(self, number: int, line: str) -> None:
        """Take a line that has not the expected number of fields."""
        if not line.strip(_BLANK):
            self.result.blank += 1
        else:
            long = len(line) > _LONGEST
            line = line[:_SHOWN] if long else line
            self._fault(number, 1, "long" if long else "fields", line.split(self.delimiter), line)

    def _fault(self, number: int, span: int, problem: str, fields: list[str], text: str) -> None:
        self.result.faults.append(Fault(number, span, problem, fields, text))
        self.result.fault_lines += span

    def _careful(self, lines: list[str], out: RecordFile) -> None:
        """Split a block that has quotes, control characters or bytes that do not decode."""
        index = 0
        while index < len(lines):
            number, line = self._line + 1, lines[index]
            if len(line) > _LONGEST:
                self._odd(number, line)
                span = 1
            elif isinstance(line, BadLine):
                self._fault(number, 1, "encoding", line.split(self.delimiter), str(line))
                span = 1
            elif any(character in line for character in _CONTROL):
                self._fault(number, 1, "control", line.split(self.delimiter), line)
                span = 1
            elif '"' not in line:
                self._record(number, line.split(self.delimiter), line, out)
                span = 1
            else:
                span = self._quoted(number, lines, index, out)
            index += span
            self._line += span

    def _quoted(self, number: int, lines: list[str], index: int, out: RecordFile) -> int:
        """Take the record that starts at a line with quotes; return how many lines it takes."""
        fields = self._parse(lines[index])
        if fields is not None:
            self._record(number, fields, lines[index], out)
            return 1
        text = lines[index]
        for span in range(2, _SPAN + 1):
            if index + span > len(lines):
                lines.extend(_lines(next(self._blocks, "")))
                if index + span > len(lines):
                    break
            line = lines[index + span - 1]
            # a line that is a whole record by itself was not meant to be inside a quoted field
            if isinstance(line, BadLine) or (self.fields > 1 and self._is_record(line)):
                break
            text += "\n" + line
            if len(text) > _LONGEST:
                break
            if '"' in line and (fields := self._parse(text)) is not None:
                if len(fields) != self.fields:
                    break
                self._record(number, fields, text, out, span)
                return span
        self._fault(number, 1, "quote", lines[index].split(self.delimiter), lines[index])
        return 1

    def _is_record(self, line: str) -> bool:
        fields = self._parse(line) if '"' in line else line.split(self.delimiter)
        return fields is not None and len(fields) == self.fields

    def _parse(self, text: str) -> list[str] | None:
        """Return the fields, or None where a quote stays open at the end; none are returned where it cannot be told."""
        lines = [line + "\n" for line in text.split("\n")]
        lines[-1] = lines[-1][:-1]
        try:
            rows = list(csv.reader(lines, delimiter=self.delimiter, strict=True))
        except csv.Error as error:
            if "unexpected end of data" in str(error):
                return None
            if len(lines) > 1:  # two lines whose quotes stay open would become one, and the second be lost
                return []
            rows = list(csv.reader(lines, delimiter=self.delimiter))  # text after a closing quote, as some write it
        return rows[0] if len(rows) == 1 else []

    def _record(self, number: int, fields: list[str], text: str, out: RecordFile, span: int = 1) -> None:
        if not text.strip(_BLANK + self.delimiter + '"\r\n'):
            self.result.blank += span
        elif len(fields) != self.fields:
            self._fault(number, span, "fields", fields, text)
        else:
            joined = FIELD.join(fields)
            if "\n" in joined:  # a line end within a field
                out.add_fields(number, fields)
                self.result.records += 1
                self.result.record_lines += span
            else:
                self._numbers.append(number)
                self._texts.append(joined)
                self.result.record_lines += span - 1


def _lines(block: str | list[str]) -> list[str]:
    if isinstance(block, list):
        return block
    return block.replace("\r\n", "\n").replace("\r", " ").removesuffix("\n").split("\n") if block else []
