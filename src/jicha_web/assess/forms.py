"""Forms of this part; what they hold goes to verbs, which check it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from jicha_web.assess.models import CaseFile, Money
from jicha_web.cases.models import OUTCOMES
from jicha_web.pages.forms import Styled


class AssessForm(Styled, forms.Form):
    """Outcome, reasoning, and what has to be put right until when."""

    outcome = forms.ChoiceField(label=_("Outcome"), choices=[("", "–"), *OUTCOMES])
    reasoning = forms.CharField(
        label=_("Reasoning"), widget=forms.Textarea(attrs={"rows": 4}), max_length=5000,
        help_text=_("What was found, why it is this outcome. It is printed on notices."),
    )  # fmt: skip
    demand = forms.CharField(
        label=_("What has to be put right"), widget=forms.Textarea(attrs={"rows": 3}), max_length=3000, required=False,
        help_text=_("Needed unless the case is unfounded."),
    )  # fmt: skip
    due_on = forms.DateField(label=_("Deadline of the rectification"), required=False)


class RectifyForm(Styled, forms.Form):
    """How far the rectification is."""

    started_on = forms.DateField(label=_("Started on"), required=False)
    order_number = forms.CharField(label=_("Order number in the marketing system"), max_length=64, required=False)
    done_on = forms.DateField(label=_("Done on"), required=False)
    result = forms.CharField(
        label=_("Result"), widget=forms.Textarea(attrs={"rows": 3}), max_length=3000, required=False
    )


class MoneyForm(Styled, forms.Form):
    """One amount."""

    kind = forms.ChoiceField(label=_("Kind"))
    amount_yuan = forms.DecimalField(label=_("Amount (yuan)"), max_digits=16, decimal_places=2)
    booked_on = forms.DateField(label=_("Booked on"))
    reference = forms.CharField(
        label=_("Number in the marketing system"), max_length=64,
        help_text=_("Bill, adjustment or payment. The next data are looked up by it."),
    )  # fmt: skip

    def __init__(self, *args: Any, kinds: frozenset[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(code, label) for code, label in Money.KINDS if code in kinds]
        self.fields["kind"].choices = choices  # type: ignore[attr-defined]


class FileForm(Styled, forms.Form):
    """A file to keep with the case."""

    kind = forms.ChoiceField(label=_("Kind"), choices=CaseFile.KINDS)
    file = forms.FileField(label=_("File"))
