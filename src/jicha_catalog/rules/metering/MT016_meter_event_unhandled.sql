/*---
code: MT016
name: {zh: 失压断流等计量异常事件超期未处理, en: Metering event unhandled}
group: MT
subject: meter
class: quantity
severity: high
status: active
frequency: daily
proof: state
tables: [meter_event, meter, metering_point]
key: [meter_id, kind]
parameters:
  - {name: handle_days, label: {zh: 事件处理期限, en: Days to handle an event}, type: int, default: 5, min: 0, max: 180, unit: day, source: practice, verified: false}
  - {name: min_hours, label: {zh: 事件最短持续时间, en: Shortest duration of an event}, type: int, default: 24, min: 0, max: 4320, unit: hour, source: practice, verified: true}
evidence:
  lasting_hours: {zh: 持续小时, en: Hours}
  days_open: {zh: 未处理天数, en: Days unhandled}
  events: {zh: 此类事件数, en: Events of this kind}
  event_days_kwh: {zh: 事件期间电量(kWh), en: Energy of the event's days (kWh)}
  meter_point_id: {zh: 计量点, en: Metering point}
reason:
  zh: "{started_at}发生{kind}[，持续{lasting_hours}小时]，已{days_open}天未处理（此类未处理事件共{events}起）[；事件期间计量{event_days_kwh}kWh]"
  en: "{kind} at {started_at}[, lasting {lasting_hours} hours], unhandled for {days_open} days ({events} such event(s))[; {event_days_kwh} kWh were metered meanwhile]"
amount:
  zh: 失压、断相、失流按缺一相（更正系数3/2）：事件期间计量电量的一半 × 参考电价；其他无
  en: 'voltage, phase and current loss taken as one phase of three (K = 3/2): half of the energy metered on the days of the event × reference price; else none'
basis: [{regulation: 营业规则, article: 第八十二条, verified: false}]
remedy: {zh: 现场检查接线与表计，消缺并按规定退补。, en: 'Inspect wiring and meter, repair and settle.'}
near_miss:
  - {zh: 停电引起的短时断相, en: short phase loss caused by an outage}
  - {zh: 在处理期限内已处理的事件, en: event handled within the time allowed}
  - {zh: 光伏客户的潮流反向, en: reverse power of a photovoltaic customer}
decisions:
  - {zh: 未结束的事件持续到筛查日0时；时长按整秒计。, en: 'An event that has not ended lasts until 00:00 of the screening date; durations are whole seconds.'}
  - {zh: 事件期间电量取日冻结电量，从发生日到结束日（未结束到筛查日前一天），只取最早一起事件。, en: 'The energy is the daily energy from the day of the start to that of the end, of the earliest event only.'}
  - {zh: 当前电表的计量点不在档案中时照常判断，只有时钟偏差列为未判定。, en: 'A current meter whose point is not on file is judged all the same, but for a clock drift.'}
  - {zh: 未判定：时钟偏差事件，而计量点是否执行峰谷不明。, en: 'Not judged: a clock drift where it is unknown whether the point is billed by time of use.'}
seed: 现场计量装置故障查处不及时
---*/
WITH open_event AS (
    SELECT
        e.meter_id,
        m.point_id,
        e.kind,
        e.started_at,
        e.ended_at,
        seconds_between(e.started_at, COALESCE(e.ended_at, CAST($as_of AS TIMESTAMP))) AS lasting_seconds,
        COUNT(*) OVER (PARTITION BY e.meter_id, e.kind) AS events,
        ROW_NUMBER() OVER (PARTITION BY e.meter_id, e.kind ORDER BY e.started_at, e.event_id) AS place
    FROM meter_event AS e
    INNER JOIN current_meter AS m ON e.meter_id = m.meter_id
    LEFT JOIN metering_point AS p ON m.point_id = p.point_id
    WHERE
        e.handled_at IS NULL
        AND CAST(e.started_at AS DATE) >= $as_of - 180
        AND CAST(e.started_at AS DATE) < $as_of - CAST($handle_days AS INTEGER)
        AND (
            e.kind = 'index_jump'
            OR (e.kind = 'clock_drift' AND p.is_time_of_use)
            OR (
                e.kind IN ('voltage_loss', 'phase_loss', 'current_loss', 'reverse_power', 'meter_stopped')
                AND seconds_between(e.started_at, COALESCE(e.ended_at, CAST($as_of AS TIMESTAMP))) >= $min_hours * 3600
            )
        )
        AND NOT (
            e.kind = 'reverse_power'
            AND (
                EXISTS (
                    SELECT g.point_id
                    FROM metering_point AS g
                    WHERE g.customer_id = p.customer_id AND g.purpose = 'generation'
                )
                OR EXISTS (
                    SELECT s.generator_id
                    FROM self_generator AS s
                    WHERE s.customer_id = p.customer_id
                )
            )
        )
),

