"""Pictures: what is taken, what is refused, what is read from them and what is left in the copy for display."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest
from PIL import Image

from jicha_web.field.demands import evidence
from jicha_web.field.pictures import Picture, UnusablePicture, examine
from tests.web.field import making

SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
HTML = b"<!doctype html><script>alert(1)</script>" + b" " * 3000


def look(content: bytes) -> Picture:
    return examine(
        content, most_bytes=12 * 1024 * 1024, most_pixels=evidence().most_pixels,
        most_whole_pixels=evidence().most_whole_pixels, display_px=2000, quality=82, zone="Asia/Shanghai",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "empty"),
        (SVG, "no photo"),
        (HTML, "no photo"),
        (b"\xff\xd8\xff\xe0" + HTML, "no photo"),
        (making.saved("GIF"), "no photo"),
        (making.saved("BMP"), "no photo"),
        (making.saved("TIFF"), "no photo"),
        (making.jpeg()[:4000], "damaged"),
        (making.jpeg()[:-2000], "damaged"),
        (making.png()[:-20], "damaged"),
        (making.saved("WEBP")[:-30], "no photo"),  # its library reads it whole or not at all
        (making.bomb(), "pixels"),
        (b"\0" * (13 * 1024 * 1024), "12 MB"),
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + b"\0" * 100, "HEIC"),
        (making.animated(), "moving"),
    ],
)
def test_refused(content: bytes, says: str) -> None:
    with pytest.raises(UnusablePicture, match=says) as refused:
        look(content)
    assert refused.value.text.zh


def test_a_little_too_many_pixels_is_refused_before_it_is_decoded() -> None:
    made = io.BytesIO()
    Image.new("1", (9000, 8000)).save(made, "PNG")  # 72 million points in a few kilobytes
    with pytest.raises(UnusablePicture, match="64 megapixels"):
        look(made.getvalue())


@pytest.mark.parametrize(("form", "megapixels"), [("PNG", 31), ("WEBP", 31), ("JPEG", 63)])
def test_the_largest_picture_takes_bounded_memory(form: str, megapixels: int, tmp_path: Path) -> None:
    """A child process tells how its memory grew: PNG and WEBP by four bytes a pixel, JPEG by a fraction."""
    path = tmp_path / "large"
    Image.new("RGB" if form == "JPEG" else "RGBA", (1000 * megapixels // 5, 5000), "#456").save(path, form)
    done = subprocess.run(
        [sys.executable, "-c", _MEASURED, str(path)], capture_output=True, text=True, check=True, env=dict(os.environ)
    )
    size, grown_mb = done.stdout.split()
    assert size == "2000"
    assert int(grown_mb) < {"JPEG": 80, "PNG": 260, "WEBP": 420}[form]


_MEASURED = """
import resource, sys
from io import BytesIO
from PIL import Image
from jicha_web.field.pictures import examine
content = open(sys.argv[1], "rb").read()
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
seen = examine(content, most_bytes=12 << 20, most_pixels=64_000_000, most_whole_pixels=32_000_000, display_px=2000,
               quality=82, zone="Asia/Shanghai")
