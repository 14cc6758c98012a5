"""`jicha prices`: the shipped price lists, price supervision, and what an edition changes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table

from jicha.cli.common import JsonOption, LangOption, messages, now, output, print_json
from jicha.engine.session import Session
from jicha.engine.source import StoredTables
from jicha.errors import BadInput
from jicha.findings.export import written_aside
from jicha.language import Language
from jicha.prices.canonical import canonical, write_canonical
from jicha.prices.describe import change_record, list_record, statement_record
from jicha.prices.diff import Difference, diff_editions, diff_lists
from jicha.prices.loaded import supervise_tables
from jicha.prices.model import PriceList, Value
from jicha.prices.published import supervise_lists
from jicha.prices.read import code_label, read_list, word
from jicha.prices.shipped import find_list, shipped_lists
from jicha.prices.statements import Outcome, Supervision, page_word
from jicha.prices.tables import PriceTables
from jicha.report.prices import build_prices_page
from jicha.report.prices_workbook import write_difference_workbook, write_supervision_workbook
from jicha.screening.inputs import latest_complete_period
from jicha.warehouse.store import Warehouse

DataOption = Annotated[
    Path | None, typer.Argument(help="数据目录，缺省只核对内置价格表 data folder", metavar="[DATA]", show_default=False)
]
AsOfOption = Annotated[
    datetime | None, typer.Option("--as-of", formats=["%Y-%m-%d"], help="数据截止日期 what arose later is not seen")
]
_SETTLE_DAY = 10  # of the month, from which the month before counts as billed


def register(app: typer.Typer) -> None:
    """Add the commands."""
    prices = typer.Typer(help="价格表与价格监管 price lists and price supervision", no_args_is_help=True)
    prices.command("list")(list_command)
    prices.command("show")(show_command)
    prices.command("canonical")(canonical_command)
    prices.command("check")(check_command)
    prices.command("diff")(diff_command)
    app.add_typer(prices, name="prices")


def _given(name: str) -> PriceList:
    """A list by name, or a file of the user's own."""
    return read_list(Path(name)) if name.endswith((".yaml", ".yml")) else find_list(name)


# -- lists -------------------------------------------------------------------------------------------------------


def list_command(
    province: Annotated[str | None, typer.Option("--province", help="只列该省 only this province")] = None,
    kind: Annotated[str | None, typer.Option("--kind", help="只列该类 only this kind")] = None,
    lang: LangOption = Language.ZH,
    as_json: JsonOption = False,
) -> None:
    """列出内置价格表：种类、省份、执行日期、是否核实 List the shipped price lists."""
    chosen = [
        item for item in shipped_lists().values() if province in {None, item.province} and kind in {None, item.kind}
    ]
    if as_json:
        print_json([list_record(item, rows=False) for item in chosen])
        return
    table = _table(("list", "name", "from", "to", "rows", "verified"), lang)
    for item in chosen:
        unknown = page_word("since_unknown", lang)
        since = item.effective_from.isoformat() if item.effective_from else unknown
        until = item.effective_to.isoformat() if item.effective_to else ""
        rows = len(item.rows) or len(item.rules) or (len(item.timetable.slots) if item.timetable else 0)
        verified = page_word("is_verified" if item.verified else "not_verified", lang)
        table.add_row(item.name, escape(item.label(lang)), since, until, str(rows), verified)
    output.print(table)


def show_command(
    name: Annotated[str, typer.Argument(help="价格表名或文件 list or file", metavar="LIST", show_default=False)],
    lang: LangOption = Language.ZH,
    as_json: JsonOption = False,
) -> None:
    """显示一份价格表：每个价格、单位、文件 Show one list: every price with its unit and document."""
    item = _given(name)
    if as_json:
        print_json(list_record(item, rows=True))
        return
    output.print(f"[bold]{escape(item.label(lang))}[/bold]  {item.effective_from or ''} – {item.effective_to or ''}")
    for document in item.documents.values():
        mark = "" if document.verified else f"（{page_word('not_verified', lang)}）"
        shown = "  ".join(str(part) for part in (document.title, document.number, document.published_on) if part)
        output.print(f"{page_word('document', lang)}: {shown}{mark}", markup=False)
        output.print(f"  {document.source}", markup=False, style="dim")
    _show_rows(item, lang)
    _show_hours(item, lang)
    _show_tiers(item, lang)
    for rule in item.rules:
        since = rule.since or page_word("since_unknown", lang)
        output.print(f"{since}  {rule.text.to(lang)}  [{rule.document.number}]", markup=False)
    for note in item.notes:
        output.print(note.to(lang), markup=False, style="dim")


