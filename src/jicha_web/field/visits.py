"""What an inspector does on site: start, answer, place, read, seal, sign, submit; each is kept at once."""

from __future__ import annotations

import io
import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone
from PIL import Image

from jicha_web.cases import moves
from jicha_web.cases.models import Case, ChecklistItem
from jicha_web.cases.workflow import Move
from jicha_web.core import Text
from jicha_web.field import photos, rows
from jicha_web.field.demands import evidence
from jicha_web.field.errors import UnableToVisit
from jicha_web.field.models import Photo, Position, Seal, SiteReading, Visit
from jicha_web.history import record as history
from jicha_web.organisation.models import Person, Qualification
from jicha_web.organisation.rights import require

MOST_POSITIONS = 5000
ANSWERS = frozenset(code for code, _ in ChecklistItem.ANSWERS)
SEAL_STATES = frozenset(code for code, _ in Seal._meta.get_field("state").flatchoices)


@dataclass(frozen=True)
class Qualified:
    """What stands against a person's checking. refuses: as configured; otherwise it is a warning."""

    code: str  # expired, none
    refuses: bool
    text: Text


def qualification(person: Person, day: date) -> Qualified | None:
    """Return what is wrong with an inspector's certificate on a day; None when nothing is."""
    rules = evidence()
    if not rules.qualification_kinds:
        return None
    held = Qualification._base_manager.filter(person=person, kind__in=rules.qualification_kinds)
    ends = list(held.values_list("valid_until", flat=True))
    if any(end is None or end >= day for end in ends):
        return None
    code, mode = ("expired", rules.when_expired) if ends else ("none", rules.when_none)
    if mode == "ignore":
        return None
    if ends:
        last = max(end for end in ends if end is not None)
        text = Text(
            f"{person.name}的检查资格证已于 {last} 到期，请先办理续证或改派他人",
            f"the certificate of {person.name} ended on {last}: renew it, or give the case to another person",
        )
    else:
        text = Text(
            f"系统中没有{person.name}的检查资格证，请联系管理员登记",
            f"no certificate of {person.name} is on record: ask the administrator to enter it",
        )
    return Qualified(code, mode == "refuse", text)


def start(*, case: Case, by: Person, at: datetime, client_uuid: UUID, companion: str = "") -> Visit:
    """Begin a visit; asked again with the same client_uuid, or while a draft is there, that one is returned.

    Raises UnableToVisit, UnableToMove (not the assignee, 回避), PermissionDenied.
    """
    day = timezone.localdate(at)
    require(by, "case_check", day, case.organisation)
    if found := _begun(case, by, client_uuid):
        return found
    against = qualification(by, day)
    if against is not None and against.refuses:
        raise UnableToVisit(against.text)
    try:
        with transaction.atomic():
            return _start(case, by, at, client_uuid=client_uuid, companion=companion.strip(), against=against)
    except IntegrityError:  # the same form sent twice at once
        if found := _begun(case, by, client_uuid):
            return found
        raise


def _begun(case: Case, by: Person, client_uuid: UUID) -> Visit | None:
    same = Visit._base_manager.filter(client_uuid=client_uuid).first()
    if same is not None and (same.person_id != by.pk or same.case_id != case.pk):
        raise UnableToVisit(Text("请求编号已被使用，请刷新页面重试", "this form was used already: reload the page"))
    return same or Visit._base_manager.filter(case=case, person=by, state="draft").first()


def _start(
    case: Case, by: Person, at: datetime, *, client_uuid: UUID, companion: str, against: Qualified | None
) -> Visit:
    if case.state == "station_pending":
        moves.move(case=case, event="start_check", by=by, at=at)
    elif case.state != "checking":
        raise UnableToVisit(Text("工单不在核查环节", "the case is not being checked"))
    elif case.assignee_id != by.pk:
        raise UnableToVisit(Text("只能由指定的核查人办理", "only the person it is given to may do this"))
    moves.require_part(case=case, part="check", by=by)
    _require_other(companion, by)
    visit = Visit(case=case, client_uuid=client_uuid, person=by, companion=companion[:100], started_at=at)
    data = {"qualification": against.code} if against else {}
    history.create(visit, verb="visit_started", by=by, at=at, data=data)
    moves.take_part(case=case, part="check", by=by, at=at)
    return visit


def _require_other(companion: str, by: Person) -> None:
    if companion and companion in {by.name, by.username}:
        raise UnableToVisit(Text("第二名检查人员不能是本人", "the second inspector is another person"))


def _draft(visit: Visit, by: Person, at: datetime) -> Visit:
    """Return the visit as it is now, locked, if this person may still change it; in a transaction."""
    case, held = photos.as_they_are(visit.case, visit)
    assert held is not None
    photos.require_open(case=case, visit=held, by=by, at=at)
    return held


