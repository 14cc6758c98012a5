"""All rows of a list as a workbook: streamed to a file in the background, personal values masked."""

from __future__ import annotations

import json
from typing import Any

import xlsxwriter
from django.conf import settings
from django.http import QueryDict
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from jicha_web.core import Text, rules
from jicha_web.findings import filters
from jicha_web.findings.models import Finding
from jicha_web.jobs.rows import in_chunks
from jicha_web.jobs.work import Running, work
from jicha_web.organisation.models import Organisation
from jicha_web.pages.tags import words

SHEET_ROWS = 1_000_000
_CHUNK = 2_000
_CELL = 32_767


@work("export_findings", "export", "finding_view")
def export_findings(job: Running, *, query: str, **_later: Any) -> None:
    """Write the findings of a filter to findings.xlsx."""
    chosen = filters.read(QueryDict(query))
    rows = filters.findings(chosen)
    total = rows.order_by().count()
    target = job.folder / "findings.xlsx"
    book = xlsxwriter.Workbook(
        str(target),
        {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False},
    )  # fmt: skip
    writer = _Writer(book)
    for done, row in enumerate(in_chunks(rows, _CHUNK)):
        if done % _CHUNK == 0:
            job.progress(done, total, _("Writing the workbook"))
        writer.row(row)
    book.close()
    job.result(rows=total)
    job.result_file("findings.xlsx", target)


class _Writer:
    """Sheets of findings; a new one when one is full."""

    def __init__(self, book: Any) -> None:
        self._book = book
        self._head = book.add_format({"bold": True, "bg_color": "#E8EEF6", "bottom": 1})
        self._money = book.add_format({"num_format": "#,##0.00"})
        self._day = book.add_format({"num_format": "yyyy-mm-dd"})
        self._units = dict(Organisation.objects.values_list("pk", "name"))
        self._rules = rules.rule_book(settings.DATA).rules
        self._english = (get_language() or "").startswith("en")
        self._words = {
            kind: rules.words(kind) for kind in ("specialty", "severity", "finding_state", "class", "subject")
        }
        self._handling = {code: str(label) for code, label in Finding.HANDLINGS}
        self._told: dict[str, tuple[str, str]] = {}  # rule → name and basis
        self._sheets = 0
        self._new_sheet()

    def _new_sheet(self) -> None:
        self._sheets += 1
        name = _("Findings") if self._sheets == 1 else f"{_('Findings')} {self._sheets}"
        self._sheet = self._book.add_worksheet(name)
        self._line = 0
        self._sheet.freeze_panes(1, 0)
        heads = [
            (_("Rule"), 9), (_("Rule name"), 28), (_("Specialty"), 12), (_("Severity"), 9), (_("Reason"), 60),
            (_("Amount (yuan)"), 14), (_("Energy (kWh)"), 14), (_("Customer"), 14), (_("Subject"), 10),
            (_("Number of the subject"), 16),
            (_("Unit"), 20), (_("Period"), 10), (_("State"), 10), (_("Handling"), 12), (_("First seen"), 11),
            (_("Last hit"), 11), (_("Evidence"), 60), (_("Basis"), 40), (_("Key"), 30), (_("Number"), 10),
        ]  # fmt: skip
        for column, (head, width) in enumerate(heads):
            self._sheet.set_column(column, column, width)
            self._sheet.write_string(0, column, head, self._head)

    def row(self, one: Finding) -> None:
        if self._line == SHEET_ROWS:
            self._new_sheet()
        self._line += 1
        rule = self._rules.get(one.rule)
        name, basis = self._of_rule(one.rule)
        evidence = rules.evidence_of(rule, one.evidence)
        key = "; ".join(
            f"{self._said(line.label)}: {self._said(line.text)}"
            for line in rules.evidence_of(rule, json.loads(one.key))
        )
        cells: list[Any] = [
            one.rule, name, self._word("specialty", one.specialty),
            self._word("severity", one.severity), one.reason_en if self._english else one.reason_zh, one.amount_yuan,
            one.energy_kwh, one.customer_id, self._word("subject", one.subject), one.subject_id,
            self._units.get(one.organisation_id, ""), one.period,
            self._word("finding_state", one.state), self._handling[one.handling], one.first_seen_on, one.last_hit_on,
            "; ".join(f"{self._said(line.label)}: {self._said(line.text)}" for line in evidence), basis, key, one.pk,
        ]  # fmt: skip
        for column, value in enumerate(cells):
            self._cell(column, value)

    def _of_rule(self, code: str) -> tuple[str, str]:
        """Return a rule's name and basis, put into words once."""
        if code not in self._told and (rule := self._rules.get(code)):
            self._told[code] = (words(rule.name), "\n".join(words(text) for _short, text in rules.basis_of(rule)))
        return self._told.get(code, ("", ""))

    def _word(self, kind: str, code: str) -> str:
        word = self._words[kind].get(code)
        return code if word is None else self._said(word)

    def _said(self, text: Text) -> str:
        return text.en if self._english else text.zh  # `words` asks for the language each time: a fifth of the export

    def _cell(self, column: int, value: Any) -> None:
        if value is None or value == "":
            return
        if isinstance(value, str):
            self._sheet.write_string(self._line, column, value if len(value) <= _CELL else value[: _CELL - 1] + "…")
        elif isinstance(value, int):
            self._sheet.write_number(self._line, column, value)
        elif hasattr(value, "isoformat"):
            self._sheet.write_datetime(self._line, column, value, self._day)
        else:
            self._sheet.write_number(self._line, column, float(value), self._money)
