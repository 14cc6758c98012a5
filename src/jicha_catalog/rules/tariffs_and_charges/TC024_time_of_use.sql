/*---
code: TC024
name: {zh: 应执行峰谷分时未执行或分时异常, en: Time-of-use price not applied or split implausible}
group: TC
subject: metering_point
class: price
severity: medium
status: active
frequency: monthly
proof: state
tables: [metering_point, customer, bill]
key: [point_id]
parameters:
  - {name: tou_kva, label: {zh: 应执行峰谷分时的容量下限, en: Capacity from which time-of-use prices are due}, type: "decimal(14,4)", default: 100, min: 0, max: 100000, unit: kVA, source: {zh: 发改价格〔2021〕1093号及各省规定, en: Notice 2021-1093 and provincial rules}, verified: false}
evidence:
  problem:
    zh: 问题
    en: Problem
    codes:
      not_applied: {zh: 应执行分时而未执行, en: time-of-use price not applied}
      implausible: {zh: 分时电量异常, en: split implausible}
  customer_kva: {zh: 合同容量(kVA), en: Contract capacity (kVA)}
  three_period_kwh: {zh: 近三期电量(kWh), en: Energy of three periods (kWh)}
  valley_share_pct: {zh: 谷段占比(%), en: Valley share (%)}
  peak_share_pct: {zh: 峰段占比(%), en: Peak share (%)}
reason:
  zh: "{problem}[：合同容量{customer_kva}kVA][：近三期{three_period_kwh}kWh，谷段{valley_share_pct}%、峰段{peak_share_pct}%]"
  en: "{problem}[: contract capacity {customer_kva} kVA][: {three_period_kwh} kWh in three periods, valley {valley_share_pct} %, peak {peak_share_pct} %]"
basis: [{regulation: 分时电价, article: 执行范围, verified: false}]
remedy: {zh: 核对分时执行范围与表内时段、时钟，更正退补。, en: 'Check scope, schedule and clock; correct and settle.'}
near_miss:
  - {zh: 铁路牵引等免执行的用户（列入白名单）, en: railway traction or other exempted users (whitelist)}
  - {zh: 夜间运行、谷段70%的冷库, en: cold store running at night with 70 % valley}
  - {zh: 没有分时示数的定比定量点, en: allocated point without registers}
decisions:
  - {zh: 三期各期有其一（谷段超过90%、无峰段电量、各段均为零）即为异常，三期可不同。, en: 'Implausible: each of the three periods has one of the three signs, not necessarily the same.'}
  - {zh: 分时异常只看装表的点；峰段含尖峰，谷段含深谷。, en: 'Only metered points can be implausible; peak holds tip, valley holds deep valley.'}
  - {zh: 未判定：应执行的类别而合同容量为空、未执行分时；或分时点近三期缺账单而已知各期异常。, en: 'Not judged: of a class that is due, not applied, without a contract capacity; or a time-of-use point with a bill missing whose known periods are implausible.'}
seed: 执行销售电价政策
---*/
WITH point AS (
    SELECT
        p.point_id,
        p.parent_point_id,
        p.usage_class,
        p.contract_capacity_kva,
        COALESCE(p.is_time_of_use, FALSE) AS is_time_of_use,
        COALESCE(STARTS_WITH(industry_digits(c.industry_code), '44'), FALSE) AS is_power_trade
    FROM metered_point AS p
    INNER JOIN customer AS c ON p.customer_id = c.customer_id
),

