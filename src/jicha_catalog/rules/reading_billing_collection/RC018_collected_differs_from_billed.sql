/*---
code: RC018
name: {zh: 采集累计电量与计费电量不符, en: Collected energy differs from billed energy}
group: RC
subject: metering_point
class: quantity
severity: medium
status: active
frequency: monthly
proof: recompute
tables: [metering_point, customer, reading, daily_energy]
key: [point_id, period]
parameters:
  - {name: rel, label: {zh: 采集与计费电量允许相对偏差, en: Relative tolerance between collected and billed energy}, type: "decimal(8,5)", default: 0.03, min: 0, max: 1, unit: ratio, source: practice, verified: true}
evidence:
  from_on: {zh: 上期抄表日, en: Day of the reading before}
  read_on: {zh: 抄表日, en: Day of reading}
  collected_kwh: {zh: 采集累计电量(kWh), en: Energy collected (kWh)}
  difference_kwh: {zh: 采集减抄见(kWh), en: Collected less read (kWh)}
  tolerance_kwh: {zh: 允许差(kWh), en: Tolerance (kWh)}
reason:
  zh: "{from_on}至{read_on}采集累计{collected_kwh}kWh，抄见电量{quantity}kWh，相差{difference_kwh}kWh（允许{tolerance_kwh}kWh）"
  en: "{collected_kwh} kWh collected from {from_on} to {read_on}, {quantity} kWh read: difference {difference_kwh} kWh (tolerance {tolerance_kwh} kWh)"
amount:
  zh: （采集累计电量－抄见电量）×参考电价，正数为少计
  en: (energy collected - quantity) x reference price; positive means under-billed
basis: [{regulation: 抄核收规则, article: 抄表数据复核, verified: false}]
remedy: {zh: 核对倍率、示数与采集任务，确定差错方。, en: 'Check multiplier, indexes and collection to find the error.'}
near_miss:
  - {zh: 缺一天采集数据（不检查）, en: one day missing (not tested)}
  - {zh: 白天抄表，与零点冻结差几小时, en: reading in the middle of the day}
  - {zh: 采集系统倍率错误（由MT003报）, en: AMI multiplier wrong (MT003 reports it)}
decisions:
  - {zh: 抄表周期为c个月时上期为本账期前c个月；两次抄表相隔超过400天的不检查。, en: 'With a reading cycle of c months the period before is c months before the period judged; readings more than 400 days apart are not tested.'}
  - {zh: RC003、RC009、MT003、MT005的条件以各自参数的缺省值判断，不看其是否启用；RC003中的负电量、零电量、回补均排除。, en: 'The conditions of RC003, RC009, MT003 and MT005 are taken with their default parameters, whether or not these rules are switched on.'}
  - {zh: 允许差中的倍率用抄表行的，为空用计量点的，再为空按1。恰为允许差不报。, en: 'The multiplier of the tolerance is the row''s, else the point''s, else 1; on the tolerance is within it.'}
  - {zh: 未判定：两次抄表时间、方式或本期电量有空；或有采集数据但缺天。一天采集也没有的不列出。, en: 'Not judged: a day, method or the quantity is unknown, or some but not all days were collected. Points never collected are not listed.'}
seed: 采集系统、营销系统数据不统一
---*/
WITH compared AS (
    SELECT
        s.point_id,
        s.from_on,
        s.read_on,
        s.quantity,
        s.collected_kwh,
        r.meter_id,
        multiplier_exact(r.multiplier) AS reading_multiplier,
        multiplier_exact(p.multiplier) AS point_multiplier,
        GREATEST(
            CAST(30 AS DECIMAL(38, 9)),
            5 * COALESCE(multiplier_exact(r.multiplier), multiplier_exact(p.multiplier), 1),
            COALESCE($rel * s.collected_kwh, 0)
        ) AS tolerance_kwh
    FROM reading_span AS s
    INNER JOIN reading AS r ON s.point_id = r.point_id
    INNER JOIN metering_point AS p ON s.point_id = p.point_id
    WHERE
        r.period = $p0
        AND r.register = 'total'
        AND s.method IS NOT NULL
        AND s.earlier_method IS NOT NULL
        AND s.read_on > s.from_on
        AND s.read_on <= s.from_on + 400
        AND s.usable_days = DATE_DIFF('day', s.from_on, s.read_on)
        -- the tolerance is never below 30 kWh
        AND ABS(s.quantity - s.collected_kwh) > 30
)

