"""What the page of a visit and the section of the case page show, read once each."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _

from jicha_web.cases.checklist import sections as checklist_sections
from jicha_web.cases.models import Case, ChecklistItem
from jicha_web.core import Text
from jicha_web.field import flags, gate, photos
from jicha_web.field.demands import evidence
from jicha_web.field.models import Photo, Position, Seal, Visit
from jicha_web.field.registers import label_of
from jicha_web.pages.charts import Map, MapPoint
from jicha_web.pages.tags import moment, words
from jicha_web.pages.views import acting_of

REVIEWING = ("case_assess", "case_approve", "case_review", "history_view")


def may_edit(request: HttpRequest, visit: Visit) -> bool:
    """Whether who asks may change the visit now."""
    acting = acting_of(request)
    return (
        visit.state == "draft"
        and visit.case.state == "checking"
        and visit.person_id == acting.person.pk == visit.case.assignee_id
        and acting.may("case_check", visit.case.organisation)
    )


def reviews(request: HttpRequest, case: Case) -> bool:
    """Whether who asks judges the evidence of a case, and so is told of photos used twice."""
    acting = acting_of(request)
    return any(acting.may(action, case.organisation) for action in REVIEWING)


def progress(visit: Visit) -> dict[str, Any]:
    """What is asked for and how far it is."""
    items = gate.items(visit)
    return {"items": items, "done": sum(i.done for i in items), "count": len(items),
            "missing": [i for i in items if not i.done]}  # fmt: skip


def photo_values(visit: Visit) -> dict[str, Any]:
    """The photos of a visit by kind, with the kinds that the case asks for first."""
    found = list(Photo._base_manager.filter(visit=visit, removed=False).order_by("pk"))
    demanded = [
        kind for d in evidence().demands if d.of(visit.case.subject) and d.place == "photos" for kind in sorted(d.kinds)
    ]
    kinds = [k for k in photos.KINDS_WORDS if k not in {"signature", "rectified"}]
    kinds.sort(key=lambda k: k not in demanded)
    return {
        "kinds": [
            {"code": k, "label": photos.KINDS_WORDS[k], "asked": k in demanded,
             "photos": [p for p in found if p.kind == k]}
            for k in kinds
        ],
        "signatures": [p for p in found if p.kind == "signature"],
        "flags": flags.of_photos(visit.case, visit, found),
    }  # fmt: skip


def place_values(visit: Visit) -> dict[str, Any]:
    """The points of a visit with their distance, and how long the track is."""
    found = list(Position.objects.filter(visit=visit).order_by("pk"))
    points = [
        {"at": p.at, "latitude": p.latitude, "longitude": p.longitude, "accuracy_m": p.accuracy_m,
         "distance_m": flags.distance_m(visit.case, p.latitude, p.longitude)}
        for p in found
        if p.kind == "point"
    ]  # fmt: skip
    rules = evidence()
    return {"points": points, "track": sum(p.kind == "track" for p in found), "far_m": rules.far_m,
            "every_s": f"{rules.track_every_s:g}", "every_m": f"{rules.track_every_m:g}",
            "flags": flags.of_positions(visit.case, found)}  # fmt: skip


def checklist_values(visit: Visit) -> dict[str, Any]:
    """The checklist of the case by section."""
    found = list(ChecklistItem.objects.filter(case_id=visit.case_id).order_by("order", "pk"))
    labels = checklist_sections()
    groups: dict[str, list[ChecklistItem]] = defaultdict(list)
    for item in found:
        groups[item.section].append(item)
    return {
        "groups": [(labels.get(code, Text(code, code)), members) for code, members in groups.items()],
        "answered": sum(bool(i.answer) for i in found), "count": len(found),
    }  # fmt: skip


def reading_values(visit: Visit) -> dict[str, Any]:
    """The readings of a visit beside the data's."""
    found = [
        {"row": r, "label": label_of(r.register),
         "difference": None if r.data_index_kwh is None else r.index_kwh - r.data_index_kwh}
        for r in visit.readings.order_by("pk")
    ]  # fmt: skip
    return {"readings": found, "flags": flags.of_rows([r["row"] for r in found], [])}  # type: ignore[misc]


def seal_values(visit: Visit) -> dict[str, Any]:
    """The seals of a visit."""
    found = list(visit.seals.order_by("pk"))
    return {"seals": found, "states": Seal._meta.get_field("state").flatchoices, "flags": flags.of_rows([], found)}


def map_of(case: Case, visits: list[Visit], taken: list[Photo]) -> Map | None:
    """Return the map of where the customer is and where the inspector was; None when nothing is known of the latter."""
    points, tracks = [], []
    for visit in visits:
        positions = sorted(visit.positions.all(), key=lambda p: (p.at, p.pk))
        points += [
            MapPoint(p.latitude, p.longitude, f"{visit.person.name} {moment(p.at)}", tone="good", layer=_("Positions"))
            for p in positions
            if p.kind == "point"
        ]
        way = [(p.latitude, p.longitude) for p in positions]
        tracks += [way] if len(way) > 1 else []
    points += [
        MapPoint(p.latitude, p.longitude, words(photos.KINDS_WORDS[p.kind]), tone="warn", layer=_("Photos"))
        for p in taken
        if p.latitude is not None and p.longitude is not None
    ]
    if not points and not tracks:
        return None
    if case.latitude is not None and case.longitude is not None:
        points.insert(0, MapPoint(case.latitude, case.longitude, case.number, tone="bad", size=3, layer=_("Customer")))
    return Map(id=f"visit-map-{case.pk}", title=case.number, points=points, tracks=tracks)


def case_section(request: HttpRequest, case: Case) -> dict[str, Any] | None:
    """What the visits of a case brought back, for the case page."""
    visits = list(
        Visit._base_manager.filter(case=case)
        .select_related("person")
        .prefetch_related("positions", "readings", "seals")
        .order_by("-pk")
    )
    taken = list(Photo._base_manager.filter(case=case, removed=False).select_related("by").order_by("pk"))
    if not visits and not taken:
        return None
    shown = []
    for visit in visits:
        visit.case = case
        own = [p for p in taken if p.visit_id == visit.pk]
        found = flags.of_positions(case, visit.positions.all()) + flags.of_photos(case, visit, own)
        found += flags.of_rows(visit.readings.all(), visit.seals.all())
        shown.append({
            "visit": visit, "photos": own, "flags": found,
            "readings": [(r, label_of(r.register)) for r in visit.readings.all()],
            "points": sum(p.kind == "point" for p in visit.positions.all()),
        })  # fmt: skip
    reused = flags.of_reuse(photos.reuses(taken)) if reviews(request, case) else []
    return {
        "visits": shown, "reused": reused, "map": map_of(case, visits, taken),
        "rectified": [p for p in taken if p.visit_id is None],
    }  # fmt: skip
