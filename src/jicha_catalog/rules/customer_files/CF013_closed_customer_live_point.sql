/*---
code: CF013
name: {zh: 已销户客户仍有在用计量点或在装电表, en: Closed customer still has a live point or meter}
group: CF
subject: customer
class: file
severity: medium
status: active
frequency: monthly
proof: state
tables: [customer, metering_point, meter]
key: [customer_id]
parameters:
  - {name: grace_days, label: {zh: 销户后宽限天数, en: Days of grace after closing}, type: int, default: 30, min: 0, max: 3650, unit: day, source: practice, verified: true}
evidence:
  days_closed: {zh: 销户天数, en: Days since closing}
  live_points: {zh: 在用计量点, en: Points in use}
  live_meters: {zh: 在装电表, en: Installed meters}
reason:
  zh: "{closed_on}销户已{days_closed}天[，计量点{live_points}仍在用][，电表{live_meters}仍在装]"
  en: "Closed on {closed_on}, {days_closed} days ago[; point(s) {live_points} still in use][; meter(s) {live_meters} still installed]"
basis: [{regulation: 营业规则, article: 第三十二条, verified: false}]
remedy: {zh: 现场拆表、抄回底码、终止计量点。, en: 'Remove the meter, take the last index and close the point.'}
near_miss:
  - {zh: 销户不久、已安排拆表, en: 'closed some days ago, removal of the meter arranged'}
  - {zh: 计量点状态为空且电表已拆, en: point whose status is null with the meter already removed}
  - {zh: 已重新立户、状态为正常用电的客户, en: account reopened as active}
decisions:
  - {zh: 电表一项看客户名下任何用途的计量点；计量点一项只看结算、发电上网。, en: 'The meter may sit on a point of the customer of any purpose; the point itself must be for settlement or generation.'}
  - {zh: 未判定：已销户但没有销户日期，且仍有在用计量点或在装电表（无销户日期本身见CF012）。, en: 'Not judged: closed without a closing day while a point or meter is live (the missing day itself is CF012).'}
seed: 变更用电的出单、传递、登记以及归档
---*/
WITH closed_customer AS (
    SELECT
        c.customer_id,
        c.closed_on
    FROM customer AS c
    WHERE c.status = 'closed'
),

live_point AS (
    SELECT
        p.customer_id,
        STRING_AGG(p.point_id, ',' ORDER BY p.point_id) AS points
    FROM metering_point AS p
    INNER JOIN closed_customer AS c ON p.customer_id = c.customer_id
    WHERE p.purpose IN ('settlement', 'generation') AND p.status = 'active'
    GROUP BY p.customer_id
),

live_meter AS (
    SELECT
        p.customer_id,
        STRING_AGG(t.meter_id, ',' ORDER BY t.meter_id) AS meters
    FROM meter AS t
    INNER JOIN metering_point AS p ON t.point_id = p.point_id
    INNER JOIN closed_customer AS c ON p.customer_id = c.customer_id
    WHERE t.status = 'installed' AND t.removed_on IS NULL
    GROUP BY p.customer_id
)

SELECT
    c.customer_id,
    c.closed_on,
    CAST(DATE_DIFF('day', c.closed_on, $as_of) AS BIGINT) AS days_closed,
    CAST(p.points AS VARCHAR) AS live_points,
    CAST(t.meters AS VARCHAR) AS live_meters
FROM closed_customer AS c
LEFT JOIN live_point AS p ON c.customer_id = p.customer_id
LEFT JOIN live_meter AS t ON c.customer_id = t.customer_id
WHERE
    DATE_DIFF('day', c.closed_on, $as_of) >= $grace_days
    AND (p.customer_id IS NOT NULL OR t.customer_id IS NOT NULL);

/*--- not judged ---*/
SELECT
    c.customer_id,
    CAST('closed_on' AS VARCHAR) AS missing
FROM customer AS c
WHERE
    c.status = 'closed'
    AND c.closed_on IS NULL
    AND (
        EXISTS (
            SELECT p.point_id
            FROM metering_point AS p
            WHERE
                p.customer_id = c.customer_id
                AND p.purpose IN ('settlement', 'generation')
                AND p.status = 'active'
        )
        OR EXISTS (
            SELECT t.meter_id
            FROM meter AS t
            INNER JOIN metering_point AS p ON t.point_id = p.point_id
            WHERE p.customer_id = c.customer_id AND t.status = 'installed' AND t.removed_on IS NULL
        )
    )
