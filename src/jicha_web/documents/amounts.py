"""Amounts as papers write them: with thousands, and in capital numerals that nobody changes with a pen."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

_DIGITS = "零壹贰叁肆伍陆柒捌玖"
_PLACES = ("", "拾", "佰", "仟")
_GROUPS = ("", "万", "亿", "万亿")


def plain_yuan(amount: Decimal | None) -> str:
    """Return 12,345.60; nothing for none."""
    return "" if amount is None else f"{amount:,.2f}"


def _group(value: int) -> str:
    """Return four digits in words, inner zeros once, without zeros in front or behind."""
    text, zero = "", False
    for place in range(3, -1, -1):
        digit = value // 10**place % 10
        if digit:
            text += ("零" if zero and text else "") + _DIGITS[digit] + _PLACES[place]
            zero = False
        else:
            zero = True
    return text


def _integer(value: int) -> str:
    groups = [value // 10_000**index % 10_000 for index in range(len(_GROUPS))]
    text = ""
    gap = False
    for index in range(len(_GROUPS) - 1, -1, -1):
        group = groups[index]
        if not group:
            gap = bool(text)
            continue
        text += ("零" if text and (gap or group < 1000) else "") + _group(group) + _GROUPS[index]
        gap = False
    return text


def capital_yuan(amount: Decimal) -> str:
    """Return an amount in capital numerals: 人民币壹万零贰拾元零叁分. Up to 10^16 yuan; rounded half up to fen."""
    fen = int((abs(amount) * 100).quantize(Decimal(1), rounding=ROUND_HALF_UP))
    if fen >= 10**18:
        raise ValueError(f"{amount} is beyond what is written in words")
    yuan, jiao, cent = fen // 100, fen // 10 % 10, fen % 10
    text = f"{_integer(yuan)}元" if yuan else ""
    if not jiao and not cent:
        text = (text or "零元") + "整"
    elif not jiao:
        text += ("零" if yuan else "") + f"{_DIGITS[cent]}分"
    else:
        zero = "零" if yuan and yuan % 10 == 0 else ""
        text += f"{zero}{_DIGITS[jiao]}角" + (f"{_DIGITS[cent]}分" if cent else "整")
    return "人民币" + ("负" if amount < 0 and fen else "") + text
