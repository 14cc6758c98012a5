"""People: list, one person's page, what an administrator does there."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from jicha_web.history.record import ChangedMeanwhile
from jicha_web.organisation import memberships, people, registers, workload
from jicha_web.organisation.forms import (
    GrantForm,
    NewPersonForm,
    PersonForm,
    QualificationForm,
    RenewForm,
    TrainingForm,
)
from jicha_web.organisation.models import Membership, Person, Qualification, Training
from jicha_web.organisation.people_list import SEE, filtered, held_roles
from jicha_web.organisation.registers import label_of, validity
from jicha_web.organisation.roles import roles
from jicha_web.organisation.tree import people_in_sight
from jicha_web.organisation.verbs import timeline_of
from jicha_web.organisation.views.units import unit_choices
from jicha_web.pages import confirm
from jicha_web.pages.paging import page_of
from jicha_web.pages.tags import words
from jicha_web.pages.views import acting_of, signed_in


@require_GET
@signed_in(*SEE)
def people_list(request: HttpRequest) -> HttpResponseBase:
    """The list of people."""
    acting = acting_of(request)
    page = page_of(filtered(request.GET, acting.today), request)
    ids = [person.pk for person in page.rows]
    held = held_roles(ids, acting.today)
    loads = workload.of_people(acting.at, ids)
    rows = [(person, held.get(person.pk, []), loads.get(person.pk, workload.Load())) for person in page.rows]
    values = {
        "page": page, "rows": rows, "units": unit_choices(), "may_edit": acting.may("people_edit"),
        "roles": [(code, words(role.label)) for code, role in roles().items()],
    }  # fmt: skip
    return render(request, "organisation/people.html", values)


def _seen(pk: int) -> Person:
    return get_object_or_404(people_in_sight().select_related("organisation"), pk=pk)


@require_GET
@signed_in(*SEE)
def person(request: HttpRequest, pk: int) -> HttpResponseBase:
    """One person: roles, certificates, trainings, tools, history."""
    acting = acting_of(request)
    one = _seen(pk)
    held = list(Membership.objects.filter(person=one).select_related("organisation").order_by("-is_active", "pk"))
    certificates = list(Qualification.objects.filter(person=one).order_by("-valid_until", "pk"))
    trainings = list(Training.objects.filter(person=one).order_by("-held_on", "pk"))
    about: list[Any] = [(one, "")]
    about += [(m, f"{words(roles()[m.role].label)} · {m.organisation.name}") for m in held]
    about += [(q, words(label_of(q.kind))) for q in certificates]
    about += [(t, t.topic) for t in trainings]
    values = {
        "person": one, "may_edit": acting.may("people_edit", one.organisation), "own": one == acting.person,
        "memberships": [(m, roles()[m.role].label, m.holds_on(acting.today)) for m in held],
        "certificates": [(q, label_of(q.kind), validity(q.valid_until, acting.today)) for q in certificates],
        "trainings": trainings, "tools": list(one.tools.filter(state="lent").order_by("pk")),
        "load": workload.of_people(acting.at, [one.pk]).get(one.pk, workload.Load()), "entries": timeline_of(about),
    }  # fmt: skip
    return render(request, "organisation/person.html", values)


@require_http_methods(["GET", "POST"])
@signed_in("people_edit")
def person_new(request: HttpRequest) -> HttpResponseBase:
    """Open an account; its first password is shown once."""
    acting = acting_of(request)
    form = NewPersonForm(request.POST or None, initial={"organisation": acting.person.organisation})
    if request.method == "POST" and form.is_valid():
        try:
            made, password = people.open_account(**form.cleaned_data, by=acting.person, at=acting.at)
        except people.UnableToChangePerson as error:
            form.add_error(None, str(error))
        else:
            return render(request, "organisation/password_shown.html", {"person": made, "password": password})
    values = {"title": _("New account"), "form": form, "back": reverse("people")}
    return render(request, "organisation/form.html", values)


@require_http_methods(["GET", "POST"])
@signed_in("people_edit")
def person_edit(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Change a person's details."""
    acting = acting_of(request)
    one = _seen(pk)
    acting.require("people_edit", one.organisation)
    names = ("name", "organisation", "staff_id", "email", "phone")
    form = PersonForm(request.POST or None, initial={name: getattr(one, name) for name in names})
    if request.method == "POST" and form.is_valid():
        try:
            people.change_details(person=one, **form.cleaned_data, by=acting.person, at=acting.at)
        except (people.UnableToChangePerson, ChangedMeanwhile) as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("The change is kept."))
            return redirect("person", pk=one.pk)
    values = {"title": _("Change details"), "form": form, "back": reverse("person", args=[one.pk])}
    return render(request, "organisation/form.html", values)


