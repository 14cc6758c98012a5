"""Fetch the vendored front end by name and version, write it to static/vendor, and compare with vendor.toml.

`--update` writes the sums of what was fetched into vendor.toml: only after a version was changed on purpose.
"""

from __future__ import annotations

import hashlib
import io
import re
import subprocess
import sys
import tarfile
import tempfile
import tomllib
from pathlib import Path
from typing import Any

VENDOR = Path(__file__).resolve().parent.parent / "src/jicha_web/static/vendor"
LIST = VENDOR / "vendor.toml"
_SOURCE_MAP = re.compile(rb"\n?(//|/\*)# sourceMappingURL=[^\s*]+(\s*\*/)?\s*$")


def fetch(name: str, version: str) -> dict[str, bytes]:
    """Return the files of a package by path."""
    with tempfile.TemporaryDirectory() as folder:
        command = ["npm", "pack", "--silent", "--pack-destination", folder, f"{name}@{version}"]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        packed = next(Path(folder).glob("*.tgz")).read_bytes()
    found = {}
    with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
        for member in archive.getmembers():
            file = archive.extractfile(member) if member.isfile() else None
            if file is not None:
                found[member.name.split("/", 1)[1]] = file.read()
    return found


def sprite(icons: list[str], folder: str, files: dict[str, bytes]) -> bytes:
    """Return one SVG with a symbol per icon."""
    symbols = []
    for icon in sorted(icons):
        inner = re.search(r"<svg[^>]*>(.*)</svg>", files[f"{folder}/{icon}.svg"].decode(), re.DOTALL)
        if inner is None:
            raise SystemExit(f"{icon}.svg holds no <svg>")
        shapes = [s.strip() for s in inner[1].strip().splitlines() if 'd="M0 0h24v24H0z"' not in s]
        symbols.append(
            f'<symbol id="{icon}" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="1.75" '
            f'stroke-linecap="round" stroke-linejoin="round">{"".join(shapes)}</symbol>'
        )
    head = '<svg xmlns="http://www.w3.org/2000/svg">\n<!-- Tabler Icons, MIT licence, (c) Paweł Kuna -->\n'
    return (head + "\n".join(symbols) + "\n</svg>\n").encode()


def served(package: dict[str, Any], icons: list[str]) -> dict[str, bytes]:
    """Return what is served of a package, by its path below static/vendor."""
    files = fetch(package["name"], package["version"])
    made = {}
    for one in package["files"]:
        if one["to"].endswith("icons.svg"):
            made[one["to"]] = sprite(icons, one["from"], files)
        elif one["to"].endswith((".js", ".css")):
            made[one["to"]] = _SOURCE_MAP.sub(b"\n", files[one["from"]])
        else:
            made[one["to"]] = files[one["from"]]
    return made


def main() -> int:
    """Fetch, compare, write."""
    text = LIST.read_text(encoding="utf-8")
    content = tomllib.loads(text)
    update = "--update" in sys.argv
    differ = 0
    for package in content["package"]:
        made = served(package, content["icons"])
        for one in package["files"]:
            found = hashlib.sha256(made[one["to"]]).hexdigest()
            if update:
                line = re.compile(rf'(to = "{re.escape(one["to"])}", sha256 = ")[0-9a-f]*"')
                text = line.sub(rf'\g<1>{found}"', text)
            elif found != one["sha256"]:
                print(f"{package['name']} {package['version']} {one['from']}: sum {found}, expected {one['sha256']}")
                differ += 1
                continue
            target = VENDOR / one["to"]
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(made[one["to"]])
    if update:
        LIST.write_text(text, encoding="utf-8")
    print("differs: nothing written for it" if differ else f"{len(content['package'])} packages as listed")
    return int(differ > 0)


if __name__ == "__main__":
    raise SystemExit(main())
