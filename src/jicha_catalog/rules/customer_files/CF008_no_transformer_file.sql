/*---
code: CF008
name: {zh: 高压客户无受电变压器档案, en: High-voltage customer without a transformer file}
group: CF
subject: customer
class: file
severity: medium
status: active
frequency: monthly
proof: state
tables: [customer, customer_transformer, metering_point, service_order]
key: [customer_id]
parameters: []
evidence:
  problem:
    zh: 问题
    en: Problem
    codes:
      no_transformer: {zh: 高压供电而没有受电变压器档案, en: supplied at high voltage without a transformer on file}
      low_voltage_transformer: {zh: 低压供电却有在运变压器, en: supplied at low voltage with a running transformer}
  removed_transformers: {zh: 已拆除变压器台数, en: Removed transformers}
  running_transformers: {zh: 在运变压器台数, en: Running transformers}
reason:
  zh: "供电电压{voltage_v}V，{problem}（在运{running_transformers}台，已拆除{removed_transformers}台）"
  en: "At {voltage_v} V: {problem} ({running_transformers} running, {removed_transformers} removed)"
basis: [{regulation: 业扩规则, article: 客户档案资料管理, verified: false}]
remedy: {zh: 现场抄录变压器铭牌并补建设备档案。, en: Record the transformer plates on site and create the equipment file.}
near_miss:
  - {zh: 趸售客户没有自有变压器, en: wholesale (resale) connection without its own transformer}
  - {zh: 销户工单在途的客户, en: account whose closing order is in flight}
  - {zh: 由公用台区380V供电的客户, en: customer fed at 380 V from a public area}
decisions:
  - {zh: 趸售、充电设施、直配电动机的例外只用于“没有变压器档案”，低压客户有在运变压器不论用电类别均报。, en: 'The exceptions (resale, EV charging, directly fed motors, no settlement point) belong to the missing file only; a low-voltage customer with a running transformer is reported in every class.'}
  - {zh: 未判定：供电电压为空。, en: 'Not judged: the voltage is unknown.'}
seed: 客户动力设备资料是否提供完全
---*/
WITH filed AS (
    SELECT
        t.customer_id,
        SUM(CASE WHEN t.status <> 'removed' THEN 1 ELSE 0 END) AS present,
        SUM(CASE WHEN t.status = 'removed' THEN 1 ELSE 0 END) AS removed,
        SUM(CASE WHEN t.status IN ('running', 'hot_standby') THEN 1 ELSE 0 END) AS running
    FROM customer_transformer AS t
    GROUP BY t.customer_id
),

doubtful AS (
    SELECT
        m.customer_id,
        m.voltage_v,
        m.usage_class,
        is_high_voltage(m.voltage_v) AS is_high,
        f.running,
        f.removed
    FROM mature_customer AS m
    LEFT JOIN filed AS f ON m.customer_id = f.customer_id
    WHERE
        (
            is_high_voltage(m.voltage_v)
            AND m.usage_class NOT IN ('resale', 'ev_charging')
            AND COALESCE(f.present, 0) = 0
            AND m.direct_motor_kva = 0
        )
        OR (NOT is_high_voltage(m.voltage_v) AND f.running > 0)
),

settled AS (
    SELECT d.customer_id
    FROM doubtful AS d
    INNER JOIN metering_point AS p ON d.customer_id = p.customer_id
    WHERE is_settling(p.purpose, p.status)
    GROUP BY d.customer_id
)

SELECT
    d.customer_id,
    d.voltage_v,
    d.usage_class,
    CAST(
        CASE WHEN d.is_high THEN 'no_transformer' ELSE 'low_voltage_transformer' END AS VARCHAR
    ) AS problem,
    CAST(COALESCE(d.running, 0) AS BIGINT) AS running_transformers,
    CAST(COALESCE(d.removed, 0) AS BIGINT) AS removed_transformers
FROM doubtful AS d
LEFT JOIN settled AS s ON d.customer_id = s.customer_id
WHERE
    (NOT d.is_high OR s.customer_id IS NOT NULL)
    AND NOT EXISTS (
        SELECT o.order_id
        FROM known_order AS o
        WHERE o.customer_id = d.customer_id AND o.is_in_flight AND o.kind IN ('new_hv', 'close_account')
    );

/*--- not judged ---*/
SELECT
    m.customer_id,
    CAST('voltage_v' AS VARCHAR) AS missing
FROM mature_customer AS m
WHERE
    m.voltage_v IS NULL
    AND NOT EXISTS (
        SELECT o.order_id
        FROM known_order AS o
        WHERE o.customer_id = m.customer_id AND o.is_in_flight AND o.kind IN ('new_hv', 'close_account')
    )
