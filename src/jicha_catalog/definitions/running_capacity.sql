/*---
name: running_capacity
zh: 在运受电变压器容量
en: Capacity of the running transformers
note: >-
  Per customer with a transformer that is not removed: the capacities of the transformers that run or stand by hot, of one
  interlock group only the greatest, plus the high-voltage motors fed directly; 0 transformers when all are at rest.
tables: [customer_transformer, customer]
columns:
  customer_id: string
  transformers: int
  capacity_kva: decimal(18,4)
---*/
WITH unit AS (
    SELECT
        t.customer_id,
        MAX(CASE WHEN t.status IN ('running', 'hot_standby') THEN kva(t.capacity_kva) END) AS capacity_kva,
        SUM(CASE WHEN t.status IN ('running', 'hot_standby') THEN 1 ELSE 0 END) AS transformers
    FROM customer_transformer AS t
    WHERE t.status <> 'removed'
    GROUP BY
        t.customer_id,
        filled(t.interlock_group),
        CASE WHEN is_blank(t.interlock_group) THEN t.transformer_id END
)

SELECT
    u.customer_id,
    CAST(SUM(u.transformers) AS INTEGER) AS transformers,
    CAST(
        COALESCE(SUM(u.capacity_kva), 0) + COALESCE(kva(MAX(c.direct_motor_kva)), 0) AS DECIMAL(18, 4)
    ) AS capacity_kva
FROM unit AS u
LEFT JOIN customer AS c ON u.customer_id = c.customer_id
GROUP BY u.customer_id
