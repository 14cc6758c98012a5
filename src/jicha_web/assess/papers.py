"""Papers of a case: looked at before they are issued, made once, kept as handed over, cancelled with a reason."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from jicha_web.assess import outcome
from jicha_web.assess.models import Assessment, LatestNumber, Paper
from jicha_web.assess.paper_values import values_of
from jicha_web.cases import moves
from jicha_web.cases.gates import Missing
from jicha_web.cases.models import Case
from jicha_web.core import Text
from jicha_web.documents import Kind, Rendered, kinds, render_docx, render_pdf
from jicha_web.documents.kinds import lacking, paper_data, value_labels
from jicha_web.documents.rendered import file_sha256, template_path
from jicha_web.field.storage import kept_only_if_done, store
from jicha_web.history import record as history
from jicha_web.history.models import Entry
from jicha_web.history.values import digest
from jicha_web.organisation.models import Organisation, Person
from jicha_web.organisation.rights import may


class UnableToIssue(Exception):
    """A paper cannot be made; `text` says why."""

    def __init__(self, text: Text) -> None:
        self.text = text
        super().__init__(text.en)


@dataclass(frozen=True)
class Offer:
    """A kind of paper as it is shown for a case, with what stands against it."""

    kind: Kind
    reasons: tuple[Missing, ...]

    @property
    def allowed(self) -> bool:
        """Whether the person has the right to issue it."""
        return all(reason.code != "right" for reason in self.reasons)


def own_templates() -> Path:
    """Return the folder of the utility's own templates."""
    return Path(settings.DATA) / "templates"


def issuing_unit(case: Case) -> Organisation:
    """Return the unit whose name stands on the papers: the county's, or the nearest unit above the station."""
    unit = case.organisation
    while unit.level == "station" and unit.parent is not None:
        unit = unit.parent
    return unit


def against(case: Case, kind: Kind, by: Person, at: datetime) -> list[Missing]:
    """Return what stands against a kind of paper for a case, its content left aside: right, state, outcome, draft …"""
    return _against(case, kind, by, at, outcome.latest(case))


def _unfit(case: Case, kind: Kind, there: Assessment | None) -> list[Missing]:
    reasons = []
    if case.state not in kind.states:
        text = Text("当前状态不能出具此文书", "the case is not where this paper is issued")
        reasons.append(Missing("state", text))
    if kind.outcomes and (there is None or there.outcome not in kind.outcomes):
        reasons.append(Missing("outcome", Text("定性与此文书不符", "the outcome is not that of this paper")))
    return reasons


def _against(case: Case, kind: Kind, by: Person, at: datetime, there: Assessment | None) -> list[Missing]:
    reasons = []
    if not may(by, kind.action, timezone.localdate(at), case.organisation):
        reasons.append(Missing("right", Text("您没有出具此文书的权限", "you have no right to issue this paper")))
    reasons += moves.against_part(case, "", by)
    reasons += _unfit(case, kind, there)
    if kind.approved and (there is None or there.state != "approved"):
        reasons.append(Missing("draft", Text("定性尚未批准", "the assessment is not approved")))
    return reasons


def offers(case: Case, by: Person, at: datetime) -> list[Offer]:
    """Return the kinds of papers that fit where a case stands."""
    there = outcome.latest(case)
    fitting = [kind for kind in kinds().values() if not _unfit(case, kind, there)]
    return [Offer(kind, tuple(_against(case, kind, by, at, there))) for kind in fitting]


def _values(case: Case, kind: Kind, written: dict[str, str], by: Person, at: datetime) -> dict[str, Any]:
    if reasons := against(case, kind, by, at):
        raise UnableToIssue(Text("；".join(r.text.zh for r in reasons), "; ".join(r.text.en for r in reasons)))
    kept = {name: text.strip() for name, text in written.items() if name in kind.asks}
    values = values_of(case, issuer=issuing_unit(case), by=by, at=at, written=kept)
    values["title"] = kind.label.zh
    if missing := lacking(kind, values):
        labels = [value_labels()[name] for name in missing]
        raise UnableToIssue(
            Text(
                f"缺少内容：{'、'.join(label.zh for label in labels)}",
                f"missing: {', '.join(label.en for label in labels)}",
            )
        )
    return values


