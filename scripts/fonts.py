"""Make the fonts that documents use: Noto Sans and Serif CJK SC, cut down to what Chinese documents need.

    python scripts/fonts.py [FOLDER]      # FOLDER: where Debian's fonts-noto-cjk lies

Kept are the characters of GB 2312, of the catalog's own texts, and the signs of forms. A rarer character (in a name, a
place) is taken from the fonts of the machine, and named when no font has it.
"""

from __future__ import annotations

import sys
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTCollection

ROOT = Path(__file__).resolve().parents[1]
TARGET = ROOT / "src" / "jicha_web" / "documents" / "fonts"
SYSTEM = Path("/usr/share/fonts/opentype/noto")
FACES = {"NotoSansCJK-Regular.ttc": "Noto Sans CJK SC", "NotoSerifCJK-Regular.ttc": "Noto Serif CJK SC"}
SIGNS = "€¥￥‰℃㎡㎥²³·×÷±≤≥≠≈√∑Σ∞°′″†‡•…—–‘’“”№☐☑☒□■○●◎△▲▽▼◇◆★☆→←↑↓⇒①②③④⑤⑥⑦⑧⑨⑩〔〕【】《》〇"


def gb2312() -> set[str]:
    """Return the characters of GB 2312."""
    pairs = (bytes([row, cell]) for row in range(0xA1, 0xF8) for cell in range(0xA1, 0xFF))
    return {text for pair in pairs if (text := pair.decode("gb2312", "ignore"))}


def catalog_characters() -> set[str]:
    """Return the characters of all texts of the catalog: names of rules, regulations, labels."""
    folder = ROOT / "src" / "jicha_catalog"
    texts = (p.read_text(encoding="utf-8") for p in folder.rglob("*") if p.suffix in {".yaml", ".sql", ".typ"})
    return {character for text in texts for character in text if character.isprintable()}


def make(source: Path, family: str, characters: set[str], target: Path) -> None:
    """Cut one face of a collection down to some characters."""
    faces = TTCollection(source)
    font = next(f for f in faces.fonts if f["name"].getDebugName(1) == family)
    options = subset.Options()
    options.layout_features = ["kern", "palt", "vert", "locl", "halt", "chws"]
    options.name_IDs = ["*"]
    options.hinting = False
    options.desubroutinize = False
    options.notdef_outline = True
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes={ord(c) for c in characters})
    cutter.subset(font)
    font.save(target)


def main() -> None:
    """Write the fonts."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else SYSTEM
    wanted = {chr(code) for code in [*range(0x20, 0x7F), *range(0xA0, 0x180)]} | gb2312() | set(SIGNS)
    wanted |= catalog_characters()
    TARGET.mkdir(parents=True, exist_ok=True)
    for name, family in FACES.items():
        target = TARGET / f"{family.replace(' ', '')}-gb2312.otf"
        make(folder / name, family, wanted, target)
        print(f"{target.relative_to(ROOT)}: {target.stat().st_size:,} bytes, {len(wanted):,} characters")


if __name__ == "__main__":
    main()
