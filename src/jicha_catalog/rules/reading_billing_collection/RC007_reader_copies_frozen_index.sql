/*---
code: RC007
name: {zh: 抄表员人工示数与采集完全一致, en: Manual readings that never differ from the frozen index}
group: RC
subject: staff
class: quantity
severity: low
status: active
frequency: monthly
proof: state
tables: [reading, daily_energy, staff]
key: [reader_id]
parameters:
  - {name: share, label: {zh: 与冻结示数相同的占比限值, en: Share of readings equal to the frozen index}, type: "decimal(6,4)", default: 0.9, min: 0.5, max: 1, unit: ratio, source: practice, verified: true}
evidence:
  readings: {zh: 有冻结示数的人工抄表次数, en: Manual readings with a frozen index}
  equal_readings: {zh: 与冻结示数一致次数, en: Of these equal to the frozen index}
  equal_pct: {zh: 一致占比(%), en: Share equal (%)}
  moving_pct: {zh: 日用电大于0.5的占比(%), en: Share of readings of points that move (%)}
reason:
  zh: "近12期人工抄表中{readings}次有当日冻结示数，{equal_readings}次（{equal_pct}%）与零点冻结示数完全一致，而{moving_pct}%的抄表属于每天走字的计量点"
  en: "Of {readings} manual readings in 12 periods with a frozen index of the day, {equal_readings} ({equal_pct} %) equal the index frozen at midnight, although {moving_pct} % were of points that move every day"
basis: [{regulation: 抄核收规则, article: 现场核抄, verified: false}]
remedy: {zh: 核查现场轨迹与照片，认定代抄、抄采集数。, en: Check tracks and photos; the figures were copied.}
near_miss:
  - {zh: 现场红外设备读取的就是冻结示数（方式为现场）, en: local device that reads the frozen index (method local)}
  - {zh: 基本不走字的计量点, en: idle points}
  - {zh: 抄表次数太少、不足以统计, en: too few readings for statistics}
decisions:
  - {zh: 计量点的日均电量取近90天内有采集电量各日的平均值，除以抄表行的倍率（为空取计量点倍率，再为空按1）。没有采集电量的计量点不算走字。, en: 'A point''s mean daily energy is that over its collected days of the last 90 days, divided by the multiplier of the reading (unknown: of the point, then 1). A point without collected energy does not count as moving.'}
  - {zh: 占比恰为90%、日均恰为0.5不报；走字计量点占比80%以上（含）。, en: 'A share of exactly 0.9 is not reported, a mean of exactly 0.5 does not count as moving; 80 % moving is enough.'}
seed: 数据上看抄表人员是否到位 (beyond in detail)
---*/
WITH read_by_hand AS (
    SELECT
        r.point_id,
        r.period,
        r.reader_id,
        r.current_index,
        CAST(r.read_at AS DATE) AS read_on,
        multiplier_exact(COALESCE(r.multiplier, p.multiplier, 1)) AS multiplier
    FROM reading AS r
    LEFT JOIN metering_point AS p ON r.point_id = p.point_id
    WHERE
        r.register = 'total'
        AND r.method = 'manual'
        AND r.reader_id IS NOT NULL
        AND r.current_index IS NOT NULL
        AND r.read_at IS NOT NULL
        AND r.period <= $p0
        AND r.period >= months_later($p0, -11)
),

compared AS (
    SELECT
        h.point_id,
        h.reader_id,
        h.multiplier,
        CASE WHEN ABS(h.current_index - e.index_kwh) <= CAST(0.005 AS DECIMAL(4, 3)) THEN 1 ELSE 0 END AS is_equal
    FROM daily_energy AS e
    INNER JOIN read_by_hand AS h ON e.point_id = h.point_id AND e.day = h.read_on
    WHERE e.index_kwh IS NOT NULL
),

-- readers with enough readings that nearly all agree; only their points' daily energy is looked at
suspect AS (
    SELECT
        c.reader_id,
        COUNT(*) AS readings,
        SUM(c.is_equal) AS equal_readings
    FROM compared AS c
    GROUP BY c.reader_id
    HAVING COUNT(*) >= 60 AND SUM(c.is_equal) > $share * CAST(COUNT(*) AS DECIMAL(12, 0))
),

suspect_point AS (
    SELECT c.point_id
    FROM compared AS c
    INNER JOIN suspect AS s ON c.reader_id = s.reader_id
    GROUP BY c.point_id
),

moved AS (
    SELECT
        e.point_id,
        SUM(kwh(e.energy_kwh)) AS energy_kwh,
        COUNT(kwh(e.energy_kwh)) AS collected_days
    FROM daily_energy AS e
    INNER JOIN suspect_point AS p ON e.point_id = p.point_id
    WHERE e.day >= $as_of - 90 AND e.day < $as_of
    GROUP BY e.point_id
),

counted AS (
    SELECT
        s.reader_id,
        s.readings,
        s.equal_readings,
        SUM(
            CASE WHEN 2 * m.energy_kwh > CAST(m.collected_days AS DECIMAL(8, 0)) * c.multiplier THEN 1 ELSE 0 END
        ) AS moving
    FROM suspect AS s
    INNER JOIN compared AS c ON s.reader_id = c.reader_id
    LEFT JOIN moved AS m ON c.point_id = m.point_id
    GROUP BY s.reader_id, s.readings, s.equal_readings
)

SELECT
    k.reader_id,
    CAST(k.readings AS BIGINT) AS readings,
    CAST(k.equal_readings AS BIGINT) AS equal_readings,
    CAST(
        ROUND(CAST(k.equal_readings * 100 AS DOUBLE) / NULLIF(CAST(k.readings AS DOUBLE), 0), 1) AS DECIMAL(6, 1)
    ) AS equal_pct,
    CAST(
        ROUND(CAST(k.moving * 100 AS DOUBLE) / NULLIF(CAST(k.readings AS DOUBLE), 0), 1) AS DECIMAL(6, 1)
    ) AS moving_pct
FROM counted AS k
WHERE 5 * k.moving >= 4 * k.readings