def _show_rows(item: PriceList, lang: Language) -> None:
    if not item.rows:
        return
    columns = list(dict.fromkeys(column for row in item.rows for column in row.values))
    table = Table(title=None, box=None, pad_edge=False)
    table.add_column(page_word("row", lang))
    for column in columns:
        unit = next(row.values[column].unit for row in item.rows if column in row.values)
        table.add_column(f"{word('columns', column, lang)}\n{word('units', unit, lang)}", justify="right")
    for row in item.rows:
        cells = [_shown(row.values[column]) if column in row.values else "" for column in columns]
        table.add_row(_row_label(row.labels, lang), *cells)
    output.print(table)
    for column, value in item.common.items():
        parts = item.parts.get(column, {})
        inside = "; ".join(f"{word('columns', part, lang)} {held.amount}" for part, held in parts.items())
        shown = f"{word('columns', column, lang)} {value.amount} {word('units', value.unit, lang)}"
        output.print(shown + (f" ({inside})" if inside else ""), markup=False)


def _shown(value: Value) -> str:
    """The amount; a star where it was not read in a text."""
    return f"{value.amount}" + ("" if value.verified else "*")


def _row_label(labels: Any, lang: Language) -> str:
    kinds = {"structure": "structures", "voltage": "voltages", "usage": "usages", "fund": "columns",
             "province": "provinces"}  # fmt: skip
    return " ".join(word(kinds[name], code, lang) for name, code in labels.items())


def _show_hours(item: PriceList, lang: Language) -> None:
    timetable = item.timetable
    if timetable is None:
        return
    table = _table(("band", "months", "hours", "who"), lang)
    for slot in timetable.slots:
        months = page_word("all_months", lang) if len(slot.months) == 12 else ", ".join(map(str, sorted(slot.months)))
        who = [*sorted(slot.groups), *(word("day_kinds", kind, lang) for kind in sorted(slot.days))]
        table.add_row(word("columns", slot.band, lang), months, _spans(slot.halves), ", ".join(who))
    output.print(table)
    for ratio in timetable.ratios:
        months = "" if len(ratio.months) == 12 else f" ({', '.join(map(str, sorted(ratio.months)))})"
        values = ", ".join(f"{name} {value}" for name, value in ratio.values)
        output.print(f"{page_word('ratios', lang)} {ratio.applies}{months}: {values}", markup=False)
    for gap in timetable.unclear:
        output.print(f"! {gap.text.to(lang)}", markup=False, style="yellow")
    for _, text in timetable.conditions:
        output.print(text.to(lang), markup=False)


def _spans(halves: frozenset[int]) -> str:
    """Half hours as spans: 23:00-07:00."""

    def clock(half: int) -> str:
        return f"{half // 2:02d}:{half % 2 * 30:02d}"

    starts = sorted(half for half in halves if (half - 1) % 48 not in halves) or [0]
    spans = []
    for start in starts:
        end = start
        while end % 48 in halves and end < start + 48:
            end += 1
        spans.append(f"{clock(start)}-{clock(end if end <= 48 else end - 48)}")
    return ", ".join(spans)


def _show_tiers(item: PriceList, lang: Language) -> None:
    if item.tiers is None:
        return
    table = _table(("tier", "upper", "add"), lang)
    limits = item.tiers.limits or (None,) * (len(item.tiers.add) - 1)
    for number, (limit, add) in enumerate(zip((*limits, None), item.tiers.add, strict=True), start=1):
        table.add_row(str(number), "" if limit is None else str(limit), str(add))
    output.print(table)


