"""What in a free text looks as if it told who it was about: proposed to the reader, never taken out unseen.

What a case knows is replaced (`anonymise`). A neighbour, a witness, a meter next door are not known to it: a text can
only be searched for what such things look like. That finds too much and misses some, so a person decides on each.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from jicha_web.core import Text

KINDS: Mapping[str, Text] = {
    "number": Text("像户号、表号、证件号、工号或电话", "looks like a number of a customer, meter, id, staff or phone"),
    "address": Text("像地址", "looks like an address"),
    "name": Text("像人名", "looks like a person's name"),
}
_SURNAMES = (
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏"
    "钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文"
)
_GIVEN = r"[\u4e00-\u9fff]"
# who is named by what they are: what stands before or after a name
_BEFORE = "联系人|经办人|户主|用户|客户|电工|邻居|证人|法人|负责人|业主|租户|承租人|房东|店主|当事人|举报人|代表"
_AFTER = "先生|女士|师傅|经理|主任|所长|老板|同志|某某|某|站长|村长|书记|会计|大爷|大妈|工"
_NAME = re.compile(
    f"(?:{_BEFORE})[：:为是]?(?P<told>[{_SURNAMES}]{_GIVEN}{{1,2}}?)(?=[，,。；;、：:（( ）)称说反在于将私自的]|$)"
    f"|(?P<titled>[{_SURNAMES}]{_GIVEN}{{0,2}}?(?:{_AFTER}))(?![\u4e00-\u9fff]*[局司厂])"
)
_ADDRESS = re.compile(
    r"[\u4e00-\u9fff]{2,10}?(?:路|街|巷|弄|大道|村|屯|庄|小区|花园|园区)"
    r"(?:[\u4e00-\u9fff]{0,4}?[\dA-Za-z甲乙东西南北]{1,6}(?:号楼|号|栋|幢|座|单元|室|组|队))+"
    r"|\d{1,4}(?:号楼|栋|幢|座)(?:\d{1,3}单元)?(?:\d{1,5}室?)?"
)
# letters and digits together, or five digits and more, in groups too; amounts, energies, days and clauses are none
_NUMBER = re.compile(
    r"(?<![\d.,A-Za-z])"
    r"(?:[A-Za-z]{1,6}[-_ ]?\d{3,}[\dA-Za-z-]*|\d{5,}[0-9Xx]?|\d{3,4}(?:[ -]\d{3,8}){1,4})"
    r"(?![\d.,]*\d)"
    r"(?!\s*(?:元|万元|千瓦|度|kWh|kW|kVA|kvar|MWh|V|A|W|Hz|%|％|年|月|日|户|次|天|小时|kV))"
)
_DAY = re.compile(r"(?:19|20)\d\d-\d\d(?:-\d\d)?\Z")
_RULE = re.compile(r"[A-Z]{2}\d{3}\Z")  # codes of rules and standards are nobody's
_STANDARD = re.compile(r"(?:GB|DL|JJG|JJF|Q)[-/T ]*\d+(?:-\d{4})?\Z")


@dataclass(frozen=True)
class Suspect:
    """A part of a text that looks personal. kind: of KINDS; at: where it begins."""

    kind: str
    value: str
    at: int


def suspects(text: str) -> list[Suspect]:
    """Return what looks personal in a text, in its order; what lies within another is left out."""
    found = sorted(_all(text), key=lambda one: (one.at, -len(one.value)))
    kept: list[Suspect] = []
    for one in found:
        if not kept or one.at >= kept[-1].at + len(kept[-1].value):
            kept.append(one)
    return kept


def _all(text: str) -> Iterator[Suspect]:
    for match in _NUMBER.finditer(text):
        value = match[0].strip()
        if not (_DAY.match(value) or _RULE.match(value) or _STANDARD.match(value)):
            yield Suspect("number", value, match.start())
    for match in _ADDRESS.finditer(text):
        yield Suspect("address", match[0], match.start())
    for match in _NAME.finditer(text):
        group = "told" if match["told"] else "titled"
        yield Suspect("name", match[group], match.start(group))


def marked(text: str) -> list[tuple[str, Suspect | None]]:
    """Return a text in pieces, each with what it looks like; None: like nothing."""
    pieces: list[tuple[str, Suspect | None]] = []
    at = 0
    for one in suspects(text):
        pieces += [(text[at : one.at], None), (one.value, one)]
        at = one.at + len(one.value)
    return [piece for piece in [*pieces, (text[at:], None)] if piece[0]]
