"""Forms of runs, schedules and expected deliveries."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from jicha_web.organisation.models import Organisation
from jicha_web.organisation.scope import current
from jicha_web.pages.forms import Styled
from jicha_web.runs.models import ExpectedDelivery, RunSchedule


def _units() -> Any:
    return Organisation.objects.filter(current().condition("pk")).order_by("path")


def codes(text: str) -> list[str]:
    """Return rule codes or groups from a text with commas, blanks or lines between them."""
    return list(dict.fromkeys(text.upper().replace("，", ",").replace("、", ",").replace(",", " ").split()))


def _offer_units(field: Any) -> None:
    """Offer the units in sight; “everything” only to those who see everything: to others it would be refused."""
    field.queryset = _units()
    if not current().whole:
        field.required, field.empty_label = True, None
        field.initial = field.queryset.first()


class StartForm(Styled, forms.Form):
    """What is asked of a run."""

    as_of = forms.DateField(label=_("Screening date"))
    rules = forms.CharField(
        label=_("Rules"), required=False, max_length=2000,
        help_text=_("Codes or specialties, such as CF TC006; nothing: all rules"),
    )  # fmt: skip
    organisation = forms.ModelChoiceField(
        label=_("Unit"), queryset=Organisation.objects.none(), required=False, empty_label=_("Everything")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _offer_units(self.fields["organisation"])


class ScheduleForm(Styled, forms.Form):
    """When runs start by themselves."""

    name = forms.CharField(label=_("Label"), max_length=100)
    kind = forms.ChoiceField(label=_("When"), choices=RunSchedule.KINDS)
    at_time = forms.TimeField(label=_("Time of day"), required=False)
    day = forms.IntegerField(
        label=_("Day"),
        required=False,
        min_value=1,
        max_value=28,
        help_text=_("1–7 of a week (Monday 1), 1–28 of a month"),
    )
    rules = forms.CharField(label=_("Rules"), required=False, max_length=2000, help_text=_("nothing: all rules"))
    organisation = forms.ModelChoiceField(
        label=_("Unit"), queryset=Organisation.objects.none(), required=False, empty_label=_("Everything")
    )
    is_active = forms.BooleanField(label=_("Active"), required=False, initial=True)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _offer_units(self.fields["organisation"])


class ExpectedForm(Styled, forms.Form):
    """What is delivered by when."""

    name = forms.CharField(label=_("Label"), max_length=100)
    pattern = forms.CharField(
        label=_("File names"), max_length=200, help_text=_("below the watched folder, * for anything: mis/*.csv")
    )
    every = forms.ChoiceField(label=_("Every"), choices=ExpectedDelivery.SPANS)
    by_time = forms.TimeField(label=_("By (time)"), required=False)
    by_day = forms.IntegerField(label=_("By (day of the month)"), required=False, min_value=1, max_value=28)
    mapping = forms.CharField(
        label=_("Mapping"),
        required=False,
        max_length=200,
        help_text=_("a shipped mapping's name, or that of a file in DATA/mappings; may be empty"),
    )
    is_active = forms.BooleanField(label=_("Active"), required=False, initial=True)
