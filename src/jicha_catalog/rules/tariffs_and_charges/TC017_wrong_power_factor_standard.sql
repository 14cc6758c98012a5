/*---
code: TC017
name: {zh: 功率因数标准执行错误, en: Wrong power-factor standard}
group: TC
subject: metering_point
class: fee
severity: medium
status: active
frequency: monthly
proof: state
tables: [metering_point, customer, pf_adjustment]
not_empty: [pf_adjustment]
key: [point_id]
evidence:
  problem:
    zh: 问题
    en: Problem
    codes:
      wrong: {zh: 标准与容量、行业不符, en: standard does not fit capacity and industry}
      not_due: {zh: 容量不足100kVA仍考核, en: assessed below 100 kVA}
      residential: {zh: 居民仍考核, en: a residential customer is assessed}
      unknown: {zh: 调整表中没有该标准, en: the adjustment table lacks the standard}
  set_standard: {zh: 执行标准, en: Standard set}
  expected_standard: {zh: 应执行标准, en: Standard due}
  customer_kva: {zh: 合同容量(kVA), en: Contract capacity (kVA)}
reason:
  zh: "{problem}：执行{set_standard}[，应为{expected_standard}][（合同容量{customer_kva}kVA）]"
  en: "{problem}: {set_standard} is set[, {expected_standard} is due][ (contract capacity {customer_kva} kVA)]"
amount:
  zh: 近12期（电度电费＋基本电费）×两标准在账单功率因数下的调整率之差
  en: (energy + basic charge) of 12 periods x difference of the adjustments of the two standards at the billed factor
basis: [{regulation: 力调办法, article: 功率因数的标准值及其适用范围, verified: true}]
remedy: {zh: 按容量与行业更正标准，退补力调电费。, en: Correct the standard and settle.}
near_miss:
  - {zh: 容量恰在分档界限上、执行0.85的工业客户, en: industry exactly on the limit of capacity at 0.85}
  - {zh: 经批准降低的标准（列入白名单）, en: approved lowered standard (whitelist)}
  - {zh: 其他类别的分表, en: sub-point of another class}
decisions:
  - {zh: 标准按客户的类别、行业、电压、容量判断；有上级计量点、电价类别与客户不同的分表不检查应执行标准。, en: 'The standard due is that of the customer; of a sub-point whose tariff is of another class than the customer it is not tested.'}
  - {zh: 行业为空时0.85、0.90均可（农业、趸售仍为0.80）；电压为空而容量、行业够0.90的，两者均可。, en: 'Without an industry 0.85 and 0.90 both fit (agriculture and resale stay at 0.80); so without a voltage where industry and capacity call for 0.90.'}
  - {zh: 合同容量为空只检查居民与调整表。, en: Without a contract capacity only residents and the table are tested.}
  - {zh: 调整表指已交付的表；表为空则不运行。金额正数为少计。, en: 'The table is the delivered one; empty, the rule is not run. A positive amount means under-billed.'}
  - {zh: 未判定：合同容量为空且别无问题。, en: 'Not judged: the contract capacity is unknown and nothing else is wrong.'}
seed: 功率因数调整电费执行情况
---*/
WITH billed_row AS (
    -- of the few points at fault; the power factor is that of the row that leads its period, as in point_bill
    SELECT
        x.point_id,
        b.period,
        x.set_standard,
        x.expected,
        COALESCE(b.energy_yuan, 0) + COALESCE(b.basic_yuan, 0) AS base_yuan,
        CASE
            WHEN
                ROW_NUMBER() OVER (
                    PARTITION BY b.point_id, b.period ORDER BY b.billed_kwh DESC NULLS LAST, b.bill_id ASC
                ) = 1
                THEN ROUND(exact4(b.power_factor), 2)
        END AS power_factor
    FROM pf_standard_wrong AS x
    INNER JOIN bill AS b ON x.point_id = b.point_id
    WHERE x.problem = 'wrong' AND b.period <= $p0 AND b.period >= months_later($p0, -11)
),

billed AS (
    SELECT
        r.point_id,
        r.period,
        r.set_standard,
        r.expected,
        MAX(r.power_factor) AS power_factor,
        SUM(r.base_yuan) AS base_yuan
    FROM billed_row AS r
    GROUP BY r.point_id, r.period, r.set_standard, r.expected
),

settled AS (
    SELECT
        b.point_id,
        SUM(
            CAST(b.base_yuan AS DECIMAL(18, 2)) * CAST(e.adjustment_pct - a.adjustment_pct AS DECIMAL(12, 4))
        ) AS yuan_pct
    FROM billed AS b
    INNER JOIN bill_power_factor_table AS e ON b.expected = e.pf_standard AND b.power_factor = e.power_factor
    INNER JOIN bill_power_factor_table AS a ON b.set_standard = a.pf_standard AND b.power_factor = a.power_factor
    GROUP BY b.point_id
)

SELECT
    x.point_id,
    CAST(x.problem AS VARCHAR) AS problem,
    CAST(x.set_standard AS DECIMAL(6, 4)) AS set_standard,
    CAST(CASE WHEN x.problem IN ('wrong', 'unknown') THEN x.expected END AS DECIMAL(3, 2)) AS expected_standard,
    CAST(x.contract_capacity_kva AS DECIMAL(18, 4)) AS customer_kva,
    CAST(ROUND(s.yuan_pct * CAST(0.01 AS DECIMAL(3, 2)), 2) AS DECIMAL(18, 2)) AS amount_yuan
FROM pf_standard_wrong AS x
LEFT JOIN settled AS s ON x.point_id = s.point_id;

/*--- not judged ---*/
WITH known_standard AS (
    SELECT ROUND(exact4(a.pf_standard), 4) AS pf_standard
    FROM pf_adjustment AS a
    GROUP BY ROUND(exact4(a.pf_standard), 4)
)

SELECT
    s.point_id,
    CAST('contract_capacity_kva' AS VARCHAR) AS missing
FROM settlement_point AS s
INNER JOIN metering_point AS p ON s.point_id = p.point_id
INNER JOIN mature_customer AS m ON s.customer_id = m.customer_id
INNER JOIN known_standard AS k ON exact4(p.pf_standard) = k.pf_standard
WHERE m.contract_capacity_kva IS NULL AND m.usage_class <> 'residential'
