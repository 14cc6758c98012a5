"""What rendering gives, and where templates are found: the utility's own first, then the shipped ones."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from jicha_web import core


@dataclass(frozen=True)
class Rendered:
    """A document. `missing_glyphs`: characters that no font could draw; the paper shows a box in their place."""

    content: bytes
    template_sha256: str
    missing_glyphs: tuple[str, ...] = ()

    @property
    def sha256(self) -> str:
        """Digest of the document."""
        return hashlib.sha256(self.content).hexdigest()


def template_path(name: str, suffix: str, own: Path | None) -> Path:
    """Return a template's file: in the utility's own folder, or the shipped one; BadInput when there is neither."""
    if not name.replace("_", "").isalnum():
        raise ValueError(f"no name of a template: {name!r}")
    places = [*([own] if own else []), core.catalog_path("application", "documents")]
    for folder in places:
        path = folder / f"{name}{suffix}"
        if path.is_file():
            return path
    raise core.BadInput(
        zh=f"没有文书模板 {name}{suffix}；查找位置：{'、'.join(map(str, places))}。",
        en=f"there is no template {name}{suffix}; looked for in {', '.join(map(str, places))}",
    )


def file_sha256(path: Path) -> str:
    """Return the digest of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()
