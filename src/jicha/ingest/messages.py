"""Why a value or line was rejected, in words."""

from __future__ import annotations

from jicha.catalog.schema import Column
from jicha.language import Text


def code_of(problem: str) -> str:
    """Return the reject code of a problem."""
    if problem in {"code", "required"}:
        return problem
    return "encoding" if problem == "encoding" else "structure" if problem in _LINES else "type"


_LINES = {"fields", "quote", "control", "long"}
VALUE_PROBLEMS = (
    "number", "decimals", "range", "whole", "date", "period", "timestamp", "bool", "code", "required", "digits",
    "sheet_error",
)  # fmt: skip


def value_reason(problem: str, column: Column, source: str) -> Text:
    """Return why a value of a column was rejected; `source` is what the file calls the column."""
    where_zh, where_en = f"列“{source}”", f"column “{source}”"
    if problem == "required":
        return Text(f"{where_zh}必填，但为空；请补上", f"{where_en} is required but empty; fill it in")
    if problem == "decimals":
        scale = (column.decimal or (0, 0))[1]
        return Text(
            f"{where_zh}最多 {scale} 位小数；请改正，或在映射文件中写 round: true 允许舍入",
            f"{where_en} takes at most {scale} decimals; mend it, or allow rounding with round: true in a mapping file",
        )
    if problem == "range":
        limit = _limit(column)
        return Text(f"{where_zh}的数值超出范围（{limit.zh}）", f"the number in {where_en} is out of range ({limit.en})")
    if problem == "code":
        codes = "、".join(f"{code}（{label['zh']}）" for code, label in column.labels.items())
        return Text(
            f"{where_zh}的代码不在允许的范围内：{codes}；请改正，或在映射文件的 codes 中说明",
            f"unknown code in {where_en}; allowed are {', '.join(column.labels)}; mend it, or say in a mapping file's "
            "codes what it means",
        )
    expected = {
        "number": Text("应为数字，例如 1234.56", "a number such as 1234.56 is expected"),
        "whole": Text("应为整数", "a whole number is expected"),
        "date": Text("应为存在的日期，例如 2026-01-05", "an existing day such as 2026-01-05 is expected"),
        "period": Text("应为年月，例如 202601 或 2026-01", "a month such as 202601 or 2026-01 is expected"),
        "timestamp": Text(
            "应为存在的时间，例如 2026-01-05 13:45:30", "an existing time such as 2026-01-05 13:45:30 is expected"
        ),
        "bool": Text("应为 是 或 否", "yes or no (是 or 否) is expected"),
        "digits": Text(
            "是被当作数值存放的长编号，末尾几位可能已丢失；请在来源中把这一列设为文本后重新导出",
            "a long identifier was kept as a number and may have lost its last digits; make the column text in the "
            "source and export it again",
        ),
        "sheet_error": Text(
            "是没有结果的公式或公式的错误值；请在表格软件中改正、重新计算并保存后再导入",
            "a formula without a value, or its error; mend it, have the spreadsheet compute and save it, load again",
        ),
    }[problem]
    return Text(f"{where_zh}{expected.zh}", f"{where_en}: {expected.en}")


def _limit(column: Column) -> Text:
    if column.decimal is not None:
        precision, scale = column.decimal
        return Text(f"整数部分最多 {precision - scale} 位", f"at most {precision - scale} digits before the point")
    if column.type == "int":
        return Text("-2147483648 至 2147483647", "-2147483648 to 2147483647")
    return Text("应为有限的数", "a finite number")


def line_reason(problem: str, *, found: int, expected: int, encoding: str) -> Text:
    """Return why a line is no record."""
    return {
        "fields": Text(
            f"应有 {expected} 个字段，实际 {found} 个；请检查分隔符和引号",
            f"{expected} fields are expected, {found} were found; check delimiters and quotes",
        ),
        "quote": Text("引号未闭合；请补上或删去引号", "a quote is not closed; close or remove it"),
        "encoding": Text(
            f"含有无法按 {encoding} 解码的字节；请重新导出该行",
            f"some bytes do not decode as {encoding}; export the line again",
        ),
        "control": Text("含有控制字符；请删去", "the line contains control characters; remove them"),
        "long": Text(
            "一行过长（超过 1 兆字符）；请检查引号", "the line is longer than a million characters; check quotes"
        ),
    }[problem]
