"""The words of the data-quality page in both languages, each once: terminal, page and workbook."""

from __future__ import annotations

from jicha.catalog.schema import schema
from jicha.language import Language, Text
from jicha.quality.coverage import Gap
from jicha.quality.judge import Problem

PROBLEMS: dict[str, Text] = {
    "absent": Text("从未导入", "never loaded"),
    "empty": Text("没有行", "no rows"),
    "shrunk": Text("由 {before} 行减至 {now} 行", "{before} rows before, {now} now"),
    "rejected": Text("最近一次导入拒绝 {lines} 行（共 {of} 行）", "{lines} of {of} lines rejected by its last load"),
    "gap": Text("缺 {periods} {grain}：{gaps}", "{grain} missing: {periods} ({gaps})"),
    "thin": Text(
        "{periods} {grain}行数偏少，最低为常量的 {lowest}（{first} 起）",
        "{grain} with few rows: {periods}, down to {lowest} of the usual (from {first})",
    ),
    "rejected_code": Text("未知代码，拒绝 {rows} 个", "{rows} unknown codes rejected"),
    "rejected_type": Text("类型或格式不符，拒绝 {rows} 个", "{rows} values of a wrong type rejected"),
    "rejected_required": Text("必填为空，拒绝 {rows} 个", "{rows} rejected for lack of it"),
    "lost": Text(
        "{rows} 行在{target}中查不到（{values} 个值）", "rows that refer to no {target}: {rows} (values: {values})"
    ),
    "null_rise": Text("空值由 {before} 升至 {share}", "nulls rose from {before} to {share}"),
    "no_value": Text("全部为空", "no value at all"),
    "nulls": Text("空值 {rows} 行", "{rows} rows without a value"),
    "too_low": Text("最小值 {value}，低于 {limit}", "least value {value}, below {limit}"),
    "too_high": Text("最大值 {value}，高于 {limit}", "greatest value {value}, above {limit}"),
}

WORDS: dict[str, Text] = {
    "title": Text("数据质量", "Data quality"),
    "page_title": Text("数据质量报告", "Data quality report"),
    "version": Text("数据版本", "Data version"),
    "loaded_at": Text("导入时间", "Loaded at"),
    "load": Text("导入编号", "Load"),
    "measured": Text("统计用时", "Measured in"),
    "seconds": Text("{seconds} 秒", "{seconds} s"),
    "folder": Text("数据目录", "Data folder"),
    "lead": Text(
        "数据版本 {version}：{tables} 张表，{rows} 行。", "Data version {version}: {tables} tables, {rows} rows."
    ),
    "lead_bad": Text("{bad} 项须处理，{watch} 项需关注。", "{bad} to mend, {watch} to look at."),
    "lead_watch": Text("{watch} 项需关注。", "{watch} to look at."),
    "lead_good": Text("没有发现质量问题。", "No problem of quality was found."),
    "all_units": Text("为全部单位的数据。", "The data of all units."),
    "tables": Text("已导入的表", "Tables loaded"),
    "tables_note": Text("{absent} 张从未导入，{empty} 张为空", "{absent} never loaded, {empty} empty"),
    "tables_all": Text("全部已导入，没有空表", "All are loaded, none is empty"),
    "rows": Text("行数", "Rows"),
    "rejected_lines": Text("拒绝的行", "Lines rejected"),
    "rejected_note": Text("本次导入", "by this load"),
    "lost_rows": Text("查不到的引用", "References to nowhere"),
    "lost_note": Text("指向不存在的记录，行", "rows that name what is not there"),
    "periods_missing": Text("缺失期间", "Periods missing"),
    "periods_note": Text("{tables} 张表，首末期之间", "in {tables} tables, between first and last"),
    "periods_none": Text("首末期之间没有缺失", "None between first and last"),
    "versions": Text("版本 {first}–{last}", "versions {first} to {last}"),
    "one_version": Text("再次导入后显示趋势", "A trend from the second load on"),
    "tables_wrong": Text("缺失或偏少的表", "Tables missing or thin"),
    "tables_right": Text("没有缺失或偏少的表。", "No table is missing or thin."),
    "coverage": Text("各表期间覆盖", "Periods covered"),
    "coverage_note": Text("最近 {months} 个月，每格一个月", "The latest {months} months, a cell each"),
    "state_full": Text("完整", "complete"),
    "state_thin": Text("偏少", "few rows"),
    "state_partial": Text("缺日", "days missing"),
    "state_missing": Text("整月缺失", "month missing"),
    "state_none": Text("当月没有发生", "nothing happened"),
    "cell": Text("{month}：{rows} 行，{state}", "{month}: {rows} rows, {state}"),
    "cell_days": Text("，缺 {days} 天", ", {days} days missing"),
    "worst": Text("问题最多的列", "The worst columns"),
    "worst_note": Text("按严重程度与占比", "By gravity and share"),
    "worst_none": Text("没有需要关注的列。", "No column needs attention."),
    "more": Text("另有 {count} 列，见 jicha quality", "{count} more: see jicha quality"),
    "table": Text("表", "Table"),
    "column": Text("列", "Column"),
    "column_label": Text("列名", "Label"),
    "problem": Text("问题", "Problem"),
    "share": Text("占比", "Share"),
    "level": Text("级别", "Level"),
    "level_bad": Text("须处理", "Mend"),
    "level_watch": Text("需关注", "Look at"),
    "trend": Text("趋势", "Trend"),
    "stops": Text("影响 {rules} 条规则", "stops {rules} rules"),
    "change": Text("较上一版本", "Change"),
    "nulls": Text("空值", "Nulls"),
    "null_share": Text("空值率", "Null share"),
    "null_share_note": Text("通常有值的列中空值所占比例", "of the cells of columns that are usually filled"),
    "codes": Text("未知代码", "Unknown codes"),
    "types": Text("类型不符", "Wrong type"),
    "distinct": Text("不同值（约）", "Distinct (about)"),
    "range": Text("取值范围", "Range"),
    "low": Text("最小", "Least"),
    "high": Text("最大", "Greatest"),
    "length": Text("长度 {low}–{high}", "length {low} to {high}"),
    "personal": Text("个人信息，只计数", "personal: counts only"),
    "lost": Text("查不到", "Nowhere"),
    "unchecked": Text("未查", "unchecked"),
    "rejected": Text("拒绝", "Rejected"),
    "missing": Text("缺期间", "Gaps"),
    "first": Text("最早", "First"),
    "last": Text("最近", "Last"),
    "month": Text("月份", "Month"),
    "state": Text("状态", "State"),
    "all_tables": Text("全部表", "All tables"),
    "all_columns": Text("全部列", "All columns"),
    "overview": Text("概览", "Overview"),
    "problems": Text("问题", "Problems"),
    "periods": Text("期间", "Periods"),
    "open": Text("展开各列", "Show its columns"),
    "footer": Text(
        "个人信息列只统计空值与长度。空值率、引用等按存储的全部行统计；拒绝数为该表最近一次导入的数。",
        "Of personal columns only nulls and lengths are counted. All figures are of the stored rows; what was rejected "
        "is of the table's last load.",
    ),
    "hint_table": Text(
        "jicha quality {data} --table 表名 查看各列；--out 文件.html 或 .xlsx 导出。",
        "jicha quality {data} --table TABLE shows the columns; --out FILE.html or .xlsx writes a page or workbook.",
    ),
    "wrote": Text("已写入 {path}", "Wrote {path}"),
    "not_kept": Text(
        "结果未能保存（{why}），下次将重新统计。", "The figures could not be kept ({why}) and will be measured again."
    ),
    "sheet_tables": Text("数据质量", "Data quality"),
    "sheet_problems": Text("数据质量问题", "Quality problems"),
    "table_label": Text("表名", "Label"),
    "months": Text("个月", "months"),
    "days": Text("天", "days"),
    "to": Text(" 至 ", " to "),
    "and_more": Text(" 等", ", …"),
    "none": Text("无", "none"),
    "unavailable": Text(
        "数据版本 {version} 的质量无法统计：{why}", "The quality of data version {version} is not known: {why}"
    ),
}


