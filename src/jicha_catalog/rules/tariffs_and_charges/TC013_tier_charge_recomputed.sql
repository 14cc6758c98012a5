/*---
code: TC013
name: {zh: 阶梯电费复算不符, en: Tier charge differs from recomputation}
group: TC
subject: bill
class: fee
severity: medium
status: active
frequency: on_bill_issue
proof: recompute
tables: [bill, recomputed_bill, customer, tariff_tier]
key: [bill_id]
parameters:
  - {name: min_yuan, label: {zh: 差额下限, en: Smallest difference}, type: "decimal(14,2)", default: 1, min: 0, max: 1000000, unit: yuan, source: practice, verified: true}
evidence:
  billed_yuan: {zh: 账单阶梯电费(元), en: Tier charge billed (yuan)}
  recomputed_yuan: {zh: 复算阶梯电费(元), en: Tier charge recomputed (yuan)}
  difference_yuan: {zh: 账单减复算(元), en: Billed less recomputed (yuan)}
  tier_cycle: {zh: 阶梯周期, en: Tier cycle, codes: {month: {zh: 按月, en: monthly}, year: {zh: 按年, en: yearly}}}
reason:
  zh: "{period}阶梯加价[，账单{billed_yuan}元][，复算{recomputed_yuan}元]（电价{tariff_code}[，{tier_cycle}]），相差{difference_yuan}元"
  en: "Tier charge of {period}[, {billed_yuan} yuan billed][, {recomputed_yuan} yuan recomputed] (tariff {tariff_code}[, {tier_cycle}]): difference {difference_yuan} yuan"
amount:
  zh: 复算－账单（正数应追补，负数应退还）
  en: recomputed less billed (positive is to recover)
basis: [{regulation: 阶梯电价, article: 分档电量和电价, verified: false}]
remedy: {zh: 核对阶梯周期、累计电量与基数，重算退补。, en: 'Check cycle, cumulative kWh and allowances; recompute.'}
near_miss:
  - {zh: 按年累计本月进入高档, en: yearly cycle reached this month}
  - {zh: 合表用户不执行阶梯, en: multi-household (合表) price without tiers}
  - {zh: 双月抄表按两倍档次, en: bimonthly billing with double limits}
decisions:
  - {zh: 阶梯周期：按年的为账单所属日历年；按月的为账单所含各月（抄表周期的月数）。没有阶梯的电价按月看。, en: 'Tier cycle: the calendar year of the period, or the months of the bill (reading cycle); a tariff without tiers counts as monthly.'}
  - {zh: 家庭人口在周期内变更：登记人口的起始日期晚于周期首日且不晚于末日，或截止日期不早于首日且早于末日。, en: 'Household validity changes inside the cycle: it begins after the first and by the last day, or ends on or after the first and before the last.'}
  - {zh: 周期内立户：立户日期不早于周期首日（当日也算）且不晚于末日。, en: 'Opened inside the cycle: on its first day or later, by its last.'}
  - {zh: 没有阶梯表时复算不出阶梯，故列为必需表。, en: 'Without the table of tiers no tier can be recomputed, so it is one of the tables needed.'}
  - {zh: TC003报出的账单只在TC011不报，本规则照常判断（能复算的）。, en: 'Bills that TC003 reports are left out of TC011 only; here they are judged where they could be recomputed.'}
  - {zh: 未判定：账单有阶梯电费或客户执行阶梯电价而无法复算的常规账单。, en: 'Not judged: regular bills with a tier charge or on a tiered tariff that could not be recomputed.'}
seed: 居民执行销售电价政策
---*/
WITH beyond AS (
    SELECT
        r.bill_id,
        r.customer_id,
        r.point_id,
        r.period,
        r.tariff_code,
        r.tier_yuan,
        r.tier_diff_yuan
    FROM recomputed_bill AS r
    WHERE
        r.reason IS NULL
        AND r.period <= $p0
        AND r.period >= months_later($p0, -2)
        AND ABS(r.tier_diff_yuan) > $min_yuan
),

edition AS (
    SELECT
        b.bill_id,
        t.cycle
    FROM beyond AS b
    INNER JOIN tariff_tier AS t ON b.tariff_code = t.tariff_code AND b.period >= t.effective_from
    WHERE t.cycle IS NOT NULL
    QUALIFY ROW_NUMBER() OVER (PARTITION BY b.bill_id ORDER BY t.effective_from DESC, t.tier ASC) = 1
),

spanned AS (
    SELECT
        b.bill_id,
        e.cycle,
        CASE
            WHEN e.cycle = 'year' THEN MAKE_DATE(YEAR(b.period), 1, 1)
            ELSE CAST(b.period + TO_MONTHS(1 - COALESCE(CAST(p.reading_cycle_months AS INTEGER), 1)) AS DATE)
        END AS first_day,
        CASE
            WHEN e.cycle = 'year' THEN MAKE_DATE(YEAR(b.period), 12, 31)
            ELSE months_later(b.period, 1) - 1
        END AS last_day
    FROM beyond AS b
    LEFT JOIN edition AS e ON b.bill_id = e.bill_id
    LEFT JOIN metering_point AS p ON b.point_id = p.point_id
)

SELECT
    b.bill_id,
    CAST(-b.tier_diff_yuan AS DECIMAL(18, 2)) AS amount_yuan,
    b.period,
    l.tier_yuan AS billed_yuan,
    b.tier_yuan AS recomputed_yuan,
    b.tier_diff_yuan AS difference_yuan,
    l.billed_kwh,
    b.tariff_code,
    s.cycle AS tier_cycle
FROM beyond AS b
INNER JOIN spanned AS s ON b.bill_id = s.bill_id
INNER JOIN bill AS l ON b.bill_id = l.bill_id AND b.period = l.period
LEFT JOIN customer AS c ON b.customer_id = c.customer_id
WHERE
    l.period <= $p0
    AND l.period >= months_later($p0, -2)
    AND NOT COALESCE(
        c.household_size IS NOT NULL
        AND (
            (c.household_size_from > s.first_day AND c.household_size_from <= s.last_day)
            OR (c.household_size_until >= s.first_day AND c.household_size_until < s.last_day)
        ), FALSE
    )
    AND NOT COALESCE(c.opened_on >= s.first_day AND c.opened_on <= s.last_day, FALSE);

/*--- not judged ---*/
SELECT
    r.bill_id,
    r.reason AS missing
FROM recomputed_bill AS r
INNER JOIN regular_bill AS g ON r.bill_id = g.bill_id AND r.period = g.period
INNER JOIN bill AS b ON r.bill_id = b.bill_id AND r.period = b.period
WHERE
    r.reason IS NOT NULL
    AND r.period <= $p0
    AND r.period >= months_later($p0, -2)
    -- the same: bills of other months are not read
    AND g.period <= $p0
    AND g.period >= months_later($p0, -2)
    AND b.period <= $p0
    AND b.period >= months_later($p0, -2)
    AND (
        b.tier_yuan <> 0
        OR EXISTS (
            SELECT t.tier
            FROM tariff_tier AS t
            WHERE t.tariff_code = r.tariff_code
        )
    )
