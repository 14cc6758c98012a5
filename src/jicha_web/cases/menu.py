"""The entries of cases in the main menu."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from jicha_web.pages.navigation import Entry, add


def register_all() -> None:
    """Add them; called once, when the application starts."""
    add(Entry(order=10, url_name="my_work", label=_("My work"), icon="checklist", action="case_view", key="w"))
    add(Entry(order=30, url_name="cases", label=_("Cases"), icon="briefcase", action="case_view", key="c"))
    add(Entry(order=32, url_name="case_proposals", label=_("Proposals"), icon="flag", action="case_open", key="p"))
    add(
        Entry(
            order=40, url_name="leads", label=_("Leads"), icon="message", actions=("lead_enter", "case_open"), key="l"
        )
    )
