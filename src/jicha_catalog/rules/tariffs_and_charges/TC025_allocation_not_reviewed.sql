/*---
code: TC025
name: {zh: 定比定量超期未核定或设置不合理, en: Allocated share not reviewed or unreasonable}
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
  - {name: months, label: {zh: 定比定量核定有效期, en: Months that an allocation stays reviewed}, type: int, default: 12, min: 1, max: 120, unit: month, source: {zh: 供电营业规则：每年至少核定一次, en: 'Power supply rules: at least once a year'}, verified: true}
evidence:
  problem:
    zh: 问题
    en: Problem
    codes:
      not_reviewed: {zh: 超期未核定, en: not reviewed in time}
      no_value: {zh: 定比定量值为空或不大于零, en: no value above zero}
      ratios_exceed: {zh: 同一总表定比合计超过100%, en: the ratios of the main point sum to more than 100 %}
      exceeds_main: {zh: 定量超过总表电量的九成, en: quantity above 90 % of the main point}
  share_value: {zh: 定比(%)或定量(kWh), en: Ratio (%) or quantity (kWh)}
  ratio_sum: {zh: 定比合计(%), en: Sum of the ratios (%)}
  high_periods: {zh: 超过的期数, en: Periods above}
reason:
  zh: "{problem}[：值{share_value}][，核定于{allocation_reviewed_on}][，定比合计{ratio_sum}%][，近三期有{high_periods}期]"
  en: "{problem}[: value {share_value}][, reviewed on {allocation_reviewed_on}][, ratios sum to {ratio_sum} %][, in {high_periods} of three periods]"
basis: [{regulation: 营业规则, article: 第七十二条, verified: false}]
remedy: {zh: 现场核定各类用电比例，客户签字确认并更新。, en: 'Re-determine the shares on site with the customer''s signature.'}
near_miss:
  - {zh: 核定仍在有效期内, en: reviewed within the time set}
  - {zh: 总表只在节假日所在月电量低, en: parent with low use in the holiday month only}
  - {zh: 遗留数值的装表点, en: metered point with a leftover value}
decisions:
  - {zh: 定比合计为同一上级点的在用定比点（不论其客户）；只报其中的结算计量点。, en: 'The sum is over the active ratio points of the parent, of any customer; reported are those that are settlement points.'}
  - {zh: 总表电量为其当期全部账单的抄见电量之和，空值的期不比较。, en: 'The energy of the parent is the metered kWh of all its bills of a period; unknown, the period is not compared.'}
  - {zh: 未判定：定量点有上级点、别无问题，而近三期已知总表电量的不足两期。, en: 'Not judged: a quantity point with a parent, nothing else wrong, and fewer than two periods with a known metered energy of the parent.'}
seed: 定比用户
---*/
WITH allocated AS (
    SELECT
        s.point_id,
        s.parent_point_id,
        p.allocation,
        p.allocation_reviewed_on,
        exact4(p.allocation_value) AS share_value
    FROM settlement_point AS s
    INNER JOIN metering_point AS p ON s.point_id = p.point_id
    WHERE p.allocation IN ('ratio', 'quantity')
),

summed AS (
    SELECT
        p.parent_point_id,
        SUM(exact4(p.allocation_value)) AS ratio_sum
    FROM metering_point AS p
    WHERE p.allocation = 'ratio' AND p.parent_point_id IS NOT NULL AND (p.status IS NULL OR p.status = 'active')
    GROUP BY p.parent_point_id
),

counted AS (
    SELECT
        a.point_id,
        COUNT(*) AS periods
    FROM allocated AS a
    INNER JOIN recent_point_bill AS b ON a.parent_point_id = b.point_id
    WHERE
        a.allocation = 'quantity'
        AND a.share_value > CAST(0.9 AS DECIMAL(2, 1)) * CAST(b.metered_kwh AS DECIMAL(20, 2))
    GROUP BY a.point_id
),

tested AS (
    SELECT
        a.point_id,
        a.allocation,
        a.allocation_reviewed_on,
        a.share_value,
        s.ratio_sum,
        c.periods,
        a.allocation_reviewed_on IS NULL
        OR months_later(a.allocation_reviewed_on, CAST($months AS INTEGER)) < $as_of AS is_late,
        a.share_value IS NULL OR a.share_value <= 0 AS is_empty,
        a.allocation = 'ratio' AND COALESCE(s.ratio_sum > 100, FALSE) AS is_over,
        COALESCE(c.periods >= 2, FALSE) AS is_high
    FROM allocated AS a
    LEFT JOIN summed AS s ON a.parent_point_id = s.parent_point_id
    LEFT JOIN counted AS c ON a.point_id = c.point_id
)

SELECT
    t.point_id,
    CAST(
        CONCAT_WS(
            ',',
            CASE WHEN t.is_late THEN 'not_reviewed' END,
            CASE WHEN t.is_empty THEN 'no_value' END,
            CASE WHEN t.is_over THEN 'ratios_exceed' END,
            CASE WHEN t.is_high THEN 'exceeds_main' END
        ) AS VARCHAR
    ) AS problem,
    t.allocation,
    CAST(t.share_value AS DECIMAL(18, 4)) AS share_value,
    t.allocation_reviewed_on,
    CAST(CASE WHEN t.is_over THEN t.ratio_sum END AS DECIMAL(18, 4)) AS ratio_sum,
    CAST(CASE WHEN t.is_high THEN t.periods END AS BIGINT) AS high_periods
FROM tested AS t
WHERE t.is_late OR t.is_empty OR t.is_over OR t.is_high;

/*--- not judged ---*/
SELECT
    s.point_id,
    CAST('metered_kwh' AS VARCHAR) AS missing
FROM settlement_point AS s
INNER JOIN metering_point AS p ON s.point_id = p.point_id
LEFT JOIN recent_point_bill AS b ON s.parent_point_id = b.point_id
WHERE
    p.allocation = 'quantity'
    AND s.parent_point_id IS NOT NULL
    AND exact4(p.allocation_value) > 0
    AND months_later(p.allocation_reviewed_on, CAST($months AS INTEGER)) >= $as_of
GROUP BY s.point_id
HAVING COUNT(b.metered_kwh) < 2