@transaction.atomic
def set_details(*, visit: Visit, by: Person, at: datetime, **given: str) -> Visit:
    """Set verdict, summary, other_problems, companion: those that are given."""
    held = _draft(visit, by, at)
    if strange := set(given) - {"verdict", "summary", "other_problems", "companion"}:
        raise ValueError(f"a visit has no {sorted(strange)}")
    values = {name: value.strip() for name, value in given.items()}
    if values.get("verdict") not in {None, "", *dict(Visit.VERDICTS)}:
        raise UnableToVisit(Text("请选择是否属实", "say whether it is true"))
    if "companion" in values:
        _require_other(values["companion"], held.person)
        values["companion"] = values["companion"][:100]
    changed = {name: value for name, value in values.items() if getattr(held, name) != value}
    if changed:
        history.record(held, verb="visit_described", by=by, at=at, changes=changed)
    return held


@transaction.atomic
def answer(*, visit: Visit, item: ChecklistItem, answer: str, note: str, by: Person, at: datetime) -> Visit:
    """Answer one point of the checklist."""
    held = _draft(visit, by, at)
    item = ChecklistItem.objects.select_for_update(of=("self",)).get(pk=item.pk)
    if item.case_id != held.case_id or answer not in ANSWERS:
        raise UnableToVisit(Text("请选择核查结果", "choose an answer"))
    note = note.strip()
    if answer == "not_possible" and not note:
        raise UnableToVisit(Text("无法核查时请说明原因", "say why it could not be checked"))
    before, after = [item.answer, item.note], [answer, note]
    if before != after:
        item.answer, item.note, item.answered_by, item.answered_at = answer, note, by, at
        item.save(update_fields=["answer", "note", "answered_by", "answered_at"])
        history.record(held, verb="answered", by=by, at=at, data={"code": item.code, "answer": [before, after]})
    return held


def _keep_rows(held: Visit, *, verb: str, by: Person, at: datetime, data: dict[str, Any]) -> None:
    history.record(held, verb=verb, by=by, at=at, changes={"rows_hash": rows.hash_of(held)}, data=data)


@dataclass(frozen=True)
class Place:
    """A position as a phone tells it. Degrees, WGS-84; accuracy in metres."""

    latitude: float
    longitude: float
    accuracy_m: float | None = None
    at: datetime | None = None


def _placed(visit: Visit, place: Place, kind: str, at: datetime) -> Position:
    numbers = [place.latitude, place.longitude, place.accuracy_m or 0.0]
    if not all(map(math.isfinite, numbers)) or abs(place.latitude) > 90 or abs(place.longitude) > 180 or numbers[2] < 0:
        raise UnableToVisit(
            Text("坐标无效：纬度 -90～90，经度 -180～180", "no such place: latitude -90 to 90, longitude -180 to 180")
        )  # fmt: skip
    when = place.at
    if when is None or not visit.started_at - timedelta(hours=1) <= when <= at + timedelta(minutes=5):
        when = at  # a phone whose clock is wrong
    return Position(
        visit=visit, at=when, latitude=place.latitude, longitude=place.longitude, accuracy_m=place.accuracy_m, kind=kind
    )


@transaction.atomic
def add_positions(*, visit: Visit, places: Sequence[Place], kind: str, by: Person, at: datetime) -> Visit:
    """Keep where the inspector is: one `point`, or more of the `track`."""
    held = _draft(visit, by, at)
    if kind not in {"point", "track"} or not places:
        raise UnableToVisit(Text("没有坐标", "there is no position"))
    if Position.objects.filter(visit=held).count() + len(places) > MOST_POSITIONS:
        raise UnableToVisit(Text("轨迹点过多", "too many points"))
    made = Position.objects.bulk_create([_placed(held, place, kind, at) for place in places])
    one = {"latitude": made[0].latitude, "longitude": made[0].longitude, "accuracy_m": made[0].accuracy_m}
    _keep_rows(
        held, verb="placed" if kind == "point" else "track_added", by=by, at=at,
        data=one if kind == "point" else {"points": len(made)},
    )  # fmt: skip
    return held


@transaction.atomic
def add_reading(
    *, visit: Visit, meter_id: str, register: str, index_kwh: Decimal, note: str, by: Person, at: datetime,
    data_index_kwh: Decimal | None = None, data_read_on: date | None = None,
) -> SiteReading:  # fmt: skip
    """Keep a reading, beside what the data said last of the same register."""
    held = _draft(visit, by, at)
    if not meter_id.strip() or not register.strip():
        raise UnableToVisit(Text("请填写电能表和示数类型", "name the meter and the register"))
    if not index_kwh.is_finite() or not 0 <= index_kwh < Decimal(10) ** 10:
        raise UnableToVisit(Text("示数应为非负数", "the index is a number, zero or more"))
    made = SiteReading.objects.create(
        visit=held, meter_id=meter_id.strip()[:64], register=register.strip()[:32],
        index_kwh=index_kwh.quantize(Decimal("0.0001")), note=note.strip()[:200], data_index_kwh=data_index_kwh,
        data_read_on=data_read_on,
    )  # fmt: skip
    _keep_rows(held, verb="reading_added", by=by, at=at, data={"meter_id": made.meter_id, "index_kwh": made.index_kwh})
    return made


