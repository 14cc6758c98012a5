"""Splitting CSV text into records, with their physical line numbers, into a form that DuckDB reads without guessing.

Every record becomes one line: its line number and its fields, separated by U+001F; a line end within a field becomes
U+001E. So the engine needs no quoting rules, a quote that is never closed cannot swallow what follows it, and what was
counted here can be compared with what arrives there.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TextIO

from jicha.ingest.encoding import BadLine, TextFile

FIELD = "\x1f"
BREAK = "\x1e"
_CONTROL = ("\x00", FIELD, BREAK)
_BLANK_START = frozenset(("", FIELD, " ", "\t", "\u3000"))
_BLANK = f" \t\u3000\xa0{FIELD}"
_SPAN = 200  # physical lines that one record may take
_LONGEST = 1 << 20  # characters


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
    breaks: bool = False  # some field contains a line end
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
        self._blocks: Iterator[str | list[str]] = iter(())

    def run(self, target: Path) -> Iterator[Split]:
        """Write the records to a file; yields after every block, so that the caller can show progress."""
        self._blocks = self.source.texts()
        with target.open("w", encoding="utf-8", newline="") as out:
            for block in self._blocks:
                rest = self._after_header(block)
                if isinstance(rest, str) and self._plain(rest):
                    self._fast(rest, out)
                else:
                    self._careful(_lines(rest), out)
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

    def _fast(self, text: str, out: TextIO) -> None:
        """Split a block without quotes: count the delimiters of each line."""
        text = text.replace("\r\n", "\n").replace("\r", " ").replace(self.delimiter, FIELD)
        lines = text.removesuffix("\n").split("\n") if text else []
        expected = self.fields - 1
        good: list[str] = []
        for line_number, line in enumerate(lines, self._line + 1):
            if line.count(FIELD) != expected or len(line) > _LONGEST:
                self._odd(line_number, line.replace(FIELD, self.delimiter))
            elif line[:1] in _BLANK_START and not line.strip(_BLANK):
                self.result.blank += 1
            else:
                good.append(f"{line_number}{FIELD}{line}")
        self._line += len(lines)
        self.result.records += len(good)
        self.result.record_lines += len(good)
        if good:
            good.append("")
            out.write("\n".join(good))

    def _odd(self, number: int, line: str) -> None:
        """Take a line that has not the expected number of fields."""
        if not line.strip(_BLANK):
            self.result.blank += 1
        else:
            problem = "long" if len(line) > _LONGEST else "fields"
            self._fault(number, 1, problem, line[:_LONGEST].split(self.delimiter), line[:_LONGEST])

    def _fault(self, number: int, span: int, problem: str, fields: list[str], text: str) -> None:
        self.result.faults.append(Fault(number, span, problem, fields, text))
        self.result.fault_lines += span

    def _careful(self, lines: list[str], out: TextIO) -> None:
        """Split a block that has quotes, control characters or bytes that do not decode."""
        index = 0
        while index < len(lines):
            number, line = self._line + 1, lines[index]
            if isinstance(line, BadLine):
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

    def _quoted(self, number: int, lines: list[str], index: int, out: TextIO) -> int:
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
        """Return the fields, or None where a quote stays open at the end."""
        lines = [line + "\n" for line in text.split("\n")]
        lines[-1] = lines[-1][:-1]
        try:
            rows = list(csv.reader(lines, delimiter=self.delimiter, strict=True))
        except csv.Error as error:
            if "unexpected end of data" in str(error):
                return None
            rows = list(csv.reader(lines, delimiter=self.delimiter))  # text after a closing quote, as some write it
        return rows[0] if len(rows) == 1 else []

    def _record(self, number: int, fields: list[str], text: str, out: TextIO, span: int = 1) -> None:
        if not text.strip(_BLANK + self.delimiter + '"\r\n'):
            self.result.blank += span
        elif len(fields) != self.fields:
            self._fault(number, span, "fields", fields, text)
        else:
            joined = FIELD.join(fields)
            if "\n" in joined:
                joined = joined.replace("\n", BREAK)
                self.result.breaks = True
            out.write(f"{number}{FIELD}{joined}\n")
            self.result.records += 1
            self.result.record_lines += span


def _lines(block: str | list[str]) -> list[str]:
    if isinstance(block, list):
        return block
    return block.replace("\r\n", "\n").replace("\r", " ").removesuffix("\n").split("\n") if block else []
