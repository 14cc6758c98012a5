"""The evidence gate: what of a visit is there, what is missing, and where on its page it is put in."""

from __future__ import annotations

from dataclasses import dataclass

from jicha_web.cases.gates import Missing
from jicha_web.cases.models import Case, ChecklistItem
from jicha_web.core import Text
from jicha_web.field.demands import Demand, ReplyField, evidence
from jicha_web.field.models import Photo, Position, SiteReading, Visit
from jicha_web.organisation.models import Person


@dataclass(frozen=True)
class Item:
    """One demand and how far it is met. have, want: counts where they say something."""

    code: str
    label: Text
    place: str
    have: int
    want: int

    @property
    def done(self) -> bool:
        """Whether it is there."""
        return self.have >= self.want

    @property
    def missing(self) -> Text:
        """What is missing, as the gate names it."""
        if self.want <= 1:
            return Text(f"缺{self.label.zh}", f"missing: {self.label.en.lower()}")
        count = f"{self.have}/{self.want}"
        return Text(f"{self.label.zh}未完成（{count}）", f"{self.label.en} incomplete ({count})")


def current_visit(case: Case) -> Visit | None:
    """Return the visit that counts now: the draft, or what was submitted since the case came into its state."""
    visit = Visit._base_manager.filter(case=case).exclude(state="abandoned").order_by("-pk").first()
    if visit is None or (visit.submitted_at is not None and visit.submitted_at < case.state_since):
        return None
    return visit


def items(visit: Visit) -> list[Item]:
    """Return what is asked of a visit and how far it is met."""
    if visit.mode == "list":
        return [_reply(visit, one) for one in evidence().list_fields if _asked(visit, one)]
    return _SiteItems(visit).items()


def _asked(visit: Visit, one: ReplyField) -> bool:
    return one.required == "always" or (one.required == "when_true" and visit.verdict == "true")


def _reply(visit: Visit, one: ReplyField) -> Item:
    return Item(one.code, one.label, one.code, int(bool(getattr(visit, one.code))), 1)


class _SiteItems:
    """Counts what a visit on site brought back; what several demands need is read once."""

    def __init__(self, visit: Visit) -> None:
        self.visit = visit
        visits = [visit.pk]
        if evidence().earlier_visits_count:
            earlier = Visit._base_manager.filter(case_id=visit.case_id, state="submitted", mode="site")
            visits += earlier.values_list("pk", flat=True)
        self.kinds = list(
            Photo._base_manager.filter(visit__in=visits, removed=False).values_list("kind", flat=True)
        )  # fmt: skip
        self.positions = list(Position.objects.filter(visit__in=visits).values_list("kind", flat=True))
        self.visits = visits

    def items(self) -> list[Item]:
        """Return all demands of the case's subject."""
        return [self._item(d) for d in evidence().demands if d.of(self.visit.case.subject)]

    def _item(self, demand: Demand) -> Item:
        if demand.code == "checklist":
            answers = ChecklistItem.objects.filter(case_id=self.visit.case_id, required=True)
            given = list(answers.values_list("answer", flat=True))
            return Item(demand.code, demand.label, demand.place, sum(map(bool, given)), len(given))
        return Item(demand.code, demand.label, demand.place, self._have(demand), demand.at_least)

    def _have(self, demand: Demand) -> int:
        if demand.kinds:
            return sum(kind in demand.kinds for kind in self.kinds)
        match demand.code:
            case "point":
                return self.positions.count("point")
            case "track":
                return self.positions.count("track")
            case "reading":
                return SiteReading.objects.filter(visit__in=self.visits).count()
            case "signature":
                return int("signature" in self.kinds or bool(self.visit.refused_signature))
            case code:  # a field of the visit
                return int(bool(str(getattr(self.visit, code)).strip()))


def missing_of(visit: Visit) -> list[Missing]:
    """Return what a visit lacks."""
    return [Missing(f"no_{i.code}", i.missing, i.place) for i in items(visit) if not i.done]


def visit_complete(case: Case, by: Person | None) -> list[Missing]:
    """Gate of submit_check: there is a visit, and nothing that is asked for is missing."""
    del by
    visit = current_visit(case)
    if visit is None:
        return [Missing("no_visit", Text("尚未登记现场核查", "no visit was recorded"), "visit")]
    return missing_of(visit)
