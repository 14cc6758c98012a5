"""One's own settings and password."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from jicha_web.organisation import people, registers
from jicha_web.organisation.forms import PasswordForm, ProfileForm
from jicha_web.organisation.models import Qualification
from jicha_web.organisation.rights import memberships
from jicha_web.organisation.roles import roles
from jicha_web.organisation.scope import EVERYTHING, scoped
from jicha_web.pages.views import acting_of, signed_in


@require_http_methods(["GET", "POST"])
@signed_in()
def profile(request: HttpRequest) -> HttpResponseBase:
    """Language, mail, telephone; what one holds."""
    acting = acting_of(request)
    me = acting.person
    form = ProfileForm(request.POST or None, initial={"language": me.language, "email": me.email, "phone": me.phone})
    if request.method == "POST" and form.is_valid():
        people.change_own_settings(person=me, **form.cleaned_data)
        messages.success(request, _("Your settings are kept."))
        response = redirect("profile")
        response.set_cookie(settings.LANGUAGE_COOKIE_NAME, me.language, samesite="Lax", secure=settings.HTTPS)
        return response
    with scoped(EVERYTHING):  # one's own certificates, wherever they were entered
        certificates = list(Qualification.objects.filter(person=me).order_by("-valid_until", "pk"))
    values = {
        "form": form,
        "memberships": [(roles()[m.role].label, m) for m in memberships(me, acting.today)],
        "certificates": [
            (q, registers.label_of(q.kind), registers.validity(q.valid_until, acting.today)) for q in certificates
        ],
    }
    return render(request, "organisation/profile.html", values)


@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
@signed_in()
def password(request: HttpRequest) -> HttpResponseBase:
    """Change one's own password; the first page for those whose password was set by another."""
    acting = acting_of(request)
    me = acting.person
    form = PasswordForm(request.POST or None, person=me)
    if request.method == "POST" and form.is_valid():
        try:
            people.change_own_password(person=me, password=form.cleaned_data["new"], at=acting.at)
        except ValidationError as error:
            form.add_error("new", error)
        else:
            update_session_auth_hash(request, me)
            messages.success(request, _("Your password is changed; you are signed out everywhere else."))
            return redirect("home")
    return render(request, "organisation/password.html", {"form": form, "must": me.must_change_password})