odd AS (
    SELECT
        p.point_id,
        SUM(b.billed_kwh) AS billed_kwh,
        SUM(COALESCE(b.valley_kwh, 0) + COALESCE(b.deep_valley_kwh, 0)) AS valley_kwh,
        SUM(COALESCE(b.tip_kwh, 0) + COALESCE(b.peak_kwh, 0)) AS peak_kwh
    FROM point AS p
    INNER JOIN recent_point_bill AS b ON p.point_id = b.point_id
    WHERE
        p.is_time_of_use
        AND p.usage_class NOT IN ('street_lighting', 'ev_charging')
        AND NOT p.is_power_trade
        AND b.billed_kwh >= 500
        AND (
            COALESCE(b.valley_kwh, 0) + COALESCE(b.deep_valley_kwh, 0)
            > CAST(b.billed_kwh AS DECIMAL(20, 2)) * CAST(0.9 AS DECIMAL(2, 1))
            -- no energy in any band is among them
            OR COALESCE(b.tip_kwh, 0) + COALESCE(b.peak_kwh, 0) = 0
            OR COALESCE(b.tip_kwh, 0) + COALESCE(b.peak_kwh, 0) + COALESCE(b.flat_kwh, 0) + COALESCE(b.valley_kwh, 0)
            + COALESCE(b.deep_valley_kwh, 0) = 0
        )
    GROUP BY p.point_id
    HAVING COUNT(*) = 3
)

SELECT
    p.point_id,
    CAST('not_applied' AS VARCHAR) AS problem,
    CAST(p.contract_capacity_kva AS DECIMAL(18, 4)) AS customer_kva,
    CAST(NULL AS DECIMAL(18, 2)) AS three_period_kwh,
    CAST(NULL AS DECIMAL(8, 2)) AS valley_share_pct,
    CAST(NULL AS DECIMAL(8, 2)) AS peak_share_pct
FROM point AS p
WHERE
    p.parent_point_id IS NULL
    AND p.usage_class IN ('large_industrial', 'general_industrial_commercial')
    AND p.contract_capacity_kva >= $tou_kva
    AND NOT p.is_time_of_use
UNION ALL
SELECT
    o.point_id,
    CAST('implausible' AS VARCHAR) AS problem,
    CAST(NULL AS DECIMAL(18, 4)) AS customer_kva,
    CAST(o.billed_kwh AS DECIMAL(18, 2)) AS three_period_kwh,
    CAST(
        ROUND(CAST(o.valley_kwh AS DOUBLE) * 100 / NULLIF(CAST(o.billed_kwh AS DOUBLE), 0), 2) AS DECIMAL(8, 2)
    ) AS valley_share_pct,
    CAST(
        ROUND(CAST(o.peak_kwh AS DOUBLE) * 100 / NULLIF(CAST(o.billed_kwh AS DOUBLE), 0), 2) AS DECIMAL(8, 2)
    ) AS peak_share_pct
FROM odd AS o;

/*--- not judged ---*/
SELECT
    p.point_id,
    CAST('contract_capacity_kva' AS VARCHAR) AS missing
FROM metered_point AS p
WHERE
    p.parent_point_id IS NULL
    AND p.usage_class IN ('large_industrial', 'general_industrial_commercial')
    AND p.contract_capacity_kva IS NULL
    AND NOT COALESCE(p.is_time_of_use, FALSE)
UNION ALL
SELECT
    p.point_id,
    CAST('billed_kwh' AS VARCHAR) AS missing
FROM metered_point AS p
INNER JOIN customer AS c ON p.customer_id = c.customer_id
INNER JOIN recent_point_bill AS b ON p.point_id = b.point_id
WHERE
    p.is_time_of_use
    AND p.usage_class NOT IN ('street_lighting', 'ev_charging')
    AND NOT COALESCE(STARTS_WITH(industry_digits(c.industry_code), '44'), FALSE)
GROUP BY p.point_id
HAVING
    COUNT(b.billed_kwh) < 3
    AND SUM(
        CASE
            WHEN b.billed_kwh IS NULL THEN 0
            WHEN b.billed_kwh < 500 THEN 1
            WHEN COALESCE(b.tip_kwh, 0) + COALESCE(b.peak_kwh, 0) = 0 THEN 0
            WHEN
                COALESCE(b.valley_kwh, 0) + COALESCE(b.deep_valley_kwh, 0)
                > CAST(b.billed_kwh AS DECIMAL(20, 2)) * CAST(0.9 AS DECIMAL(2, 1))
                THEN 0
            ELSE 1
        END
    ) = 0
