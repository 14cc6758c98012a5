"""Invented persons and firms: names, identity numbers, credit codes, telephones."""

from __future__ import annotations

import numpy as np

from jicha.sandbox.arrays import Array, Rng, choose, text

_SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文"  # noqa: E501
_FIRST = "建志文明国海春小晓玉秀丽美红永光振家宝金德庆学少世云立新东子雨思佳梓浩欣诗若一俊嘉启长仁义中成"
_SECOND = "军华平伟芳英敏静强磊洋勇艳杰娟涛超霞刚燕玲桂兰凤洁梅琳云莲真环雪荣爱妹香月莺媛瑞凡佳琴武新利清飞彬富顺信子杰昌林宁波辉发祥"  # noqa: E501
_BRANDS = "恒远瑞丰鑫源天成华泰博雅宏图金桥联创新禾永兴安达润泽启航盛世嘉禾顺达万通锦程腾跃佳和立诚汇丰东升海纳百川凌云双溪云峰银河卓越"  # noqa: E501

SYSTEM_ACCOUNT = "XTZH0001"  # books batches; no person on the staff
ID_AREA = "3399"  # an unassigned prefecture: no living person has such a number
_ID_WEIGHTS = np.array([7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2])
_ID_CHECK = "10X98765432"
_CREDIT_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_CREDIT_WEIGHTS = np.array([1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28])
_ORG_WEIGHTS = np.array([3, 7, 9, 10, 5, 8, 4, 2])
_PHONE_PREFIXES = ["160", "161", "163", "164", "168", "169", "154"]  # segments not given to the public


def person_names(rng: Rng, size: int) -> Array:
    """Names of invented persons, of two or three characters."""
    weights = 1.0 / np.arange(1, len(_SURNAMES) + 1) ** 0.6
    last = choose(rng, _SURNAMES, size, list(weights))
    middle = np.where(rng.random(size) < 0.82, choose(rng, _FIRST, size), "")
    return np.asarray(last + middle + choose(rng, _SECOND, size))


def firm_names(rng: Rng, trades: Array, place: str, *, bare: bool = False) -> Array:
    """Names of invented firms of the given trades; bare ones end with the trade."""
    size = len(trades)
    brands = text(_BRANDS[i : i + 2] for i in range(0, len(_BRANDS) - 1, 2))
    brand = brands[rng.integers(0, len(brands), size)] + choose(rng, _SECOND, size)
    if bare:
        return np.asarray(place + brand + trades)
    return np.asarray(
        place + brand + trades + choose(rng, ["有限公司", "有限责任公司", "厂", "商行"], size, [6, 2, 1, 1])
    )


def id_check(digits: Array) -> str:
    """Check digit of one identity number of 17 digits (GB 11643)."""
    return _ID_CHECK[int(digits @ _ID_WEIGHTS) % 11]


def id_number(area: str, birth: str, sequence: int) -> str:
    """One identity number with its check digit, whatever the birth date says."""
    body = f"{area}{birth}{sequence:03d}"
    return body + id_check(np.array([int(c) for c in body]))


def id_numbers(rng: Rng, size: int) -> Array:
    """Identity numbers that pass their check, of an area that does not exist."""
    born = np.datetime64("1940-01-01") + rng.integers(0, 24_000, size)
    date = (born.astype("datetime64[Y]").astype(int) + 1970) * 10_000
    date += (born.astype("datetime64[M]").astype(int) % 12 + 1) * 100
    date += (born - born.astype("datetime64[M]")).astype(int) + 1
    body = int(ID_AREA) * 10**13 + rng.integers(1, 60, size) * 10**11 + date * 1000 + rng.integers(1, 1000, size)
    digits = body[:, None] // 10 ** np.arange(16, -1, -1) % 10
    check = np.array(list(_ID_CHECK), dtype=object)[digits @ _ID_WEIGHTS % 11]
    return np.asarray(body.astype(str).astype(object) + check)


def credit_codes(rng: Rng, size: int) -> Array:
    """Unified social credit codes that pass GB 32100 (and GB 11714 within), of an area that does not exist."""
    area = np.array([int(c) for c in "9" + "1" + ID_AREA + "00"])
    organisation = np.empty((size, 9), dtype=np.int64)
    organisation[:, 0] = _CREDIT_ALPHABET.index("M")
    organisation[:, 1] = _CREDIT_ALPHABET.index("A")
    organisation[:, 2:8] = rng.integers(0, len(_CREDIT_ALPHABET), (size, 6))
    # GB 11714 counts letters in the full alphabet
    full = np.array([int(c, 36) for c in _CREDIT_ALPHABET])
    remainder = (11 - full[organisation[:, :8]] @ _ORG_WEIGHTS % 11) % 11
    organisation[:, 8] = np.where(remainder == 10, _CREDIT_ALPHABET.index("X"), remainder)
    body = np.hstack([np.tile(area, (size, 1)), organisation])
    check = (31 - body @ _CREDIT_WEIGHTS % 31) % 31
    letters = np.array(list(_CREDIT_ALPHABET), dtype=object)
    return text("".join(row) for row in letters[np.hstack([body, check[:, None]])])


def credit_check(body: str) -> str:
    """Check character of the first 17 characters of a credit code."""
    values = np.array([_CREDIT_ALPHABET.index(c) for c in body])
    return _CREDIT_ALPHABET[(31 - int(values @ _CREDIT_WEIGHTS) % 31) % 31]


def phones(start: int, size: int) -> Array:
    """Mobile numbers, each its own, of segments that reach nobody."""
    prefix = np.array([int(p) for p in _PHONE_PREFIXES])[(start + np.arange(size)) % len(_PHONE_PREFIXES)]
    spread = (start + np.arange(size)) * 7_368_787 % 100_000_000  # no common divisor with 10^8: no repeats
    return np.asarray((prefix * 100_000_000 + spread).astype(str).astype(object))
