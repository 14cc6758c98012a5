"""The page of a visit, made for one hand on a phone: each part saves itself and tells what is still missing."""

from __future__ import annotations

import base64
import json
import math
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import UUID, uuid4

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from jicha_web.cases import returning, titles
from jicha_web.cases.models import Case, ChecklistItem
from jicha_web.cases.moves import UnableToMove, against_part, latest_dispatch
from jicha_web.core import Text, rules
from jicha_web.field import values, visits
from jicha_web.field.errors import UnableToVisit
from jicha_web.field.models import Visit
from jicha_web.field.pictures import too_heavy
from jicha_web.field.registers import REGISTERS, label_of, last_readings
from jicha_web.findings.models import Finding
from jicha_web.history.record import ChangedMeanwhile
from jicha_web.pages import confirm
from jicha_web.pages.tags import words
from jicha_web.pages.views import acting_of, signed_in

PARTS: dict[str, Callable[[Visit], dict[str, Any]]] = {
    "places": values.place_values,
    "photos": values.photo_values,
    "checklist": values.checklist_values,
    "readings": values.reading_values,
    "seals": values.seal_values,
    "details": lambda _visit: {"verdicts": Visit.VERDICTS},
    "signature": values.photo_values,
}


def visit_or_404(pk: int) -> Visit:
    """Return a visit in sight with its case, unit and inspector."""
    found = Visit.objects.select_related("case__organisation", "case__assignee", "person")
    return get_object_or_404(found, pk=pk)


def _case_or_404(pk: int) -> Case:
    return get_object_or_404(Case.objects.select_related("organisation", "assignee"), pk=pk)


def _masked(case: Case) -> dict[str, str]:
    return {
        "name": rules.mask_value("customer_name", case.customer_name) if case.customer_name else case.subject_name,
        "address": rules.mask_value("address", case.address) if case.address else "",
    }


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in("case_check")
def visit_start(request: HttpRequest, case_pk: int) -> HttpResponseBase:
    """Ask for the second inspector, warn of an expired certificate, and begin; a draft that is there goes on."""
    case, acting = _case_or_404(case_pk), acting_of(request)
    acting.require("case_check", case.organisation)
    draft = Visit.objects.filter(case=case, person=acting.person, state="draft").first()
    if draft is not None:
        return redirect("visit", pk=draft.pk)
    if request.method == "POST":
        try:
            made = visits.start(
                case=case, by=acting.person, at=acting.at, client_uuid=_uuid(request.POST.get("client_uuid", "")),
                companion=request.POST.get("companion", ""),
            )  # fmt: skip
            return redirect("visit", pk=made.pk)
        except (UnableToVisit, UnableToMove, ChangedMeanwhile) as error:
            messages.error(request, _said(error))
            return redirect("visit_start", case_pk=case.pk)
    against = visits.qualification(acting.person, acting.today)
    return render(request, "field/start.html", {
        "case": case, "masked": _masked(case), "against": against, "client_uuid": uuid4(),
        "returned": returning.last_return(case),
        "barred": against_part(case, "check", acting.person),
        "mine": case.assignee_id == acting.person.pk and case.state in {"station_pending", "checking"},
    })  # fmt: skip


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise UnableToVisit(Text("请求编号无效，请刷新页面重试", "the form is damaged: reload the page")) from error


def _said(error: Exception) -> str:
    if isinstance(error, UnableToMove):
        return error.words()
    return words(error.text) if isinstance(error, UnableToVisit) else str(error)


def _page_values(request: HttpRequest, visit: Visit) -> dict[str, Any]:
    made: dict[str, Any] = {
        "visit": visit, "case": visit.case, "masked": _masked(visit.case), "editable": values.may_edit(request, visit),
        "progress": values.progress(visit), "returned": returning.last_return(visit.case),
        "asked": latest_dispatch(visit.case), "registers": [(r, label_of(r)) for r in REGISTERS],
    }  # fmt: skip
    if titles.in_english():
        reasons = Finding.objects.filter(case=visit.case).values_list("rule", "reason_zh", "reason_en")
        made["described"] = titles.described(visit.case.description, reasons)
    else:
        made["described"] = visit.case.description
    made |= {part: function(visit) for part, function in PARTS.items()}
    return made


