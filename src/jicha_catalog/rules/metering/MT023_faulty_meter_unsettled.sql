/*---
code: MT023
name: {zh: 故障表计未及时更换或未追补, en: 'Faulty meter not replaced, or energy not recovered'}
group: MT
subject: meter
class: quantity
severity: high
status: active
frequency: monthly
proof: state
tables: [meter, metering_point, service_order, adjustment, customer]
key: [meter_id]
parameters:
  - {name: replace_days, label: {zh: 故障表更换期限, en: Days to replace a faulty meter}, type: int, default: 15, min: 0, max: 365, unit: day, source: practice, verified: false}
evidence:
  problem:
    zh: 问题
    en: Problem
    codes:
      not_replaced: {zh: 故障表仍未更换, en: the faulty meter has not been replaced}
      no_order: {zh: 没有故障处理工单, en: there is no order for it}
      not_recovered: {zh: 已换表而没有追补电量, en: replaced but no energy was recovered}
  reported_on: {zh: 故障工单申请日期, en: Fault reported on}
  order_archived_on: {zh: 故障工单归档日期, en: Order archived on}
  waiting_days: {zh: 申请后天数, en: Days since the report}
  normal_kwh: {zh: 故障前月电量中位数(kWh), en: Median month before the fault (kWh)}
  fault_months: {zh: 故障月数, en: Months of fault}
  meter_point_id: {zh: 计量点, en: Metering point}
reason:
  zh: "{problem}[：故障工单{reported_on}申请][，已{waiting_days}天][，{order_archived_on}归档，电表{removed_on}拆除][；故障前月电量{normal_kwh}kWh，故障{fault_months}个月期间下降一半以上]"
  en: "{problem}[: fault reported on {reported_on}][, {waiting_days} days ago][, archived on {order_archived_on}, meter removed on {removed_on}][; a normal month was {normal_kwh} kWh, in the {fault_months} month(s) of fault it fell by more than half]"
amount:
  zh: 故障前12期月电量中位数 × 故障月数 × 参考电价，仅当故障期间电量下降超过50%；否则无
  en: median monthly quantity of the twelve periods before the fault × months of fault × reference price, only when the quantity fell by more than 50 %; else none
basis: [{regulation: 营业规则, article: 第八十二条, verified: false}]
remedy: {zh: 限期换表，按正常月或更正系数核定追补。, en: Replace and recover by the normal month or the correction factor.}
near_miss:
  - {zh: 显示故障而示数完好、已登记零电量退补, en: display fault with registers intact and a zero adjustment on record}
  - {zh: 库存的故障表, en: faulty meter in the store}
  - {zh: 上周的工单, en: order from last week}
decisions:
  - {zh: （a）的结算计量点为在用售电结算点，不论客户状态；（b）的电表看客户名下任何计量点。, en: '(a): points in use for settlement, whatever the state of the customer; (b): a meter of any point of the customer.'}
  - {zh: 工单以申请、归档日期比较；退补以申请日期比较，不论电量多少（零电量也算）。, en: 'Orders and adjustments are compared by dates; an adjustment counts whatever its kWh, 0 included.'}
  - {zh: 故障自工单申请当月起，至拆表月（未换的至本账期）止，至少一个月；没有工单不估算。, en: 'The fault runs from the month of the application to that of the removal (to the period judged if not replaced), at least one month; without an order there is no amount.'}
  - {zh: 下降超过50%：故障各期电量平均低于故障前12期中位数的一半。, en: 'Fell by more than 50 %: the mean of the periods of the fault is below half the median of the twelve periods before.'}
  - {zh: 多张工单涉及同一电表时取归档最晚的一张。, en: Of several orders for one meter the one archived last is shown.}
seed: 故障表计追加电量
---*/
WITH fault_order AS (
    SELECT
        o.order_id,
        o.customer_id,
        o.is_finished,
        o.applied_on,
        o.archived_on
    FROM known_order AS o
    WHERE o.kind = 'meter_fault'
),

latest AS (
    SELECT
        o.customer_id,
        MAX(o.applied_on) AS applied_on
    FROM fault_order AS o
    GROUP BY o.customer_id
),

not_replaced AS (
    SELECT
        t.meter_id,
        t.point_id,
        t.removed_on,
        l.applied_on,
        CAST(NULL AS DATE) AS archived_on,
        CASE WHEN l.applied_on IS NULL THEN 'not_replaced,no_order' ELSE 'not_replaced' END AS problem
    FROM meter AS t
    INNER JOIN metering_point AS p ON t.point_id = p.point_id
    LEFT JOIN latest AS l ON p.customer_id = l.customer_id
    WHERE
        t.status = 'faulty'
        AND t.removed_on IS NULL
        AND p.purpose = 'settlement'
        AND (p.status IS NULL OR p.status = 'active')
        AND (l.applied_on IS NULL OR l.applied_on < $as_of - CAST($replace_days AS INTEGER))
),

unsettled AS (
    SELECT
        o.order_id,
        o.customer_id,
        o.applied_on,
        o.archived_on
    FROM fault_order AS o
    WHERE
        o.is_finished
        AND o.archived_on >= $as_of - 365
        AND o.archived_on <= $as_of - 45
        AND NOT EXISTS (
            SELECT a.adjustment_id
            FROM adjustment AS a
            WHERE
                a.customer_id = o.customer_id
                AND a.reason IN ('meter_fault', 'wrong_wiring')
                AND CAST(a.requested_at AS DATE) >= o.applied_on
                AND CAST(a.requested_at AS DATE) <= o.archived_on + 45
        )
),

