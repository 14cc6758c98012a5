"""Figures of those who keep the platform itself: people and their certificates, changes of rules that wait."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import Exists, OuterRef
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from jicha_web.cases.listing import Asker
from jicha_web.findings.models import RuleChange
from jicha_web.organisation.models import Qualification
from jicha_web.organisation.registers import warn_until
from jicha_web.organisation.rights import may, scope_of
from jicha_web.organisation.scope import scoped
from jicha_web.organisation.tree import people_in_sight
from jicha_web.overview.figures import Figure


def tiles(asker: Asker) -> Iterator[Figure]:
    """Yield the figures that an administrator and a rule author act upon."""
    today = timezone.localdate(asker.at)
    if may(asker.person, "people_edit", today):
        with scoped(scope_of(asker.person, today, "people_edit")):
            active = people_in_sight().filter(is_active=True)
            ending = Qualification.objects.filter(person=OuterRef("pk"), valid_until__lte=warn_until(today))
            people, late = active.count(), active.filter(Exists(ending)).count()
        yield Figure(_("People with an account"), people, reverse("people"), icon="users")
        yield Figure(_("Certificates that end soon"), late, f"{reverse('people')}?certificates=ending",
                     "warn" if late else "", icon="certificate")  # fmt: skip
    if may(asker.person, "rule_approve", today):
        sight = scope_of(asker.person, today, "rule_approve")
        waiting = RuleChange.objects.filter(sight.published("organisation"), state="asked").count()
        yield Figure(_("Changes of rules that wait"), waiting, reverse("rule_changes"), "warn" if waiting else "",
                     icon="edit")  # fmt: skip
