/*---
code: RC001
name: {zh: 连续估抄, en: Run of estimated readings}
group: RC
subject: metering_point
class: quantity
severity: medium
status: active
frequency: monthly
proof: state
tables: [reading, metering_point, customer]
key: [point_id, period]
parameters:
  - {name: max_run, type: int, default: 3, min: 2, max: 12, unit: periods, source: practice (verify), verified: false}
evidence:
  first_estimated: {zh: 最早估抄年月, en: First estimated period}
  estimated_periods: {zh: 连续估抄期数, en: Estimated periods in a row}
  estimated_kwh: {zh: 估抄电量合计(kWh), en: Estimated energy (kWh)}
reason:
  zh: "自{first_estimated}起连续{estimated_periods}期估抄[，共计{estimated_kwh}kWh未经实抄]，抄表周期{reading_cycle_months}个月"
  en: "Estimated {estimated_periods} times in a row since {first_estimated}[, {estimated_kwh} kWh never read]; reading cycle {reading_cycle_months} month(s)"
basis:
  - {regulation: 抄核收规则, article: 不得估抄, verified: false}
  - {regulation: 营业规则, article: 第八十三条, verified: false}
remedy: {zh: 现场补抄实数并消除采集障碍。, en: Read on site and repair collection.}
near_miss:
  - {zh: 只有两期估抄, en: two estimated months}
  - {zh: 远程抄表之间夹一期估抄, en: estimated month between remote ones}
  - {zh: 全部暂停的工厂, en: fully suspended plant}
decisions:
  - {zh: 只要求最近max_run期均为估抄；更早的估抄不计入期数。, en: Only the latest max_run periods are looked at; earlier estimates are not counted.}
  - {zh: 未判定：P0抄表方式为空；或P0为估抄，此前各期没有其他方式，但有缺行或方式为空。双月抄表客户在非抄表月没有记录属正常，不列出。, en: 'Not judged: the method of P0 is empty; or P0 was estimated and of the periods before it none had another method but some lack the row or the method. A period without a row by itself is not listed (RC002).'}
seed: 估抄、漏抄不同程度的存在
---*/
-- few points are estimated in P0: their periods are named, so that only those are looked at
WITH candidate AS (
    SELECT
        r.point_id,
        CAST(COALESCE(p.reading_cycle_months, 1) AS INTEGER) AS reading_cycle
    FROM reading AS r
    INNER JOIN metering_point AS p ON r.point_id = p.point_id
    INNER JOIN mature_customer AS c ON p.customer_id = c.customer_id
    LEFT JOIN fully_suspended AS f ON p.customer_id = f.customer_id
    WHERE
        r.register = 'total'
        AND r.period = $p0
        AND r.method = 'estimated'
        AND is_settling(p.purpose, p.status)
        AND is_metered_allocation(p.allocation)
        AND f.customer_id IS NULL
),

wanted AS (
    SELECT
        c.point_id,
        c.reading_cycle,
        CAST(months_later($p0, -n.back * c.reading_cycle) AS DATE) AS period
    FROM candidate AS c
    INNER JOIN (VALUES (0), (1), (2), (3), (4), (5), (6), (7), (8), (9), (10), (11)) AS n (back) ON n.back < $max_run
    WHERE c.reading_cycle BETWEEN 1 AND 12
)

SELECT
    r.point_id,
    CAST($p0 AS DATE) AS period,
    CAST(COUNT(*) AS BIGINT) AS estimated_periods,
    CAST(month_text(MIN(r.period)) AS VARCHAR) AS first_estimated,
    CAST(SUM(r.quantity) AS DECIMAL(24, 2)) AS estimated_kwh,
    CAST(w.reading_cycle AS BIGINT) AS reading_cycle_months
FROM reading AS r
INNER JOIN wanted AS w ON r.point_id = w.point_id AND r.period = w.period
WHERE
    r.method = 'estimated'
    AND r.register = 'total'
    AND r.period <= $p0
    AND r.period >= months_later($p0, -12 * ($max_run - 1))
GROUP BY r.point_id, w.reading_cycle
HAVING COUNT(*) = $max_run;

/*--- not judged ---*/
WITH candidate AS (
    SELECT
        r.point_id,
        CAST(COALESCE(p.reading_cycle_months, 1) AS INTEGER) AS reading_cycle
    FROM reading AS r
    INNER JOIN metering_point AS p ON r.point_id = p.point_id
    INNER JOIN mature_customer AS c ON p.customer_id = c.customer_id
    LEFT JOIN fully_suspended AS f ON p.customer_id = f.customer_id
    WHERE
        r.register = 'total'
        AND r.period = $p0
        AND (r.method IS NULL OR r.method = 'estimated')
        AND is_settling(p.purpose, p.status)
        AND is_metered_allocation(p.allocation)
        AND f.customer_id IS NULL
),

wanted AS (
    SELECT
        c.point_id,
        CAST(months_later($p0, -n.back * c.reading_cycle) AS DATE) AS period
    FROM candidate AS c
    INNER JOIN (VALUES (0), (1), (2), (3), (4), (5), (6), (7), (8), (9), (10), (11)) AS n (back) ON n.back < $max_run
    WHERE c.reading_cycle BETWEEN 1 AND 12
),

known AS (
    SELECT
        r.point_id,
        COUNT(*) AS readings,
        SUM(CASE WHEN r.method = 'estimated' THEN 1 ELSE 0 END) AS estimated,
        SUM(CASE WHEN r.method <> 'estimated' THEN 1 ELSE 0 END) AS read_otherwise
    FROM reading AS r
    INNER JOIN wanted AS w ON r.point_id = w.point_id AND r.period = w.period
    WHERE r.register = 'total' AND r.period <= $p0 AND r.period >= months_later($p0, -12 * ($max_run - 1))
    GROUP BY r.point_id
)

SELECT
    c.point_id,
    CAST($p0 AS DATE) AS period,
    CAST(CASE WHEN k.readings = $max_run THEN 'method' ELSE 'reading' END AS VARCHAR) AS missing
FROM candidate AS c
LEFT JOIN known AS k ON c.point_id = k.point_id
WHERE COALESCE(k.estimated, 0) < $max_run AND COALESCE(k.read_otherwise, 0) = 0
