"""The words of the report in both languages, each once; those of lists and exports are in findings.words."""

from __future__ import annotations

from jicha.findings.words import WORDS as SHARED
from jicha.language import Language, Text

_REPORT: dict[str, Text] = {
    "title": Text("营销稽查报告", "Inspection report"),
    "suspects": Text("疑似问题", "Suspected problems"),
    "suspects_note": Text("新增、未消除与复发", "new, open and recurred"),
    "yuan": Text("元", "yuan"),
    "yuan_at_stake": Text("估算涉及金额", "Estimated yuan at stake"),
    "yuan_note": Text(
        "为估算值（应收为正、应退为负）：{with_amount} 条有金额，其余 {without} 条没有估算",
        "An estimate (to recover: positive, to refund: negative): {with_amount} have an amount, {without} have none",
    ),
    "yuan_none": Text("本次没有可估算金额的问题", "No finding of this run has an amount"),
    "customers": Text("涉及客户", "Customers concerned"),
    "customers_note": Text(
        "其中 {several} 户有多个问题，可一次查清", "{several} of them with several problems: one visit each"
    ),
    "prices_note": Text(
        "整份数据的价格表与用码，不分单位。", "Price tables and codes of the whole data, not of one unit."
    ),
    "prices_contradictions": Text("自相矛盾", "Contradictions"),
    "prices_dates": Text("版本空缺或重叠", "Gaps or overlaps of editions"),
    "prices_codes": Text("未定义的电价码", "Undefined codes"),
    "prices_doubtful": Text("存疑", "Doubtful"),
    "prices_unchecked": Text("未能核对", "Not checked"),
    "prices_unchecked_note": Text("不等于没有问题", "not the same as clean"),
    "prices_touched": Text(
        "涉及 {customers} 户，近 12 个月 {kwh} kWh", "{customers} customers, {kwh} kWh in 12 months"
    ),
    "prices_widest": Text(
        "最广的一项涉及 {customers} 户，近 12 个月 {kwh} kWh",
        "the widest: {customers} customers, {kwh} kWh in 12 months",
    ),
    "prices_first": Text("前 {shown} 项，共 {all} 项", "The first {shown} of {all}"),
    "prices_none": Text("没有矛盾或存疑的价格。", "No price contradicts itself or is doubtful."),
    "prices_full": Text("完整页面与工作簿", "Full page and workbook"),
    "prices_open": Text("未能核对的项目", "What could not be checked"),
    "prices_unavailable": Text("价格无法核对：{why}", "The prices could not be checked: {why}"),
    "changes": Text("与上次相比", "Against earlier runs"),
    "rules_run": Text("规则运行", "Rules run"),
    "rules_run_note": Text(
        "{not_run} 条未运行，{not_judged} 个对象未能判定", "{not_run} not run, {not_judged} subjects not judged"
    ),
    "lead": Text(
        "截至 {as_of}，{rules} 条规则运行，{customers} 户有 {findings} 个疑似问题。",
        "As of {as_of}, {rules} rules found {findings} suspected problems at {customers} customers.",
    ),
    "lead_high": Text("其中高风险 {high} 个。", "{high} of them are high."),
    "lead_yuan": Text(
        "{with_amount} 个可估算金额，合计 {yuan} 元。", "{with_amount} have an estimate: {yuan} yuan in all."
    ),
    "lead_clean": Text(
        "截至 {as_of}，{rules} 条规则运行，没有发现疑似问题。",
        "As of {as_of}, {rules} rules were run and found no suspected problem.",
    ),
    "warn_not_run": Text(
        "{count} 条规则未运行。未运行不等于没有问题。", "{count} rules were not run. Not run is not clean."
    ),
    "see_why": Text("查看原因", "See why"),
    "nav_overview": Text("概览", "Overview"),
    "nav_findings": Text("问题清单", "Findings"),
    "nav_rules": Text("规则", "Rules"),
    "nav_not_run": Text("未运行", "Not run"),
    "by_unit": Text("按供电单位", "By unit"),
    "by_specialty": Text("按专业与严重程度", "By specialty and severity"),
    "by_rule": Text("按规则", "By rule"),
    "chart_hint": Text("点击可筛选清单", "Click to filter the list"),
    "count": Text("问题数", "Findings"),
    "per_thousand": Text("每千户", "Per 1,000"),
    "per_thousand_note": Text("每千户在册客户的疑似问题数", "Suspected problems per 1,000 customers on file"),
    "first_visits": Text("建议优先核查", "Visit first"),
    "first_visits_note": Text(
        "同一客户的问题合并，按高风险数、金额、问题数排序",
        "Problems of one customer together; by high severity, yuan, number",
    ),
    "problems": Text("问题", "Problems"),
    "customer": Text("客户", "Customer"),
    "unit": Text("供电单位", "Unit"),
    "all": Text("全部", "All"),
    "filter_specialty": Text("专业", "Specialty"),
    "filter_severity": Text("严重程度", "Severity"),
    "filter_unit": Text("供电单位", "Unit"),
    "filter_rule": Text("规则", "Rule"),
    "filter_state": Text("状态", "State"),
    "filter_text": Text("搜索疑点、用户编号…", "Search reason, customer id…"),
    "state_suspected": Text("疑似（新增、未消除、复发）", "Suspected (new, open, recurred)"),
    "sort": Text("排序", "Sort"),
    "sort_severity": Text("严重程度，金额", "Severity, yuan"),
    "sort_yuan": Text("金额从高到低", "Yuan, highest first"),
    "sort_oldest": Text("首次发现从早到晚", "Oldest first"),
    "sort_unit": Text("按单位", "By unit"),
    "sort_customer": Text("按客户", "By customer"),
    "reset": Text("清除筛选", "Clear filters"),
    "copy_link": Text("复制链接", "Copy link"),
    "copied": Text("已复制", "Copied"),
    "list_count": Text("{shown} 条 · {customers} 户", "{shown} findings · {customers} customers"),
    "list_yuan": Text(" · 估算 {yuan} 元", " · {yuan} yuan estimated"),
    "problem_count": Text("{count} 个问题", "{count} found"),
    "list_empty": Text("没有符合筛选条件的问题。", "No finding matches these filters."),
    "list_empty_run": Text("本次运行没有问题记录。", "This run has no findings."),
    "page_of": Text("第 {page} / {pages} 页", "Page {page} of {pages}"),
    "previous": Text("上一页", "Previous"),
    "next": Text("下一页", "Next"),
    "previous_finding": Text("上一条", "Previous"),
    "next_finding": Text("下一条", "Next"),
    "close": Text("关闭", "Close"),
    "truncated": Text(
        "本页只含 {shown} 条（共 {total} 条，疑似问题优先，按严重程度、金额排序）；图表按全部统计。全部清单：",
        "This page holds {shown} of {total} findings, the gravest first; charts count all. The whole list: ",
    ),
    "noscript": Text(
        "浏览器未启用脚本，以下为前 {count} 条；完整清单请用 jicha export findings 导出。",
        "Scripts are off: these are the first {count}; jicha export findings writes the whole list.",
    ),
    "since": Text("首次发现 {date}", "since {date}"),
    "money": Text("估算金额", "Estimate"),
    "energy": Text("估算电量", "Energy"),
    "no_amount": Text("本规则不估算金额", "This rule gives no amount"),
    "not_estimated": Text("本条没有估算", "No estimate for this one"),
    "how_estimated": Text("估算方法", "How it is estimated"),
    "basis": Text("依据", "Legal basis"),
    "remedy": Text("处理建议", "What to do"),
    "evidence": Text("证据", "Evidence"),
    "no_evidence": Text("该记录没有证据字段。", "No evidence was recorded."),
    "missing": Text("因缺少以下数据未能判定", "Not judged, for lack of"),
    "who": Text("对象", "Whom it concerns"),
    "history": Text("状态", "State"),
    "first_seen": Text("首次发现", "First seen"),
    "last_hit": Text("最近命中", "Last hit"),
    "judged": Text("最近判定", "Last judged"),
    "identity": Text("标识", "Identity"),
    "proof": Text("销号依据", "Proof that it is mended"),
    "period": Text("结算月", "Period"),
    "subject": Text("对象", "Subject"),
    "rules_title": Text("规则运行情况", "Rules run"),
    "rule": Text("规则", "Rule"),
    "severity": Text("严重程度", "Severity"),
    "not_judged": Text("未能判定", "Not judged"),
    "seconds": Text("用时（秒）", "Seconds"),
    "suspected": Text("疑似", "Suspected"),
    "no_estimate": Text("不估算", "none"),
    "not_run_title": Text("未运行的规则", "Rules not run"),
    "not_run_intro": Text(
        "下列规则没有结论。未运行不等于没有问题：补齐所缺数据后重新筛查。",
        "These rules have no verdict. Not run is not clean: load what they lack and screen again.",
    ),
    "lacking_title": Text("未能判定的对象", "Subjects not judged"),
    "lacking_intro": Text(
        "规则已运行，但下列对象缺少数据，没有结论。", "The rule ran, but these subjects lack data and have no verdict."
    ),
    "subjects": Text("对象数", "Subjects"),
    "rule_problems": Text("无法读取的规则文件", "Rule files that could not be read"),
    "all_run": Text("所有规则均已运行。", "All rules were run."),
    "why": Text("原因", "Why"),
    "lacks": Text("缺少", "Lacks"),
    "masked": Text("个人信息已脱敏", "Personal data are masked"),
    "unmasked": Text(
        "含未脱敏个人信息，请按规定保管（理由：{reason}，已记录）",
        "Holds unmasked personal data; handle it accordingly (reason: {reason}, recorded)",
    ),
    "footer": Text(
        "疑似问题须经核查确认；金额为估算值，不作为退补依据。",
        "Suspected problems need checking; amounts are estimates and no basis for refunds or back-billing.",
    ),
    "footer_articles": Text(
        "标注“条款待核实”的依据，其条款号尚未核对，故不显示。",
        "Where an article is still to be verified its number is not shown.",
    ),
    "skip": Text("跳到问题清单", "Skip to the findings"),
    "no_unit": Text("未归属单位", "No unit"),
    "chart_legend": Text("图例", "Legend"),
}

WORDS = SHARED | _REPORT


def words(language: Language) -> dict[str, str]:
    """Return all words in one language."""
    return {name: text.to(language) for name, text in WORDS.items()}
