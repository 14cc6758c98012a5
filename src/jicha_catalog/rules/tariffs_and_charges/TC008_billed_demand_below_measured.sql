/*---
code: TC008
name: {zh: 需量计费低于实测最大需量, en: Billed demand below measured maximum demand}
group: TC
subject: customer
class: fee
severity: high
status: active
frequency: on_bill_issue
proof: recompute
tables: [customer, metering_point, bill, reading, daily_electrical, tariff]
key: [point_id, period]
parameters:
  - {name: over_ratio, label: {zh: 超过合约需量多少倍起加倍计收, en: Multiple of the contract demand above which it counts double}, type: "decimal(8,4)", default: 1.05, min: 1, max: 10, unit: times, source: {zh: 发改办价格〔2016〕1583号, en: Notice 2016-1583}, verified: true}
evidence:
  problem:
    zh: 问题
    en: Problem
    codes:
      low: {zh: 计费需量低于应计需量, en: billed demand below the demand due}
      no_contract_demand: {zh: 按合约需量计费而没有合约需量, en: charged by contract demand without one}
  points: {zh: 需量组计量点数, en: Points of the demand group}
  measured_kw: {zh: 实测最大需量(kW), en: Measured maximum demand (kW)}
  contract_kw: {zh: 合约需量(kW), en: Contract demand (kW)}
  required_kw: {zh: 应计需量(kW), en: Demand due (kW)}
  billed_kw: {zh: 计费需量(kW), en: Billed demand (kW)}
  demand_price: {zh: 需量电价(元/kW·月), en: Demand price (yuan per kW and month)}
reason:
  zh: "{period}{basic_charge_mode}，实测最大需量{measured_kw}kW[，合约需量{contract_kw}kW]：{problem}[，应计{required_kw}kW][，计费{billed_kw}kW][；按{demand_price}元/kW少收{amount_yuan}元]"
  en: "{basic_charge_mode}, {measured_kw} kW measured in {period}[, contract {contract_kw} kW]: {problem}[; due {required_kw} kW][, billed {billed_kw} kW][; {amount_yuan} yuan short at {demand_price} yuan per kW]"
amount:
  zh: （应计需量－计费需量）×需量电价
  en: (required - billed demand) x demand price
basis: [{regulation: 基本电费, article: 第一部分, verified: true}]
remedy: {zh: 核对需量示数与核定值，补收基本电费。, en: Check the demand index and contract value; recover.}
near_miss:
  - {zh: 月中换表使需量示数复位, en: demand reset in the middle of the month by a meter change}
  - {zh: 账单为加倍后的需量，而非合约需量, en: 'billing shows demand after the doubling, not C'}
  - {zh: 两路进线的需量合并计在另一计量点（需量组）, en: two incoming feeders summed under the other point}
decisions:
  - {zh: 需量组内计算方式不同的，按编号最小的计量点；组内任一点实测需量不明即不判断；合约需量、计费需量、基本电费为已知各点之和。, en: 'In a demand group the mode is that of the smallest point_id; measured demand must be known of every member; contract demand, billed demand and basic_yuan sum what is known.'}
  - {zh: 没有实测需量的计量点整条不判断，包括没有合约需量的。, en: 'A point without measured demand is not tested at all, a missing contract demand included.'}
  - {zh: 打折资格（q不低于门槛）按TC010的口径；资格不明时合约方式不判断金额条件，不报。, en: 'Entitlement to the discount as in TC010; where it is unknown the money condition of contract mode cannot hold.'}
  - {zh: 未判定：实测需量不明；实测已知而计费需量为空；或按合约方式需要的基本电费、需量电价、折扣资格不明。, en: 'Not judged: no measured demand; no billed demand; or in contract mode, where the billed demand is low, no basic_yuan, demand price or entitlement.'}
seed: 基本电费执行稽查
---*/
WITH tested AS (
    SELECT
        d.point_id,
        d.customer_id,
        d.basic_charge_mode,
        d.points,
        d.measured_kw,
        d.contract_kw,
        d.billed_kw,
        d.basic_yuan,
        d.demand_price,
        d.factor,
        demand_due(d.basic_charge_mode, d.measured_kw, d.contract_kw, $over_ratio) AS required_kw
    FROM measured_demand AS d
    WHERE d.measured_kw IS NOT NULL
)

SELECT
    t.point_id,
    CAST($p0 AS DATE) AS period,
    t.customer_id,
    CAST(
        ROUND(CAST(t.required_kw - t.billed_kw AS DECIMAL(20, 4)) * t.demand_price, 2) AS DECIMAL(18, 2)
    ) AS amount_yuan,
    CAST(CASE WHEN t.required_kw IS NULL THEN 'no_contract_demand' ELSE 'low' END AS VARCHAR) AS problem,
    t.basic_charge_mode,
    CAST(t.points AS BIGINT) AS points,
    t.measured_kw,
    t.contract_kw,
    CAST(t.required_kw AS DECIMAL(18, 4)) AS required_kw,
    t.billed_kw,
    t.demand_price
FROM tested AS t
WHERE is_demand_short(t.basic_charge_mode, t.required_kw, t.billed_kw, t.basic_yuan, t.demand_price, t.factor);

/*--- not judged ---*/
WITH tested AS (
    SELECT
        d.point_id,
        d.basic_charge_mode,
        d.measured_kw,
        d.contract_kw,
        d.billed_kw,
        d.basic_yuan,
        d.demand_price,
        d.factor,
        demand_due(d.basic_charge_mode, d.measured_kw, d.contract_kw, $over_ratio) AS required_kw
    FROM measured_demand AS d
)

SELECT
    t.point_id,
    CAST($p0 AS DATE) AS period,
    CAST(
        CASE
            WHEN t.measured_kw IS NULL THEN 'quantity'
            WHEN t.billed_kw IS NULL THEN 'billed_demand_kw'
            WHEN t.basic_yuan IS NULL THEN 'basic_yuan'
            WHEN t.demand_price IS NULL THEN 'demand_price'
            ELSE 'contract_capacity_kva'
        END AS VARCHAR
    ) AS missing
FROM tested AS t
WHERE
    t.measured_kw IS NULL
    OR (
        t.required_kw IS NOT NULL
        AND (
            t.billed_kw IS NULL
            OR (
                t.basic_charge_mode = 'contract_demand'
                AND t.billed_kw < demand_floor(t.required_kw)
                AND (t.basic_yuan IS NULL OR t.demand_price IS NULL OR t.factor IS NULL)
            )
        )
    )