@transaction.atomic
def remove_reading(*, visit: Visit, reading: SiteReading, by: Person, at: datetime) -> None:
    """Take a reading back; what it was stays in the history."""
    held = _draft(visit, by, at)
    if reading.visit_id != held.pk:
        raise UnableToVisit(Text("不属于本次核查", "it is not of this visit"))
    data = {"meter_id": reading.meter_id, "register": reading.register, "index_kwh": reading.index_kwh}
    reading.delete()
    _keep_rows(held, verb="reading_removed", by=by, at=at, data=data)


@transaction.atomic
def add_seal(
    *, visit: Visit, place: str, number_found: str, state: str, number_set: str, by: Person, at: datetime
) -> Seal:
    """Keep a seal that was found or set."""
    held = _draft(visit, by, at)
    if not place.strip() or state not in SEAL_STATES:
        raise UnableToVisit(Text("请填写封印位置和状态", "say where the seal is and how it is"))
    made = Seal.objects.create(
        visit=held, place=place.strip()[:100], number_found=number_found.strip()[:64], state=state,
        number_set=number_set.strip()[:64],
    )  # fmt: skip
    data = {"place": made.place, "state": state, "number_found": made.number_found, "number_set": made.number_set}
    _keep_rows(held, verb="seal_added", by=by, at=at, data=data)
    return made


@transaction.atomic
def remove_seal(*, visit: Visit, seal: Seal, by: Person, at: datetime) -> None:
    """Take a seal back; what it was stays in the history."""
    held = _draft(visit, by, at)
    if seal.visit_id != held.pk:
        raise UnableToVisit(Text("不属于本次核查", "it is not of this visit"))
    data = {"place": seal.place, "state": seal.state, "number_found": seal.number_found}
    seal.delete()
    _keep_rows(held, verb="seal_removed", by=by, at=at, data=data)


def _is_blank(content: bytes) -> bool:
    with Image.open(io.BytesIO(content)) as picture:  # examined before
        darkest, _brightest = picture.convert("L").getextrema()
    return int(str(darkest)) > 200


@transaction.atomic
def sign(*, visit: Visit, content: bytes, by: Person, at: datetime) -> Photo:
    """Keep the customer's signature, as a picture."""
    if _is_blank(photos.look_at(content).display):
        raise UnableToVisit(Text("签名是空白的，请在框内签字", "the signature is blank: sign in the box"))
    held = _draft(visit, by, at)
    made = photos.add(case=held.case, visit=held, kind="signature", content=content, by=by, at=at)
    if held.refused_signature:
        history.record(held, verb="signature_given", by=by, at=at, changes={"refused_signature": ""})
    return made


@transaction.atomic
def refuse_signature(*, visit: Visit, reason: str, witness: str, by: Person, at: datetime) -> Visit:
    """Record that the customer would not sign, why, and who witnessed it."""
    held = _draft(visit, by, at)
    if not reason.strip() or not witness.strip():
        raise UnableToVisit(Text("拒签须填写原因和见证人", "a refusal needs its reason and a witness"))
    if witness.strip() in {by.name, by.username}:
        raise UnableToVisit(Text("见证人不能是本人", "the witness is another person"))
    text = f"{reason.strip()[:130]}；见证人：{witness.strip()[:60]}"
    history.record(held, verb="signature_refused", by=by, at=at, changes={"refused_signature": text})
    return held


def submit(*, visit: Visit, by: Person, at: datetime, note: str = "") -> Case:
    """Hand the visit in: the case moves on, if the evidence gate is open. Raises UnableToMove with what is missing."""
    with transaction.atomic():
        held = _draft(visit, by, at)
        return moves.move(case=held.case, event="submit_check", by=by, at=at, note=note, data={"visit": held.pk})


def follow_move(*, case: Case, move: Move, by: Person | None, at: datetime) -> None:
    """Close the draft with the move of its case: submitted with it, or given up when the case goes elsewhere."""
    if move.event != "submit_check" and case.state == "checking" and move.event != "reassign":
        return
    for visit in Visit._base_manager.filter(case=case, state="draft").order_by("pk"):
        if move.event == "submit_check":
            answers = ChecklistItem.objects.filter(case=case).exclude(answer="").order_by("order", "pk")
            changes: dict[str, Any] = {
                "state": "submitted", "submitted_at": at, "answers": {i.code: [i.answer, i.note] for i in answers},
            }  # fmt: skip
            history.record(visit, verb="visit_submitted", by=by, at=at, changes=changes)
        else:
            history.record(visit, verb="visit_abandoned", by=by, at=at, note=move.event, changes={"state": "abandoned"})