@require_GET
@signed_in("case_view")
def visit(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The visit: a draft to fill in for its inspector, what was found for everyone else."""
    found = visit_or_404(pk)
    made = _page_values(request, found)
    if not made["editable"]:
        made["section"] = values.case_section(request, found.case)
    return render(request, "field/visit.html", made)


@require_GET
@signed_in("case_view")
def visit_registers(request: HttpRequest, pk: int) -> HttpResponseBase:
    """What the data say of the customer's registers, asked for once the page stands."""
    found = visit_or_404(pk)
    known = last_readings(found.case, acting_of(request).today)
    made = {"visit": found, "known": known, "editable": values.may_edit(request, found)}
    return render(request, "field/known_registers.html", made)


def part_answer(request: HttpRequest, visit: Visit, part: str, act: Callable[[], object]) -> HttpResponseBase:
    """Do something and answer with the part of the page it belongs to, and with the progress."""
    error = ""
    try:
        act()
    except (UnableToVisit, UnableToMove, ChangedMeanwhile) as refused:
        error = _said(refused)
    if not request.htmx:  # type: ignore[attr-defined]
        if error:
            messages.error(request, error)
        return redirect(f"{reverse('visit', args=[visit.pk])}#{part}")
    held = visit_or_404(visit.pk)
    return render(request, "field/part.html", {
        "part": part, "error": error, "visit": held, "case": held.case, "editable": values.may_edit(request, held),
        "progress": values.progress(held), "registers": [(r, label_of(r)) for r in REGISTERS],
        part: PARTS[part](held),
    })  # fmt: skip


@require_POST
@signed_in("case_check")
def visit_details(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Keep verdict, summary, other problems, second inspector."""
    found, acting = visit_or_404(pk), acting_of(request)
    limits = {"verdict": 16, "summary": 5000, "other_problems": 5000, "companion": 100}
    given = {name: request.POST[name][:most] for name, most in limits.items() if name in request.POST}
    return part_answer(
        request, found, "details",
        lambda: visits.set_details(visit=found, by=acting.person, at=acting.at, **given),
    )  # fmt: skip


@require_POST
@signed_in("case_check")
def visit_answer(request: HttpRequest, pk: int, item_pk: int) -> HttpResponseBase:
    """Keep one answer of the checklist; htmx gets that point back."""
    found, acting = visit_or_404(pk), acting_of(request)
    item = get_object_or_404(ChecklistItem.objects.filter(case_id=found.case_id), pk=item_pk)
    error = ""
    given, note = request.POST.get("answer", ""), request.POST.get("note", "")[:2000]
    try:
        visits.answer(visit=found, item=item, answer=given, note=note, by=acting.person, at=acting.at)
    except (UnableToVisit, UnableToMove, ChangedMeanwhile) as refused:
        error = _said(refused)
    if not request.htmx:  # type: ignore[attr-defined]
        if error:
            messages.error(request, error)
        return redirect(f"{reverse('visit', args=[pk])}#item-{item_pk}")
    held = visit_or_404(pk)
    item.refresh_from_db()
    if error:
        item.answer, item.note = given if given in visits.ANSWERS else item.answer, note
    return render(request, "field/item_answer.html", {
        "item": item, "error": error, "visit": held, "editable": values.may_edit(request, held),
        "progress": values.progress(held), "checklist": values.checklist_values(held),
    })  # fmt: skip


def _number(text: str) -> float:
    try:
        value = float(text.strip().replace("，", "."))
    except ValueError as error:
        raise UnableToVisit(Text("坐标应为数字", "coordinates are numbers")) from error
    return value if math.isfinite(value) else math.inf


def _places(request: HttpRequest) -> list[visits.Place]:
    text = request.POST.get("points", "")
    if not text:
        accuracy = request.POST.get("accuracy_m", "").strip()
        latitude, longitude = (_number(request.POST.get(name, "")) for name in ("latitude", "longitude"))
        return [visits.Place(latitude, longitude, _number(accuracy) if accuracy else None)]
    try:
        rows = json.loads(text)
        return [
            visits.Place(float(one[0]), float(one[1]), None if one[2] is None else float(one[2]),
                         datetime.fromtimestamp(float(one[3]) / 1000, UTC))
            for one in rows[:500]
        ]  # fmt: skip
    except (ValueError, TypeError, IndexError, KeyError, OverflowError, OSError, RecursionError) as error:
        raise UnableToVisit(Text("轨迹数据无效", "the track cannot be read")) from error


@require_POST
@signed_in("case_check")
def visit_positions(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Keep a point, or some of the track: `points` is JSON, [[latitude, longitude, accuracy, milliseconds], …]."""
    found, acting = visit_or_404(pk), acting_of(request)
    kind = request.POST.get("kind", "point")
    return part_answer(
        request, found, "places",
        lambda: visits.add_positions(visit=found, places=_places(request), kind=kind, by=acting.person, at=acting.at),
    )  # fmt: skip


def _pk(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 18 else 0


def _index(text: str) -> Decimal:
    try:
        return Decimal(text.strip())
    except InvalidOperation as error:
        raise UnableToVisit(Text("示数应为数字，例如 1234.56", "the index is a number, such as 1234.56")) from error


@require_POST
@signed_in("case_check")
def visit_readings(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Keep a reading beside the data's, or take one back (`remove`)."""
    found, acting = visit_or_404(pk), acting_of(request)

    def act() -> None:
        if remove := request.POST.get("remove", ""):
            row = get_object_or_404(found.readings, pk=_pk(remove))
            visits.remove_reading(visit=found, reading=row, by=acting.person, at=acting.at)
            return
        meter, register = request.POST.get("meter_id", "").strip(), request.POST.get("register", "").strip()
        index = _index(request.POST.get("index_kwh", ""))
        last = next(
            (k for k in last_readings(found.case, acting.today) if (k.meter_id, k.register) == (meter, register)), None
        )
        visits.add_reading(
            visit=found, meter_id=meter, register=register, index_kwh=index, note=request.POST.get("note", ""),
            by=acting.person, at=acting.at, data_index_kwh=last.index_kwh if last else None,
            data_read_on=last.read_on if last else None,
        )  # fmt: skip

    return part_answer(request, found, "readings", act)


@require_POST
@signed_in("case_check")
def visit_seals(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Keep a seal, or take one back (`remove`)."""
    found, acting = visit_or_404(pk), acting_of(request)

    def act() -> None:
        if remove := request.POST.get("remove", ""):
            row = get_object_or_404(found.seals, pk=_pk(remove))
            visits.remove_seal(visit=found, seal=row, by=acting.person, at=acting.at)
            return
        given = {name: request.POST.get(name, "") for name in ("place", "number_found", "state", "number_set")}
        visits.add_seal(visit=found, by=acting.person, at=acting.at, **given)

    return part_answer(request, found, "seals", act)


@require_POST
@signed_in("case_check")
def visit_signature(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Keep a signature drawn on the screen (`drawn`: a data URL) or photographed, or its refusal."""
    found, acting = visit_or_404(pk), acting_of(request)

    def act() -> None:
        if request.POST.get("refused"):
            visits.refuse_signature(
                visit=found, reason=request.POST.get("reason", ""), witness=request.POST.get("witness", ""),
                by=acting.person, at=acting.at,
            )  # fmt: skip
            return
        content = _drawn(request.POST.get("drawn", ""))
        if file := request.FILES.get("photo"):
            if (file.size or 0) > settings.MAX_UPLOAD_BYTES:
                raise UnableToVisit(too_heavy(settings.MAX_UPLOAD_BYTES))
            content = file.read()
        visits.sign(visit=found, content=content, by=acting.person, at=acting.at)

    return part_answer(request, found, "signature", act)


def _drawn(text: str) -> bytes:
    head = "data:image/png;base64,"
    if not text:
        return b""
    try:
        return base64.b64decode(text.removeprefix(head), validate=True)
    except ValueError as error:  # binascii.Error is one; letters beyond ASCII are another
        raise UnableToVisit(Text("签名数据无效，请重签", "the signature cannot be read: sign again")) from error


@require_POST
@signed_in("case_check")
def visit_submit(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Hand the visit in; what is missing is named and leads to its place."""
    found, acting = visit_or_404(pk), acting_of(request)
    asked = confirm.ask(
        request, question=_("Hand in the result of the check?"), back=reverse("visit", args=[pk]),
        consequence=_("Afterwards nothing of the visit can be changed."),
    )  # fmt: skip
    if asked:
        return asked
    try:
        visits.submit(visit=found, by=acting.person, at=acting.at, note=request.POST.get("note", ""))
    except (UnableToVisit, ChangedMeanwhile) as refused:
        messages.error(request, _said(refused))
    except UnableToMove as refused:
        named = refused.words()
        messages.error(request, _("It cannot be handed in yet: %(missing)s") % {"missing": named})
    else:
        messages.success(request, _("Handed in. The county now assesses the case."))
        return redirect("case", pk=found.case_id)
    return redirect("visit", pk=pk)
