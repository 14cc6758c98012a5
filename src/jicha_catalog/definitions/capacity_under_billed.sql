/*---
name: capacity_under_billed
zh: P0计费容量小于在运容量
en: Capacity billed in P0 below the running capacity
note: >-
  Mature customers charged by capacity whose bills of P0 sum to less kVA than what ran (status in P0, installed before it, of an
  interlock group the greatest, plus direct motors) less max(1, 1 %). Not where the running state or an order changed in P0, nor
  those of capacity_not_restored. What TC007 reports and TC012 leaves out.
tables: [customer, metering_point, customer_transformer, bill, service_order]
columns:
  customer_id: string
  transformers: int
  running_kva: decimal(18,4)
  billed_kva: decimal(18,2)
---*/
WITH charged AS (
    SELECT s.customer_id
    FROM settlement_point AS s
    WHERE s.basic_charge_mode = 'capacity'
    GROUP BY s.customer_id
),

unit AS (
    SELECT
        t.customer_id,
        MAX(t.capacity_kva) AS capacity_kva,
        COUNT(*) AS transformers
    FROM transformer_in_p0 AS t
    INNER JOIN charged AS c ON t.customer_id = c.customer_id
    WHERE t.status IN ('running', 'hot_standby') AND (t.installed_on IS NULL OR t.installed_on < $p0)
    GROUP BY
        t.customer_id,
        t.interlock_group,
        CASE WHEN t.interlock_group IS NULL THEN t.transformer_id END
),

running AS (
    SELECT
        u.customer_id,
        SUM(u.transformers) AS transformers,
        CAST(SUM(u.capacity_kva) AS DECIMAL(18, 4)) AS capacity_kva
    FROM unit AS u
    GROUP BY u.customer_id
),

billed AS (
    SELECT
        b.customer_id,
        CAST(SUM(b.billed_capacity_kva) AS DECIMAL(18, 2)) AS billed_kva
    FROM bill AS b
    INNER JOIN charged AS c ON b.customer_id = c.customer_id
    WHERE b.period = $p0
    GROUP BY b.customer_id
),

compared AS (
    SELECT
        r.customer_id,
        r.transformers,
        CAST(r.capacity_kva + m.direct_motor_kva AS DECIMAL(18, 4)) AS running_kva,
        b.billed_kva
    FROM running AS r
    INNER JOIN mature_customer AS m ON r.customer_id = m.customer_id
    INNER JOIN billed AS b ON r.customer_id = b.customer_id
)

SELECT
    c.customer_id,
    CAST(c.transformers AS INTEGER) AS transformers,
    CAST(c.running_kva AS DECIMAL(18, 4)) AS running_kva,
    CAST(c.billed_kva AS DECIMAL(18, 2)) AS billed_kva
FROM compared AS c
LEFT JOIN capacity_not_restored AS n ON c.customer_id = n.customer_id
LEFT JOIN running_capacity_changed AS x ON c.customer_id = x.customer_id
WHERE
    c.billed_kva
    < c.running_kva - greater_known(
        CAST(1 AS DECIMAL(24, 6)), CAST(0.01 AS DECIMAL(3, 2)) * CAST(c.running_kva AS DECIMAL(20, 4))
    )
    AND n.customer_id IS NULL
    AND x.customer_id IS NULL
