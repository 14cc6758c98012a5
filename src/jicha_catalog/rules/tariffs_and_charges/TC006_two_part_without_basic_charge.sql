/*---
code: TC006
name: {zh: 两部制客户未计基本电费, en: Two-part customer without a capacity or demand charge}
group: TC
subject: customer
class: fee
severity: high
status: active
frequency: on_bill_issue
proof: recompute
tables: [customer, metering_point, tariff, bill]
key: [customer_id, period]
parameters: []
evidence:
  problem:
    zh: 问题
    en: Problem
    codes:
      no_charge: {zh: 当期有电量而基本电费为零, en: energy billed without a basic charge}
      no_mode: {zh: 基本电费计算方式为“不计算”或空, en: charge mode is none or empty}
  two_part_points: {zh: 执行两部制的结算点数, en: Points on a two-part tariff}
  periods_without: {zh: 近12期无基本电费的期数, en: Periods of the last 12 without a basic charge}
  capacity_price: {zh: 容量电价(元/kVA·月), en: Capacity price (yuan per kVA and month)}
reason:
  zh: "{period}[用电{billed_kwh}kWh，]运行容量{operating_capacity_kva}kVA，执行两部制电价：{problem}[；近12期有{periods_without}期未计，按容量电价{capacity_price}元估算{amount_yuan}元]"
  en: "{operating_capacity_kva} kVA in operation on a two-part tariff in {period}[, {billed_kwh} kWh billed]: {problem}[; {periods_without} of 12 periods without it, about {amount_yuan} yuan at {capacity_price} yuan per kVA]"
amount:
  zh: 运行容量×容量电价×近12期中有账单而无基本电费的期数
  en: running capacity x capacity price for each of the last 12 periods with bills but without a capacity or demand charge
basis: [{regulation: 营业规则, article: 第八十五条, verified: false}]
remedy: {zh: 核对计费参数，补收基本电费。, en: Correct the billing parameter and recover the charge.}
near_miss:
  - {zh: 全月全部暂停, en: fully suspended all month}
  - {zh: 免收容量电费的充换电设施, en: EV exemption}
  - {zh: 新装客户首个不足月账单, en: first part-month bill of a new customer}
decisions:
  - {zh: 充换电客户在计费设置ev_basic_exempt_until之内不报（复算同样不计）。, en: 'EV charging is left out while the billing setting ev_basic_exempt_until holds, as in recomputation.'}
  - {zh: 全部未拆除变压器本账期状态为暂停或冷备用的不报（有覆盖全月的启停记录按记录，否则按当前状态）。, en: 'Left out where every transformer on file that is not removed was suspended or on cold standby in the period judged.'}
  - {zh: 两部制结算点的上级计量点属于其他客户的，费用计在他户，不报。, en: 'Left out: a two-part point below a point of another customer.'}
  - {zh: 两部制电价按本账期首日执行的版次；计算方式按当前档案。, en: 'The tariff is that in force on the first day of the period judged, the charge mode today''s file.'}
  - {zh: 多个两部制结算点的容量电价不同时按最高的估算。, en: 'Of several two-part points with different capacity prices the highest one makes the amount.'}
  - {zh: 未判定：符合其他条件而运行容量为空的。, en: 'Not judged: everything else holds and the operating capacity is unknown.'}
seed: 基本电费少交 / 变压器容量核实
---*/
WITH period_of_year AS (
    SELECT
        b.customer_id,
        b.period,
        SUM(b.basic_yuan) AS basic_yuan
    FROM bill AS b
    INNER JOIN basic_charge_missing AS x ON b.customer_id = x.customer_id
    WHERE b.period <= $p0 AND b.period >= months_later($p0, -11)
    GROUP BY b.customer_id, b.period
),

missed AS (
    SELECT
        y.customer_id,
        SUM(CASE WHEN COALESCE(y.basic_yuan, 0) = 0 THEN 1 ELSE 0 END) AS periods
    FROM period_of_year AS y
    GROUP BY y.customer_id
)

SELECT
    x.customer_id,
    CAST($p0 AS DATE) AS period,
    CAST(
        ROUND(CAST(x.operating_capacity_kva AS DECIMAL(20, 4)) * x.capacity_price * COALESCE(n.periods, 0), 2)
        AS DECIMAL(18, 2)
    ) AS amount_yuan,
    CAST(
        CONCAT_WS(
            ',',
            CASE WHEN COALESCE(x.basic_yuan, 0) = 0 AND x.billed_kwh > 0 THEN 'no_charge' END,
            CASE WHEN NOT x.has_mode THEN 'no_mode' END
        ) AS VARCHAR
    ) AS problem,
    x.operating_capacity_kva,
    CAST(x.two_part_points AS BIGINT) AS two_part_points,
    x.billed_kwh,
    x.basic_yuan,
    CAST(COALESCE(n.periods, 0) AS BIGINT) AS periods_without,
    x.capacity_price
FROM basic_charge_missing AS x
LEFT JOIN missed AS n ON x.customer_id = n.customer_id
WHERE x.operating_capacity_kva IS NOT NULL;

/*--- not judged ---*/
SELECT
    x.customer_id,
    CAST($p0 AS DATE) AS period,
    CAST('operating_capacity_kva' AS VARCHAR) AS missing
FROM basic_charge_missing AS x
WHERE x.operating_capacity_kva IS NULL