def canonical_command(
    province: Annotated[str, typer.Argument(help="省份 province", metavar="PROVINCE", show_default=False)],
    name: Annotated[str, typer.Argument(help="价格表名 list", metavar="LIST", show_default=False)],
    out: Annotated[Path, typer.Option("--out", help="输出文件夹 folder", metavar="FOLDER")],
    accept_unverified: Annotated[
        bool, typer.Option("--accept-unverified", help="连同凭记忆的数值写出 write values from memory too")
    ] = False,
    since: Annotated[
        datetime | None,
        typer.Option("--effective-from", formats=["%Y-%m-%d"], help="执行日期 first day, where unknown"),
    ] = None,
    lang: LangOption = Language.ZH,
    as_json: JsonOption = False,
) -> None:
    """把价格表写成标准数据表，未知的值按名拒绝 Write a list as canonical tables; what is unknown is refused by name."""
    item = _given(name)
    if item.province != province:
        raise BadInput(
            zh=f"{item.name} 是 {item.province} 的价格表，不是 {province} 的。",
            en=f"{item.name} is a list of {item.province}, not of {province}",
        )
    made = canonical(item, accept_unverified=accept_unverified, since=since.date() if since else None)
    written = write_canonical(made, out)
    if as_json:
        print_json({
            "written": {path.stem: len(made.tables[path.stem]) for path in written},
            "refused": [{"row": item.row, "reason": item.reason.to(lang)} for item in made.refused],
        })  # fmt: skip
    else:
        for path in written:
            output.print(f"{page_word('written', lang)} {path} ({len(made.tables[path.stem])})", markup=False)
        for refusal in made.refused:
            text = f"{page_word('refused', lang)} {refusal.row}: {refusal.reason.to(lang)}"
            messages.print(text, markup=False, style="yellow")
    if not made.tables["tariff"]:
        raise typer.Exit(1)


# -- supervision -------------------------------------------------------------------------------------------------


@contextmanager
def _opened(data: Path, as_of: date) -> Iterator[tuple[PriceTables, int]]:
    snapshot = Warehouse(data).snapshot()
    p0 = latest_complete_period(as_of, _SETTLE_DAY)
    with Session(StoredTables(snapshot), as_of=as_of, p0=p0) as session:
        yield PriceTables(session, p0=p0), snapshot.manifest.version


def check_command(
    data: DataOption = None,
    *,
    province: Annotated[
        str | None, typer.Option("--province", help="与该省价格表比较 compare with this province's lists")
    ] = None,
    lists: Annotated[list[Path] | None, typer.Option("--list", help="自己的价格表文件 list files of your own")] = None,
    as_of: AsOfOption = None,
    html: Annotated[Path | None, typer.Option("--html", help="网页 page", metavar="FILE")] = None,
    xlsx: Annotated[Path | None, typer.Option("--xlsx", help="工作簿 workbook", metavar="FILE")] = None,
    lang: LangOption = Language.ZH,
    as_json: JsonOption = False,
) -> None:
    """价格监管：价格与自身构成、日期、用码的矛盾；有矛盾时退出码 1 Where prices contradict themselves; exit code 1."""
    day = as_of.date() if as_of else now().date()
    if province is not None and not any(item.province == province for item in shipped_lists().values()):
        known = "、".join(sorted({item.province for item in shipped_lists().values()}))
        raise BadInput(zh=f"没有省份 {province}，已有：{known}。", en=f"no province {province}; known: {known}")
    if data is None:
        chosen = [*shipped_lists().values(), *(read_list(path) for path in lists or ())]
        found = supervise_lists(chosen if province is None else [i for i in chosen if i.province in {province, "all"}])
        scope = page_word("lists", lang, count=len(found.scope))
    else:
        with _opened(data, day) as (tables, version):
            found = supervise_tables(tables, province=province)
        scope = page_word("data", lang, folder=data.name, version=version)
    if html is not None:
        with written_aside(html) as aside:
            aside.write_text(build_prices_page(found, scope, day, lang), encoding="utf-8", newline="\n")
    if xlsx is not None:
        with written_aside(xlsx) as aside:
            write_supervision_workbook(found, aside, lang)
    if as_json:
        print_json({
            "compared": dict(found.compared), "scope": found.scope,
            "statements": [statement_record(item, lang) for item in found.statements],
        })  # fmt: skip
    else:
        _show_supervision(found, lang)
    for path in filter(None, (html, xlsx)):
        messages.print(str(path), markup=False)
    if found.of(Outcome.CONTRADICTION):
        raise typer.Exit(1)


