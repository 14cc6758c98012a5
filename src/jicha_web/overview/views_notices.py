"""Notifications: the list, opening one, and what goes by mail."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from jicha_web.overview import notifying
from jicha_web.overview.models import Notification
from jicha_web.pages.paging import page_of
from jicha_web.pages.views import acting_of, signed_in


@require_GET
@signed_in()
def notifications(request: HttpRequest) -> HttpResponseBase:
    """What one was told, newest first."""
    rows = Notification.objects.filter(person=acting_of(request).person).order_by("-at", "-pk")
    if request.GET.get("unread"):
        rows = rows.filter(read_at=None)
    page = page_of(rows, request)
    return render(request, "overview/notifications.html", {
        "page": page, "rows": [(one, notifying.kind_of(one.kind).label) for one in page.rows],
    })  # fmt: skip


@require_GET
@signed_in()
def notification(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Go to what a notification is about, and mark it as read."""
    acting = acting_of(request)
    one = get_object_or_404(Notification, pk=pk, person=acting.person)
    Notification.objects.filter(pk=one.pk, read_at=None).update(read_at=acting.at)
    safe = one.url.startswith("/") and url_has_allowed_host_and_scheme(one.url, None)
    return redirect(one.url if safe else reverse("notifications"))


@require_POST
@signed_in()
def notifications_read(request: HttpRequest) -> HttpResponseBase:
    """Mark all as read."""
    acting = acting_of(request)
    notifying.read_all(person=acting.person, at=acting.at)
    return redirect("notifications")


@require_http_methods(["GET", "POST"])
@signed_in()
def notification_settings(request: HttpRequest) -> HttpResponseBase:
    """For which kinds mail is wanted."""
    person = acting_of(request).person
    if request.method == "POST":
        wanted = set(request.POST.getlist("mail"))
        notifying.choose(person=person, by_mail={code: code in wanted for code in notifying.kinds()})
        messages.success(request, _("Your settings are kept."))
        return redirect("notification_settings")
    by_mail = notifying.wanted_by_mail(person)
    rows = [(kind, by_mail[code]) for code, kind in notifying.kinds().items()]
    return render(request, "overview/notification_settings.html", {"rows": rows, "address": person.email})
