"""`jicha export findings`: the findings as Parquet, CSV or a workbook."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from jicha.cli.common import DataArgument, JsonOption, LangOption, UserOption, messages, operating_user, print_json
from jicha.cli.filters import RunOption, SortOption, UnmaskOption, filtered
from jicha.cli.findings import open_ledger, unmask
from jicha.findings.audit import check_reason
from jicha.findings.export import check_format, export_findings
from jicha.findings.read import DEFAULT_SORT, Filter
from jicha.findings.words import word
from jicha.language import Language


@filtered
def findings_command(
    data: DataArgument,
    *,
    out: Annotated[
        Path, typer.Option("--out", help=".parquet, .csv, .xlsx；同名文件会被替换 replaced if there", metavar="FILE")
    ],
    run: RunOption = None,
    wanted: Filter,
    sort: SortOption = DEFAULT_SORT,
    lang: LangOption = Language.ZH,
    as_json: JsonOption = False,
    unmask_reason: UnmaskOption = None,
    user: UserOption = "",
) -> None:
    """导出疑似问题 Export the findings of a run."""
    check_format(out)
    if unmask_reason is not None:
        check_reason(unmask_reason)
    with open_ledger(data, run, lang) as ledger:
        count = ledger.totals(wanted, unmasked=unmask_reason is not None).findings
        shown = unmask(
            ledger, wanted, command=f"export findings {out.name}", reason=unmask_reason, user=user or operating_user(),
            rows=count, language=lang,
        )  # fmt: skip
        rows = export_findings(ledger, wanted, out, language=lang, unmasked=shown, sort=sort)
        run_id = ledger.run.run_id
    if as_json:
        print_json({"out": out, "rows": rows, "run_id": run_id})
    else:
        messages.print(word("wrote", lang, path=out, rows=f"{rows:,}"))