after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(max(Image.open(BytesIO(seen.display)).size), (after - before) // 1024)
"""


def test_a_format_that_is_decoded_whole_is_taken_up_to_half_as_many_pixels() -> None:
    made = io.BytesIO()
    Image.new("1", (8000, 5000)).save(made, "PNG")  # 40 million
    with pytest.raises(UnusablePicture, match="32 megapixels"):
        look(made.getvalue())


def test_what_the_camera_wrote_is_read() -> None:
    seen = look(making.jpeg(taken="2026:10:15 09:30:00", model="LYA-AL00", at=(29.10213, 119.64587)))
    assert seen.taken_at == datetime(2026, 10, 15, 1, 30, tzinfo=UTC)
    assert seen.device == "HUAWEI LYA-AL00"
    assert (round(seen.latitude or 0, 5), round(seen.longitude or 0, 5)) == (29.10213, 119.64587)
    assert (seen.width_px, seen.height_px, seen.media_type) == (640, 480, "image/jpeg")


def test_the_cameras_own_zone_counts() -> None:
    seen = look(making.jpeg(taken="2026:10:15 09:30:00", offset="+09:00", at=(-33.5, -70.25)))
    assert seen.taken_at == datetime(2026, 10, 15, 0, 30, tzinfo=UTC)
    assert (seen.latitude, seen.longitude) == (-33.5, -70.25)


@pytest.mark.parametrize(
    ("taken", "offset"),
    [
        ("0000:00:00 00:00:00", ""), ("soon", ""), ("2026:13:40 99:00:00", ""), ("2026:10:15 09:30:00", "nonsense"),
        ("0001:01:01 00:00:00", ""), ("9999:12:31 23:59:59", "-12:00"),  # no instant in another zone
        ("2026:10:15 09:30:00", ".5"),  # an instant without a zone
    ],
)  # fmt: skip
def test_made_up_times_are_none(taken: str, offset: str) -> None:
    assert look(making.jpeg(taken=taken, offset=offset)).taken_at is None


def test_a_position_without_a_fix_is_none() -> None:
    assert look(making.jpeg(at=(0.0, 0.0))).latitude is None
    assert look(making.jpeg()).latitude is None


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_damaged_exif_refuses_no_photo() -> None:
    content = bytearray(making.jpeg(taken="2026:10:15 09:30:00", at=(29.1, 119.6)))
    start = content.index(b"Exif\0\0") + 6
    content[start + 8 : start + 60] = b"\xff" * 52
    assert look(bytes(content)).width_px == 640


def corner(picture: Image.Image, right: bool, low: bool) -> bool:
    """Whether that corner is the red one."""
    point = (picture.width - 8 if right else 8, picture.height - 8 if low else 8)
    red, green, blue = picture.getpixel(point)  # type: ignore[misc]
    return bool(red > 200 and green < 90 and blue < 90)


@pytest.mark.parametrize(
    ("orientation", "right", "low"),
    [(1, False, False), (2, True, False), (3, True, True), (4, False, True), (5, False, False), (6, True, False),
     (7, True, True), (8, False, True)],
)  # fmt: skip
def test_the_copy_is_upright(orientation: int, right: bool, low: bool) -> None:
    seen = look(making.jpeg(orientation=orientation, seed=5))
    with Image.open(io.BytesIO(seen.display)) as copy:
        copy.load()
        assert corner(copy, right, low)
        assert copy.size == (seen.width_px, seen.height_px)
        assert copy.size == ((480, 640) if orientation >= 5 else (640, 480))


def test_the_copy_holds_pixels_only() -> None:
    content = making.jpeg(taken="2026:10:15 09:30:00", model="LYA-AL00", at=(29.1, 119.6), size=(4000, 3000))
    with Image.open(io.BytesIO(look(content).display)) as copy:
        assert copy.format == "JPEG"
        assert max(copy.size) == 2000
        assert len(copy.getexif()) == 0
        assert "exif" not in copy.info


def test_a_polyglot_loses_its_tail_in_the_copy() -> None:
    content = making.polyglot()
    assert zipfile.is_zipfile(io.BytesIO(content))
    copy = look(content).display
    assert not zipfile.is_zipfile(io.BytesIO(copy))
    assert b"evil" not in copy


def test_what_phones_make_is_taken() -> None:
    assert look(making.mpo()).media_type == "image/jpeg"
    assert look(making.saved("WEBP")).media_type == "image/webp"
    gray = look(making.png(mode="L"))
    assert gray.media_type == "image/png"
    with Image.open(io.BytesIO(look(making.png()).display)) as copy:  # see-through becomes white
        assert copy.getpixel((5, 5)) == (255, 255, 255)


def test_equal_pixels_give_an_equal_copy() -> None:
    plain, dressed = making.jpeg(seed=3), making.jpeg(seed=3, taken="2026:10:15 09:30:00", model="X")
    assert plain != dressed
    assert look(plain).display == look(dressed).display
    assert look(making.jpeg(seed=4)).display != look(plain).display
