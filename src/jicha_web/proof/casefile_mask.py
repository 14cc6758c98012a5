"""Personal values of a case and what stands in their place when its file leaves the house masked."""

from __future__ import annotations

from typing import Any

from django.conf import settings

from jicha_web.cases.models import Case, Lead
from jicha_web.core import BadInput, MachineFailure, assessing
from jicha_web.core.evidence import masked_evidence, masked_text
from jicha_web.core.rules import rule_book
from jicha_web.field.models import Visit
from jicha_web.findings.models import Finding
from jicha_web.history.models import Entry

_SHORTEST = 2  # characters: a shorter value is found in any text


class Mask:
    """Replaces personal values in whatever JSON holds them; `off`: leaves everything as it is."""

    def __init__(self, values: dict[str, str], *, off: bool = False) -> None:
        known = {v.strip(): m for v, m in values.items() if len(v.strip()) >= _SHORTEST and v.strip() != m}
        self._values = [] if off else sorted(known.items(), key=lambda pair: (-len(pair[0]), pair[0]))
        self.off = off

    def text(self, text: str) -> str:
        """Return a text with the personal values masked, the longest first."""
        for value, masked in self._values:
            text = text.replace(value, masked)
        return text

    def value(self, value: Any) -> Any:
        """Return a JSON value with the personal values in it masked."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, dict):
            return {key: self.value(one) for key, one in value.items()}
        return [self.value(one) for one in value] if isinstance(value, list) else value


def mask_of(case: Case, *, off: bool) -> Mask:
    """Return the mask of a case: its customer's name, address, phone, ids, and the personal values of its evidence."""
    if off:
        return Mask({}, off=True)
    found = {case.customer_name: "customer_name", case.address: "address"}
    if case.subject != "staff":
        found[case.subject_name] = "customer_name"
    for lead in Lead._base_manager.filter(case=case):  # of the case, wherever it was entered
        found |= {lead.customer_name: "customer_name", lead.address: "address"}
    values = {value: masked_text(column, value) for value, column in found.items() if value}
    for refusal in _refusals(case):
        values[refusal] = "***"  # it names a witness
    try:
        facts = assessing.personal_facts(settings.DATA, case.customer_id)
    except (BadInput, MachineFailure, OSError):  # no data: nothing of them is in the case but what was found above
        facts = []
    values |= {value: masked_text(column, value) for column, value in facts}
    known = rule_book(settings.DATA).rules
    for finding in Finding._base_manager.filter(case=case):
        hidden = masked_evidence(known.get(finding.rule), finding.evidence)
        values |= dict(_changed(finding.evidence, hidden))
    return Mask(values)


def _refusals(case: Case) -> list[str]:
    """Return what was ever written of refused signatures, also what a signature took the place of."""
    visits = Visit._base_manager.filter(case=case).values("pk")
    rows = Entry.objects.filter(object_type="visit", object_id__in=visits, verb="signature_refused")
    return [str(row.data["refused_signature"][1]) for row in rows if "refused_signature" in row.data]


def _changed(before: Any, after: Any) -> list[tuple[str, str]]:
    if isinstance(before, dict):
        return [pair for name in before for pair in _changed(before[name], after[name])]
    if isinstance(before, list) and isinstance(after, list):
        return [pair for one, other in zip(before, after, strict=True) for pair in _changed(one, other)]
    return [(before, after)] if isinstance(before, str) and isinstance(after, str) and before != after else []