def _show_supervision(found: Supervision, lang: Language) -> None:
    counts = {f"{outcome.value}s" if outcome is Outcome.CONTRADICTION else outcome.value: len(found.of(outcome))
              for outcome in Outcome}  # fmt: skip
    output.print(page_word("lead", lang, compared=f"{sum(found.compared.values()):,}", **counts), markup=False)
    names = ("outcome", "kind", "place", "code", "edition", "band", "expected", "found", "difference", "customers",
             "kwh", "what")  # fmt: skip
    table = _table(names, lang, right={"expected", "found", "difference", "customers", "kwh"})
    colours = {Outcome.CONTRADICTION: "red", Outcome.DOUBTFUL: "yellow", Outcome.UNCHECKED: "dim"}
    for outcome in Outcome:
        for item in found.of(outcome):
            record = statement_record(item, lang)
            record |= {"code": record["code_label"]}
            cells = ["" if record[name] is None else str(record[name]) for name in names[1:]]
            table.add_row(f"[{colours[outcome]}]{page_word(outcome.value, lang)}[/]", *(escape(cell) for cell in cells))
    output.print(table)


def _table(names: Sequence[str], lang: Language, right: set[str] | None = None) -> Table:
    table = Table(box=None, pad_edge=False)
    for name in names:
        justify = "right" if right and name in right else "left"
        table.add_column(page_word(name, lang), justify=justify, overflow="fold")  # type: ignore[arg-type]
    return table


# -- differences -------------------------------------------------------------------------------------------------


def diff_command(
    data: DataOption = None,
    *,
    first: Annotated[
        datetime | None, typer.Option("--from", formats=["%Y-%m-%d"], help="前一版本的某天 a day of the old edition")
    ] = None,
    second: Annotated[
        datetime | None, typer.Option("--to", formats=["%Y-%m-%d"], help="后一版本的某天 a day of the new edition")
    ] = None,
    lists: Annotated[
        tuple[str, str] | None, typer.Option("--lists", help="两份价格表 two lists instead of DATA", metavar="OLD NEW")
    ] = None,
    as_of: AsOfOption = None,
    xlsx: Annotated[Path | None, typer.Option("--xlsx", help="工作簿，含涉及用户 workbook", metavar="FILE")] = None,
    lang: LangOption = Language.ZH,
    as_json: JsonOption = False,
) -> None:
    """两个价格版本的差异：哪些价格变了，涉及哪些用户，每月多少元 What an edition changes, for whom, yuan a month."""
    if lists is not None:
        found = diff_lists(_given(lists[0]), _given(lists[1]))
    elif data is None or first is None or second is None:
        raise BadInput(
            zh="请给出数据目录和 --from、--to 两个日期，或用 --lists 给出两份价格表。",
            en="give DATA with --from and --to, or two lists with --lists",
        )
    else:
        with _opened(data, as_of.date() if as_of else now().date()) as (tables, _):
            found = diff_editions(tables, first=first.date(), second=second.date())
    if xlsx is not None:
        with written_aside(xlsx) as aside:
            write_difference_workbook(found, aside, lang)
        messages.print(str(xlsx), markup=False)
    if as_json:
        print_json({
            "from": found.first, "to": found.second, "customers": found.customers, "months": found.months,
            "first_period": found.first_period, "last_period": found.last_period, "monthly_yuan": found.monthly_yuan,
            "changes": [change_record(item, lang) for item in found.changes],
        })  # fmt: skip
    else:
        _show_difference(found, lang)


def _show_difference(found: Difference, lang: Language) -> None:
    values = {"first": found.first, "second": found.second, "codes": found.codes, "lines": len(found.changes)}
    if found.months and found.first_period and found.last_period:
        totals = {"customers": f"{found.customers:,}", "yuan": f"{found.monthly_yuan:,.2f}", "months": found.months}
        window = {"since": f"{found.first_period:%Y-%m}", "until": f"{found.last_period:%Y-%m}"}
        output.print(page_word("diff_lead", lang, **values, **totals, **window), markup=False)
    else:
        output.print(page_word("diff_lead_lists", lang, **values), markup=False)
    names = ("code", "price", "old", "new", "change", "percent", "customers", "points", "kwh", "monthly")
    table = _table(names, lang, right=set(names[2:]))
    for item in found.changes:
        record = change_record(item, lang)
        record |= {"price": code_label(item.price, lang)}
        table.add_row(*("" if record[name] is None else escape(str(record[name])) for name in names))
    output.print(table)