SELECT
    k.point_id,
    CAST($p0 AS DATE) AS period,
    k.from_on,
    k.read_on,
    k.quantity,
    CAST(k.collected_kwh AS DECIMAL(24, 2)) AS collected_kwh,
    CAST(k.collected_kwh - k.quantity AS DECIMAL(24, 2)) AS difference_kwh,
    CAST(k.tolerance_kwh AS DECIMAL(24, 2)) AS tolerance_kwh,
    CAST(worth_yuan(k.collected_kwh - k.quantity, q.price) AS DECIMAL(18, 2)) AS amount_yuan,
    TRY_CAST(k.collected_kwh - k.quantity AS DECIMAL(14, 2)) AS energy_kwh
FROM compared AS k
LEFT JOIN reference_price AS q ON k.point_id = q.point_id
WHERE
    ABS(k.quantity - k.collected_kwh) > k.tolerance_kwh
    -- RC003
    AND NOT EXISTS (
        SELECT x.point_id
        FROM reading_correction AS x
        WHERE
            x.point_id = k.point_id
            AND (
                x.problem <> 'zero_after_reading'
                OR x.previous_kwh > CAST(1.5 AS DECIMAL(2, 1)) * x.median_kwh
            )
    )
    -- RC009
    AND NOT EXISTS (
        SELECT f.point_id
        FROM frozen_index AS f
        WHERE
            f.point_id = k.point_id
            AND f.frozen_before IS NOT NULL
            AND is_off_freeze(f.current_index, f.previous_index, f.frozen_before, f.frozen_after, 1)
    )
    -- MT003
    AND NOT EXISTS (
        SELECT m.point_id
        FROM current_meter AS m
        INNER JOIN ami_meter AS a ON m.meter_id = a.meter_id
        WHERE m.point_id = k.point_id AND multipliers_differ(k.point_multiplier, multiplier_exact(a.multiplier))
    )
    -- MT005
    AND NOT EXISTS (
        SELECT m.point_id
        FROM reading_multiplier_mismatch AS m
        WHERE m.point_id = k.point_id
    );

/*--- not judged ---*/
SELECT
    s.point_id,
    CAST($p0 AS DATE) AS period,
    CAST(
        CASE
            WHEN
                s.collected_days IS NOT NULL
                AND s.quantity IS NOT NULL
                AND s.method IS NOT NULL
                AND s.earlier_method IS NOT NULL
                THEN 'energy_kwh'
            ELSE CONCAT_WS(
                ',',
                CASE WHEN s.read_on IS NULL OR s.from_on IS NULL THEN 'read_at' END,
                CASE WHEN s.quantity IS NULL THEN 'quantity' END,
                CASE WHEN s.method IS NULL OR s.earlier_method IS NULL THEN 'method' END
            )
        END AS VARCHAR
    ) AS missing
FROM reading_span AS s
WHERE
    (s.method IS NULL OR s.method <> 'none')
    AND (s.earlier_method IS NULL OR s.earlier_method <> 'none')
    AND (
        s.read_on IS NULL
        OR s.from_on IS NULL
        OR s.quantity IS NULL
        OR s.method IS NULL
        OR s.earlier_method IS NULL
        OR (s.collected_days > 0 AND s.collected_days < DATE_DIFF('day', s.from_on, s.read_on))
    )
