/*---
code: TC010
name: {zh: 需量电价打折执行错误, en: Demand-price discount wrongly applied}
group: TC
subject: bill
class: fee
severity: medium
status: active
frequency: on_bill_issue
proof: recompute
tables: [bill, metering_point, customer, tariff, customer_monthly]
key: [bill_id]
parameters: []
evidence:
  problem:
    zh: 问题
    en: Problem
    codes:
      not_given: {zh: 达到门槛而未打折, en: entitled but billed at the full price}
      not_due: {zh: 未达到门槛而打折, en: discounted without reaching the threshold}
  kwh_per_kva: {zh: 每千伏安用电量(kWh), en: kWh per kVA}
  threshold_kwh_per_kva: {zh: 门槛(kWh/kVA), en: Threshold (kWh per kVA)}
  billed_kw: {zh: 计费需量合计(kW), en: Billed demand (kW)}
  unit_yuan: {zh: 账单需量单价(元/kW), en: Unit price billed (yuan per kW)}
  right_yuan: {zh: 应执行需量单价(元/kW), en: Right unit price (yuan per kW)}
reason:
  zh: "每千伏安用电{kwh_per_kva}kWh（门槛{threshold_kwh_per_kva}），{problem}：计费需量{billed_kw}kW，账单单价{unit_yuan}元，应为{right_yuan}元，相差{amount_yuan}元"
  en: "{kwh_per_kva} kWh per kVA (threshold {threshold_kwh_per_kva}), {problem}: {billed_kw} kW billed at {unit_yuan}, right is {right_yuan} yuan per kW; difference {amount_yuan} yuan"
amount:
  zh: 计费需量合计×（账单单价－应执行单价），正数为多收
  en: sum of billed demand x (unit price - right price); positive is over-billed
basis: [{regulation: 输配电价, article: 需量电价打折, verified: false}]
remedy: {zh: 核对每千伏安用电量与容量口径后退补。, en: Check kWh per kVA and its capacity base; settle.}
near_miss:
  - {zh: 每千伏安月用电未达到打折条件, en: use per kVA below what earns the discount}
  - {zh: 按容量计费（不打折）, en: capacity mode (no discount)}
  - {zh: 容量在当月内变更, en: capacity changed within the month}
decisions:
  - {zh: 多个结算点电价不同的，取有打折规定的编号最小的计量点的电价。, en: 'Of several points the tariff is that of the smallest point_id that offers a discount.'}
  - {zh: 本账期内有新装、增容、减容、恢复容量工单生效或截止的客户不报（容量口径不明）。, en: 'Left out where an order of kind new_hv, increase_, reduce_ or resume_capacity begins or ends in the period judged.'}
  - {zh: 金额和单价按全部账单合计；主键为常规账单中基本电费最大的一张（金额为空的排在最后），没有常规账单不报。, en: 'Sums take all bills; the key is the regular bill with the greatest basic_yuan (null last), without one nothing is reported.'}
  - {zh: 未判定：适用打折规定、当期有基本电费，而合同容量为空（或不大于0）、用电量为空或计费需量合计为空、为零的。, en: 'Not judged: a basic charge under such a tariff, but no positive contract capacity, no billed energy or no billed demand.'}
seed: 电价政策执行 (beyond)
---*/
SELECT
    x.bill_id,
    CAST(
        ROUND(x.basic_yuan - CAST(x.billed_kw AS DECIMAL(20, 2)) * x.right_yuan, 2) AS DECIMAL(18, 2)
    ) AS amount_yuan,
    x.customer_id,
    CAST(CASE WHEN x.is_entitled THEN 'not_given' ELSE 'not_due' END AS VARCHAR) AS problem,
    x.tariff_code,
    x.kwh_per_kva,
    x.threshold_kwh_per_kva,
    x.billed_kw,
    x.basic_yuan,
    x.unit_yuan,
    x.right_yuan
FROM demand_discount_wrong AS x;

/*--- not judged ---*/
WITH demand_bill AS (
    SELECT
        f.customer_id,
        f.is_entitled,
        b.bill_id,
        b.basic_yuan,
        SUM(b.basic_yuan) OVER (PARTITION BY f.customer_id) AS sum_yuan,
        SUM(b.billed_demand_kw) OVER (PARTITION BY f.customer_id) AS sum_kw
    FROM discount_by_use AS f
    INNER JOIN settlement_point AS s ON f.customer_id = s.customer_id
    INNER JOIN bill AS b ON s.point_id = b.point_id
    WHERE b.period = $p0 AND s.basic_charge_mode IN ('contract_demand', 'actual_demand')
)

SELECT
    d.bill_id,
    CAST(CASE WHEN d.is_entitled IS NULL THEN 'contract_capacity_kva,billed_kwh' ELSE 'billed_demand_kw' END AS VARCHAR)
        AS missing
FROM demand_bill AS d
INNER JOIN regular_bill AS r ON d.bill_id = r.bill_id
WHERE d.sum_yuan <> 0 AND (d.is_entitled IS NULL OR COALESCE(d.sum_kw, 0) = 0)
QUALIFY ROW_NUMBER() OVER (PARTITION BY d.customer_id ORDER BY d.basic_yuan DESC NULLS LAST, d.bill_id ASC) = 1
