/*---
code: RC017
name: {zh: 定比定量用户抄表计费周期异常, en: Allocated point billed on another cycle than its main}
group: RC
subject: metering_point
class: quantity
severity: medium
status: active
frequency: monthly
proof: recompute
tables: [metering_point, customer, bill]
key: [point_id, period]
parameters:
  - {name: tol, label: {zh: 分摊电量允许相对偏差, en: Relative tolerance of the allocated energy}, type: "decimal(8,5)", default: 0.02, min: 0, max: 1, unit: ratio, source: practice, verified: true}
evidence:
  problem:
    zh: 问题
    en: Problem
    codes:
      not_billed: {zh: 总表有电量而分摊点未计费, en: not billed although the main point was}
      wrong_share: {zh: 分摊电量与定比不符, en: energy does not fit the fixed ratio}
      wrong_quantity: {zh: 分摊电量与定量不符, en: energy does not fit the fixed quantity}
  missed_periods: {zh: 未计费期数, en: Periods not billed}
  main_periods: {zh: 总表有电量期数, en: Periods with energy of the main point}
  main_kwh: {zh: 总表抄见电量(kWh), en: Energy of the main point (kWh)}
  expected_kwh: {zh: 应分摊电量(kWh), en: Energy to be allocated (kWh)}
  missing_kwh: {zh: 少分摊电量(kWh), en: Energy not allocated (kWh)}
reason:
  zh: "{allocation}{allocation_value}，上级计量点{parent_point_id}：{problem}[；近6期总表有电量的{main_periods}期中{missed_periods}期未计费][；本账期总表抄见{main_kwh}kWh，应分摊{expected_kwh}kWh，实计{billed_kwh}kWh]"
  en: "{allocation} {allocation_value} of main point {parent_point_id}: {problem}[; in {missed_periods} of {main_periods} periods with energy of the main nothing was billed][; main {main_kwh} kWh in the period judged, to be allocated {expected_kwh} kWh, billed {billed_kwh} kWh]"
amount:
  zh: 少分摊电量×（本点电价－总表电价）
  en: energy not allocated x (price of this point - price of the main point)
basis: [{regulation: 营业规则, article: 第七十二条, verified: false}]
remedy: {zh: 核对定比定量参数与计费周期，重算分摊。, en: 'Check share and cycle, recompute the split.'}
near_miss:
  - {zh: 按未加损耗的电量定比（与抄见电量差2%以内）, en: ratio applied before losses (accepted when within 2 % of the metered energy alone)}
  - {zh: 不足月的账单, en: part-month}
  - {zh: 总表无电量, en: main with zero consumption}
decisions:
  - {zh: 各期均取该点该期各类账单之和；天数取之和，任一为空按空值忽略。, en: 'Bills of every kind of a point and period are summed, the days too.'}
  - {zh: 两种算法（含损耗、不含损耗）都超出允许差才报；允许差为5kWh与tol×各自应分摊电量的较大者，恰为允许差不报。, en: 'Both products (with and without losses) must be missed by more than the greater of 5 kWh and tol times that product; on the limit is within it.'}
  - {zh: 同时符合多项合并为一条；少分摊电量：未计费的为各未计费期应分摊之和（定比按抄见加损耗，定量按定量值），本账期分摊不符的再加差额。, en: 'One finding names all that applies. The energy not allocated is the sum over the periods not billed (ratio: metered plus loss; quantity: the fixed one) plus the difference in the period judged.'}
  - {zh: 电价取两点筛查日执行电价的电度电价，任一未知则无金额；金额可为负。, en: 'Prices are the energy prices of both tariffs at the screening date; unknown: no amount. It may be negative.'}
  - {zh: 未判定：没有上级计量点，或定比定量值为空而总表有电量。, en: 'Not judged: without a parent point, or without an allocation value while the main has energy.'}
seed: 定比用户抄表周期
---*/
WITH allocated AS (
    SELECT
        s.point_id,
        s.parent_point_id,
        s.tariff_code,
        p.allocation,
        kva(p.allocation_value) AS allocation_value
    FROM settlement_point AS s
    INNER JOIN metering_point AS p ON s.point_id = p.point_id
    WHERE s.parent_point_id IS NOT NULL AND p.allocation IN ('ratio', 'quantity')
),

wanted AS (
    SELECT a.point_id FROM allocated AS a
    UNION
    SELECT a.parent_point_id AS point_id FROM allocated AS a
),

billed AS (
    SELECT
        b.point_id,
        b.period,
        SUM(b.metered_kwh) AS metered_kwh,
        SUM(b.loss_kwh) AS loss_kwh,
        SUM(b.billed_kwh) AS billed_kwh,
        SUM(b.days) AS billed_days
    FROM bill AS b
    INNER JOIN wanted AS w ON b.point_id = w.point_id
    WHERE b.period <= $p0 AND b.period >= months_later($p0, -5)
    GROUP BY b.point_id, b.period
),

paired AS (
    SELECT
        a.point_id,
        m.period,
        m.metered_kwh AS main_kwh,
        b.billed_kwh,
        b.billed_days,
        a.allocation,
        a.allocation_value,
        COALESCE(b.billed_kwh, 0) = 0 AS is_missed,
        CASE
            WHEN a.allocation = 'quantity' THEN a.allocation_value
            ELSE
                a.allocation_value * CAST(0.01 AS DECIMAL(3, 2))
                * CAST(m.metered_kwh + COALESCE(m.loss_kwh, 0) AS DECIMAL(20, 2))
        END AS expected_kwh,
        a.allocation_value * CAST(0.01 AS DECIMAL(3, 2)) * CAST(m.metered_kwh AS DECIMAL(20, 2)) AS lossless_kwh
    FROM allocated AS a
    INNER JOIN billed AS m ON a.parent_point_id = m.point_id
    LEFT JOIN billed AS b ON a.point_id = b.point_id AND m.period = b.period
    WHERE m.metered_kwh > 0
),

