"""`jicha report`: the one-page report, or the workbook."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from jicha.cli.common import DataArgument, JsonOption, LangOption, UserOption, messages, operating_user, print_json
from jicha.cli.filters import OrgOption, RunOption, UnmaskOption
from jicha.cli.findings import open_ledger, unmask
from jicha.engine.session import Session
from jicha.engine.source import StoredTables
from jicha.errors import JichaError
from jicha.findings.audit import check_reason
from jicha.findings.export import check_format, written_aside
from jicha.findings.read import Filter, Ledger
from jicha.findings.words import word
from jicha.language import Language
from jicha.prices.loaded import supervise_tables
from jicha.prices.tables import PriceTables
from jicha.quality.judge import Judged
from jicha.quality.store import Book
from jicha.quality.view import judged
from jicha.quality.words import say
from jicha.report.page import MOST_FINDINGS, build_page
from jicha.report.price_section import PriceSection
from jicha.report.words import words
from jicha.report.workbook import write_workbook
from jicha.warehouse.store import Warehouse


def report_command(
    data: DataArgument,
    *,
    out: Annotated[
        Path, typer.Option("--out", help=".html, .xlsx；同名文件会被替换 replaced if there", metavar="FILE")
    ],
    run: RunOption = None,
    org: OrgOption = None,
    most: Annotated[
        int, typer.Option("--most", help="网页最多含几条问题 findings held by the page at most", min=1)
    ] = MOST_FINDINGS,
    lang: LangOption = Language.ZH,
    as_json: JsonOption = False,
    unmask_reason: UnmaskOption = None,
    user: UserOption = "",
) -> None:
    """生成稽查报告 Write the report of a run: one self-contained page, or a workbook."""
    ending = check_format(out, (".html", ".xlsx"))
    reason = None if unmask_reason is None else check_reason(unmask_reason)
    wanted = Filter(states=(), org=org)
    with open_ledger(data, run, lang) as ledger:
        count = ledger.totals(wanted, unmasked=reason is not None).findings
        count = min(count, most) if ending == ".html" else count
        unmask(
            ledger, wanted, command=f"report {out.name}", reason=reason, user=user or operating_user(), rows=count,
            language=lang,
        )  # fmt: skip
        quality, prices = _quality(ledger, lang), _prices(ledger, lang)
        with written_aside(out) as aside:
            if ending == ".html":
                page = build_page(
                    ledger, wanted, language=lang, unmask_reason=reason, most=most, quality=quality, prices=prices
                )
                aside.write_text(page.html, encoding="utf-8", newline="\n")
                rows = page.findings
            else:
                rows = write_workbook(
                    ledger, wanted, aside, language=lang, unmasked=reason is not None, quality=quality, prices=prices
                )
        run_id = ledger.run.run_id
    size = out.stat().st_size
    if as_json:
        print_json({"out": out, "rows": rows, "bytes": size, "run_id": run_id})
    else:
        shown = f"{size / 1e6:.1f} MB" if size >= 1e6 else f"{size / 1e3:.0f} KB"
        messages.print(word("wrote_report", lang, path=out, rows=f"{rows:,}", size=shown))


def _quality(ledger: Ledger, lang: Language) -> Judged | None:
    """Return the quality of the run's data version; a report is written without it where it cannot be measured."""
    version = ledger.run.data_version
    try:
        return judged(Book(ledger.run.data), version)
    except JichaError as error:
        messages.print(say("unavailable", lang, version=version, why=error.to(lang)), style="yellow", markup=False)
        return None


def _prices(ledger: Ledger, lang: Language) -> PriceSection | None:
    """Hold the prices of the run's data version against themselves; without them the report has no such section."""
    run = ledger.run
    try:
        snapshot = Warehouse(run.data).snapshot(run.data_version)
        with Session(StoredTables(snapshot), as_of=run.as_of, p0=run.p0) as session:
            found = supervise_tables(PriceTables(session, p0=run.p0))
    except JichaError as error:
        messages.print(words(lang)["prices_unavailable"].format(why=error.to(lang)), style="yellow", markup=False)
        return None
    return PriceSection(found, lang, folder=run.data.name, as_of=run.as_of)


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("report")(report_command)
