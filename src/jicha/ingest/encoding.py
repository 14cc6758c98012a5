"""Finding the encoding of a text file by reading all of it, and reading it in blocks of whole lines.

Blocks are cut at line ends, which is safe in UTF-8 and GB18030 (the byte 0x0A is never part of a longer character).
UTF-16 is first rewritten as UTF-8.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

BLOCK = 4 << 20  # bytes
LONGEST = 8 << 20  # bytes of a line that are kept: more than a million characters in any encoding
_SAMPLE = 2000  # lines looked at per block whose text is not valid UTF-8


class BadLine(str):
    """A line whose bytes do not decode, shown with backslash escapes."""

    __slots__ = ()


@dataclass(frozen=True)
class TextFile:
    """A text file whose encoding is known."""

    path: Path
    encoding: str  # as Python names it
    label: str  # as people name it
    skip: int  # bytes of the byte-order mark
    newline: bytes
    lines: int  # physical lines, counted on the bytes
    replaced: bool = False  # U+FFFD stands for what did not decode

    def texts(self) -> Iterator[str | list[str]]:
        """Yield blocks as text whose lines end with LF, or as lines (some a BadLine) where some bytes do not decode."""
        for raw in _blocks(self.path, self.newline, self.skip):
            block = raw.replace(b"\r", b"\n") if self.newline == b"\r" else raw
            if not block.endswith(b"\n"):
                block += b"\n"
            try:
                text = block.decode(self.encoding)
            except UnicodeDecodeError:
                yield [self._line(line) for line in block[:-1].split(b"\n")]
                continue
            if self.replaced and "\ufffd" in text:
                lines = text[:-1].split("\n")
                yield [BadLine(line) if "\ufffd" in line else _mended(line) for line in lines]
            else:
                yield text

    def _line(self, line: bytes) -> str:
        line = line.removesuffix(b"\r")
        try:
            return _mended(line.decode(self.encoding))
        except UnicodeDecodeError:
            return BadLine(line.decode(self.encoding, "backslashreplace"))


def _mended(line: str) -> str:
    """Return a line without its CR; a CR within it is a blank."""
    return line.removesuffix("\r").replace("\r", " ")


def _blocks(path: Path, newline: bytes, skip: int) -> Iterator[bytes]:
    """Yield a file's bytes in blocks that end at a line end; the last may lack it.

    Of a line longer than `LONGEST` only the beginning is given, which is still too long to be taken for a record.
    """
    with path.open("rb") as file:
        file.seek(skip)
        rest: list[bytes] = []
        while block := file.read(BLOCK):
            whole, found, tail = block.rpartition(newline)
            if not found:
                if len(rest) * BLOCK < LONGEST:
                    rest.append(block)
                    continue
                rest[-1] = _cut(rest[-1])
                continue
            if len(rest) * BLOCK >= LONGEST:
                _, found, others = whole.partition(newline)
                whole = others if found else b""
                yield b"".join([*rest, newline])
                rest = []
                if not found:
                    rest = [tail] if tail else []
                    continue
            yield b"".join([*rest, whole, newline])
            rest = [tail]
        last = b"".join(rest)
        if last:
            yield last


def _cut(block: bytes) -> bytes:
    """Return a part that does not end within a character: its last ASCII sign that is no part of a longer one."""
    end = max(block.rfind(sign) for sign in (b",", b" ", b'"', b"\t"))
    return block[: end + 1] if end > len(block) // 2 else block


def _utf16(head: bytes) -> str | None:
    """Return the UTF-16 variant by mark or by where the zero bytes of Latin letters stand."""
    if head.startswith(codecs.BOM_UTF16_LE):
        return "utf-16-le"
    if head.startswith(codecs.BOM_UTF16_BE):
        return "utf-16-be"
    even, odd = head[0::2].count(0), head[1::2].count(0)
    if max(even, odd) * 5 < len(head) // 2 or min(even, odd) * 4 > max(even, odd):
        return None
    return "utf-16-le" if odd > even else "utf-16-be"


def _rewrite_utf16(path: Path, encoding: str, target: Path) -> None:
    """Write a UTF-16 file as UTF-8; what does not decode becomes U+FFFD and its line is rejected later."""
    decoder = codecs.getincrementaldecoder(encoding)("replace")
    with path.open("rb") as source, target.open("w", encoding="utf-8", newline="") as out:
        first = True
        while block := source.read(BLOCK):
            text = decoder.decode(block)
            out.write(text.removeprefix("\ufeff") if first else text)
            first = False
        out.write(decoder.decode(b"", final=True))


class _Census:
    """Counts over one pass: line ends, and lines that are and are not UTF-8."""

    def __init__(self) -> None:
        self.newlines = 0
        self.valid = self.invalid = 0  # non-ASCII lines, sampled within blocks that are not all UTF-8
        self.last = b""

    def add(self, block: bytes, newline: bytes) -> None:
        self.newlines += block.count(newline)
        self.last = block[-1:]
        try:
            block.decode("utf-8")
            self.valid += not block.isascii()
        except UnicodeDecodeError as error:
            start = block.rfind(newline, 0, error.start) + 1
            end = block.find(newline, error.start)
            lines = block.split(newline)
            step = max(1, len(lines) // _SAMPLE)
            for line in [block[start : end if end >= 0 else len(block)], *lines[::step]]:
                self._line(line)

    def _line(self, line: bytes) -> None:
        if line.isascii():
            return
        try:
            line.decode("utf-8")
            self.valid += 1
        except UnicodeDecodeError:
            self.invalid += 1

    def guess(self) -> str:
        return "utf-8" if self.invalid == 0 or self.valid > self.invalid else "gb18030"


def open_text(path: Path, scratch: Path, encoding: str | None = None) -> TextFile:
    """Find out how a text file is written.

    scratch: a file name for the UTF-8 form of a UTF-16 file. encoding: known beforehand, from a mapping file.
    All lines valid UTF-8, or most of those with other than ASCII characters: UTF-8. Else GB18030, of which GBK and
    GB2312 are parts.
    """
    with path.open("rb") as file:
        head = file.read(BLOCK)
    known = codecs.lookup(encoding).name.replace("_", "-") if encoding else None
    label = ""
    utf16 = _utf16(head[:4096]) if known is None or known.startswith("utf-16") else None
    if utf16 is None and known is not None and known.startswith("utf-16"):
        utf16 = "utf-16-be" if known.endswith("be") else "utf-16-le"
    if utf16 is not None:
        _rewrite_utf16(path, utf16, scratch)
        path, known, label = scratch, "utf-8", "UTF-16"
        with path.open("rb") as file:
            head = file.read(BLOCK)
    newline = b"\r" if b"\r" in head and b"\n" not in head else b"\n"
    census = _Census()
    for block in _blocks(path, newline, 0):
        census.add(block, newline)
    found = {"gbk": "gb18030", "gb2312": "gb18030", "utf-8-sig": "utf-8"}.get(known or "", known) or census.guess()
    return TextFile(
        path=path,
        encoding=found,
        label=label or found.upper(),
        skip=3 if head.startswith(codecs.BOM_UTF8) else 0,
        newline=newline,
        lines=census.newlines + (census.last not in {b"", newline}),
        replaced=utf16 is not None,
    )
