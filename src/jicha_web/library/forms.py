"""Forms of the library."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from jicha_web.library.models import Document
from jicha_web.organisation.models import Organisation


class UploadForm(forms.Form):
    """A document and what is known of it. `units`: those for which the person may upload."""

    kind = forms.ChoiceField(label=_("Kind"), choices=Document.KINDS, widget=forms.Select({"class": "form-select"}))
    title = forms.CharField(
        label=_("Title"), max_length=300, widget=forms.TextInput({"class": "form-control", "autocomplete": "off"})
    )
    organisation = forms.ModelChoiceField(
        label=_("For unit"), queryset=Organisation.objects.none(), empty_label=None,
        widget=forms.Select({"class": "form-select"}), help_text=_("This unit and all below it read it."),
    )  # fmt: skip
    code = forms.CharField(
        label=_("Short name"), max_length=32, required=False, widget=forms.TextInput({"class": "form-control"}),
        help_text=_("As rules cite it, such as 营业规则: links from rules then lead here."),
    )  # fmt: skip
    edition = forms.CharField(
        label=_("Edition"), max_length=64, required=False, widget=forms.TextInput({"class": "form-control"})
    )
    issuer = forms.CharField(
        label=_("Issued by"), max_length=200, required=False, widget=forms.TextInput({"class": "form-control"})
    )
    effective_from = forms.DateField(
        label=_("In force from"), required=False, widget=forms.DateInput({"class": "form-control", "type": "date"})
    )
    effective_to = forms.DateField(
        label=_("Until"), required=False, widget=forms.DateInput({"class": "form-control", "type": "date"})
    )
    note = forms.CharField(
        label=_("Note"), max_length=2000, required=False,
        widget=forms.Textarea({"class": "form-control", "rows": 2}),
    )  # fmt: skip
    file = forms.FileField(label=_("File"))

    def __init__(self, *args: Any, units: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["organisation"]
        if isinstance(field, forms.ModelChoiceField):
            field.queryset = units

    def clean(self) -> dict[str, Any]:
        """The last day is not before the first."""
        cleaned = super().clean() or {}
        first, last = cleaned.get("effective_from"), cleaned.get("effective_to")
        if first and last and last < first:
            self.add_error("effective_to", _("The last day is before the first."))
        return cleaned
