"""A case as one file that anyone can verify: data, findings, photos, papers, history, and what checks them."""

from __future__ import annotations

import hashlib
import json
import zipfile
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils import timezone

from jicha_web.cases.models import Case
from jicha_web.core import Text
from jicha_web.field.storage import path_of
from jicha_web.history import record as history
from jicha_web.history.models import Seal
from jicha_web.history.values import digest, plain
from jicha_web.jobs.models import Job
from jicha_web.jobs.work import Running, enqueue, work
from jicha_web.organisation.models import Person
from jicha_web.organisation.rights import require
from jicha_web.proof.casefile_content import Content, StoredFile, gather, heads_of, history_of, withheld_of
from jicha_web.proof.casefile_mask import mask_of

FORMAT = "jicha-case-1"
VERIFIER = Path(__file__).with_name("verify_case.py")
_CHUNK = 1 << 20
_README = """案卷 / File of a case

校验（只需 Python 3.8 以上，无需安装本系统） / To verify it (Python 3.8 or newer, nothing else):

    python3 verify_case.py <this file>.zip

程序随案卷附带；为防程序本身被替换，请使用另行取得的同一程序。
The program comes along; get it from elsewhere as well, in case it was replaced.
链头摘要可与系统中该工单的历史页面核对（--head）。
Compare the head of the chain with the history page of the case in the application (--head).

case.json      工单、核查、定性、整改、款项等数据 / the case and all that belongs to it
findings.json  疑点及证据 / findings with their evidence
history.json   各对象的历史记录与摘要 / history rows of each object with their hashes
photos/        照片：original 为原始文件，display 为显示副本 / originals byte for byte, and copies for display
papers/ files/ 文书与附件 / papers and files
manifest.json  每个文件的大小与 SHA-256 / size and SHA-256 of every file
"""


class UnableToPack(Exception):
    """A case cannot be packed like that; `text` says why."""

    def __init__(self, text: Text) -> None:
        self.text = text
        super().__init__(text.en)


@dataclass
class _Files:
    """The files of one case: texts made now, and stored ones that are copied in."""

    texts: dict[str, bytes] = field(default_factory=dict)
    stored: list[StoredFile] = field(default_factory=list)

    def sums(self) -> dict[str, str]:
        """Return the recorded SHA-256 of each."""
        made = {name: hashlib.sha256(content).hexdigest() for name, content in self.texts.items()}
        return made | {f.path: f.sha256 for f in self.stored if f.path is not None}


def ask(*, case: Case, by: Person, at: datetime, unmasked: bool, reason: str) -> Job:
    """Ask for the file of a case; unmasked needs `personal_unmask` and a reason.

    Raises PermissionDenied, UnableToPack.
    """
    day = timezone.localdate(at)
    require(by, "export", day, case.organisation)
    if unmasked:
        require(by, "personal_unmask", day, case.organisation)
        if not reason.strip():
            raise UnableToPack(Text("导出未脱敏的案卷须说明原因", "say why you need personal data unmasked"))
    return enqueue(
        "pack_case", by=by, at=at, organisation=case.organisation, case_id=case.pk, unmasked=unmasked,
        reason=reason.strip()[:500],
    )  # fmt: skip


@work("pack_case", "export")
def pack_case(job: Running, *, case_id: int, unmasked: bool, reason: str, **_later: Any) -> None:
    """Pack a case within the scope of who asked."""
    assert job.by is not None
    case = Case.objects.get(pk=case_id)
    path = job.folder / f"{case.number}.zip"
    damage = pack(case=case, path=path, by=job.by, at=job.at, unmasked=unmasked, reason=reason, tell=job.progress)
    job.result(damage=damage)
    job.result_file(path.name, path)


def _json(content: Any) -> bytes:
    return json.dumps(content, ensure_ascii=False, indent=1, sort_keys=True).encode()


def pack(
    *, case: Case, path: Path, by: Person, at: datetime, unmasked: bool, reason: str, tell: Any = None
) -> list[str]:
    """Write the file of a case and record that it was; return which stored files are not as they were recorded.

    What is recorded is one hash over the hashes of all files but history and manifest, and one over the heads of the
    other objects' chains: the history that goes along proves the files, the application proves the history.
    """
    day = timezone.localdate(at)
    require(by, "export", day, case.organisation)
    if unmasked:
        require(by, "personal_unmask", day, case.organisation)
    with transaction.atomic():
        held = Case._base_manager.select_for_update(of=("self",)).select_related(
            "organisation", "subject_organisation"
        ).get(pk=case.pk)  # fmt: skip
        mask = mask_of(held, off=unmasked)
        content = gather(held, mask)
        files = _files_of(content)
        others = [row for row, _stored in content.recorded if row is not content.recorded[0][0]]
        packed = {"masked": not unmasked, "content": digest(files.sums()), "heads": digest(heads_of(others))}
        history.record(held, verb="packed", by=by, at=at, note=reason, data=packed)
        content.recorded[0] = (held, [])
        told = history_of(content, mask)
        # the row of the packing itself is never withheld: it proves the rest
        told["objects"][0]["entries"][-1]["data"] = packed
    files.texts["history.json"] = _json(told)
    seal = Seal.objects.order_by("-pk").first()
    manifest = {
        "format": FORMAT, "case_id": held.pk, "number": held.number, "made_at": plain(at), "made_by": by.name,
        "masked": not unmasked, "withheld": withheld_of(told, content),
        "seal": None if seal is None else {"hash": seal.hash, "at": plain(seal.at), "entries": seal.entries},
    }  # fmt: skip
    return _write(path, files, manifest, tell)


def _files_of(content: Content) -> _Files:
    files = _Files({
        "case.json": _json(content.case), "findings.json": _json(content.findings), "README.txt": _README.encode(),
        "verify_case.py": VERIFIER.read_bytes(),
    })  # fmt: skip
    files.stored = [f for _row, stored in content.recorded for f in stored if f.path is not None]
    return files


def _write(path: Path, files: _Files, manifest: dict[str, Any], tell: Any) -> list[str]:
    listed: dict[str, dict[str, Any]] = {}
    damage: list[str] = []
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in sorted(files.texts.items()):
            archive.writestr(name, content)
            listed[name] = {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
        for done, one in enumerate(files.stored, 1):
            assert one.path is not None
            copied = _copy(archive, one.path, path_of(one.stored))
            if copied is None:
                damage.append(f"{one.path}: gone / 文件缺失")
                continue
            listed[one.path] = {"bytes": copied[0], "sha256": copied[1]}
            if copied[1] != one.sha256:
                damage.append(f"{one.path}: changed / 文件被改动")
            if tell is not None:
                tell(done, len(files.stored))
        archive.writestr("manifest.json", _json({**manifest, "files": listed, "damage": damage}))
    return damage


def _copy(archive: zipfile.ZipFile, name: str, source: Path) -> tuple[int, str] | None:
    """Copy a stored file into the archive; return its size and hash, None when it is gone."""
    running, size = hashlib.sha256(), 0
    try:
        with source.open("rb") as file, archive.open(zipfile.ZipInfo(name), "w", force_zip64=True) as target:
            while block := file.read(_CHUNK):
                running.update(block)
                size += len(block)
                target.write(block)
    except FileNotFoundError:
        return None
    return size, running.hexdigest()