def preview(*, case: Case, kind: Kind, written: dict[str, str], by: Person, at: datetime) -> Rendered:
    """Return the PDF as it would be, marked as a preview and without number. Raises UnableToIssue."""
    values = _values(case, kind, written, by, at) | {"number": "（预览，未编号）"}
    data = paper_data(kind, values, watermark="预览")
    return render_pdf("paper", data, own=own_templates(), made_on=timezone.localdate(at))


def issue(*, case: Case, kind: Kind, written: dict[str, str], by: Person, at: datetime) -> Paper:
    """Make a paper, PDF and Word, and keep both. Raises UnableToIssue.

    Asked again for what a valid paper says already, as by a form that is sent twice or whose answer was lost, return
    that paper, `issued_before` set: one content has one number, whoever asks and on whatever day.
    """
    with kept_only_if_done() as stored, transaction.atomic():
        moves.lock(case)
        values = _values(case, kind, written, by, at)
        content_sha256 = _content_sha256(kind, values)
        if (same := _issued_with(case, kind, content_sha256)) is not None:
            return same
        values["number"] = _next_number(kind, issuing_unit(case), timezone.localdate(at).year)
        data = paper_data(kind, values)
        pdf = render_pdf("paper", data, own=own_templates(), made_on=timezone.localdate(at))
        docx = render_docx(kind.code, values, own=own_templates())
        for suffix, made in (("pdf", pdf), ("docx", docx)):
            stored.append(store("papers", suffix, made.content))
        paper = Paper(
            case=case, kind=kind.code, number=values["number"], issuer=issuing_unit(case), by=by, at=at,
            assessment=outcome.latest(case), missing_glyphs="".join(pdf.missing_glyphs)[:100],
            pdf=stored[0], docx=stored[1], pdf_sha256=pdf.sha256,
            docx_sha256=docx.sha256, template_sha256=docx.template_sha256,
        )  # fmt: skip
        told = {"pdf_template_sha256": pdf.template_sha256, "content_sha256": content_sha256}
        history.create(paper, verb="issued", by=by, at=at, data=told)
    return paper


# what two askings for one paper may differ in
_OF_THE_ASKING = frozenset({"number", "issued_on", "issued_by"})


def _content_sha256(kind: Kind, values: dict[str, Any]) -> str:
    """Return the SHA-256 of what a paper says and of the two templates it is made from."""
    own = own_templates()
    templates = [file_sha256(template_path(*name, own)) for name in (("paper", ".typ"), (kind.code, ".docx"))]
    return digest([{name: value for name, value in values.items() if name not in _OF_THE_ASKING}, templates])


def _issued_with(case: Case, kind: Kind, content_sha256: str) -> Paper | None:
    """Return the newest valid paper of a case with a content, which stands in its history, where nobody alters it."""
    valid = {one.pk: one for one in Paper._base_manager.filter(case=case, kind=kind.code, cancelled=False)}
    made = Entry.objects.filter(
        object_type=Paper.history_type(), object_id__in=list(valid), verb="issued", data__content_sha256=content_sha256
    )
    newest = made.order_by("-object_id").values_list("object_id", flat=True).first()
    if newest is None:
        return None
    valid[newest].issued_before = True
    return valid[newest]


def cancel(*, paper: Paper, reason: str, by: Person, at: datetime) -> None:
    """Declare a paper void; it stays with the case, its number is not given again."""
    if paper.cancelled:
        raise UnableToIssue(Text("该文书已作废", "this paper is void already"))
    if not may(by, kinds()[paper.kind].action, timezone.localdate(at), paper.case.organisation):
        raise moves.UnableToMove([Missing("right", Text("您没有作废此文书的权限", "you have no right to cancel this"))])
    moves.require_part(case=paper.case, part="", by=by)  # who is a party does not void what was served on them
    if not reason.strip():
        raise UnableToIssue(Text("请填写作废原因", "give the reason"))
    changes = {"cancelled": True, "cancel_reason": reason.strip()}
    history.record(paper, verb="paper_cancelled", by=by, at=at, note=reason.strip(), changes=changes)


def _next_number(kind: Kind, unit: Organisation, year: int) -> str:
    """Return the next number of a kind, unit and year; within a transaction, so that none is lost or given twice."""
    LatestNumber.objects.get_or_create(kind=kind.code, organisation=unit, year=year)
    counter = LatestNumber.objects.filter(kind=kind.code, organisation=unit, year=year)
    counter.update(latest=F("latest") + 1)
    latest = counter.values_list("latest", flat=True).get()
    return f"{kind.mark}〔{year}〕{unit.code}-{latest:04d}号"
