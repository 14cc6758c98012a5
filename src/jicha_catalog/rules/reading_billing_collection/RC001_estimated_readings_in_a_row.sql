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
  - {name: max_run, label: {zh: 连续估抄期数达到, en: 'Estimated readings in a row, from'}, type: int, default: 3, min: 2, max: 12, unit: periods, source: practice, verified: false}
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
  - {zh: 未判定：本账期抄表方式为空；或本账期为估抄，此前各期没有其他方式，但有缺行或方式为空。双月抄表客户在非抄表月没有记录属正常，不列出。, en: 'Not judged: the method of the period judged is empty; or the period judged was estimated and of the periods before it none had another method but some lack the row or the method. A period without a row by itself is not listed (RC002).'}
seed: 估抄、漏抄不同程度的存在
---*/
-- few points are estimated in P0: their periods are named, so that only those are looked at
SELECT
    r.point_id,
    CAST($p0 AS DATE) AS period,
    CAST(COUNT(*) AS BIGINT) AS estimated_periods,
    CAST(month_text(MIN(r.period)) AS VARCHAR) AS first_estimated,
    CAST(SUM(r.quantity) AS DECIMAL(24, 2)) AS estimated_kwh,
    CAST(e.reading_cycle AS BIGINT) AS reading_cycle_months
FROM reading AS r
INNER JOIN estimated_reading AS e ON r.point_id = e.point_id AND r.period = e.period
WHERE
    e.method = 'estimated'
    AND e.back < $max_run
    AND r.method = 'estimated'
    AND r.register = 'total'
    AND r.period <= $p0
    AND r.period >= months_later($p0, -12 * ($max_run - 1))
GROUP BY r.point_id, e.reading_cycle
HAVING COUNT(*) = $max_run;

/*--- not judged ---*/
WITH known AS (
    SELECT
        r.point_id,
        COUNT(*) AS readings,
        SUM(CASE WHEN r.method = 'estimated' THEN 1 ELSE 0 END) AS estimated,
        SUM(CASE WHEN r.method <> 'estimated' THEN 1 ELSE 0 END) AS read_otherwise
    FROM reading AS r
    INNER JOIN estimated_reading AS e ON r.point_id = e.point_id AND r.period = e.period
    WHERE
        e.back < $max_run
        AND r.register = 'total'
        AND r.period <= $p0
        AND r.period >= months_later($p0, -12 * ($max_run - 1))
    GROUP BY r.point_id
)

SELECT
    e.point_id,
    CAST($p0 AS DATE) AS period,
    CAST(CASE WHEN k.readings = $max_run THEN 'method' ELSE 'reading' END AS VARCHAR) AS missing
FROM estimated_reading AS e
LEFT JOIN known AS k ON e.point_id = k.point_id
WHERE e.back = 0 AND COALESCE(k.estimated, 0) < $max_run AND COALESCE(k.read_otherwise, 0) = 0