earliest AS (
    SELECT
        o.meter_id,
        o.point_id,
        o.kind,
        o.started_at,
        o.ended_at,
        o.lasting_seconds,
        o.events
    FROM open_event AS o
    WHERE o.place = 1
),

looked_for AS (
    SELECT
        f.meter_id,
        f.point_id,
        f.kind,
        f.started_at,
        f.ended_at
    FROM earliest AS f
    WHERE f.kind IN ('voltage_loss', 'phase_loss', 'current_loss')
    UNION ALL
    -- no point: it spreads the keys, see `still_point`
    SELECT
        CAST('' AS VARCHAR) AS meter_id,
        CAST('' AS VARCHAR) AS point_id,
        CAST(NULL AS VARCHAR) AS kind,
        CAST(NULL AS TIMESTAMP) AS started_at,
        CAST(NULL AS TIMESTAMP) AS ended_at
),

metered AS (
    SELECT
        f.meter_id,
        f.kind,
        SUM(kwh(d.energy_kwh)) AS energy_kwh
    FROM looked_for AS f
    INNER JOIN daily_energy AS d
        ON
            f.point_id = d.point_id
            AND CAST(f.started_at AS DATE) <= d.day
            AND COALESCE(CAST(f.ended_at AS DATE), $as_of - 1) >= d.day
    WHERE d.day >= $as_of - 180 AND d.day < $as_of
    GROUP BY f.meter_id, f.kind
)

SELECT
    f.meter_id,
    f.kind,
    CAST(
        worth_yuan(CAST(k.energy_kwh AS DECIMAL(18, 4)) * CAST(0.5 AS DECIMAL(2, 1)), r.price) AS DECIMAL(18, 2)
    ) AS amount_yuan,
    f.started_at,
    f.ended_at,
    CAST(
        CASE
            WHEN f.kind NOT IN ('index_jump', 'clock_drift') THEN FLOOR(CAST(f.lasting_seconds AS DOUBLE) / 3600)
        END AS BIGINT
    ) AS lasting_hours,
    CAST(DATE_DIFF('day', CAST(f.started_at AS DATE), $as_of) AS BIGINT) AS days_open,
    CAST(f.events AS BIGINT) AS events,
    CAST(k.energy_kwh AS DECIMAL(18, 4)) AS event_days_kwh,
    CAST(f.point_id AS VARCHAR) AS meter_point_id
FROM earliest AS f
LEFT JOIN metered AS k ON f.meter_id = k.meter_id AND f.kind = k.kind
LEFT JOIN reference_price AS r ON f.point_id = r.point_id;

/*--- not judged ---*/
SELECT
    e.meter_id,
    e.kind,
    CAST('is_time_of_use' AS VARCHAR) AS missing
FROM meter_event AS e
INNER JOIN current_meter AS m ON e.meter_id = m.meter_id
LEFT JOIN metering_point AS p ON m.point_id = p.point_id
WHERE
    e.kind = 'clock_drift'
    AND e.handled_at IS NULL
    AND p.is_time_of_use IS NULL
    AND CAST(e.started_at AS DATE) >= $as_of - 180
    AND CAST(e.started_at AS DATE) < $as_of - CAST($handle_days AS INTEGER)
GROUP BY e.meter_id, e.kind
