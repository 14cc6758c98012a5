"""Files kept with a case as proof: screenshots, signed papers, receipts; few kinds, and their content is looked at."""

from __future__ import annotations

import hashlib
import io
import zipfile
from datetime import datetime
from pathlib import PurePath

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from PIL import Image

from jicha_web.assess.models import CaseFile
from jicha_web.cases import moves
from jicha_web.cases.gates import Missing
from jicha_web.cases.models import Case
from jicha_web.core import Text
from jicha_web.field.storage import kept_only_if_done, store
from jicha_web.history import record as history
from jicha_web.organisation.models import Person
from jicha_web.organisation.rights import may

_MAX_PIXELS = 50_000_000
_DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_SUFFIXES = {
    "application/pdf": (".pdf",),
    "image/jpeg": (".jpg", ".jpeg"),
    "image/png": (".png",),
    _DOCX: (".docx",),
    _XLSX: (".xlsx",),
}
_RIGHTS = {  # kind → who may add one
    "rectified": ("case_rectify",),
    "signed": ("case_rectify", "case_assess"),
    "receipt": ("case_collect", "case_rectify"),
    "hand_proof": ("case_review",),
    "other": ("case_rectify", "case_assess", "case_review"),
}


class UnableToKeep(Exception):
    """A file is not taken; `text` says why."""

    def __init__(self, text: Text) -> None:
        self.text = text
        super().__init__(text.en)


def is_picture(content: bytes) -> bool:
    """Whether a file begins as a JPEG or PNG does."""
    return content.startswith((b"\xff\xd8\xff", b"\x89PNG\r\n"))


def media_type(content: bytes) -> str:
    """Return what a file is by its content: JPEG, PNG, PDF, docx, xlsx; UnableToKeep for anything else."""
    if content.startswith(b"%PDF-") and b"%%EOF" in content[-2048:]:
        if b"/JavaScript" in content or b"/Launch" in content:
            raise UnableToKeep(Text("PDF 含脚本或外部程序，不予接收", "the PDF holds a script"))
        return "application/pdf"
    if is_picture(content):
        return _picture(content)
    if content.startswith(b"PK\x03\x04"):
        return _office(content)
    raise UnableToKeep(
        Text("只接收 JPEG、PNG、PDF、docx、xlsx 文件", "only JPEG, PNG, PDF, docx and xlsx files are taken")
    )


def _picture(content: bytes) -> str:
    try:
        with Image.open(io.BytesIO(content), formats=("JPEG", "PNG")) as picture:
            if picture.width * picture.height > _MAX_PIXELS:
                raise UnableToKeep(Text("图片尺寸过大", "the picture has too many pixels"))
            picture.load()
            return "image/jpeg" if picture.format == "JPEG" else "image/png"
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise UnableToKeep(Text("图片已损坏", "the picture is damaged")) from error


def _office(content: bytes) -> str:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            parts = package.infolist()
            names = {part.filename for part in parts}
    except zipfile.BadZipFile as error:
        raise UnableToKeep(Text("文件已损坏", "the file is damaged")) from error
    if len(parts) > 2000 or sum(part.file_size for part in parts) > 200 * 1024 * 1024:
        raise UnableToKeep(Text("文件解压后过大", "the file unpacks to too much"))
    if any("vbaProject" in name for name in names):
        raise UnableToKeep(Text("文件含宏，不予接收", "the file holds macros"))
    if "word/document.xml" in names:
        return _DOCX
    if "xl/workbook.xml" in names:
        return _XLSX
    raise UnableToKeep(
        Text("只接收 JPEG、PNG、PDF、docx、xlsx 文件", "only JPEG, PNG, PDF, docx and xlsx files are taken")
    )


def fitting_name(name: str, found: str) -> str:
    """Return the name of a file without folders, with a suffix by which whoever fetches it can open it."""
    last = PurePath(name).name or "file"
    suffixes = _SUFFIXES[found]
    if last.lower().endswith(suffixes):
        return last[-200:]
    return f"{last[:190]}{suffixes[0]}"


@transaction.atomic
def add(*, case: Case, kind: str, name: str, content: bytes, by: Person, at: datetime) -> CaseFile:
    """Keep a file with a case. Raises UnableToKeep, UnableToMove."""
    moves.lock(case)
    if kind not in _RIGHTS:
        raise UnableToKeep(Text("请选择文件类别", "choose a kind of file"))
    if not any(may(by, action, timezone.localdate(at), case.organisation) for action in _RIGHTS[kind]):
        raise moves.UnableToMove([Missing("right", Text("您没有上传此类文件的权限", "you have no right to add this"))])
    if reasons := moves.against_part(case, "", by):
        raise moves.UnableToMove(reasons)
    if case.state == "cancelled" or (case.closed_at is not None and kind != "receipt"):
        raise UnableToKeep(Text("工单已结束", "the case has ended"))
    if not content:
        raise UnableToKeep(Text("文件为空", "the file is empty"))
    if len(content) > settings.MAX_UPLOAD_BYTES:
        raise UnableToKeep(too_big())
    found = media_type(content)
    with kept_only_if_done() as stored:
        stored.append(store("case_files", "bin", content))
        made = CaseFile(
            case=case, kind=kind, name=fitting_name(name, found), media_type=found, size_bytes=len(content),
            file=stored[0], sha256=hashlib.sha256(content).hexdigest(), by=by, at=at,
        )  # fmt: skip
        history.create(made, verb="file_added", by=by, at=at)
    return made


def against_removing(file: CaseFile, case: Case, by: Person) -> Text | None:
    """Return what stands against a person's taking a file out of a case's proof; None when nothing does."""
    if file.by_id != by.pk or file.removed:
        return Text("只能由上传人移除", "only who added it may remove it")
    if file.kind == "rectified" and case.state != "rectifying":
        return Text("整改已提交，不能移除", "the rectification is handed in")
    if file.kind == "hand_proof" and case.state != "awaiting_proof":
        return Text("已据此判定，不能移除", "it was decided upon")
    if case.closed_at is not None and file.kind != "receipt":
        return Text("工单已结束，不能移除", "the case has ended")
    return None


def remove(*, file: CaseFile, by: Person, at: datetime) -> None:
    """Take a file out of the case's proof; bytes and row stay. Only who added it, while nothing was decided on it."""
    with transaction.atomic():
        moves.lock(file.case)
        if against := against_removing(file, file.case, by):
            raise UnableToKeep(against)
        moves.require_part(case=file.case, part="", by=by)
        history.record(file, verb="file_removed", by=by, at=at, changes={"removed": True})


def too_big() -> Text:
    """Return what is said of a file of more bytes than are taken."""
    size = most_bytes() // 1024 // 1024
    return Text(f"文件超过 {size} MB", f"the file is above {size} MB")


def most_bytes() -> int:
    """Return how big a file may be."""
    found: int = settings.MAX_UPLOAD_BYTES
    return found


def kinds_for(case: Case, by: Person, at: datetime) -> frozenset[str]:
    """Return the kinds of files a person may add to a case now."""
    if case.state == "cancelled" or moves.against_part(case, "", by):
        return frozenset()
    day = timezone.localdate(at)
    allowed = {
        k for k, actions in _RIGHTS.items() if any(may(by, action, day, case.organisation) for action in actions)
    }
    if case.closed_at is not None:
        allowed &= {"receipt"}
    if case.state != "rectifying":
        allowed -= {"rectified"}
    if case.state != "awaiting_proof":
        allowed -= {"hand_proof"}
    return frozenset(allowed)
