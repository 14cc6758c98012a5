/*---
code: MT012
name: {zh: 故障表计追补电量存疑, en: Recovered energy for a faulty meter is doubtful}
group: MT
subject: adjustment
class: quantity
severity: medium
status: active
frequency: monthly
proof: state
tables: [adjustment, customer_monthly, service_order]
key: [adjustment_id]
parameters:
  - {name: rel_tol, label: {zh: 允许偏差占应补电量的比例, en: Tolerance as a share of the energy expected}, type: "decimal(10,6)", default: 0.5, min: 0, max: 10, unit: ratio, source: practice, verified: true}
  - {name: abs_tol, label: {zh: 允许偏差电量（两项都超过才报）, en: Tolerance in energy (both must be exceeded)}, type: "decimal(14,2)", default: 1000, min: 0, max: 10000000, unit: kWh, source: practice, verified: true}
evidence:
  recovered_kwh: {zh: 追补电量(kWh), en: Recovered (kWh)}
  expected_kwh: {zh: 推算应补电量(kWh), en: Expected (kWh)}
  normal_kwh: {zh: 正常月电量(kWh), en: Normal month (kWh)}
  fault_months: {zh: 推算故障月数, en: Months of fault}
  reported_on: {zh: 故障工单申请日期, en: Fault reported on}
reason:
  zh: "追补{recovered_kwh}kWh，按正常月{normal_kwh}kWh、{fault_months}个月推算应为{expected_kwh}kWh[（故障工单{reported_on}）]"
  en: "{recovered_kwh} kWh were recovered; a normal month of {normal_kwh} kWh and {fault_months} month(s) of fault make {expected_kwh} kWh[ (fault reported on {reported_on})]"
amount:
  zh: （推算应补－追补）× 客户结算计量点的参考电价；负为多补
  en: (expected − recovered) × reference price of a settlement point of the customer; negative is too much
basis: [{regulation: 营业规则, article: 第八十二条, verified: false}]
remedy: {zh: 复核追补依据、时间与计算书。, en: 'Review evidence, period and calculation of the recovery.'}
near_miss:
  - {zh: 季节性客户，正常月电量本来就低, en: seasonal customer whose normal month is low}
  - {zh: 小用户相差电量不大, en: small customer with a small difference}
  - {zh: 追补与应补相差在允许比例以内, en: recovery off the expected energy within the tolerance}
decisions:
  - {zh: 故障月自工单申请当月起往前连续计，当月本身不低于正常月70%时只计当月一个月。, en: 'The months run back from that of the application while they are below 70 %; where that month itself is not, it alone is taken.'}
  - {zh: 参考电价取客户没有上级、编号最小的结算计量点。, en: 'The reference price is that of the settlement point without parent first, then with the smallest point_id.'}
  - {zh: 未判定：退补没有年月；或之前12期中不足6期有电量、正常月为0。, en: 'Not judged: the adjustment has no period, or fewer than six of the twelve periods have a quantity, or the normal month is 0.'}
seed: 故障表计追加电量有质疑的问题
---*/
WITH ranked AS (
    SELECT
        a.adjustment_id,
        m.billed_kwh,
        ROW_NUMBER() OVER (PARTITION BY a.adjustment_id ORDER BY m.billed_kwh, m.period) AS place,
        COUNT(*) OVER (PARTITION BY a.adjustment_id) AS months
    FROM fault_adjustment AS a
    INNER JOIN fault_adjustment_month AS m ON a.customer_id = m.customer_id
    WHERE
        m.billed_kwh IS NOT NULL
        AND m.period >= months_later(a.period, -15)
        AND m.period <= months_later(a.period, -4)
),

normal AS (
    SELECT
        r.adjustment_id,
        CAST(
            (MIN(r.billed_kwh) + MAX(r.billed_kwh)) * CAST(0.5 AS DECIMAL(2, 1)) AS DECIMAL(18, 3)
        ) AS normal_kwh
    FROM ranked AS r
    WHERE r.months >= 6 AND 2 * r.place BETWEEN r.months AND r.months + 2
    GROUP BY r.adjustment_id
),

