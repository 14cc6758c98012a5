/*---
code: TC019
name: {zh: 居民多人口阶梯优惠到期未取消, en: Multi-person allowance expired or unfounded}
group: TC
subject: customer
class: price
severity: medium
status: active
frequency: monthly
proof: state
tables: [customer, metering_point, tariff_tier, bill]
key: [customer_id]
parameters:
  - {name: max_people, label: {zh: 户籍人数上限, en: Most persons of a household}, type: int, default: 12, min: 1, max: 100, unit: persons, source: practice, verified: true}
evidence:
  problem:
    zh: 问题
    en: Problem
    codes:
      expired: {zh: 有效期已过仍在执行, en: expired and still applied}
      without_end: {zh: 未填有效期, en: without an end}
      too_many: {zh: 人数超过上限, en: too many persons}
      not_residential: {zh: 非居民享受优惠, en: not a residential customer}
  base_persons: {zh: 基准人数, en: Base household}
  expired_months: {zh: 过期月数, en: Months since expiry}
  allowance_kwh: {zh: 每月优惠电量(kWh), en: Allowance a month (kWh)}
reason:
  zh: "{problem}：户籍{household_size}人（基准{base_persons}人）[，有效期至{household_size_until}][，已过{expired_months}个月]"
  en: "{problem}: {household_size} persons (base {base_persons})[, valid until {household_size_until}][, {expired_months} month(s) ago]"
amount:
  zh: 过期的：每月优惠电量×过期月数×所达阶梯的加价
  en: of an expired one, allowance a month x months since x price add of the tier reached
basis: [{regulation: 阶梯电价, article: 多人口家庭, verified: false}]
remedy: {zh: 通知客户续办，逾期取消优惠并核退补。, en: Ask for renewal; cancel the allowance and settle.}
near_miss:
  - {zh: 本月底到期, en: expires at the end of this month}
  - {zh: 优惠仍在有效期内的多人口户, en: household whose allowance is still valid}
  - {zh: 没有享受优惠的普通户, en: household without an allowance}
decisions:
  - {zh: 电价为客户任一结算计量点的，多个时取基准人数最小的；阶梯取本账期首日已执行的最新版本。, en: 'The tariff is that of any settlement point, of several the one with the smallest base; tiers are those of the latest edition by the first day of the period judged.'}
  - {zh: 所达阶梯按无优惠的分档：按月的看本账期电量，按年的看当年累计；按年周期的每月优惠为年优惠的十二分之一。, en: 'The tier reached is that without the allowance, by the energy of the period judged or, of a yearly cycle, of the year so far; a yearly allowance counts a twelfth a month.'}
  - {zh: 过期月数自有效期次月起至本账期。一户几个问题时全部列出。, en: Months count from the month after the end up to the period judged; all problems of a customer are listed.}
  - {zh: 未判定：阶梯未写基准人数。, en: 'Not judged: the tiers do not state a base household.'}
seed: 居民一表一户按文件规定执行销售电价政策
---*/
WITH allowed AS (
    SELECT
        p.customer_id,
        b.tariff_code,
        b.base_household,
        b.extra_person_kwh,
        b.is_yearly
    FROM tiered_point AS p
    INNER JOIN tier_band AS b ON p.tariff_code = b.tariff_code
    WHERE b.extra_person_kwh > 0 AND b.base_household IS NOT NULL
    QUALIFY
        ROW_NUMBER() OVER (
            PARTITION BY p.customer_id
            ORDER BY b.base_household ASC, b.extra_person_kwh DESC, b.tariff_code ASC, b.tier ASC
        ) = 1
),

billed AS (
    SELECT
        b.customer_id,
        SUM(CASE WHEN b.period = $p0 THEN b.billed_kwh END) AS period_kwh,
        SUM(b.billed_kwh) AS year_kwh
    FROM bill AS b
    INNER JOIN allowed AS a ON b.customer_id = a.customer_id
    WHERE b.period <= $p0 AND YEAR(b.period) = YEAR($p0)
    GROUP BY b.customer_id
),

tested AS (
    SELECT
        c.customer_id,
        c.household_size,
        c.household_size_until,
        a.tariff_code,
        a.base_household,
        (c.household_size - a.base_household) * a.extra_person_kwh AS cycle_kwh,
        a.is_yearly,
        CASE WHEN a.is_yearly THEN b.year_kwh ELSE b.period_kwh END AS reached_kwh,
        COALESCE(
            c.household_size > a.base_household AND c.household_size_until < $p0 AND b.period_kwh > 0, FALSE
        ) AS is_expired,
        c.household_size > a.base_household AND c.household_size_until IS NULL AS is_endless,
        c.household_size > $max_people AS is_too_many,
        c.usage_class <> 'residential' AS is_other_class
    FROM customer AS c
    INNER JOIN allowed AS a ON c.customer_id = a.customer_id
    LEFT JOIN billed AS b ON c.customer_id = b.customer_id
    WHERE c.household_size IS NOT NULL
),

reached AS (
    SELECT
        t.customer_id,
        MAX(b.price_add) AS price_add
    FROM tested AS t
    INNER JOIN tier_band AS b ON t.tariff_code = b.tariff_code
    WHERE
        t.is_expired
        AND (t.reached_kwh > b.lower_kwh OR b.lower_kwh = 0)
        AND (b.upper_kwh IS NULL OR t.reached_kwh <= b.upper_kwh)
    GROUP BY t.customer_id
)

SELECT
    t.customer_id,
    CAST(
        CONCAT_WS(
            ',',
            CASE WHEN t.is_expired THEN 'expired' END,
            CASE WHEN t.is_endless THEN 'without_end' END,
            CASE WHEN t.is_too_many THEN 'too_many' END,
            CASE WHEN t.is_other_class THEN 'not_residential' END
        ) AS VARCHAR
    ) AS problem,
    CAST(t.household_size AS BIGINT) AS household_size,
    CAST(t.base_household AS BIGINT) AS base_persons,
    t.household_size_until,
    CAST(
        CASE WHEN t.is_expired THEN month_number($p0) - month_number(t.household_size_until) END AS BIGINT
    ) AS expired_months,
    CAST(
        CASE WHEN t.is_yearly THEN share_of(t.cycle_kwh, 1, 12) ELSE t.cycle_kwh END AS DECIMAL(14, 2)
    ) AS allowance_kwh,
    CAST(
        CASE
            WHEN t.is_expired
                THEN
                    ROUND(
                        exact6(
                            CAST(t.cycle_kwh AS DOUBLE)
                            * CAST(month_number($p0) - month_number(t.household_size_until) AS DOUBLE)
                            * CAST(r.price_add AS DOUBLE)
                            / NULLIF(CAST(CASE WHEN t.is_yearly THEN 12 ELSE 1 END AS DOUBLE), 0)
                        ),
                        2
                    )
        END AS DECIMAL(18, 2)
    ) AS amount_yuan
FROM tested AS t
LEFT JOIN reached AS r ON t.customer_id = r.customer_id
WHERE t.is_expired OR t.is_endless OR t.is_too_many OR t.is_other_class;

/*--- not judged ---*/
SELECT
    c.customer_id,
    CAST('base_household' AS VARCHAR) AS missing
FROM customer AS c
INNER JOIN tiered_point AS p ON c.customer_id = p.customer_id
INNER JOIN tier_band AS b ON p.tariff_code = b.tariff_code
WHERE c.household_size IS NOT NULL AND b.extra_person_kwh > 0
GROUP BY c.customer_id
HAVING COUNT(b.base_household) = 0
