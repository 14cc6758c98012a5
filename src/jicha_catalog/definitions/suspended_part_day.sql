/*---
name: suspended_part_day
zh: 部分暂停客户的日最大需量
en: Daily demand of a partly suspended customer
note: >-
  Active customers of whose transformers some but not all are suspended and some capacity runs: the greatest daily demand of
  their metered settlement points on each day of D(30) strictly inside a suspension or reduction. What UI007 (b) tests.
tables: [customer, customer_transformer, metering_point, daily_electrical, service_order]
columns:
  customer_id: string
  day: date
  max_demand_kw: decimal(18,4)
  running_capacity_kva: decimal(18,4)
---*/
WITH partly AS (
    SELECT
        t.customer_id,
        r.capacity_kva
    FROM customer_transformer AS t
    INNER JOIN customer AS c ON t.customer_id = c.customer_id
    INNER JOIN running_capacity AS r ON t.customer_id = r.customer_id
    WHERE t.status <> 'removed' AND c.status = 'active' AND r.capacity_kva > 0
    GROUP BY t.customer_id, r.capacity_kva
    HAVING
        MAX(CASE WHEN t.status = 'suspended' THEN 1 ELSE 0 END) = 1
        -- all suspended or on cold standby is a full suspension
        AND MIN(CASE WHEN t.status IN ('suspended', 'cold_standby') THEN 1 ELSE 0 END) = 0
)

SELECT
    y.customer_id,
    e.day,
    CAST(MAX(kva(e.max_demand_kw)) AS DECIMAL(18, 4)) AS max_demand_kw,
    CAST(y.capacity_kva AS DECIMAL(18, 4)) AS running_capacity_kva
FROM partly AS y
INNER JOIN metering_point AS p ON y.customer_id = p.customer_id
INNER JOIN daily_electrical AS e ON p.point_id = e.point_id AND e.day >= $as_of - 30 AND e.day < $as_of
WHERE
    is_settling(p.purpose, p.status)
    AND is_metered_allocation(p.allocation)
    AND e.max_demand_kw IS NOT NULL
    AND EXISTS (
        SELECT s.order_id
        FROM suspension AS s
        WHERE s.customer_id = y.customer_id AND s.first_day < e.day AND (s.last_day IS NULL OR s.last_day > e.day)
    )
GROUP BY y.customer_id, e.day, y.capacity_kva
