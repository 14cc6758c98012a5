/*---
code: MT018
name: {zh: 开盖、端钮盖、磁场干扰事件未核查, en: Tamper event not followed up}
group: MT
subject: meter
class: quantity
severity: high
status: active
frequency: daily
proof: state
tables: [meter_event, meter, metering_point, usage_inspection, service_order]
key: [meter_id]
parameters:
  - {name: handle_days, label: {zh: 事件核查期限, en: Days to check an event}, type: int, default: 3, min: 0, max: 180, unit: day, source: practice, verified: false}
evidence:
  event_kind:
    zh: 最早事件
    en: Earliest event
    codes:
      cover_open: {zh: 开表盖, en: cover open}
      terminal_cover_open: {zh: 开端钮盖, en: terminal cover open}
      magnetic_field: {zh: 恒定磁场干扰, en: magnetic field}
  days_open: {zh: 未处理天数, en: Days unhandled}
  events: {zh: 未核查事件数, en: Events not followed up}
  meter_point_id: {zh: 计量点, en: Metering point}
reason:
  zh: "{started_at}发生{event_kind}，已{days_open}天未处理，期间没有用电检查、装拆表或计量工单（未核查事件共{events}起）"
  en: "{event_kind} at {started_at}, unhandled for {days_open} days and without an inspection, a meter change or a metering order near it ({events} such event(s))"
basis: [{regulation: 营业规则, article: 第一百零三条, verified: false}]
remedy: {zh: 现场核查封印、接线与表计误差，固定证据。, en: 'Check seals, wiring and error on site and secure evidence.'}
near_miss:
  - {zh: 装表工作中开端钮盖, en: terminal cover opened during installation work}
  - {zh: 检查人员已核查的事件, en: event checked by an inspector}
  - {zh: 库存表在检定室开盖, en: meter in stock opened in the laboratory}
decisions:
  - {zh: 结算计量点为在用的售电结算点，不论客户是否成熟、暂停。, en: 'Settlement points are those in use for settlement, whatever the state of the customer.'}
  - {zh: “3天内”按日期差的绝对值；工单为有效工单（非终止），看归档时间和各环节完成时间。, en: '"Within 3 days" is the absolute difference of dates; orders are those not cancelled, by the archiving and by the end of any step.'}
  - {zh: 检查记录只看筛查日以前的；事件后30天内的检查免报。, en: An inspection from the day of the event to 30 days after it settles the event.}
seed: 防止智能盗电行为
---*/
WITH tamper AS (
    SELECT
        e.event_id,
        e.meter_id,
        e.kind,
        e.started_at,
        CAST(e.started_at AS DATE) AS started_on,
        p.point_id,
        p.customer_id
    FROM meter_event AS e
    INNER JOIN current_meter AS m ON e.meter_id = m.meter_id
    INNER JOIN metering_point AS p ON m.point_id = p.point_id
    WHERE
        e.kind IN ('cover_open', 'terminal_cover_open', 'magnetic_field')
        AND e.handled_at IS NULL
        AND p.purpose = 'settlement'
        AND (p.status IS NULL OR p.status = 'active')
        AND CAST(e.started_at AS DATE) >= $as_of - 180
        AND CAST(e.started_at AS DATE) < $as_of - CAST($handle_days AS INTEGER)
),

work_day AS (
    SELECT
        o.customer_id,
        CAST(o.archived_at AS DATE) AS done_on
    FROM service_order AS o
    WHERE o.kind IN ('meter_fault', 'move_meter') AND o.status <> 'cancelled' AND o.archived_at IS NOT NULL
    UNION
    SELECT
        o.customer_id,
        CAST(s.finished_at AS DATE) AS done_on
    FROM service_order AS o
    INNER JOIN service_step AS s ON o.order_id = s.order_id
    WHERE o.kind IN ('meter_fault', 'move_meter') AND o.status <> 'cancelled' AND s.finished_at IS NOT NULL
),

open_event AS (
    SELECT
        t.meter_id,
        t.point_id,
        t.kind,
        t.started_at,
        t.started_on,
        COUNT(*) OVER (PARTITION BY t.meter_id) AS events,
        ROW_NUMBER() OVER (PARTITION BY t.meter_id ORDER BY t.started_at, t.event_id) AS place
    FROM tamper AS t
    WHERE
        NOT EXISTS (
            SELECT i.inspection_id
            FROM usage_inspection AS i
            WHERE
                i.customer_id = t.customer_id
                AND i.inspected_on >= t.started_on
                AND i.inspected_on <= t.started_on + 30
        )
        AND NOT EXISTS (
            SELECT m.meter_id
            FROM meter AS m
            WHERE
                m.point_id = t.point_id
                AND (
                    ABS(DATE_DIFF('day', m.installed_on, t.started_on)) <= 3
                    OR ABS(DATE_DIFF('day', m.removed_on, t.started_on)) <= 3
                )
        )
        AND NOT EXISTS (
            SELECT w.customer_id
            FROM work_day AS w
            WHERE w.customer_id = t.customer_id AND ABS(DATE_DIFF('day', w.done_on, t.started_on)) <= 3
        )
)

SELECT
    o.meter_id,
    CAST(o.kind AS VARCHAR) AS event_kind,
    o.started_at,
    CAST(DATE_DIFF('day', o.started_on, $as_of) AS BIGINT) AS days_open,
    CAST(o.events AS BIGINT) AS events,
    CAST(o.point_id AS VARCHAR) AS meter_point_id
FROM open_event AS o
WHERE o.place = 1