judged AS (
    SELECT
        d.point_id,
        d.period,
        d.main_kwh,
        d.billed_kwh,
        d.expected_kwh,
        d.is_missed,
        COALESCE(
            d.allocation = 'ratio'
            AND d.period = $p0
            AND ABS(d.billed_kwh - d.expected_kwh)
            > greater_of(CAST(5 AS DECIMAL(38, 10)), $tol * ABS(d.expected_kwh))
            AND ABS(d.billed_kwh - d.lossless_kwh)
            > greater_of(CAST(5 AS DECIMAL(38, 10)), $tol * ABS(d.lossless_kwh)), FALSE
        ) AS is_wrong_share,
        COALESCE(
            d.allocation = 'quantity'
            AND d.period = $p0
            AND ABS(d.billed_kwh - d.allocation_value) > 5
            AND d.billed_days >= 28
            AND d.main_kwh >= d.allocation_value, FALSE
        ) AS is_wrong_quantity
    FROM paired AS d
),

summed AS (
    SELECT
        j.point_id,
        COUNT(*) AS main_periods,
        SUM(CASE WHEN j.is_missed THEN 1 ELSE 0 END) AS missed_periods,
        SUM(CASE WHEN j.is_missed THEN j.expected_kwh END) AS missed_kwh,
        MAX(CASE WHEN j.is_wrong_share THEN 1 ELSE 0 END) AS is_wrong_share,
        MAX(CASE WHEN j.is_wrong_quantity THEN 1 ELSE 0 END) AS is_wrong_quantity,
        MAX(CASE WHEN j.is_wrong_share OR j.is_wrong_quantity THEN j.main_kwh END) AS main_kwh,
        MAX(CASE WHEN j.is_wrong_share OR j.is_wrong_quantity THEN j.expected_kwh END) AS expected_kwh,
        MAX(CASE WHEN j.is_wrong_share OR j.is_wrong_quantity THEN j.billed_kwh END) AS billed_kwh,
        -- a period that was not billed at all is already among the missed
        MAX(
            CASE
                WHEN (j.is_wrong_share OR j.is_wrong_quantity) AND NOT j.is_missed THEN j.expected_kwh - j.billed_kwh
            END
        ) AS differing_kwh
    FROM judged AS j
    GROUP BY j.point_id
),

reported AS (
    SELECT
        s.point_id,
        s.main_periods,
        s.missed_periods,
        s.is_wrong_share,
        s.is_wrong_quantity,
        s.main_kwh,
        s.expected_kwh,
        s.billed_kwh,
        CASE
            WHEN s.missed_periods >= 2 THEN s.missed_kwh + COALESCE(s.differing_kwh, 0)
            ELSE COALESCE(s.differing_kwh, s.missed_kwh)
        END AS missing_kwh
    FROM summed AS s
    WHERE s.missed_periods >= 2 OR s.is_wrong_share = 1 OR s.is_wrong_quantity = 1
)

SELECT
    r.point_id,
    CAST($p0 AS DATE) AS period,
    CAST(
        CONCAT_WS(
            ',',
            CASE WHEN r.missed_periods >= 2 THEN 'not_billed' END,
            CASE WHEN r.is_wrong_share = 1 THEN 'wrong_share' END,
            CASE WHEN r.is_wrong_quantity = 1 THEN 'wrong_quantity' END
        ) AS VARCHAR
    ) AS problem,
    a.parent_point_id,
    a.allocation,
    CAST(a.allocation_value AS DECIMAL(18, 4)) AS allocation_value,
    CAST(CASE WHEN r.missed_periods >= 2 THEN r.main_periods END AS BIGINT) AS main_periods,
    CAST(CASE WHEN r.missed_periods >= 2 THEN r.missed_periods END AS BIGINT) AS missed_periods,
    CAST(r.main_kwh AS DECIMAL(24, 2)) AS main_kwh,
    CAST(r.expected_kwh AS DECIMAL(24, 2)) AS expected_kwh,
    CAST(r.billed_kwh AS DECIMAL(24, 2)) AS billed_kwh,
    CAST(r.missing_kwh AS DECIMAL(24, 2)) AS missing_kwh,
    CAST(worth_yuan(r.missing_kwh, t.energy_price - u.energy_price) AS DECIMAL(18, 2)) AS amount_yuan
FROM reported AS r
INNER JOIN allocated AS a ON r.point_id = a.point_id
-- a main point that is on no file lacks its price only
LEFT JOIN metering_point AS p ON a.parent_point_id = p.point_id
LEFT JOIN tariff_at_as_of AS t ON a.tariff_code = t.tariff_code
LEFT JOIN tariff_at_as_of AS u ON p.tariff_code = u.tariff_code;

/*--- not judged ---*/
SELECT
    s.point_id,
    CAST($p0 AS DATE) AS period,
    CAST(
        CASE WHEN s.parent_point_id IS NULL THEN 'parent_point_id' ELSE 'allocation_value' END AS VARCHAR
    ) AS missing
FROM settlement_point AS s
INNER JOIN metering_point AS p ON s.point_id = p.point_id
WHERE
    p.allocation IN ('ratio', 'quantity')
    AND (
        s.parent_point_id IS NULL
        OR (
            p.allocation_value IS NULL
            AND EXISTS (
                SELECT b.bill_id
                FROM bill AS b
                WHERE b.point_id = s.parent_point_id AND b.period = $p0 AND b.metered_kwh > 0
            )
        )
    )
