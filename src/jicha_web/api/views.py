"""The page of tokens: made for a machine, shown once, revoked."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from jicha_web.api import tokens
from jicha_web.api.models import Token
from jicha_web.history.record import ChangedMeanwhile
from jicha_web.organisation.middleware import ActingPerson
from jicha_web.organisation.models import Organisation
from jicha_web.organisation.roles import actions
from jicha_web.organisation.scope import current, path_condition
from jicha_web.pages import confirm
from jicha_web.pages.tags import words
from jicha_web.pages.views import acting_of, signed_in


class TokenForm(forms.Form):
    """A token to make."""

    name = forms.CharField(
        label=gettext_lazy("Label"), max_length=100,
        widget=forms.TextInput({"class": "form-control", "autocomplete": "off"}),
        help_text=gettext_lazy("Which machine uses it."),
    )  # fmt: skip
    organisation = forms.ModelChoiceField(
        label=gettext_lazy("For unit"), queryset=Organisation.objects.none(), empty_label=None,
        widget=forms.Select({"class": "form-select"}),
    )  # fmt: skip
    until = forms.DateField(
        label=gettext_lazy("Last day"), widget=forms.DateInput({"class": "form-control", "type": "date"})
    )
    actions = forms.MultipleChoiceField(
        label=gettext_lazy("Actions"), widget=forms.CheckboxSelectMultiple({"class": "form-check-input"})
    )

    def __init__(self, *args: Any, acting: ActingPerson, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        unit, chosen = self.fields["organisation"], self.fields["actions"]
        if isinstance(unit, forms.ModelChoiceField) and isinstance(chosen, forms.MultipleChoiceField):
            unit.queryset = Organisation.objects.filter(path_condition(current().paths)).order_by("path")
            chosen.choices = [(code, words(label)) for code, label in actions().items() if acting.may(code)]


@require_http_methods(["GET", "POST"])
@never_cache
@signed_in()
def token_list(request: HttpRequest) -> HttpResponseBase:
    """One's tokens, and those of the units whose people one keeps; a new one's secret is shown in this answer only."""
    acting, made = acting_of(request), None
    start = {"until": acting.today + timedelta(days=90)}
    form = TokenForm(request.POST or None, acting=acting, initial=start)
    if request.method == "POST" and form.is_valid():
        try:
            made = tokens.make(by=acting.person, at=acting.at, **form.cleaned_data)
        except tokens.WrongToken as error:
            form.add_error(None, str(error))
        else:
            form = TokenForm(acting=acting, initial=start)
    labels = {code: words(label) for code, label in actions().items()}
    rows = [(one, [labels.get(a, a) for a in one.actions]) for one in tokens.revocable(acting.person, acting.today)]
    return render(
        request, "api/tokens.html", {"form": form, "made": made, "rows": rows}, status=422 if form.errors else 200
    )


@require_POST
@signed_in()
def token_revoke(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Revoke a token."""
    acting = acting_of(request)
    mine = [one.pk for one in tokens.revocable(acting.person, acting.today)]
    found = get_object_or_404(Token.objects.filter(pk__in=mine).select_related("organisation"), pk=pk)
    if page := confirm.ask(
        request, question=_("Revoke this token?"), consequence=_("The machine that uses it is shut out at once."),
        back=reverse("tokens"),
    ):  # fmt: skip
        return page
    try:
        tokens.revoke(token=found, by=acting.person, at=acting.at)
        messages.success(request, _("The token is revoked."))
    except (tokens.WrongToken, ChangedMeanwhile) as error:
        messages.error(request, str(error))
    return redirect("tokens")
