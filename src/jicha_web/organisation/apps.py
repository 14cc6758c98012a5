"""Registration with Django."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OrganisationConfig(AppConfig):
    """The tree of units, its people, their roles and what each may see and do."""

    name = "jicha_web.organisation"

    def ready(self) -> None:
        """Add the menu entries and the work."""
        from jicha_web.organisation import (  # noqa: PLC0415 (they register their work)
            certificates_due,  # noqa: F401
            people_list,
            synchronise,  # noqa: F401
        )
        from jicha_web.organisation.people_list import SEE  # noqa: PLC0415
        from jicha_web.pages.navigation import Entry, add  # noqa: PLC0415

        people_list.register_sheet()

        for order, name, label, icon, key in (
            (80, "units", _("Units"), "sitemap", "n"),
            (81, "people", _("People"), "users", "e"),
            (82, "tools", _("Tools"), "tool", ""),
        ):
            add(Entry(order=order, url_name=name, label=label, icon=icon, key=key, actions=SEE))