order_meter AS (
    SELECT
        u.order_id,
        t.meter_id,
        t.point_id,
        t.removed_on,
        u.applied_on,
        u.archived_on
    FROM unsettled AS u
    INNER JOIN metering_point AS p ON u.customer_id = p.customer_id
    INNER JOIN meter AS t ON p.point_id = t.point_id AND u.applied_on <= t.removed_on AND u.archived_on >= t.removed_on
    QUALIFY ROW_NUMBER() OVER (PARTITION BY u.order_id ORDER BY t.meter_id) = 1
),

not_recovered AS (
    SELECT
        m.meter_id,
        m.point_id,
        m.removed_on,
        m.applied_on,
        m.archived_on,
        'not_recovered' AS problem
    FROM order_meter AS m
    QUALIFY
        ROW_NUMBER() OVER (PARTITION BY m.meter_id ORDER BY m.archived_on DESC, m.order_id ASC) = 1
),

suspect AS (
    SELECT
        n.meter_id,
        n.point_id,
        n.removed_on,
        n.applied_on,
        n.archived_on,
        n.problem,
        month_of(n.applied_on) AS first_month,
        CAST(GREATEST($p0, COALESCE(month_of(n.applied_on), $p0)) AS DATE) AS last_month
    FROM not_replaced AS n
    UNION ALL
    SELECT
        n.meter_id,
        n.point_id,
        n.removed_on,
        n.applied_on,
        n.archived_on,
        n.problem,
        month_of(n.applied_on) AS first_month,
        month_of(n.removed_on) AS last_month
    FROM not_recovered AS n
),

month_read AS (
    SELECT
        s.meter_id,
        r.period,
        r.quantity,
        CASE WHEN r.period < s.first_month THEN 1 ELSE 0 END AS is_before
    FROM suspect AS s
    INNER JOIN reading AS r ON s.point_id = r.point_id
    WHERE
        r.register = 'total'
        AND r.quantity IS NOT NULL
        AND r.period >= months_later(s.first_month, -12)
        AND r.period <= s.last_month
),

ranked AS (
    SELECT
        m.meter_id,
        m.quantity,
        ROW_NUMBER() OVER (PARTITION BY m.meter_id ORDER BY m.quantity, m.period) AS place,
        COUNT(*) OVER (PARTITION BY m.meter_id) AS months
    FROM month_read AS m
    WHERE m.is_before = 1
),

normal AS (
    SELECT
        k.meter_id,
        CAST((MIN(k.quantity) + MAX(k.quantity)) * CAST(0.5 AS DECIMAL(2, 1)) AS DECIMAL(18, 3)) AS normal_kwh
    FROM ranked AS k
    WHERE 2 * k.place BETWEEN k.months AND k.months + 2
    GROUP BY k.meter_id
),

fallen AS (
    SELECT
        m.meter_id,
        n.normal_kwh
    FROM month_read AS m
    INNER JOIN normal AS n ON m.meter_id = n.meter_id
    WHERE m.is_before = 0
    GROUP BY m.meter_id, n.normal_kwh
    HAVING SUM(m.quantity) * 2 < n.normal_kwh * CAST(COUNT(*) AS INTEGER)
)

SELECT
    s.meter_id,
    CAST(
        worth_yuan(
            f.normal_kwh * CAST(month_number(s.last_month) - month_number(s.first_month) + 1 AS INTEGER), r.price
        ) AS DECIMAL(18, 2)
    ) AS amount_yuan,
    CAST(s.problem AS VARCHAR) AS problem,
    CAST(s.applied_on AS DATE) AS reported_on,
    CAST(
        CASE WHEN s.problem <> 'not_recovered' THEN DATE_DIFF('day', s.applied_on, $as_of) END AS BIGINT
    ) AS waiting_days,
    CAST(s.archived_on AS DATE) AS order_archived_on,
    CAST(s.removed_on AS DATE) AS removed_on,
    CAST(f.normal_kwh AS DECIMAL(18, 2)) AS normal_kwh,
    CAST(
        CASE
            WHEN f.meter_id IS NOT NULL THEN month_number(s.last_month) - month_number(s.first_month) + 1
        END AS BIGINT
    ) AS fault_months,
    CAST(s.point_id AS VARCHAR) AS meter_point_id
FROM suspect AS s
LEFT JOIN fallen AS f ON s.meter_id = f.meter_id
LEFT JOIN reference_price AS r ON s.point_id = r.point_id;

/*--- not judged ---*/
SELECT
    t.meter_id,
    CAST('archived_at' AS VARCHAR) AS missing
FROM known_order AS o
INNER JOIN metering_point AS p ON o.customer_id = p.customer_id
INNER JOIN meter AS t ON p.point_id = t.point_id AND o.applied_on <= t.removed_on
WHERE
    o.kind = 'meter_fault'
    AND o.is_finished
    AND o.archived_on IS NULL
    AND o.applied_on >= $as_of - 365
    AND t.removed_on <= $as_of - 45
    AND NOT EXISTS (
        SELECT a.adjustment_id
        FROM adjustment AS a
        WHERE
            a.customer_id = o.customer_id
            AND a.reason IN ('meter_fault', 'wrong_wiring')
            AND CAST(a.requested_at AS DATE) >= o.applied_on
    )
GROUP BY t.meter_id