def say(name: str, language: Language, **values: object) -> str:
    """Return a text, its {placeholders} filled."""
    text = WORDS[name].to(language)
    return text.format(**values) if values else text


def percent(share: float) -> str:
    """Return a share; what is there is never shown as nothing, what is not all never as all."""
    if 0 < share < 0.0001:
        return "<0.01%"
    if 0.9995 <= share < 1:
        return ">99.9%"
    return f"{share * 100:.2f}%" if 0 < share < 0.01 else f"{share * 100:.1f}%" if 0 < share < 1 else f"{share:.0%}"


def _gaps(gaps: list[Gap], grain: str, language: Language) -> str:
    length = 7 if grain == "month" else 10
    shown = []
    for gap in gaps[:3]:
        first, last = gap.first.isoformat()[:length], gap.last.isoformat()[:length]
        shown.append(first if first == last else f"{first}{say('to', language)}{last}")
    text = ("、" if language is Language.ZH else ", ").join(shown)
    return text + (say("and_more", language) if len(gaps) > 3 else "")


def describe(problem: Problem, language: Language) -> str:
    """Return a problem in words."""
    values = dict(problem.values) | {"share": percent(problem.share)}
    grain = str(values.get("grain", ""))
    if "gaps" in values:
        values["gaps"] = _gaps(problem.values["gaps"], grain, language)
    if grain:
        values["grain"] = say("days" if grain == "day" else "months", language)
        values["first"] = str(values.get("first", ""))[: 10 if grain == "day" else 7]
    for name in ("before", "lowest"):
        if isinstance(values.get(name), float):
            values[name] = percent(float(str(values[name])))
    if "target" in values:
        values["target"] = schema()[str(values["target"])].label(language)
    shown = {name: f"{value:,}" if isinstance(value, int) else value for name, value in values.items()}
    text = PROBLEMS[problem.kind].to(language).format(**shown)
    if problem.kind in {"absent", "empty"} and problem.values.get("rules"):
        comma = "，" if language is Language.ZH else ", "
        text += comma + say("stops", language, rules=problem.values["rules"])
    return text
