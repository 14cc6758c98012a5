/*---
code: MT019
name: {zh: 在用表计疑似停走, en: Meter seems to have stopped}
group: MT
subject: metering_point
class: quantity
severity: high
status: active
frequency: daily
proof: state
tables: [daily_energy, metering_point, customer, daily_electrical, meter]
key: [point_id]
parameters:
  - {name: min_daily, label: {zh: 停走前日均电量下限, en: Smallest mean energy before the stop}, type: "decimal(14,4)", default: 5, min: 0.01, max: 100000, unit: kWh/day, source: practice, verified: true}
evidence:
  sign:
    zh: 依据
    en: Sign
    codes:
      current: {zh: 有电流而无电量, en: current flows without energy}
      event: {zh: 示数不变且停走事件未结束, en: the index stands still and an event of a stopped meter is open}
      sudden_zero: {zh: 原先用电量大、无电气量数据、去年同期不为零, en: 'much energy before, no electrical data, and not zero a year ago'}
  zero_days: {zh: 零电量天数, en: Days at zero}
  mean_daily_kwh: {zh: 此前日均电量(kWh), en: Daily mean before (kWh)}
  current_days: {zh: 近15天有电流天数, en: Days with current of the last 15}
  lost_kwh: {zh: 估算少计电量(kWh), en: Energy not metered (kWh)}
reason:
  zh: "已{zero_days}天零电量，此前日均{mean_daily_kwh}kWh，{sign}[（近15天有{current_days}天有电流）]，估算少计{lost_kwh}kWh"
  en: "{zero_days} days at zero after a daily mean of {mean_daily_kwh} kWh; {sign}[ ({current_days} of the last 15 days with current)]; about {lost_kwh} kWh were not metered"
amount:
  zh: 此前日均电量 × 零电量天数 × 参考电价
  en: daily mean before × days at zero × reference price
basis: [{regulation: 营业规则, article: 第八十二条, verified: false}]
remedy: {zh: 现场检查表计与接线，换表并按正常月用电追补。, en: 'Inspect, replace, and recover by the normal month.'}
near_miss:
  - {zh: 停产工厂，电流为零, en: shut factory with zero current}
  - {zh: 采集失败（空值，不是0）, en: 'collection failed (null, not 0)'}
  - {zh: 灌溉季节过后的排灌客户, en: irrigation customer after the season}
decisions:
  - {zh: 近15天至少有一天采集到电量，采集到的全部为0。, en: 'Of the last 15 days at least one was collected, and all collected ones are 0.'}
  - {zh: 此前均值为筛查日前105至16天有数据各天的平均（零也计入）；零电量天数自最后一个非零日次日起。, en: 'The mean is over the collected days 105 to 16 before the screening date, zeros included; days at zero count from the day after the last one that was not.'}
  - {zh: 未判定：近15天采集到的均为0、此前有用电，但近30天采集不足25天；或有电气量记录而没有一天有电流值，又没有未结束的停走事件。, en: 'Not judged: zero in the last 15 days after real use, but fewer than 25 of 30 days collected, or electrical data of these days without a single current and no open event of a stopped meter.'}
seed: 故障表计
---*/
WITH past AS (
    SELECT
        s.point_id,
        m.meter_id,
        CASE WHEN r.currents > 0 THEN CAST(0.5 AS DECIMAL(3, 1)) ELSE CAST(2 AS DECIMAL(3, 1)) END AS least_a,
        CASE WHEN s.low_index = s.high_index THEN 1 ELSE 0 END AS is_index_still,
        s.kwh_before,
        s.days_before,
        s.last_used_on
    FROM still_point AS s
    INNER JOIN metered_point AS p ON s.point_id = p.point_id
    LEFT JOIN current_meter AS m ON s.point_id = m.point_id
    LEFT JOIN transformer_ratio AS r ON s.point_id = r.point_id
    WHERE s.month_days >= 25 AND s.kwh_before >= $min_daily * s.days_before
),

electrical AS (
    SELECT
        p.point_id,
        SUM(
            CASE
                WHEN
                    greatest_known(amperes(e.max_current_a_a), amperes(e.max_current_b_a), amperes(e.max_current_c_a))
                    > p.least_a
                    THEN 1
                ELSE 0
            END
        ) AS current_days
    FROM past AS p
    INNER JOIN daily_electrical AS e ON p.point_id = e.point_id
    WHERE e.day >= $as_of - 15 AND e.day < $as_of
    GROUP BY p.point_id
),

