"""The words of lists, exports and reports in both languages, each once."""

from __future__ import annotations

from jicha.language import Language, Text

WORDS: dict[str, Text] = {
    # the run
    "utility": Text("供电企业", "Utility"),
    "as_of": Text("筛查日期", "Screened as of"),
    "p0": Text("最近结算月", "Latest settled month"),
    "run_id": Text("运行编号", "Run"),
    "created_at": Text("生成时间", "Made at"),
    "user": Text("操作人", "By"),
    "data_version": Text("数据版本", "Data version"),
    "scope": Text("范围", "Scope"),
    "scope_all": Text("全部单位", "All units"),
    "jicha_version": Text("程序版本", "jicha"),
    "rows": Text("行数", "Rows"),
    # sheets
    "sheet_findings": Text("问题清单", "Findings"),
    "sheet_facts": Text("运行说明", "About this run"),
    "sheet_overview": Text("概览", "Overview"),
    "sheet_units": Text("按单位", "By unit"),
    "sheet_rules": Text("按规则", "By rule"),
    "sheet_not_run": Text("未运行规则", "Rules not run"),
    # columns
    "column_rule": Text("规则编码", "Rule"),
    "column_key": Text("问题标识", "Key"),
    "column_subject": Text("对象类型", "Kind of subject"),
    "column_subject_id": Text("对象编号", "Subject"),
    "column_customer_id": Text("用户编号", "Customer"),
    "column_customer_name": Text("用户名称", "Customer name"),
    "column_org_id": Text("单位编码", "Unit id"),
    "column_org_name": Text("供电单位", "Unit"),
    "column_org_path": Text("单位路径", "Unit path"),
    "column_period": Text("结算月", "Period"),
    "column_specialty": Text("专业", "Specialty"),
    "column_severity": Text("严重程度", "Severity"),
    "column_class": Text("问题类别", "Class"),
    "column_state": Text("状态", "State"),
    "column_amount_yuan": Text("估算金额（元）", "Estimate (yuan)"),
    "column_energy_kwh": Text("估算电量（kWh）", "Energy (kWh)"),
    "column_reason": Text("疑点", "Reason"),
    "column_evidence": Text("证据", "Evidence"),
    "column_missing": Text("缺少的数据", "Missing data"),
    "column_basis": Text("依据", "Legal basis"),
    "column_remedy": Text("处理建议", "What to do"),
    "column_first_seen_on": Text("首次发现", "First seen"),
    "column_last_hit_on": Text("最近命中", "Last hit"),
    "column_judged_on": Text("最近判定", "Last judged"),
    "column_run_id": Text("运行编号", "Run"),
    "column_rule_name": Text("规则名称", "Rule name"),
    "column_rule_version": Text("规则版本", "Rule version"),
    "column_whitelisted_until": Text("白名单至", "Whitelisted until"),
    # the terminal
    "shown": Text(
        "显示 {shown} 条，共 {total} 条 · {customers} 户 · 估算金额 {yuan} 元（{with_amount} 条有金额）",
        "{shown} of {total} findings · {customers} customers · {yuan} yuan estimated ({with_amount} with an amount)",
    ),
    "none_found": Text("没有符合条件的问题。", "No finding matches."),
    "not_clean": Text(
        "{count} 条规则未运行：未运行不等于没有问题（详见 jicha report）。",
        "{count} rules were not run; not run is not clean (see jicha report).",
    ),
    "hint_more": Text(
        "--limit 0 显示全部；jicha export findings 导出文件。",
        "--limit 0 shows all; jicha export findings writes a file.",
    ),
    "hint_masked": Text(
        "个人信息已脱敏；--unmask 理由 可查看，并会被记录。",
        "Personal data are masked; --unmask REASON shows them and is recorded.",
    ),
    "unmasked": Text("个人信息未脱敏：已记入 {path}", "Personal data are shown: recorded in {path}"),
    "wrote": Text(
        "已写入 {path}：{rows} 条（同名文件已被替换）", "Wrote {path}: {rows} rows (a file of that name was replaced)"
    ),
    "wrote_report": Text("已写入 {path}：{rows} 条问题，{size}", "Wrote {path}: {rows} findings, {size}"),
    "no_names": Text(
        "客户与单位名称为空：数据版本 {version} 读不了。{why}",
        "Names are empty: data version {version} cannot be read: {why}",
    ),
}


def word(name: str, language: Language, **values: object) -> str:
    """Return a text, its {placeholders} filled."""
    text = WORDS[name].to(language)
    return text.format(**values) if values else text
