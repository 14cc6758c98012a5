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
        versions = {name: table.delta_version for name, table in self.tables.items()}
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
    committed = version <= read_manifest(data).version  # a killed load may have left the file of a later one
    if not committed or not path.exists():
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
    """Nothing was loaded yet, unless numbered manifests show that the current one was lost."""
    if any((data / "manifests").glob("*.json")) and any((data / "tables").glob("*")):
        previous = _previous(data)
        if int(Path(previous).stem) > 1 or (data / "runs").exists():
            raise MachineFailure(
                zh=f"清单文件 {data / 'manifest.json'} 不见了。请把 {previous} 复制为 manifest.json 后重试。",
                en=f"the manifest {data / 'manifest.json'} is gone; copy {previous} to manifest.json and try again",
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
    content = asdict(manifest) | {"fingerprint": manifest.fingerprint}
    text = json.dumps(content, ensure_ascii=False, indent=1, sort_keys=True)
    (data / "manifests").mkdir(exist_ok=True)
    replace_file(_numbered(data, manifest.version), text)
    replace_file(data / "manifest.json", text)


def replace_file(path: Path, text: str) -> None:
    """Write a file so that a reader or a crash sees the old content or the new, never a part."""
    aside = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    with aside.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    aside.replace(path)
    if os.name == "posix":  # the rename itself must survive a power cut
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
