"""Photos as evidence: looked at, kept byte for byte, shown as a copy; the same photo twice is named."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from jicha_web import notices
from jicha_web.cases import moves
from jicha_web.cases.models import Case
from jicha_web.core import Text
from jicha_web.field.demands import evidence
from jicha_web.field.errors import UnableToVisit
from jicha_web.field.models import Photo, Visit
from jicha_web.field.pictures import SUFFIXES, Picture, UnusablePicture, examine
from jicha_web.field.storage import kept_only_if_done, store
from jicha_web.history import record as history
from jicha_web.organisation.models import Person
from jicha_web.organisation.rights import people_with, require

KINDS_WORDS = {
    "site": Text("现场", "Site"), "meter": Text("计量装置", "Meter"), "seal": Text("封印", "Seal"),
    "wiring": Text("接线", "Wiring"), "signature": Text("签字", "Signature"),
    "rectified": Text("整改后", "After rectification"), "other": Text("其他", "Other"),
}  # fmt: skip


@dataclass(frozen=True)
class Reuse:
    """A photo of one case that is in another as well."""

    photo: Photo
    other: Photo


def look_at(content: bytes) -> Picture:
    """Look at the bytes of a photo as configured. Raises UnableToVisit with what to do."""
    rules = evidence()
    try:
        return examine(
            content, most_bytes=settings.MAX_UPLOAD_BYTES, most_pixels=rules.most_pixels,
            most_whole_pixels=rules.most_whole_pixels, display_px=rules.display_px, quality=rules.display_quality,
            zone=settings.TIME_ZONE,
        )  # fmt: skip
    except UnusablePicture as error:
        raise UnableToVisit(error.text) from error


def require_open(*, case: Case, visit: Visit | None, by: Person, at: datetime) -> None:
    """Raise unless a person may add to a visit now, or without one to the rectification of a case."""
    action, state, part = ("case_check", "checking", "check") if visit else ("case_rectify", "rectifying", "rectify")
    require(by, action, timezone.localdate(at), case.organisation)
    if case.state != state or (visit is not None and visit.state != "draft"):
        raise UnableToVisit(
            Text("核查或整改已提交，不能再修改", "the visit or the rectification is handed in: nothing can be changed")
        )  # fmt: skip
    if case.assignee_id not in {None, by.pk} or (visit is not None and visit.person_id != by.pk):
        raise UnableToVisit(Text("只能由指定的核查人办理", "only the person it is given to may do this"))
    moves.require_part(case=case, part=part, by=by)


def add(*, case: Case, visit: Visit | None, kind: str, content: bytes, by: Person, at: datetime) -> Photo:
    """Keep a photo of a visit, or (visit: None, kind: rectified) of a rectification.

    Raises UnableToVisit (no photo, twice in this case, too late), UnableToMove (回避), PermissionDenied.
    """
    require_open(case=case, visit=visit, by=by, at=at)
    if kind not in KINDS_WORDS or (kind == "rectified") != (visit is None):
        raise UnableToVisit(Text("请选择照片类别", "choose a kind of photo"))
    seen = look_at(content)
    sum_, copy_sum = (hashlib.sha256(c).hexdigest() for c in (content, seen.display))
    with kept_only_if_done() as stored, transaction.atomic():
        case, visit = as_they_are(case, visit)
        require_open(case=case, visit=visit, by=by, at=at)  # it may have been handed in while the photo was looked at
        _refuse_again(case, sum_, copy_sum)
        original = store("originals", SUFFIXES[seen.media_type], content)
        stored.append(original)
        display = store("displays", "jpg", seen.display)
        stored.append(display)
        photo = Photo(
            case=case, visit=visit, kind=kind, original=original, display=display, sha256=sum_,
            display_sha256=copy_sum, media_type=seen.media_type, size_bytes=len(content), width_px=seen.width_px,
            height_px=seen.height_px, taken_at=seen.taken_at, device=seen.device, latitude=seen.latitude,
            longitude=seen.longitude, by=by, at=at,
        )  # fmt: skip
        history.create(photo, verb="photo_added", by=by, at=at)
        if visit is None:
            moves.take_part(case=case, part="rectify", by=by, at=at)
        _tell_of_reuse(photo, at)
    return photo


def as_they_are(case: Case, visit: Visit | None) -> tuple[Case, Visit | None]:
    """Return case and visit as the database holds them now, locked, the case first as everywhere; in a transaction."""
    locked = Case._base_manager.select_for_update(of=("self",)).select_related("organisation").get(pk=case.pk)
    if visit is None:
        return locked, None
    held = Visit._base_manager.select_for_update(of=("self",)).get(pk=visit.pk)
    held.case = locked
    return locked, held


def _refuse_again(case: Case, sum_: str, copy_sum: str) -> None:
    kept = Photo._base_manager.filter(case=case, removed=False)
    again = kept.filter(Q(sha256=sum_) | Q(display_sha256=copy_sum)).select_related("by").order_by("pk").first()
    if again is not None:
        when, words = f"{timezone.localtime(again.at):%m-%d %H:%M}", KINDS_WORDS[again.kind]
        raise UnableToVisit(
            Text(
                f"本工单已有这张照片（{words.zh}，{again.by.name} {when} 上传），请换一张",
                f"this photo is in this case already ({words.en.lower()}, {again.by.name}, {when}): choose another",
            )
        )
    if kept.count() >= evidence().most_photos:
        most = evidence().most_photos
        raise UnableToVisit(Text(f"每个工单最多 {most} 张照片", f"a case holds at most {most} photos"))


def reuses(photos: Collection[Photo]) -> list[Reuse]:
    """Return which photos of a case are, byte for byte or point for point, in other cases as well."""
    if not photos:
        return []
    sums = {p.sha256 for p in photos}
    copies = {p.display_sha256 for p in photos}
    # across all units: a photo from elsewhere is exactly what a reviewer has to know of
    others = (
        Photo._base_manager.filter(Q(sha256__in=sums) | Q(display_sha256__in=copies))
        .exclude(case_id__in={p.case_id for p in photos})
        .select_related("case__organisation", "by")
        .order_by("pk")
    )
    found = []
    for other in others:
        same = (p for p in photos if p.sha256 == other.sha256 or p.display_sha256 == other.display_sha256)
        found += [Reuse(photo, other) for photo in same]
    return found


def _tell_of_reuse(photo: Photo, at: datetime) -> None:
    for reuse in reuses([photo]):
        reviewers = people_with("case_review", photo.case.organisation, timezone.localdate(at))
        notices.notify(
            people=[p for p in reviewers if p.pk != photo.by_id],
            kind="photo_reused",
            text=Text(
                f"工单{photo.case.number}的照片曾用于其他工单（{reuse.other.case.number}）",
                f"a photo of case {photo.case.number} was used in another case ({reuse.other.case.number})",
            ),
            url=reverse("case", args=[photo.case_id]),
            once=f"photo_reused:{photo.sha256[:32]}:{photo.case_id}",
            at=at,
        )
        return


def remove(*, photo: Photo, by: Person, at: datetime, reason: str) -> None:
    """Take a photo out of the evidence; bytes and row stay. Only who added it, before it is handed in."""
    with transaction.atomic():
        case, visit = as_they_are(photo.case, photo.visit)  # it may be handed in at this instant, counting the photo
        require_open(case=case, visit=visit, by=by, at=at)
        if photo.by_id != by.pk:
            raise UnableToVisit(Text("只能由上传人移除", "only who added it may remove it"))
        if photo.removed:
            raise UnableToVisit(Text("照片已移除", "the photo is removed already"))
        history.record(photo, verb="photo_removed", by=by, at=at, note=reason.strip(), changes={"removed": True})
