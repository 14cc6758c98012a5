/*---
code: CF014
name: {zh: 在用客户无计费计量点, en: Active customer without a settlement point}
group: CF
subject: customer
class: quantity
severity: high
status: active
frequency: monthly
proof: state
tables: [customer, metering_point, service_order]
key: [customer_id]
parameters: []
evidence:
  points: {zh: 计量点总数, en: Points on file}
  closed_settlement_points: {zh: 已停用结算计量点数, en: Closed settlement points}
reason:
  zh: "{usage_class}客户正常用电[（{opened_on}立户）]，但没有在用的结算计量点（档案共{points}个计量点，其中{closed_settlement_points}个结算计量点已停用）"
  en: "Active customer ({usage_class})[, opened {opened_on},] without a settlement point in use ({points} point(s) on file, {closed_settlement_points} of them closed settlement points)"
basis: [{regulation: 营业规则, article: 第七十条, verified: false}]
remedy: {zh: 现场核实是否无表用电，补装计量装置或销户。, en: 'Check on site for unmetered use; install metering or close the account.'}
near_miss:
  - {zh: 只有发电上网计量点的光伏客户, en: photovoltaic feed-in account with a generation point only}
  - {zh: 只有定比定量计量点的客户（属计量点）, en: customer with only allocated points (they are points)}
  - {zh: 新装工单在途, en: new connection in flight}
decisions:
  - {zh: “只有发电上网计量点”：至少有一个计量点，且全部（不论状态）用途为发电上网。, en: '"Only generation points": at least one point, and all points, whatever their status, are for generation.'}
seed: 抄表数据准备
---*/
WITH without AS (
    SELECT
        m.customer_id,
        m.usage_class
    FROM mature_customer AS m
    WHERE NOT EXISTS (
        SELECT p.point_id
        FROM metering_point AS p
        WHERE p.customer_id = m.customer_id AND is_settling(p.purpose, p.status)
    )
),

filed AS (
    SELECT
        p.customer_id,
        COUNT(*) AS points,
        SUM(CASE WHEN p.purpose = 'generation' THEN 1 ELSE 0 END) AS generation_points,
        SUM(CASE WHEN p.purpose = 'settlement' THEN 1 ELSE 0 END) AS settlement_points
    FROM metering_point AS p
    INNER JOIN without AS w ON p.customer_id = w.customer_id
    GROUP BY p.customer_id
)

SELECT
    w.customer_id,
    w.usage_class,
    c.opened_on,
    CAST(COALESCE(f.points, 0) AS BIGINT) AS points,
    CAST(COALESCE(f.settlement_points, 0) AS BIGINT) AS closed_settlement_points
FROM without AS w
INNER JOIN customer AS c ON w.customer_id = c.customer_id
LEFT JOIN filed AS f ON w.customer_id = f.customer_id
WHERE
    (f.points IS NULL OR f.generation_points < f.points)
    AND NOT EXISTS (
        SELECT o.order_id
        FROM known_order AS o
        WHERE
            o.customer_id = w.customer_id
            AND o.is_in_flight
            AND o.kind IN ('new_lv_residential', 'new_lv_other', 'new_hv', 'temporary', 'close_account')
    )
