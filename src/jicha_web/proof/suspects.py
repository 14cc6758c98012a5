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
    "company": Text("像单位名称", "looks like a company's name"),
    "account": Text("像邮箱或社交账号", "looks like a mail address or an account"),
    "place": Text("像坐标", "looks like coordinates"),
}
_SURNAMES = (
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏"
    "钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文"
)
_GIVEN = r"[\u4e00-\u9fff]"
# who is named by what they are: what stands before or after a name
_DOUBLE = "欧阳|司马|上官|诸葛|东方|皇甫|尉迟|公孙|慕容|令狐|司徒|夏侯|端木|宇文|长孙|南宫"
_BEFORE = (
    "联系人|经办人|户主|用户|客户|电工|邻居|证人|法人|负责人|业主|租户|承租人|房东|店主|当事人|举报人|代表|丈夫|妻子|父亲|母亲|"
    "儿子|女儿|哥哥|弟弟|姐姐|妹妹|亲属|亲戚"
)
_AFTER = "先生|女士|师傅|经理|主任|所长|老板|同志|某某|某|站长|村长|书记|会计|大爷|大妈|工"
_NAME = re.compile(
    f"(?:{_BEFORE})[：:为是]?(?P<told>(?:{_DOUBLE}|[{_SURNAMES}]){_GIVEN}{{1,2}}?)"
    "(?=[，,。；;、：:（( ）)称说反在于将私自的核与和同向对到已家]|$)"
    f"|(?P<followed>(?:{_DOUBLE}|[{_SURNAMES}]){_GIVEN}{{1,2}})(?=[（(](?:{_BEFORE})[）)])"
    f"|(?P<called>[{_SURNAMES}]姓)(?=用户|客户|户主|业主|住户|男|女|老|师傅|邻居)"
    f"|(?P<short>(?<![\u4e00-\u9fff])[小老阿][{_SURNAMES}])(?=[，,。；;、：:（( ）)称说反]|$)"
    f"|(?P<double>(?:{_DOUBLE}){_GIVEN}{{0,2}}?(?:{_AFTER}))"
    f"|(?P<titled>[{_SURNAMES}]{_GIVEN}{{0,2}}?(?:{_AFTER}))(?![\u4e00-\u9fff]*[局司厂])"
)
_DIGIT = r"[\dA-Za-z甲乙东西南北一二三四五六七八九十百]"
_COMPANY = re.compile(
    r"[\u4e00-\u9fff]{2,12}?(?:有限(?:责任)?公司|经营部|合作社|超市|酒店|饭店|宾馆|商行|商店|门市部|(?<![电工])厂(?![家房区站址]))"
)
_ACCOUNT = re.compile(
    r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+|(?:微信|QQ)(?:号|号码)?[：:为是]?\s*(?P<account>[A-Za-z0-9_-]{5,})",
    re.ASCII | re.IGNORECASE,
)
_PLACE = re.compile(r"(?<![\d.])\d{1,3}\.\d{4,}(?!\d)(?!\s*(?:元|%|％|倍|kW))")
_ADDRESS = re.compile(
    r"[\u4e00-\u9fff]{2,10}?(?:路|街|巷|弄|大道|村|屯|庄|小区|花园|园区|苑|公寓|新村|大厦)"
    rf"(?:[\u4e00-\u9fff]{{0,4}}?{_DIGIT}{{1,6}}(?:号楼|号|栋|幢|座|单元|室|组|队))+"
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
        group = match.lastgroup or "titled"
        yield Suspect("name", match[group], match.start(group))
    for match in _COMPANY.finditer(text):
        yield Suspect("company", match[0], match.start())
    for match in _ACCOUNT.finditer(text):
        told = match["account"] or match[0]
        yield Suspect("account", told, match.end() - len(told))
    for match in _PLACE.finditer(text):
        yield Suspect("place", match[0], match.start())


def marked(text: str) -> list[tuple[str, Suspect | None]]:
    """Return a text in pieces, each with what it looks like; None: like nothing."""
    pieces: list[tuple[str, Suspect | None]] = []
    at = 0
    for one in suspects(text):
        pieces += [(text[at : one.at], None), (one.value, one)]
        at = one.at + len(one.value)
    return [piece for piece in [*pieces, (text[at:], None)] if piece[0]]