@require_POST
@signed_in("people_edit")
def person_password(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Set a password anew; it is shown once."""
    acting = acting_of(request)
    one = _seen(pk)
    if page := confirm.ask(
        request, question=_("Set a new password for %(name)s?") % {"name": one.name},
        consequence=_("The old password stops working at once, and the person is signed out everywhere."),
        back=reverse("person", args=[one.pk]),
    ):  # fmt: skip
        return page
    password = people.set_password_anew(person=one, by=acting.person, at=acting.at)
    return render(request, "organisation/password_shown.html", {"person": one, "password": password})


@require_POST
@signed_in("people_edit")
def person_active(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Close an account or open it again."""
    acting = acting_of(request)
    one = _seen(pk)
    active = request.POST.get("active") == "1"
    question = _("Open this account again?") if active else _("Close this account?")
    consequence = (
        _("The person can sign in again, with the roles held before.")
        if active
        else _("The person is signed out and cannot sign in; cases that lie with them must be given to others.")
    )
    if page := confirm.ask(request, question=question, consequence=consequence, back=reverse("person", args=[one.pk])):
        return page
    note = request.POST.get("note", "")
    return _told(request, one, lambda: people.set_active(
        person=one, active=active, by=acting.person, at=acting.at, note=note
    ))  # fmt: skip


@require_http_methods(["GET", "POST"])
@signed_in("people_edit")
def grant(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Grant a role."""
    acting = acting_of(request)
    one = _seen(pk)
    form = GrantForm(request.POST or None, initial={"organisation": one.organisation})
    if request.method == "POST" and form.is_valid():
        try:
            memberships.grant(person=one, **form.cleaned_data, by=acting.person, at=acting.at)
        except memberships.UnableToGrant as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("The role is granted."))
            return redirect("person", pk=one.pk)
    values = {"title": _("Grant a role to %(name)s") % {"name": one.name}, "form": form,
              "back": reverse("person", args=[one.pk])}  # fmt: skip
    return render(request, "organisation/form.html", values)


@require_POST
@signed_in("people_edit")
def revoke(request: HttpRequest, pk: int, membership: int) -> HttpResponseBase:
    """Take a role back."""
    acting = acting_of(request)
    one = _seen(pk)
    held = get_object_or_404(Membership.objects.select_related("organisation", "person"), pk=membership, person=one)
    if page := confirm.ask(
        request, question=_("Take this role back?"),
        consequence=_("The person loses what it allows at once."), back=reverse("person", args=[one.pk]),
    ):  # fmt: skip
        return page
    note = request.POST.get("note", "")
    return _told(request, one, lambda: memberships.revoke(membership=held, by=acting.person, at=acting.at, note=note))


def _told(request: HttpRequest, one: Person, verb: Any) -> HttpResponseBase:
    """Do something and say what came of it on the person's page."""
    try:
        verb()
    except (memberships.UnableToGrant, people.UnableToChangePerson, ChangedMeanwhile) as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("The change is kept."))
    return redirect("person", pk=one.pk)


@require_http_methods(["GET", "POST"])
@signed_in("people_edit")
def qualification_new(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Enter a certificate."""
    acting = acting_of(request)
    one = _seen(pk)
    form = QualificationForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        registers.add_qualification(person=one, **form.cleaned_data, by=acting.person, at=acting.at)
        messages.success(request, _("The certificate is entered."))
        return redirect("person", pk=one.pk)
    values = {"title": _("New certificate"), "form": form, "back": reverse("person", args=[one.pk])}
    return render(request, "organisation/form.html", values)


@require_http_methods(["GET", "POST"])
@signed_in("people_edit")
def qualification_renew(request: HttpRequest, pk: int, qualification: int) -> HttpResponseBase:
    """Set another last day of a certificate."""
    acting = acting_of(request)
    one = _seen(pk)
    held = get_object_or_404(Qualification.objects, pk=qualification, person=one)
    form = RenewForm(request.POST or None, initial={"until": held.valid_until})
    if request.method == "POST" and form.is_valid():
        registers.extend_qualification(qualification=held, **form.cleaned_data, by=acting.person, at=acting.at)
        messages.success(request, _("The change is kept."))
        return redirect("person", pk=one.pk)
    values = {"title": words(label_of(held.kind)), "form": form, "back": reverse("person", args=[one.pk])}
    return render(request, "organisation/form.html", values)


@require_http_methods(["GET", "POST"])
@signed_in("people_edit")
def training_new(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Enter a training."""
    acting = acting_of(request)
    one = _seen(pk)
    form = TrainingForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        registers.add_training(person=one, **form.cleaned_data, by=acting.person, at=acting.at)
        messages.success(request, _("The training is entered."))
        return redirect("person", pk=one.pk)
    values = {"title": _("New training"), "form": form, "back": reverse("person", args=[one.pk])}
    return render(request, "organisation/form.html", values)
