"""Small pictures for lists, made of the copy for display when first shown; no evidence: they may be thrown away.

A thumbnail is found by the hash of the copy that it was made of, so it can be no other photo's; the original is never
touched, and the page opens the copy and the original.
"""

from __future__ import annotations

import io
import uuid
from pathlib import Path

from django.conf import settings
from PIL import Image

from jicha_web.field.models import Photo
from jicha_web.field.storage import path_of

SIDE_PX = 320  # twice of what a list shows: sharp on a phone
_QUALITY = 72


def path_of_thumb(photo: Photo) -> Path:
    """Return where a photo's thumbnail lies, whether it is there or not."""
    return Path(settings.MEDIA_ROOT) / "thumbs" / photo.display_sha256[:2] / f"{photo.display_sha256}.jpg"


def thumb(photo: Photo) -> Path:
    """Return a photo's thumbnail, made if it is not there yet; FileNotFoundError when the copy itself is gone."""
    path = path_of_thumb(photo)
    if path.is_file():
        return path
    made = _made(path_of(photo.display))
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    aside = path.with_suffix(f".{uuid.uuid4().hex}")
    aside.write_bytes(made)
    aside.chmod(0o600)
    aside.replace(path)  # two who look at once write the same bytes, and neither half of them
    return path


def _made(display: Path) -> bytes:
    held = io.BytesIO()
    with Image.open(display, formats=("JPEG",)) as picture:
        picture.draft("RGB", (SIDE_PX, SIDE_PX))  # decodes at a fraction of the size
        picture.thumbnail((SIDE_PX, SIDE_PX))
        picture.convert("RGB").save(held, "JPEG", quality=_QUALITY)
    return held.getvalue()
