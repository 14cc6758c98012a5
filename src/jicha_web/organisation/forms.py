"""Forms of units and people."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from jicha_web.organisation.models import Organisation, Person, Tool
from jicha_web.organisation.registers import kinds
from jicha_web.organisation.roles import roles
from jicha_web.organisation.tree import people_in_sight, units_in_sight
from jicha_web.pages.forms import Styled
from jicha_web.pages.tags import words

if TYPE_CHECKING:
    _UnitField = forms.ModelChoiceField[Organisation]
else:
    _UnitField = forms.ModelChoiceField


class UnitChoice(_UnitField):
    """A unit in sight, indented as in the tree."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(queryset=Organisation.objects.none(), **kwargs)

    def label_from_instance(self, obj: Organisation) -> str:
        """Show the depth."""
        return "　" * obj.depth + obj.name


class _WithUnit(Styled, forms.Form):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            if isinstance(field, UnitChoice):
                field.queryset = units_in_sight()


class PersonForm(_WithUnit):
    """What an administrator keeps of a person."""

    name = forms.CharField(label=_("Name"), max_length=100)
    organisation = UnitChoice(label=_("Unit"))
    staff_id = forms.CharField(
        label=_("Staff number"), max_length=64, required=False,
        help_text=_("As in the marketing system: by it a case knows its own people and keeps them off it."),
    )  # fmt: skip
    email = forms.EmailField(label=_("Mail"), required=False)
    phone = forms.CharField(label=_("Telephone"), max_length=32, required=False)


class NewPersonForm(PersonForm):
    """The same with a user name."""

    username = forms.RegexField(
        r"^[\w.@+-]+$", label=_("User name"), max_length=64,
        help_text=_("Letters, digits and . @ + - _ only; it cannot be changed later."),
    )  # fmt: skip
    field_order = ("username", "name", "organisation", "staff_id", "email", "phone")


class GrantForm(_WithUnit):
    """A role for a unit's subtree."""

    role = forms.ChoiceField(label=_("Role"))
    organisation = UnitChoice(label=_("For this unit and all below it"))
    until = forms.DateField(label=_("Until (last day)"), required=False)
    note = forms.CharField(label=_("Reason"), max_length=500, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choice = self.fields["role"]
        assert isinstance(choice, forms.ChoiceField)
        choice.choices = [(code, words(role.label)) for code, role in roles().items()]


class QualificationForm(Styled, forms.Form):
    """A certificate."""

    kind = forms.ChoiceField(label=_("Certificate"))
    number = forms.CharField(label=_("Number"), max_length=64, required=False)
    valid_from = forms.DateField(label=_("Valid from"), required=False)
    valid_until = forms.DateField(label=_("Valid until"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choice = self.fields["kind"]
        assert isinstance(choice, forms.ChoiceField)
        choice.choices = [(code, words(label)) for code, label in kinds().items()]

    def clean(self) -> dict[str, Any]:
        """The first day is not after the last."""
        found: dict[str, Any] = super().clean() or {}
        first, last = found.get("valid_from"), found.get("valid_until")
        if first and last and last < first:
            raise ValidationError({"valid_until": _("The last day is before the first.")})
        return found


class RenewForm(Styled, forms.Form):
    """Another last day of a certificate."""

    until = forms.DateField(label=_("Valid until"))
    note = forms.CharField(label=_("Reason"), max_length=500)


class TrainingForm(Styled, forms.Form):
    """A training."""

    topic = forms.CharField(label=_("Topic"), max_length=200)
    held_on = forms.DateField(label=_("Held on"))
    hours = forms.DecimalField(label=_("Hours"), max_digits=5, decimal_places=1, min_value=0)
    result = forms.CharField(label=_("Result"), max_length=100, required=False)


class ToolForm(_WithUnit):
    """A new tool."""

    organisation = UnitChoice(label=_("Unit"))
    kind = forms.CharField(label=_("Kind"), max_length=100)
    number = forms.CharField(label=_("Number"), max_length=64)
    calibrated_until = forms.DateField(label=_("Calibrated until"), required=False)


class ToolChangeForm(Styled, forms.Form):
    """Where a tool is, and until when it is calibrated."""

    state = forms.ChoiceField(label=_("State"), choices=Tool.STATES)
    holder = forms.ModelChoiceField(label=_("Lent to"), queryset=Person.objects.none(), required=False)
    calibrated_until = forms.DateField(label=_("Calibrated until"), required=False)
    note = forms.CharField(label=_("Note"), max_length=500, required=False)

    def __init__(self, *args: Any, tool: Tool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choice = self.fields["holder"]
        assert isinstance(choice, forms.ModelChoiceField)
        choice.queryset = people_in_sight().filter(is_active=True, organisation=tool.organisation).order_by("name")

    def clean(self) -> dict[str, Any]:
        """What is lent is lent to someone."""
        found: dict[str, Any] = super().clean() or {}
        if found.get("state") == "lent" and not found.get("holder"):
            raise ValidationError({"holder": _("Say to whom it is lent.")})
        return found


class ProfileForm(Styled, forms.Form):
    """One's own settings."""

    language = forms.ChoiceField(label=_("Language"), choices=[("zh-hans", "简体中文"), ("en", "English")])
    email = forms.EmailField(label=_("Mail"), required=False)
    phone = forms.CharField(label=_("Telephone"), max_length=32, required=False)


class PasswordForm(Styled, forms.Form):
    """One's own new password."""

    old = forms.CharField(
        label=_("Present password"), widget=forms.PasswordInput(attrs={"autocomplete": "current-password"})
    )
    new = forms.CharField(
        label=_("New password"), widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_("At least 10 characters, not only digits, and none of the usual ones."),
    )  # fmt: skip
    again = forms.CharField(
        label=_("New password again"), widget=forms.PasswordInput(attrs={"autocomplete": "new-password"})
    )

    def __init__(self, *args: Any, person: Person, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._person = person

    def clean_old(self) -> str:
        """It is the person's password."""
        given: str = self.cleaned_data["old"]
        if not self._person.check_password(given):
            raise ValidationError(_("This is not your present password."))
        return given

    def clean(self) -> dict[str, Any]:
        """Typed twice the same, and another than before."""
        found: dict[str, Any] = super().clean() or {}
        if found.get("new") != found.get("again"):
            raise ValidationError({"again": _("The two are not the same.")})
        if found.get("new") and found.get("new") == found.get("old"):
            raise ValidationError({"new": _("Choose another password than before.")})
        return found
