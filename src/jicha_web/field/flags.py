"""What of a visit a reviewer should look at twice. Flags refuse nothing: there may be a good reason."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta

from django.utils import timezone

from jicha_web.cases.geography import distance_km
from jicha_web.cases.models import Case
from jicha_web.core import Text
from jicha_web.field.demands import evidence
from jicha_web.field.models import Photo, Position, Seal, SiteReading, Visit
from jicha_web.field.photos import KINDS_WORDS, Reuse


@dataclass(frozen=True)
class Flag:
    """One thing to look at. `photo`: the id of the photo that it is about."""

    code: str
    text: Text
    photo: int | None = None


def distance_m(case: Case, latitude: float | None, longitude: float | None) -> int | None:
    """Return how far a place is from the customer; None when one of the two is unknown. [m]"""
    km = distance_km(case.latitude, case.longitude, latitude, longitude)
    return None if km is None else round(km * 1000)


def of_positions(case: Case, positions: Collection[Position]) -> list[Flag]:
    """Flag a visit none of whose points lies near the customer."""
    points = [p for p in positions if p.kind == "point"]
    distances = [d for p in points if (d := distance_m(case, p.latitude, p.longitude)) is not None]
    if not distances or min(distances) <= evidence().far_m:
        return []
    near = f"{min(distances):,}"
    text = Text(f"到场定位距客户登记位置 {near} 米", f"the nearest position is {near} m from the customer")
    return [Flag("far_position", text)]


def of_photos(case: Case, visit: Visit, photos: Collection[Photo]) -> list[Flag]:
    """Flag photos taken elsewhere or long before the visit, by what the camera wrote."""
    rules = evidence()
    flags = []
    for photo in photos:
        words = KINDS_WORDS[photo.kind]
        far = distance_m(case, photo.latitude, photo.longitude)
        if far is not None and far > rules.far_m:
            zh, en = (
                f"{words.zh}照片的拍摄位置距客户 {far:,} 米",
                f"photo ({words.en}) taken {far:,} m from the customer",
            )
            flags.append(Flag("far_photo", Text(zh, en), photo.pk))
        if photo.taken_at and photo.taken_at < visit.started_at - timedelta(hours=rules.old_photo_h):
            day = timezone.localdate(photo.taken_at)
            zh, en = f"{words.zh}照片拍摄于 {day}，早于本次核查", f"photo ({words.en}) taken on {day}, before the visit"
            flags.append(Flag("old_photo", Text(zh, en), photo.pk))
    return flags


def of_reuse(reuses: Collection[Reuse]) -> list[Flag]:
    """Flag photos that are in another case as well; for reviewers."""
    flags = []
    for reuse in reuses:
        words, other = KINDS_WORDS[reuse.photo.kind], reuse.other
        by, day = other.by.name, timezone.localdate(other.at)
        zh = f"{words.zh}照片与工单 {other.case.number} 的照片相同（{by}，{day}）"
        en = f"photo ({words.en}) is also in case {other.case.number} ({by}, {day})"
        flags.append(Flag("reused_photo", Text(zh, en), reuse.photo.pk))
    return flags


def of_rows(readings: Collection[SiteReading], seals: Collection[Seal]) -> list[Flag]:
    """Flag an index below that of the data, and seals that are not intact."""
    flags = []
    for one in readings:
        if one.data_index_kwh is not None and one.index_kwh < one.data_index_kwh:
            now, then, day = f"{one.index_kwh:f}", f"{one.data_index_kwh:f}", one.data_read_on
            zh = f"表 {one.meter_id} 现场示数 {now} 小于系统示数 {then}（{day}）"
            en = f"meter {one.meter_id}: {now} on site, {then} in the data ({day})"
            flags.append(Flag("index_back", Text(zh, en)))
    broken = {"broken": Text("损坏", "broken"), "missing": Text("缺失", "missing"), "forged": Text("伪造", "forged")}
    for seal in seals:
        if seal.state in broken:
            word = broken[seal.state]
            flags.append(Flag("seal", Text(f"封印{word.zh}：{seal.place}", f"seal {word.en}: {seal.place}")))
    return flags
