"""Pictures for tests, made from nothing; and what only looks like one."""

from __future__ import annotations

import io
import random
import struct
import zipfile
import zlib
from typing import Any

from PIL import ExifTags, Image


def jpeg(
    *, size: tuple[int, int] = (640, 480), seed: int = 1, taken: str = "", offset: str = "", model: str = "",
    at: tuple[float, float] | None = None, orientation: int = 0, quality: int = 85,
) -> bytes:  # fmt: skip
    """A photo: noise in blocks (so that no two seeds agree), the upper left quarter red."""
    rng = random.Random(seed)
    small = Image.frombytes("RGB", (16, 12), rng.randbytes(16 * 12 * 3))
    picture = small.resize(size)
    picture.paste((255, 0, 0), (0, 0, size[0] // 2, size[1] // 2))
    exif = Image.Exif()
    if taken:
        exif.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.DateTimeOriginal] = taken
    if offset:
        exif.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.OffsetTimeOriginal] = offset
    if model:
        exif[ExifTags.Base.Make], exif[ExifTags.Base.Model] = "HUAWEI", model
    if orientation:
        exif[ExifTags.Base.Orientation] = orientation
    if at is not None:
        gps = exif.get_ifd(ExifTags.IFD.GPSInfo)
        gps[ExifTags.GPS.GPSLatitudeRef], gps[ExifTags.GPS.GPSLatitude] = ("N" if at[0] >= 0 else "S"), _parts(at[0])
        gps[ExifTags.GPS.GPSLongitudeRef], gps[ExifTags.GPS.GPSLongitude] = ("E" if at[1] >= 0 else "W"), _parts(at[1])
    made = io.BytesIO()
    picture.save(made, "JPEG", exif=exif, quality=quality)
    return made.getvalue()


def _parts(degrees: float) -> tuple[Any, Any, Any]:
    whole = int(abs(degrees))
    minutes = int((abs(degrees) - whole) * 60)
    seconds = (abs(degrees) - whole - minutes / 60) * 3600
    return float(whole), float(minutes), round(seconds, 4)


def png(*, size: tuple[int, int] = (300, 120), mode: str = "RGBA") -> bytes:
    made = io.BytesIO()
    Image.new(mode, size).save(made, "PNG")
    return made.getvalue()


def bomb() -> bytes:
    """A PNG of 40,000 × 40,000 points in a few kilobytes."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", 40_000, 40_000, 1, 0, 0, 0, 0)
    lines = zlib.compress(b"\0" * 5001 * 100)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", lines) + chunk(b"IEND", b"")


def polyglot() -> bytes:
    """A photo that is a zip as well."""
    tail = io.BytesIO()
    with zipfile.ZipFile(tail, "w") as archive:
        archive.writestr("evil.html", "<script>alert(1)</script>")
    return jpeg() + tail.getvalue()


def animated() -> bytes:
    made = io.BytesIO()
    frames = [Image.new("RGB", (40, 40), color) for color in ("red", "green")]
    frames[0].save(made, "WEBP", save_all=True, append_images=frames[1:])
    return made.getvalue()


def mpo() -> bytes:
    """What some phones make: a JPEG with a second picture behind."""
    made = io.BytesIO()
    frames = [Image.new("RGB", (80, 60), color) for color in ("red", "green")]
    frames[0].save(made, "MPO", save_all=True, append_images=frames[1:])
    return made.getvalue()


def saved(kind: str) -> bytes:
    made = io.BytesIO()
    Image.new("RGB", (40, 40), "red").save(made, kind)
    return made.getvalue()