-- months that the fault may have lasted, back from the application of the order or the period of the adjustment
month_before AS (
    SELECT
        a.adjustment_id,
        n.normal_kwh,
        m.billed_kwh,
        month_number(COALESCE(a.applied_on, months_later(a.period, -1))) - month_number(m.period) AS back,
        CASE WHEN a.applied_on IS NULL THEN 0 ELSE 1 END AS has_order,
        CASE WHEN m.billed_kwh < n.normal_kwh * CAST(0.7 AS DECIMAL(2, 1)) THEN 1 ELSE 0 END AS is_low
    FROM fault_adjustment AS a
    INNER JOIN normal AS n ON a.adjustment_id = n.adjustment_id
    INNER JOIN fault_adjustment_month AS m ON a.customer_id = m.customer_id
    WHERE
        n.normal_kwh > 0
        AND m.billed_kwh IS NOT NULL
        AND month_number(m.period) <= month_number(COALESCE(a.applied_on, months_later(a.period, -1)))
        AND month_number(m.period)
        >= month_number(COALESCE(a.applied_on, months_later(a.period, -1)))
        - CASE WHEN a.applied_on IS NULL THEN 2 ELSE 23 END
),

counted AS (
    SELECT
        b.adjustment_id,
        b.normal_kwh,
        b.billed_kwh,
        b.back,
        b.has_order,
        CASE
            WHEN b.is_low = 1
                THEN ROW_NUMBER() OVER (PARTITION BY b.adjustment_id, b.is_low ORDER BY b.back) - 1
        END AS low_before
    FROM month_before AS b
),

expected AS (
    SELECT
        c.adjustment_id,
        SUM(GREATEST(COALESCE(c.normal_kwh - c.billed_kwh, 0), 0)) AS expected_kwh,
        COUNT(*) AS months
    FROM counted AS c
    WHERE c.has_order = 0 OR c.back = 0 OR c.low_before = c.back
    GROUP BY c.adjustment_id
),

compared AS (
    SELECT
        a.adjustment_id,
        a.customer_id,
        a.period,
        a.kwh,
        a.applied_on,
        n.normal_kwh,
        CASE WHEN a.applied_on IS NULL THEN 3 ELSE COALESCE(e.months, 1) END AS months,
        CAST(COALESCE(e.expected_kwh, 0) AS DECIMAL(20, 3)) AS expected_kwh
    FROM fault_adjustment AS a
    INNER JOIN normal AS n ON a.adjustment_id = n.adjustment_id
    LEFT JOIN expected AS e ON a.adjustment_id = e.adjustment_id
    WHERE n.normal_kwh > 0
),

priced AS (
    SELECT
        s.customer_id,
        f.price,
        ROW_NUMBER() OVER (
            PARTITION BY s.customer_id
            ORDER BY CASE WHEN s.parent_point_id IS NULL THEN 0 ELSE 1 END, s.point_id
        ) AS place
    FROM metering_point AS s
    INNER JOIN reference_price AS f ON s.point_id = f.point_id
    WHERE s.purpose = 'settlement' AND s.customer_id IN (SELECT c.customer_id FROM compared AS c)
)

SELECT
    c.adjustment_id,
    CAST(worth_yuan(c.expected_kwh - c.kwh, p.price) AS DECIMAL(18, 2)) AS amount_yuan,
    c.period,
    c.kwh AS recovered_kwh,
    CAST(c.expected_kwh AS DECIMAL(18, 2)) AS expected_kwh,
    CAST(c.normal_kwh AS DECIMAL(18, 2)) AS normal_kwh,
    CAST(c.months AS BIGINT) AS fault_months,
    c.applied_on AS reported_on
FROM compared AS c
LEFT JOIN priced AS p ON c.customer_id = p.customer_id AND p.place = 1
WHERE
    ABS(c.kwh - c.expected_kwh) > $abs_tol
    AND ABS(c.kwh - c.expected_kwh) > CAST($rel_tol AS DECIMAL(12, 6)) * c.expected_kwh;

/*--- not judged ---*/
SELECT
    a.adjustment_id,
    CAST(CASE WHEN a.period IS NULL THEN 'period' ELSE 'billed_kwh' END AS VARCHAR) AS missing
FROM fault_adjustment AS a
LEFT JOIN fault_adjustment_month AS m
    ON
        a.customer_id = m.customer_id
        AND m.period >= months_later(a.period, -15)
        AND m.period <= months_later(a.period, -4)
GROUP BY a.adjustment_id, a.period
HAVING
    a.period IS NULL
    OR COUNT(m.billed_kwh) < 6
    OR 2 * SUM(CASE WHEN m.billed_kwh > 0 THEN 1 ELSE 0 END) < COUNT(m.billed_kwh)
