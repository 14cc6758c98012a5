"""A data folder with one run, written by the contract in ARCHITECTURE.md; for tests, pictures and timings."""

from __future__ import annotations

# ruff: noqa: E501
import json
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from jicha.catalog.mask import masked_values
from jicha.catalog.reason import render_reason
from jicha.language import Language

AS_OF = date(2026, 10, 15)
SCHEMA = pa.schema(
    [(name, pa.string()) for name in (
        "run_id", "rule", "rule_version", "key", "subject", "subject_id", "customer_id", "org_id")]
    + [("period", pa.date32())]
    + [(name, pa.string()) for name in ("specialty", "severity", "class", "state")]
    + [("amount_yuan", pa.decimal128(18, 2)), ("energy_kwh", pa.decimal128(14, 2))]
    + [(name, pa.string()) for name in ("reason_zh", "reason_en", "evidence", "missing")]
    + [(name, pa.date32()) for name in ("whitelisted_until", "first_seen_on", "last_hit_on", "judged_on")]
)  # fmt: skip


def rule(code: str, zh: str, en: str, **more: Any) -> dict[str, Any]:
    """Return a rule as run.json holds it."""
    return {
        "name": {"zh": zh, "en": en}, "group": code[:2], "subject": "customer", "class": "file", "severity": "medium",
        "status": "active", "proof": "state", "amount": None, "evidence": {}, "personal": [], "fingerprint": "f" * 16,
        "parameters": {}, "outcome": "done", "missing": [], "detail": "", "seconds": 0.12, "findings": 0,
        "not_judged": 0, "remedy": {"zh": "现场核对后更正档案。", "en": "Check on site and correct the file."},
        "basis": [{"regulation": "营业规则", "article": "第九条", "verified": False}],
        "reason": {"zh": zh, "en": en},
    } | more  # fmt: skip


RULES: dict[str, dict[str, Any]] = {
    "CF001": rule("CF001", "客户档案关键字段缺失", "Essential customer file fields missing", severity="low",
        basis=[{"regulation": "营业规则", "article": "第九十二条", "verified": True}],
        evidence={"missing_fields": {"zh": "缺失字段", "en": "Missing fields", "codes": "schema"}},
        reason={"zh": "档案缺少：{missing_fields}", "en": "The file lacks {missing_fields}"},
        remedy={"zh": "调阅纸质档案并现场核对后补录缺失字段。", "en": "Check the paper file and the site and enter the fields."}),
    "CF002": rule("CF002", "联系电话无效或多户共用", "Contact phone invalid or shared by many accounts", severity="low",
        evidence={"problem": {"zh": "问题", "en": "Problem", "codes": {
            "invalid": {"zh": "号码无效", "en": "invalid"}, "shared": {"zh": "多户共用", "en": "shared"}}},
            "accounts": {"zh": "共用户数", "en": "Accounts", "unit": "户"}},
        reason={"zh": "联系电话{phone}{problem}[，{accounts}户共用]", "en": "Phone {phone}: {problem}[, used by {accounts}]"},
        remedy={"zh": "联系客户核实并更新电话，排查是否由代办人或员工号码替代。", "en": "Verify and replace the number."}),
    "CF004": rule("CF004", "合同容量与供电电压等级不匹配", "Contract capacity does not fit the supply voltage",
        basis=[{"regulation": "营业规则", "article": "第九条", "verified": False},
               {"regulation": "业扩规则", "article": "供电电压等级的确定", "verified": False}],
        evidence={"min_kva": {"zh": "下限", "en": "Minimum", "unit": "kVA"}},
        reason={"zh": "供电电压{voltage_v}V，合同容量{contract_capacity_kva}kVA[，低于下限{min_kva}kVA]",
                "en": "Supplied at {voltage_v} V with {contract_capacity_kva} kVA[, below the minimum of {min_kva} kVA]"},
        remedy={"zh": "核对现场受电装置容量与接入电压，更正档案或补办增容、改压。",
                "en": "Check installed capacity and voltage on site, then correct the file or process the change."}),
    "CF007": rule("CF007", "销户客户仍在计费", "Closed customer still billed", severity="high", **{"class": "fee"},
        amount={"zh": "销户后各月电费合计", "en": "Sum of the bills after closing"},
        evidence={"billed_months": {"zh": "计费月数", "en": "Months billed"}},
        reason={"zh": "{name}于{closed_on}销户，之后仍计费{billed_months}个月，合计{amount_yuan}元",
                "en": "{name} closed on {closed_on} and was billed {billed_months} months more, {amount_yuan} yuan"},
        remedy={"zh": "核实销户手续，停止计费并退还多收电费。", "en": "Verify the closing, stop billing and refund."}),
    "TC006": rule("TC006", "两部制客户未计基本电费", "Two-part customer without a capacity charge", severity="high",
        **{"class": "fee"}, proof="recompute", amount={"zh": "运行容量×容量电价", "en": "Capacity × capacity price"},
        basis=[{"regulation": "基本电费", "article": "第二条", "verified": True}],
        reason={"zh": "{period}用电{billed_kwh}kWh，运行容量{operating_capacity_kva}kVA，基本电费为0元",
                "en": "{billed_kwh} kWh in {period} with {operating_capacity_kva} kVA running, no basic charge"},
        evidence={"billed_kwh": {"zh": "计费电量", "en": "Billed energy", "unit": "kWh"}},
        remedy={"zh": "核对变压器运行状态与计费方式后追补。", "en": "Check which transformers ran, then back-bill."}),
    "UI003": rule("UI003", "用电性质疑似与电价不符", "Use probably differs from the price class", **{"class": "price"},
        reason={"zh": "用电地址{address}，用电类别{usage_class}，名称含经营字样", "en": "At {address}, class {usage_class}"}),
    "MT002": rule("MT002", "计量装置超期未检定", "Meter past its verification date", subject="metering_point",
        outcome="table_missing", missing=["bill"]),
    "AC001": rule("AC001", "收费与发行不一致", "Payments differ from issued bills", severity="high",
        outcome="table_empty", missing=["payment"]),
    "LL001": rule("LL001", "台区线损率异常", "Area loss out of range", subject="area", outcome="model_missing",
        missing=["area_daily_loss"]),
    "SQ001": rule("SQ001", "工单处理超时", "Ticket handled late", subject="ticket", outcome="failed",
        detail="Conversion Error: could not convert string 'x' to INT32"),
}  # fmt: skip

