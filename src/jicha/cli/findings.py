"""`jicha findings`: the list in the terminal."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table
from rich.text import Text

from jicha.catalog.files import vocabulary
from jicha.cli.common import (
    DataArgument,
    JsonOption,
    LangOption,
    UserOption,
    messages,
    now,
    operating_user,
    output,
    print_json,
)
from jicha.cli.filters import RunOption, SortOption, UnmaskOption, filtered
from jicha.errors import JichaError
from jicha.findings.audit import audit_path, check_reason, record_unmask
from jicha.findings.read import DEFAULT_SORT, NAMES, Filter, Ledger, Totals
from jicha.findings.run import Run, read_run
from jicha.findings.words import word
from jicha.language import Language
from jicha.warehouse.store import Snapshot, Warehouse

_COLOURS = {"high": "bold red", "medium": "yellow", "low": "cyan"}


@contextmanager
def open_ledger(data: Path, run_id: str | None, language: Language) -> Iterator[Ledger]:
    """Open the findings of a run with the names of its data version."""
    run = read_run(data, run_id)
    snapshot: Snapshot | None
    try:
        snapshot = Warehouse(data).snapshot(run.data_version)
        for table in NAMES:
            snapshot.relation_sql(table)
    except JichaError as error:
        messages.print(
            word("no_names", language, version=run.data_version, why=error.to(language)), style="yellow", markup=False
        )
        snapshot = None
    with Ledger(run, snapshot) as ledger:
        yield ledger


def unmask(
    ledger: Ledger, wanted: Filter, *, command: str, reason: str | None, user: str, rows: int, language: Language
) -> bool:
    """Record that personal data will be shown, before they are; False when they stay masked."""
    if reason is None:
        return False
    record_unmask(
        ledger.run.data, at=now(), user=user, command=command, reason=reason, run_id=ledger.run.run_id,
        filters=wanted.as_record(), rows=rows,
    )  # fmt: skip
    messages.print(word("unmasked", language, path=audit_path(ledger.run.data)), style="yellow")
    return True


def _table(rows: list[dict[str, Any]], language: Language) -> Table:
    words = vocabulary()
    table = Table(box=None, header_style="bold", pad_edge=False)
    for name, options in (
        ("severity", {}), ("rule", {"no_wrap": True}), ("reason", {"ratio": 3, "overflow": "fold"}),
        ("customer_id", {"no_wrap": True}), ("customer_name", {}), ("org_name", {}),
        ("amount_yuan", {"justify": "right", "no_wrap": True}), ("energy_kwh", {"justify": "right", "no_wrap": True}),
        ("state", {"no_wrap": True}),
    ):  # fmt: skip
        table.add_column(word(f"column_{name}", language), **options)
    for row in rows:
        colour = _COLOURS.get(row["severity"], "")
        table.add_row(
            Text(words["severity"][row["severity"]][language.value], style=colour),
            Text(row["rule"], style=colour),
            Text(row["reason"] or ""),
            Text(row["customer_id"] or row["subject_id"] or ""),
            Text(row["customer_name"] or ""),
            Text(row["org_name"] or row["org_id"] or ""),
            "" if row["amount_yuan"] is None else f"{row['amount_yuan']:,.2f}",
            "" if row["energy_kwh"] is None else f"{row['energy_kwh']:,.2f}",
            words["finding_state"][row["state"]][language.value],
        )
    return table


def _json(run: Run, wanted: Filter, totals: Totals, rows: list[dict[str, Any]]) -> dict[str, Any]:
    for row in rows:
        row["key"] = json.loads(row["key"])
        row["evidence"] = json.loads(row["evidence"]) if row["evidence"] else {}
        row["basis"] = (row["basis"] or "").splitlines()
    return {
        "run_id": run.run_id,
        "as_of": run.as_of,
        "data_version": run.data_version,
        "filters": wanted.as_record(),
        "total": totals.findings,
        "customers": totals.customers,
        "amount_yuan": totals.amount_yuan,
        "energy_kwh": totals.energy_kwh,
        "with_amount": totals.with_amount,
        "rules_not_run": {code: rule.outcome for code, rule in run.rules.items() if not rule.ran},
        "findings": rows,
    }


@filtered
def findings_command(
    data: DataArgument,
    *,
    run: RunOption = None,
    wanted: Filter,
    sort: SortOption = DEFAULT_SORT,
    limit: Annotated[int, typer.Option("--limit", help="最多显示几条，0 为全部 at most, 0 for all", min=0)] = 50,
    lang: LangOption = Language.ZH,
    as_json: JsonOption = False,
    unmask_reason: UnmaskOption = None,
    user: UserOption = "",
) -> None:
    """列出疑似问题 List the suspected problems of a run."""
    if unmask_reason is not None:
        check_reason(unmask_reason)
    with open_ledger(data, run, lang) as ledger:
        totals = ledger.totals(wanted, unmasked=unmask_reason is not None)
        count = totals.findings if limit == 0 else min(limit, totals.findings)
        shown = unmask(
            ledger,
            wanted,
            command="findings",
            reason=unmask_reason,
            user=user or operating_user(),
            rows=count,
            language=lang,
        )
        rows = list(ledger.rows(wanted, language=lang, unmasked=shown, sort=sort, limit=limit or None))
        if as_json:
            print_json(_json(ledger.run, wanted, totals, rows))
            return
        if rows:
            output.print(_table(rows, lang))
            output.print()
        else:
            output.print(word("none_found", lang))
        output.print(
            word("shown", lang, shown=f"{len(rows):,}", total=f"{totals.findings:,}", customers=f"{totals.customers:,}",
                 yuan=f"{totals.amount_yuan:,.2f}", with_amount=f"{totals.with_amount:,}"), style="bold"
        )  # fmt: skip
        not_run = sum(not facts.ran for facts in ledger.run.rules.values())
        if not_run:
            messages.print(word("not_clean", lang, count=not_run), style="yellow")
        if len(rows) < totals.findings:
            messages.print(word("hint_more", lang), style="dim")
        if not shown:
            messages.print(word("hint_masked", lang), style="dim")


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("findings")(findings_command)
