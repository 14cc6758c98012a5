/*---
name: installed_capacity
zh: 在册受电变压器容量
en: Capacity of the transformers on file
note: >-
  Per customer the transformers in place at the screening date that are not removed: the sum of their capacities, of one
  interlock group only the greatest, plus the high-voltage motors fed directly. Customers without such a transformer are absent.
tables: [customer_transformer, customer]
columns:
  customer_id: string
  transformers: int
  capacity_kva: decimal(18,4)
---*/
WITH unit AS (
    -- what can run at the same time: a transformer, or one of an interlock group
    SELECT
        t.customer_id,
        MAX(kva(t.capacity_kva)) AS capacity_kva,
        COUNT(*) AS transformers
    FROM customer_transformer AS t
    WHERE t.status <> 'removed' AND in_force(t.installed_on, t.removed_on, $as_of)
    GROUP BY
        t.customer_id,
        filled(t.interlock_group),
        CASE WHEN is_blank(t.interlock_group) THEN t.transformer_id END
)

SELECT
    u.customer_id,
    CAST(SUM(u.transformers) AS INTEGER) AS transformers,
    CAST(SUM(u.capacity_kva) + COALESCE(kva(MAX(c.direct_motor_kva)), 0) AS DECIMAL(18, 4)) AS capacity_kva
FROM unit AS u
LEFT JOIN customer AS c ON u.customer_id = c.customer_id
GROUP BY u.customer_id
