"""Manifests: one small JSON file per data-set version that names the version of every table.

What no manifest names does not exist. `manifest.json` is the current one and is only ever replaced by an atomic rename;
`manifests/NNNNNN.json` keeps every version there was, so that a run can be repeated.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

from jicha.errors import BadInput, MachineFailure


@dataclass(frozen=True)
class TableVersion:
    """The state of one table in a data-set version."""

    delta_version: int
    rows: int
    first_period: str | None  # ISO date of the first of the earliest month; None for tables without a date or rows
    last_period: str | None
    loaded_at: str  # ISO time in UTC of the load that last changed the table
    load_id: str
    table_id: str = ""  # Delta's id of the table: one that was built anew counts its versions from 0 again


@dataclass(frozen=True)
class Manifest:
    """One data-set version; version 0 is the empty one before the first load."""

    version: int = 0
    parent: int | None = None
    created_at: str = ""
    loads: tuple[str, ...] = ()
    tables: Mapping[str, TableVersion] = field(default_factory=dict)

    @property
    def fingerprint(self) -> str:
        """SHA-256 of which version of which table this is: equal fingerprints, equal data."""
        versions = {
            name: [table.delta_version, table.table_id] if table.table_id else table.delta_version
            for name, table in self.tables.items()
        }
        return hashlib.sha256(json.dumps(versions, sort_keys=True).encode()).hexdigest()


def _numbered(data: Path, version: int) -> Path:
    return data / "manifests" / f"{version:06d}.json"


def read_manifest(data: Path, version: int | None = None) -> Manifest:
    """Read the current manifest, or a named one; the empty manifest where nothing was ever loaded."""
    if version == 0:
        return Manifest()
    if version is None:
        path = data / "manifest.json"
        return _read(data, path) if path.exists() else _missing_current(data)
    path = _numbered(data, version)
    current = read_manifest(data)
    if version == current.version:
        return current
    committed = version < current.version  # a killed load may have left the file of a later one
    if committed and not path.exists():
        raise MachineFailure(
            zh=f"数据版本 {version} 的清单文件 {path} 不见了。请从备份恢复；当前版本 {current.version} 不受影响。",
            en=f"the manifest {path} of data-set version {version} is gone; restore it from a backup; the current "
            f"version {current.version} is not affected",
        )
    if not committed:
        raise BadInput(
            zh=f"{data} 没有数据版本 {version}。用 jicha status 查看已有的版本。",
            en=f"{data} has no data-set version {version}; see `jicha status` for those there are",
        )
    return _read(data, path)


def _read(data: Path, path: Path) -> Manifest:
    try:
        return _from_json(json.loads(path.read_text(encoding="utf-8")))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        previous = _previous(data)
        raise MachineFailure(
            zh=f"清单文件 {path} 已损坏，无法读取。请用 {previous} 的内容覆盖它后重试，或从备份恢复。",
            en=f"the manifest {path} is damaged; copy {previous} over it and try again, or restore it from a backup",
        ) from error
    except OSError as error:
        raise MachineFailure(
            zh=f"无法读取清单文件 {path}：{error.strerror}。请检查文件权限。",
            en=f"cannot read the manifest {path}: {error.strerror}; check its permissions",
        ) from error


def _missing_current(data: Path) -> Manifest:
    """Nothing was loaded yet, unless something else shows that the current manifest was lost.

    A first load that was killed leaves tables, the empty folder of manifests, perhaps its first numbered one; it does
    not leave runs or quality figures, and no table without the folder of manifests, which it makes first.
    """
    numbered = any((data / "manifests").glob("*.json"))
    later = any((data / "runs").glob("[!.]*")) or any((data / "quality").glob("*.json"))
    if numbered and (later or int(_previous(data).stem) > 1):
        previous = _previous(data)
        raise MachineFailure(
            zh=f"清单文件 {data / 'manifest.json'} 不见了。请把 {previous} 复制为 manifest.json 后重试。",
            en=f"the manifest {data / 'manifest.json'} is gone; copy {previous} to manifest.json and try again",
        )
    stored = any((data / "tables").glob("*"))
    if stored and (later or not (data / "manifests").exists()):
        raise MachineFailure(
            zh=f"{data} 中有数据表，但清单文件 manifest.json 和 manifests 目录不见了，无法得知各表的版本。"
            "请从备份恢复这两项；未恢复前不会写入任何数据。如要从头开始，请换一个空目录重新导入。",
            en=f"{data} holds tables, but manifest.json and the folder manifests are gone, so their versions are "
            "unknown; restore both from a backup, nothing is written until then; to start afresh, load into an empty "
            "folder",
        )
    return Manifest()


def _previous(data: Path) -> Path:
    """Return the newest numbered manifest."""
    return max((data / "manifests").glob("*.json"), default=_numbered(data, 1))


def _from_json(content: Mapping[str, Any]) -> Manifest:
    names = {item.name for item in fields(TableVersion)}
    tables = {
        name: TableVersion(**{key: value for key, value in table.items() if key in names})
        for name, table in content["tables"].items()
    }
    return Manifest(
        version=int(content["version"]),
        parent=content["parent"],
        created_at=content["created_at"],
        loads=tuple(content["loads"]),
        tables=tables,
    )


def write_manifest(data: Path, manifest: Manifest) -> None:
    """Make a manifest the current one: the single step that commits a load. The caller holds the lock."""
    prepare(data)
    content = asdict(manifest) | {"fingerprint": manifest.fingerprint}
    text = json.dumps(content, ensure_ascii=False, indent=1, sort_keys=True)
    replace_file(_numbered(data, manifest.version), text)
    replace_file(data / "manifest.json", text)


def prepare(data: Path) -> None:
    """Make the folder of manifests, before any table is written: see `_missing_current`. The caller holds the lock."""
    (data / "manifests").mkdir(exist_ok=True)


def replace_file(path: Path, text: str) -> None:
    """Write a file so that a reader or a crash sees the old content or the new, never a part."""
    aside = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with aside.open("w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        aside.replace(path)
    except BaseException:
        aside.unlink(missing_ok=True)  # on a full disk every block counts
        raise
    if os.name == "posix":  # the rename itself must survive a power cut
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
