/*---
code: UI008
name: {zh: 销户后仍有电量, en: Energy after closing}
group: UI
subject: customer
class: quantity
severity: high
status: active
frequency: monthly
proof: state
tables: [customer, metering_point, daily_energy]
key: [customer_id]
parameters:
  - {name: min_kwh, label: {zh: 销户后允许电量, en: Energy allowed after closing}, type: "decimal(14,4)", default: 10, min: 0, max: 100000, unit: kWh, source: practice, verified: true}
evidence:
  used_days: {zh: 有电量天数, en: Days with energy}
  first_used_on: {zh: 首日, en: First day}
  last_used_on: {zh: 末日, en: Last day}
reason:
  zh: "{closed_on}销户，{first_used_on}至{last_used_on}仍有{used_days}天用电，共{energy_kwh}kWh"
  en: "Closed on {closed_on}; {energy_kwh} kWh on {used_days} days from {first_used_on} to {last_used_on}"
amount: {zh: 电量×参考电价, en: the energy x reference price}
basis:
  - {regulation: 营业规则, article: 第一百零一条, verified: true}
  - {regulation: 营业规则, article: 第一百零三条, verified: false}
remedy: {zh: 现场核实用电人，恢复立户或拆除并追收。, en: 'Find the user; reopen or remove, and recover.'}
near_miss:
  - {zh: 销户后极少的电量, en: a trace of energy after closing}
  - {zh: 销户已归档、两天后生效, en: closing archived but effective in two days}
  - {zh: 拆表后仍有抄表（由MT001检查）, en: meter still read after removal (MT001)}
decisions:
  - {zh: 结算计量点不论状态；各点电量分别乘以其参考电价后合计，缺参考电价的点不计金额。, en: 'Settlement points of any status; each point at its own reference price, points without one add no amount.'}
  - {zh: 未判定：销户日期为空而近90天有电量。, en: 'Not judged: the day of closing is unknown and there is energy in 90 days.'}
seed: 变更用电电量损失 / 销户稽查
---*/
WITH closed_day AS (
    SELECT
        c.customer_id,
        c.closed_on,
        p.point_id,
        e.day,
        e.energy_kwh
    FROM daily_energy AS e
    INNER JOIN metering_point AS p ON e.point_id = p.point_id
    INNER JOIN customer AS c ON p.customer_id = c.customer_id
    WHERE
        c.status = 'closed'
        AND p.purpose = 'settlement'
        AND e.day > c.closed_on + 3
        AND e.day >= $as_of - 90
        AND e.day < $as_of
        AND e.energy_kwh IS NOT NULL
),

used AS (
    SELECT
        d.customer_id,
        d.closed_on,
        d.point_id,
        SUM(kwh(d.energy_kwh)) AS energy_kwh,
        MIN(CASE WHEN d.energy_kwh > 0 THEN d.day END) AS first_day,
        MAX(CASE WHEN d.energy_kwh > 0 THEN d.day END) AS last_day
    FROM closed_day AS d
    GROUP BY d.customer_id, d.closed_on, d.point_id
),

used_day AS (
    SELECT
        d.customer_id,
        COUNT(DISTINCT d.day) AS days
    FROM closed_day AS d
    WHERE d.energy_kwh > 0
    GROUP BY d.customer_id
),

summed AS (
    SELECT
        u.customer_id,
        u.closed_on,
        SUM(u.energy_kwh) AS energy_kwh,
        SUM(CAST(u.energy_kwh AS DECIMAL(20, 6)) * CAST(r.price AS DECIMAL(18, 10))) AS yuan,
        MIN(u.first_day) AS first_day,
        MAX(u.last_day) AS last_day
    FROM used AS u
    LEFT JOIN reference_price AS r ON u.point_id = r.point_id
    GROUP BY u.customer_id, u.closed_on
)

SELECT
    s.customer_id,
    s.closed_on,
    CAST(d.days AS BIGINT) AS used_days,
    CAST(s.first_day AS DATE) AS first_used_on,
    CAST(s.last_day AS DATE) AS last_used_on,
    CAST(ROUND(s.yuan, 2) AS DECIMAL(18, 2)) AS amount_yuan,
    TRY_CAST(s.energy_kwh AS DECIMAL(14, 2)) AS energy_kwh
FROM summed AS s
LEFT JOIN used_day AS d ON s.customer_id = d.customer_id
WHERE s.energy_kwh > $min_kwh;

/*--- not judged ---*/
SELECT
    c.customer_id,
    CAST('closed_on' AS VARCHAR) AS missing
FROM customer AS c
INNER JOIN metering_point AS p ON c.customer_id = p.customer_id
INNER JOIN daily_energy AS e ON p.point_id = e.point_id
WHERE
    c.status = 'closed'
    AND c.closed_on IS NULL
    AND p.purpose = 'settlement'
    AND e.day >= $as_of - 90
    AND e.day < $as_of
GROUP BY c.customer_id
HAVING SUM(kwh(e.energy_kwh)) > $min_kwh