ORGANISATIONS = [("C0", "临江供电公司", "city", None)] + [
    (county, f"{name}供电公司", "county", "C0") for county, name in (("C1", "城东"), ("C2", "云岭"), ("C3", "南屏"))
]
STATIONS = [
    (f"S{i}", f"{name}供电所", "station", f"C{1 + i % 3}")
    for i, name in enumerate(
        ["河滨", "白塔", "港口", "青山", "东湖", "高新", "城西", "城北", "龙泉", "石桥", "望江", "新安"]
    )
]


@dataclass
class Tables:
    """Stands for a snapshot of the warehouse: Parquet files in one folder."""

    folder: Path

    def relation_sql(self, table: str) -> str:
        return f"SELECT * FROM read_parquet('{self.folder / table}.parquet')"


def _plain(value: object) -> object:
    return str(value) if isinstance(value, Decimal | date) else value


def finding(code: str, evidence: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    """Return one row of findings.parquet; key, reason and evidence made as screening makes them."""
    facts = RULES[code]
    row = {
        "run_id": "R1", "rule": code, "rule_version": "f" * 16, "subject": facts["subject"], "customer_id": None,
        "org_id": None, "period": None, "specialty": facts["group"], "severity": facts["severity"],
        "class": facts["class"], "state": "new", "amount_yuan": None, "energy_kwh": None, "missing": None,
        "whitelisted_until": None, "first_seen_on": AS_OF, "last_hit_on": AS_OF, "judged_on": AS_OF,
    } | more  # fmt: skip
    row.setdefault("subject_id", row["customer_id"])
    key = {"customer_id": row["customer_id"]} | ({"period": str(row["period"])} if row["period"] else {})
    row["key"] = json.dumps(key, ensure_ascii=False, sort_keys=True)
    row["evidence"] = json.dumps({name: _plain(value) for name, value in evidence.items()}, ensure_ascii=False)
    shown = masked_values({**row, **evidence}, frozenset(facts["personal"]))
    for language in Language:
        row[f"reason_{language}"] = render_reason(facts["reason"][language], shown, facts["evidence"], language)
    return row


def write_run(
    data: Path,
    rows: Sequence[Mapping[str, Any]],
    customers: Sequence[tuple[str, str, str]] = (),
    *,
    run_id: str = "R1",
    as_of: date = AS_OF,
    created_at: str = "2026-10-16T08:30:00",
) -> Tables:
    """Write a run folder and the two tables it takes names from; customers: (id, name, org)."""
    folder = data / "runs" / run_id
    folder.mkdir(parents=True)
    rules = {code: dict(facts) for code, facts in RULES.items()}
    for code, facts in rules.items():
        facts["findings"] = sum(1 for row in rows if row["rule"] == code)
        facts["not_judged"] = sum(1 for row in rows if row["rule"] == code and row["state"] == "unjudged")
    pq.write_table(
        pa.Table.from_pylist([{**row, "run_id": run_id} for row in rows], SCHEMA), folder / "findings.parquet"
    )
    lacking = [{name: row[name] for name in ("rule", "key", "org_id", "missing")} for row in rows if row["missing"]]
    kinds = pa.schema([(name, pa.string()) for name in ("rule", "key", "org_id", "missing")])
    pq.write_table(pa.Table.from_pylist(lacking, kinds), folder / "not_judged.parquet")
    record = {
        "run_id": run_id, "as_of": str(as_of), "p0": "2026-10-01", "settle_day": 10, "created_at": created_at,
        "user": "陈敏", "data_version": 7, "manifest_fingerprint": "0" * 16, "org": None, "states": {}, "counts": {},
        "seconds": 12.3, "jicha_version": "0.1.0", "rules": rules,
    }  # fmt: skip
    (folder / "run.json").write_text(json.dumps(record, ensure_ascii=False), encoding="utf-8")
    tables = Tables(data)
    units = [*ORGANISATIONS, *STATIONS]
    pq.write_table(
        pa.table(
            {
                n: pa.array([u[i] for u in units], pa.string())
                for i, n in enumerate(("org_id", "name", "level", "parent_id"))
            }
        ),
        data / "organization.parquet",
    )
    pq.write_table(
        pa.table(
            {
                n: pa.array([c[i] for c in customers], pa.string())
                for i, n in enumerate(("customer_id", "name", "org_id"))
            }
        ),
        data / "customer.parquet",
    )
    return tables


_SURNAMES, _GIVEN = "王李张刘陈杨赵黄周吴", "伟芳娜敏静强磊军洋艳勇杰"
_FIRMS = ("恒达纺织有限公司", "冷链物流中心", "石材加工厂", "东升酒店", "宏远机械制造有限公司", "金盛食品有限公司")


def city(data: Path, findings: int = 1500, seed: int = 1) -> Tables:
    """Write a run of a made-up city."""
    chance = random.Random(seed)
    customers = []
    for number in range(max(200, findings // 2)):
        firm = chance.random() < 0.3
        name = (
            f"临江{chance.choice(_FIRMS)}"
            if firm
            else chance.choice(_SURNAMES) + chance.choice(_GIVEN) * chance.randint(1, 2)
        )
        customers.append((f"33{number:08d}", name, chance.choice(STATIONS)[0]))
    rows: list[dict[str, Any]] = []
    seen = set()
    weights = {"CF001": 30, "CF002": 25, "CF004": 12, "CF007": 6, "TC006": 8, "UI003": 15}
    while len(rows) < findings:
        code = chance.choices(list(weights), list(weights.values()))[0]
        customer_id, name, org_id = chance.choice(customers)
        if (code, customer_id) in seen:
            continue
        seen.add((code, customer_id))
        yuan = Decimal(chance.randint(20_000, 9_000_000)).scaleb(-2)
        phone = f"13{chance.randint(0, 999_999_999):09d}"
        choices: dict[str, dict[str, Any]] = {
            "CF001": {
                "missing_fields": chance.choice(["address", "industry_code,opened_on", "voltage_v"]),
                "usage_class": "residential",
            },
            "CF002": {"phone": phone, "problem": "shared", "accounts": chance.randint(10, 60)},
            "CF004": {
                "voltage_v": 10000,
                "contract_capacity_kva": chance.randint(5, 29),
                "min_kva": 30,
                "usage_class": "large_industrial",
            },
            "CF007": {
                "name": name,
                "closed_on": date(2026, chance.randint(1, 8), 3),
                "billed_months": chance.randint(1, 6),
            },
            "TC006": {
                "billed_kwh": Decimal(chance.randint(100_000, 90_000_000)).scaleb(-2),
                "operating_capacity_kva": 630,
            },
            "UI003": {"address": f"临江市城东区滨河路{chance.randint(1, 400)}号", "usage_class": "residential"},
        }
        state = chance.choices(["new", "open", "recurred", "cleared", "unjudged", "expired"], [40, 35, 5, 15, 3, 2])[0]
        money = {"amount_yuan": yuan, "energy_kwh": yuan} if code in {"CF007", "TC006"} else {}
        rows.append(finding(
            code, choices[code], customer_id=customer_id, org_id=org_id, state=state,
            period=date(2026, 9, 1) if code == "TC006" else None,
            first_seen_on=AS_OF if state == "new" else AS_OF - timedelta(days=30 * chance.randint(1, 6)),
            missing="contract_capacity_kva" if state == "unjudged" else None, **money))  # fmt: skip
    return write_run(data, rows, customers)
