"""Translations: `add FILE.tsv` takes lines `msgid<TAB>中文`, `check` names what is missing, `prune` drops the unused.

The catalog is flat and sorted, one entry per text, without source lines: two people's additions rarely meet.
A plural has three columns: singular, plural, 中文. `\\n` in a column is a line break. Needs gettext (xgettext, msgfmt).
"""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock

APPLICATION = Path(__file__).resolve().parent.parent / "src/jicha_web"
CATALOG = APPLICATION / "locale/zh_Hans/LC_MESSAGES/django.po"
HEADER = """# Chinese texts of the application. Written by scripts/po.py: add with `python scripts/po.py add FILE.tsv`.
msgid ""
msgstr ""
"Content-Type: text/plain; charset=UTF-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Language: zh_Hans\\n"
"Plural-Forms: nplurals=1; plural=0;\\n"
"""
_PLACEHOLDER = re.compile(r"%\(\w+\)[a-z]|%[sd]|\{\w*\}")


@dataclass(frozen=True)
class Message:
    """One text of the code: its msgid, its plural if it has one, its context if it has one."""

    msgid: str
    plural: str = ""
    context: str = ""


def read(path: Path) -> dict[Message, str]:
    """Return the translations of a PO file."""
    found: dict[Message, str] = {}
    parts: dict[str, str] = {}
    present = ""

    def keep() -> None:
        if "msgid" in parts:
            text = parts.get("msgstr", parts.get("msgstr[0]", ""))
            found[Message(parts["msgid"], parts.get("msgid_plural", ""), parts.get("msgctxt", ""))] = text
        parts.clear()

    for line in path.read_text(encoding="utf-8").splitlines():
        if match := re.match(r'(msgctxt|msgid_plural|msgid|msgstr(?:\[\d\])?) (".*")$', line):
            present = match[1]
            if present in parts or (present == "msgctxt" and "msgid" in parts):
                keep()
            parts[present] = ast.literal_eval(match[2])
        elif line.startswith('"'):
            parts[present] += ast.literal_eval(line)
        elif not line.strip():
            keep()
    keep()
    found.pop(Message(""), None)
    return found


def write(path: Path, texts: dict[Message, str]) -> None:
    """Write a PO file and the MO file beside it."""

    def quoted(text: str) -> str:
        return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\t", "\\t") + '"'

    lines = [HEADER]
    for message, text in sorted(texts.items(), key=lambda item: (item[0].msgid, item[0].context)):
        if message.context:
            lines.append(f"msgctxt {quoted(message.context)}")
        if _PLACEHOLDER.search(message.msgid) and "%(" in message.msgid:
            lines.append("#, python-format")
        lines.append(f"msgid {quoted(message.msgid)}")
        if message.plural:
            lines.append(f"msgid_plural {quoted(message.plural)}")
        lines.append(f"msgstr{'[0]' if message.plural else ''} {quoted(text)}\n")
    path.write_text("\n".join(lines), encoding="utf-8")
    subprocess.run(["msgfmt", "--check-format", "-o", path.with_suffix(".mo"), path], check=True)


def used() -> set[Message]:
    """Return the texts that code and templates ask to be translated."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "jicha_web.settings_test")
    import django  # noqa: PLC0415 (settings first)
    from django.conf import settings  # noqa: PLC0415
    from django.core.management import call_command  # noqa: PLC0415
    from django.test.utils import override_settings  # noqa: PLC0415

    if not settings.configured:
        django.setup()
    before = Path.cwd()
    # makemessages writes into ./locale: it is given a folder of links, so that the catalog stays as it is
    with tempfile.TemporaryDirectory() as folder:
        for part in APPLICATION.iterdir():
            if part.name not in {"locale", "static", "__pycache__"}:
                Path(folder, part.name).symlink_to(part)
        Path(folder, "locale").mkdir()
        os.chdir(folder)
        try:
            with override_settings(LOCALE_PATHS=[]):
                call_command("makemessages", locale=["zh_Hans"], keep_pot=True, no_location=True, symlinks=True,
                             verbosity=0, ignore_patterns=["*/migrations/*", "*/static/*"])  # fmt: skip
        finally:
            os.chdir(before)
        return set(read(Path(folder, "locale/django.pot")))


def problems(texts: dict[Message, str], wanted: set[Message]) -> list[str]:
    """Return what is wrong: missing, empty, unused, or with other placeholders than its msgid."""
    found = [f"not translated: {m.msgid}" for m in wanted if not texts.get(m)]
    found += [f"not used: {m.msgid}" for m in texts if m not in wanted]
    for message, text in texts.items():
        asked = set(_PLACEHOLDER.findall(message.plural or message.msgid))
        given = set(_PLACEHOLDER.findall(text))
        if text and asked != given and not (message.plural and given <= asked):
            found.append(f"placeholders differ: {message.msgid} → {text}")
    return sorted(found)


def _lines(path: Path) -> dict[Message, str]:
    given = {}
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if not line.strip():
            continue
        columns = [c.replace("\\n", "\n") for c in line.split("\t")]
        if len(columns) not in {2, 3} or not all(columns):
            raise SystemExit(f"{path}:{number}: expected msgid<TAB>中文 or singular<TAB>plural<TAB>中文, got {line!r}")
        given[Message(columns[0], columns[1] if len(columns) == 3 else "")] = columns[-1]
    return given


def main(arguments: list[str]) -> int:
    """Do what the command line asks."""
    match arguments:
        case ["add", *files] if files:
            with FileLock(tempfile.gettempdir() + "/jicha-po.lock"):
                texts = read(CATALOG) if CATALOG.exists() else {}
                for file in files:
                    texts |= _lines(Path(file))
                write(CATALOG, texts)
            print(f"{len(texts)} texts in {CATALOG.name}")
        case ["prune"]:
            wanted = used()
            with FileLock(tempfile.gettempdir() + "/jicha-po.lock"):
                write(CATALOG, {m: t for m, t in read(CATALOG).items() if m in wanted})
        case ["check"]:
            wrong = problems(read(CATALOG), used())
            for line in wrong:
                print(line)
            return bool(wrong)
        case _:
            print(__doc__)
            return 2
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
