"""Registration with Django."""

from __future__ import annotations

from django.apps import AppConfig


class CasesConfig(AppConfig):
    """Cases: opened, grouped, dispatched, moved by the workflow, met by a deadline."""

    name = "jicha_web.cases"

    def ready(self) -> None:
        """Register gates; a workflow that contradicts itself stops the start."""
        # models must be ready
        from jicha_web.cases import (  # noqa: PLC0415
            dispatch_job,
            exporting,
            lead_job,
            lead_list,
            menu,
            moves,
            own_gates,
            page_sections,
            proving,
            recurring,
            releasing,
            telling,
            undoing,
        )  # fmt: skip
        from jicha_web.cases.workflow import workflow  # noqa: PLC0415
        from jicha_web.history.read import register_check  # noqa: PLC0415

        workflow()
        own_gates.register_all()
        page_sections.register_all()
        menu.register_all()
        recurring.register_all()
        undoing.register_all()
        releasing.register_all()
        register_check("finding", proving.damage)
        lead_list.register_sheet()
        assert exporting and dispatch_job and lead_job  # their import registers the jobs
        moves.after_move(telling.tell_arrival)
