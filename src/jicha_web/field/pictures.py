"""Pictures as they are sent: looked at by content, never by name; knows no tables.

What is taken: JPEG, PNG, WEBP, decoded whole once. The original's bytes are the evidence and are kept as they are; for
display a copy is made anew from the pixels, so that nothing but pixels is ever shown (no scripts, no appended archives,
no position of a customer in the EXIF).
"""

from __future__ import annotations

import io
import math
import struct
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from PIL import ExifTags, Image

from jicha_web.core import Text

MEDIA_TYPES = {"JPEG": "image/jpeg", "MPO": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp"}
SUFFIXES = {"image/jpeg": "jpg", "image/png": "png", "image/webp": "webp"}
_HEIF_BRANDS = (b"heic", b"heix", b"hevc", b"heim", b"heis", b"hevm", b"mif1", b"msf1", b"avif", b"avis")
_DAMAGED = Text(
    "图片不完整或已损坏，请重新拍摄或重新选择文件",
    "the picture is incomplete or damaged: take it again or choose another file",
)
_UNKNOWN = Text(
    "不是可用的照片：只接收 JPEG、PNG、WEBP，按内容判断，与文件名无关",
    "no photo that can be used: JPEG, PNG and WEBP are taken, judged by content whatever the name says",
)
_HEIC = Text(
    "这是 HEIC/HEIF 照片，暂不能接收。苹果手机：“设置 → 相机 → 格式”选“兼容性最佳”后重拍；"
    "安卓手机：在相机设置中关闭“高效图片/HEIF”；已拍的照片可先在相册中另存为 JPEG 再上传",
    "this is a HEIC/HEIF photo, which cannot be taken. iPhone: Settings → Camera → Formats → Most Compatible, then "
    "take it again; Android: switch off HEIF or “high efficiency” in the camera; or save the photo as JPEG first",
)


class UnusablePicture(Exception):
    """The bytes are no picture that can be taken; `text` says why and what to do."""

    def __init__(self, text: Text) -> None:
        self.text = text
        super().__init__(text.en)


@dataclass(frozen=True)
class Picture:
    """What a picture is. Positions in degrees, WGS-84. `display`: JPEG made anew from the pixels, upright."""

    media_type: str
    width_px: int
    height_px: int
    taken_at: datetime | None
    device: str
    latitude: float | None
    longitude: float | None
    display: bytes


def too_heavy(most_bytes: int) -> Text:
    """Return what is said of a picture of more bytes than are taken."""
    size = most_bytes // (1024 * 1024)
    return Text(f"照片超过 {size} MB，请调低相机分辨率后重拍", f"the photo is above {size} MB: lower the resolution")


def examine(
    content: bytes, *, most_bytes: int, most_pixels: int, most_whole_pixels: int, display_px: int, quality: int,
    zone: str,
) -> Picture:  # fmt: skip
    """Look at the bytes of a picture. zone: where a camera's clock without zone stood.

    most_whole_pixels: of a format that is decoded whole (PNG, WEBP); a JPEG is decoded at a fraction of its size.

    Raises UnusablePicture.
    """
    if not content:
        raise UnusablePicture(Text("文件为空", "the file is empty"))
    if len(content) > most_bytes:
        raise UnusablePicture(too_heavy(most_bytes))
    if content[4:8] == b"ftyp" and content[8:12] in _HEIF_BRANDS:
        raise UnusablePicture(_HEIC)
    _verify(content)
    try:
        with _open(content) as picture:
            _check_size(picture, most_pixels)
            if getattr(picture, "is_animated", False) and picture.format != "MPO":
                raise UnusablePicture(Text("不接收动态图片", "moving pictures are not taken"))
            exif, pixels = _exif(picture), picture.size
            media_type = MEDIA_TYPES[str(picture.format)]
            turn = _TURNS.get(exif.get(ExifTags.Base.Orientation, 1))
            if picture.format in {"JPEG", "MPO"}:
                picture.draft("RGB", (display_px, display_px))  # decodes at a fraction of the size; reads all bytes
            else:
                _check_size(picture, most_whole_pixels)
                if picture.mode in {"RGB", "RGBA", "L", "LA"}:
                    picture.thumbnail((display_px, display_px))  # before any copy is made of the whole
            display = _copy(_upright(picture, turn), display_px, quality)
    except UnusablePicture:
        raise
    except (OSError, SyntaxError, ValueError, ZeroDivisionError, MemoryError, EOFError) as error:
        raise UnusablePicture(_DAMAGED) from error
    width, height = pixels[::-1] if turn in _SIDEWAYS else pixels
    latitude, longitude = _position(exif)
    return Picture(media_type, width, height, _taken_at(exif, zone), _device(exif), latitude, longitude, display)


def _open(content: bytes) -> Image.Image:
    try:
        return Image.open(io.BytesIO(content), formats=("JPEG", "PNG", "WEBP"))
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise UnusablePicture(_too_large(None)) from error
    except (OSError, SyntaxError, ValueError) as error:  # UnidentifiedImageError is an OSError
        raise UnusablePicture(_UNKNOWN) from error


def _verify(content: bytes) -> None:
    with _open(content) as picture:
        try:
            picture.verify()
        except (OSError, SyntaxError, ValueError) as error:
            raise UnusablePicture(_DAMAGED) from error


def _too_large(most_pixels: int | None) -> Text:
    limit = "" if most_pixels is None else f"（上限 {most_pixels // 1_000_000} 百万像素）"
    english = "" if most_pixels is None else f" (at most {most_pixels // 1_000_000} megapixels)"
    return Text(
        f"照片像素过大{limit}，请调低相机分辨率后重拍", f"too many pixels{english}: lower the camera's resolution"
    )


def _check_size(picture: Image.Image, most_pixels: int) -> None:
    if picture.width * picture.height > most_pixels:
        raise UnusablePicture(_too_large(most_pixels))


_Turn = Image.Transpose
_TURNS = {  # EXIF orientation → what puts it upright
    2: _Turn.FLIP_LEFT_RIGHT, 3: _Turn.ROTATE_180, 4: _Turn.FLIP_TOP_BOTTOM, 5: _Turn.TRANSPOSE, 6: _Turn.ROTATE_270,
    7: _Turn.TRANSVERSE, 8: _Turn.ROTATE_90,
}  # fmt: skip
_SIDEWAYS = {_Turn.TRANSPOSE, _Turn.ROTATE_270, _Turn.TRANSVERSE, _Turn.ROTATE_90}


def _upright(picture: Image.Image, turn: Image.Transpose | None) -> Image.Image:
    turned = picture if turn is None else picture.transpose(turn)
    if turned.mode in {"RGBA", "LA", "PA"} or "transparency" in picture.info:
        ground = Image.new("RGBA", turned.size, "white")
        ground.alpha_composite(turned.convert("RGBA"))
        return ground.convert("RGB")
    return turned.convert("RGB")


def _copy(picture: Image.Image, display_px: int, quality: int) -> bytes:
    picture.thumbnail((display_px, display_px))
    made = io.BytesIO()
    # a new image of the pixels only: no EXIF, no colour profile, no comment
    Image.frombytes("RGB", picture.size, picture.tobytes()).save(made, "JPEG", quality=quality, optimize=True)
    return made.getvalue()


# --- what the camera wrote; all of it may be missing, wrong or made up

_FIRST, _LAST = datetime(1990, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)

_WRONG_EXIF = (OSError, SyntaxError, ValueError, TypeError, KeyError, IndexError, struct.error, ZeroDivisionError)


def _exif(picture: Image.Image) -> Image.Exif:
    """Return the EXIF; none when it cannot be read, which is no reason to refuse a photo."""
    try:
        exif = picture.getexif()
        exif.get_ifd(ExifTags.IFD.Exif)
        exif.get_ifd(ExifTags.IFD.GPSInfo)
    except _WRONG_EXIF:
        return Image.Exif()
    return exif


def _taken_at(exif: Image.Exif, zone: str) -> datetime | None:
    details = exif.get_ifd(ExifTags.IFD.Exif)
    text = details.get(ExifTags.Base.DateTimeOriginal) or exif.get(ExifTags.Base.DateTime)
    offset = details.get(ExifTags.Base.OffsetTimeOriginal)
    try:
        local = datetime.strptime(str(text).strip("\0 "), "%Y:%m:%d %H:%M:%S")  # noqa: DTZ007 (its zone is set below)
        if isinstance(offset, str) and offset.strip("\0 "):
            taken = datetime.fromisoformat(f"{local.isoformat()}{offset.strip(chr(0) + ' ')}")
        else:
            taken = local.replace(tzinfo=ZoneInfo(zone))
        # no camera is older; and at either end of the calendar an instant has no day in another zone
        return taken if taken.tzinfo is not None and _FIRST <= taken <= _LAST else None
    except (ValueError, OverflowError):
        return None


def _device(exif: Image.Exif) -> str:
    parts = [exif.get(tag) for tag in (ExifTags.Base.Make, ExifTags.Base.Model)]
    text = " ".join(str(p).strip("\0 ") for p in parts if isinstance(p, str))
    return "".join(c for c in text if c.isprintable())[:100]


def _degrees(value: Any, reference: Any, negative: str, most: float) -> float | None:
    try:
        whole, minutes, seconds = (float(part) for part in value)
    except (TypeError, ValueError, ZeroDivisionError):
        return None
    degrees = whole + minutes / 60 + seconds / 3600
    if not math.isfinite(degrees) or not 0 <= degrees <= most:
        return None
    return -degrees if str(reference).strip("\0 ").upper() == negative else degrees


def _position(exif: Image.Exif) -> tuple[float | None, float | None]:
    gps = exif.get_ifd(ExifTags.IFD.GPSInfo)
    latitude = _degrees(gps.get(ExifTags.GPS.GPSLatitude), gps.get(ExifTags.GPS.GPSLatitudeRef), "S", 90)
    longitude = _degrees(gps.get(ExifTags.GPS.GPSLongitude), gps.get(ExifTags.GPS.GPSLongitudeRef), "W", 180)
    if (
        latitude is None or longitude is None or (latitude == 0 and longitude == 0)
    ):  # a camera without a fix writes 0, 0
        return None, None
    return latitude, longitude
