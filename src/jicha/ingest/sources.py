"""Which files a load is given."""

from __future__ import annotations

import fnmatch
from collections.abc import Iterator, Sequence
from pathlib import Path

from jicha.addresses import without_password
from jicha.errors import BadInput
from jicha.ingest.model import Place
from jicha.ingest.workbook import SUFFIXES as WORKBOOKS

TEXTS = {".csv", ".txt", ".tsv"}
PARQUET = {".parquet", ".pq"}
_IGNORE_FILE = ".jichaignore"


def find_sources(sources: Sequence[Path], ignore: Sequence[str] = ()) -> list[Place]:
    """Return all files of the given files and folders, sorted; hidden ones and those that are ignored left out.

    ignore: globs from a mapping file. A folder's `.jichaignore` holds further globs, one a line, for all below it.
    """
    found: dict[Path, Place] = {}
    for source in sources:
        if not source.exists():
            shown = without_password(str(source))
            raise BadInput(
                zh=f"来源 {shown} 不存在。请检查路径。", en=f"the source {shown} does not exist; check the path"
            )
        if source.is_dir():
            for path in _walk(
                source if len(sources) == 1 else source.absolute(),
                [(source.absolute() if len(sources) > 1 else source, glob) for glob in ignore],
            ):
                inside = path.relative_to(source if len(sources) == 1 else source.absolute().parent)
                found.setdefault(path.absolute(), Place(path, inside.as_posix()))
        else:
            found.setdefault(source.absolute(), Place(source, source.name))
    places = sorted(found.values(), key=lambda place: (place.file, str(place.path)))
    unwritable = [place.file for place in places if not _is_unicode(place.path)]
    if unwritable:
        raise BadInput(
            zh=f"{len(unwritable)} 个文件的名称或路径不是 UTF-8（多为从 Windows 复制的中文名），例如 {unwritable[0]}。"
            "请改名，例如用 convmv -f gbk -t utf-8 -r --notest 目录，再导入。",
            en=f"the names or paths of {len(unwritable)} files are not UTF-8 (Chinese names copied from Windows, for "
            f"example), such as {unwritable[0]}; rename them, with convmv -f gbk -t utf-8 -r --notest FOLDER for "
            "example, and load again",
        )
    return places


def _is_unicode(path: Path) -> bool:
    try:
        str(path.absolute()).encode()
    except UnicodeEncodeError:
        return False
    return True


def _walk(folder: Path, ignored: list[tuple[Path, str]]) -> Iterator[Path]:
    try:
        entries = sorted(folder.iterdir())
        own = folder / _IGNORE_FILE
        lines = own.read_text(encoding="utf-8-sig").splitlines() if own.is_file() else []
    except UnicodeDecodeError as error:
        raise BadInput(
            zh=f"{own} 不是 UTF-8 文本。请以 UTF-8 编码另存。", en=f"{own} is not UTF-8 text; save it as UTF-8"
        ) from error
    except OSError as error:
        raise BadInput(
            zh=f"无法读取来源目录 {folder}：{error.strerror}。请检查权限。",
            en=f"cannot read the source folder {folder}: {error.strerror}; check its permissions",
        ) from error
    globs = [line.strip() for line in lines if line.strip() and not line.startswith("#")]
    here = ignored + [(folder, glob) for glob in globs]
    for entry in entries:
        # ~$…: the lock file that Excel leaves beside an open workbook
        if entry.name.startswith((".", "~$")) or _is_ignored(entry, here):
            continue
        if entry.is_symlink() and entry.resolve() in (folder.resolve(), *folder.resolve().parents):
            continue  # a link back up would be walked round and round
        if entry.is_dir():
            yield from _walk(entry, here)
        elif entry.is_file():
            yield entry


def _is_ignored(path: Path, ignored: Sequence[tuple[Path, str]]) -> bool:
    return any(
        fnmatch.fnmatch(path.name, glob.rstrip("/"))
        or fnmatch.fnmatch(path.relative_to(base).as_posix(), glob.rstrip("/"))
        for base, glob in ignored
    )


def kind_of(place: Place) -> str | None:
    """Return text, workbook or parquet by the file's ending; None for what a load does not read."""
    suffix = place.path.suffix.lower()
    if suffix in TEXTS:
        return "text"
    if suffix in WORKBOOKS:
        return "workbook"
    return "parquet" if suffix in PARQUET else None
