"""CF001 to CF003: what a customer's file says of the person."""

from __future__ import annotations

import re
import unicodedata
from datetime import date

from tests.rules.oracle.terms import Row, World, key_of_text


def cf001(world: World) -> set[str]:
    found = set()
    for customer_id, row in world.mature().items():
        fields = ["name", "address", "voltage_v", "opened_on"]
        if row["usage_class"] != "residential":
            fields.append("industry_code")
        if row.get("voltage_v") is None or row["voltage_v"] >= 1000:
            fields += ["contract_capacity_kva", "operating_capacity_kva"]
        if any(row.get(name) is None for name in fields):
            found.add(customer_id)
    return found


def phone_digits(phone: str | None) -> str | None:
    """The digits without +86; full-width digits and plus signs count as plain ones."""
    if phone is None:
        return None
    plain = phone.translate(str.maketrans("＋０１２３４５６７８９", "+0123456789"))
    return "".join(c for c in plain.replace("+86", "") if c in "0123456789")


def _is_number(digits: str) -> bool:
    mobile = re.fullmatch(r"1[3-9]\d{9}", digits) is not None
    fixed = re.fullmatch(r"(0\d{2,3})?\d{7,8}", digits) is not None
    return (mobile or fixed) and len(set(digits)) > 1


def cf002(world: World) -> set[str]:
    mature = world.mature()
    exempt = {phone_digits(phone) for phone in world.list_values("shared_phones", "phone")}
    users: dict[str, list[Row]] = {}
    for row in mature.values():
        digits = phone_digits(row.get("phone"))
        if digits is not None and digits not in exempt:
            users.setdefault(digits, []).append(row)
    shared = set()
    for digits, rows in users.items():
        names = {key_of_text(row.get("name")) for row in rows} - {None}
        if len(rows) >= world.parameters["share_limit"] and len(names) >= world.parameters["distinct_names"]:
            shared.add(digits)
    found = set()
    for customer_id, row in mature.items():
        digits = phone_digits(row.get("phone"))
        if digits is None:
            if row["usage_class"] != "residential":
                found.add(customer_id)
        elif not _is_number(digits) or digits in shared:
            found.add(customer_id)
    return found


_ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CREDIT = "0123456789ABCDEFGHJKLMNPQRTUWXY"


def gb11643_digit(first17: str) -> str:
    total = sum(int(c) * w for c, w in zip(first17, _ID_WEIGHTS, strict=True))
    return "10X98765432"[total % 11]


def gb32100_character(first17: str) -> str | None:
    if any(c not in _CREDIT for c in first17):
        return None
    total = sum(_CREDIT.index(c) * pow(3, i, 31) for i, c in enumerate(first17))
    return _CREDIT[(31 - total % 31) % 31]


def _is_birth_date(text: str) -> bool:
    try:
        date(int(text[:4]), int(text[4:6]), int(text[6:]))
    except ValueError:
        return False
    return True


def normal_id(text: str) -> str:
    return unicodedata.normalize("NFKC", text).upper().replace(" ", "")


def _wrong(number: str) -> bool:
    if len(number) != 18:
        return False
    if re.fullmatch(r"[0-9]{17}[0-9X]", number):
        return gb11643_digit(number[:17]) != number[17] or not _is_birth_date(number[6:14])
    return gb32100_character(number[:17]) != number[17]


def cf003(world: World) -> set[str]:
    numbers = {}
    for customer_id, row in world.mature().items():
        if row.get("id_number") is not None and "*" not in normal_id(row["id_number"]):
            numbers[customer_id] = normal_id(row["id_number"])
    mature = world.mature()
    homes: dict[str, list[Row]] = {}
    for customer_id, number in numbers.items():
        if mature[customer_id]["usage_class"] == "residential":
            homes.setdefault(number, []).append(mature[customer_id])
    limit = world.parameters["many_homes"]
    found = {customer_id for customer_id, number in numbers.items() if _wrong(number)}
    for rows in homes.values():
        addresses = {key_of_text(row.get("address")) for row in rows} - {None}
        if len(rows) >= limit and len(addresses) >= limit:
            found |= {row["customer_id"] for row in rows}
    return found