year_ago AS (
    SELECT
        p.point_id,
        SUM(kwh(d.energy_kwh)) AS energy_kwh
    FROM past AS p
    INNER JOIN daily_energy AS d ON p.point_id = d.point_id
    WHERE d.day >= $as_of - 380 AND d.day <= $as_of - 366
    GROUP BY p.point_id
),

judged AS (
    SELECT
        p.point_id,
        p.kwh_before,
        p.days_before,
        DATE_DIFF('day', p.last_used_on, $as_of) - 1 AS zero_days,
        e.current_days,
        CONCAT_WS(
            ',',
            CASE WHEN e.current_days >= 5 THEN 'current' END,
            CASE
                WHEN
                    p.is_index_still = 1
                    AND EXISTS (
                        SELECT v.event_id
                        FROM meter_event AS v
                        WHERE
                            v.meter_id = p.meter_id
                            AND v.kind = 'meter_stopped'
                            AND (v.ended_at IS NULL OR v.ended_at > CAST($as_of AS TIMESTAMP))
                    )
                    THEN 'event'
            END,
            CASE
                WHEN
                    e.point_id IS NULL
                    AND p.kwh_before >= 10 * $min_daily * p.days_before
                    AND (y.energy_kwh IS NULL OR y.energy_kwh > 0)
                    THEN 'sudden_zero'
            END
        ) AS sign
    FROM past AS p
    LEFT JOIN electrical AS e ON p.point_id = e.point_id
    LEFT JOIN year_ago AS y ON p.point_id = y.point_id
),

lost AS (
    SELECT
        j.point_id,
        j.sign,
        j.zero_days,
        j.current_days,
        CAST(
            ROUND(CAST(j.kwh_before AS DOUBLE) / NULLIF(CAST(j.days_before AS DOUBLE), 0), 4) AS DECIMAL(18, 4)
        ) AS mean_kwh,
        CAST(
            ROUND(
                CAST(j.kwh_before AS DOUBLE) * CAST(j.zero_days AS DOUBLE)
                / NULLIF(CAST(j.days_before AS DOUBLE), 0), 6
            ) AS DECIMAL(20, 6)
        ) AS lost_kwh
    FROM judged AS j
    WHERE LENGTH(j.sign) > 0
)

SELECT
    t.point_id,
    CAST(worth_yuan(t.lost_kwh, f.price) AS DECIMAL(18, 2)) AS amount_yuan,
    CAST(t.sign AS VARCHAR) AS sign,
    CAST(t.zero_days AS BIGINT) AS zero_days,
    CAST(t.mean_kwh AS DECIMAL(18, 2)) AS mean_daily_kwh,
    CAST(CASE WHEN t.current_days > 0 THEN t.current_days END AS BIGINT) AS current_days,
    CAST(t.lost_kwh AS DECIMAL(18, 2)) AS lost_kwh
FROM lost AS t
LEFT JOIN reference_price AS f ON t.point_id = f.point_id;

/*--- not judged ---*/
WITH stopped AS (
    SELECT
        p.point_id,
        m.meter_id,
        s.month_days,
        CASE WHEN s.low_index = s.high_index THEN 1 ELSE 0 END AS is_index_still
    FROM still_point AS s
    INNER JOIN metered_point AS p ON s.point_id = p.point_id
    LEFT JOIN current_meter AS m ON s.point_id = m.point_id
    WHERE s.kwh_before >= $min_daily * s.days_before
)

SELECT
    t.point_id,
    CAST('energy_kwh' AS VARCHAR) AS missing
FROM stopped AS t
WHERE t.month_days < 25
UNION ALL
SELECT
    t.point_id,
    CAST('max_current_a_a,max_current_b_a,max_current_c_a' AS VARCHAR) AS missing
FROM stopped AS t
INNER JOIN daily_electrical AS e ON t.point_id = e.point_id
WHERE
    t.month_days >= 25
    AND e.day >= $as_of - 15
    AND e.day < $as_of
    AND NOT (
        t.is_index_still = 1
        AND EXISTS (
            SELECT v.event_id
            FROM meter_event AS v
            WHERE
                v.meter_id = t.meter_id
                AND v.kind = 'meter_stopped'
                AND (v.ended_at IS NULL OR v.ended_at > CAST($as_of AS TIMESTAMP))
        )
    )
GROUP BY t.point_id
HAVING COUNT(COALESCE(amperes(e.max_current_a_a), amperes(e.max_current_b_a), amperes(e.max_current_c_a))) = 0
