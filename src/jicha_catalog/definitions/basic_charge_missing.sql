/*---
name: basic_charge_missing
zh: 两部制客户P0未计基本电费
en: Two-part customer without a basic charge in P0
note: >-
  Mature customers with an operating capacity (null: unknown) and a settlement point on a tariff of two parts at P0, whose bills
  of P0 carry energy but no basic charge, or whose points say that none is made. Not those billed under another account, exempt
  as EV charging (billing setting ev_basic_exempt_until) or with all transformers at rest in P0. With a known capacity what TC006
  reports and TC012 leaves out, without one what TC006 cannot judge.
tables: [customer, metering_point, tariff, bill]
columns:
  customer_id: string
  two_part_points: int
  has_mode: bool
  operating_capacity_kva: decimal(18,4)
  billed_kwh: decimal(18,2)
  basic_yuan: decimal(18,2)
  capacity_price: decimal(12,4)
---*/
WITH two_part AS (
    SELECT
        s.customer_id,
        COUNT(*) AS points,
        MAX(CASE WHEN s.basic_charge_mode <> 'none' THEN 1 ELSE 0 END) AS has_mode,
        MAX(CASE WHEN u.customer_id <> s.customer_id THEN 1 ELSE 0 END) AS is_under_other,
        MAX(t.capacity_price) AS capacity_price
    FROM settlement_point AS s
    INNER JOIN tariff_at_p0 AS t ON s.tariff_code = t.tariff_code
    LEFT JOIN metering_point AS u ON s.parent_point_id = u.point_id
    WHERE t.parts = 2
    GROUP BY s.customer_id
),

billed AS (
    SELECT
        b.customer_id,
        SUM(b.billed_kwh) AS billed_kwh,
        SUM(b.basic_yuan) AS basic_yuan
    FROM bill AS b
    INNER JOIN two_part AS w ON b.customer_id = w.customer_id
    WHERE b.period = $p0
    GROUP BY b.customer_id
),

at_rest AS (
    SELECT t.customer_id
    FROM transformer_in_p0 AS t
    WHERE t.status <> 'removed'
    GROUP BY t.customer_id
    HAVING SUM(CASE WHEN t.status IN ('suspended', 'cold_standby') THEN 0 ELSE 1 END) = 0
)

SELECT
    m.customer_id,
    CAST(w.points AS INTEGER) AS two_part_points,
    CAST(w.has_mode = 1 AS BOOLEAN) AS has_mode,
    m.operating_capacity_kva,
    CAST(b.billed_kwh AS DECIMAL(18, 2)) AS billed_kwh,
    CAST(b.basic_yuan AS DECIMAL(18, 2)) AS basic_yuan,
    CAST(w.capacity_price AS DECIMAL(12, 4)) AS capacity_price
FROM two_part AS w
INNER JOIN mature_customer AS m ON w.customer_id = m.customer_id
LEFT JOIN catalog_billing_setting AS x
    ON m.org_id = x.org_id AND $p0 >= x.effective_from AND (x.effective_to IS NULL OR $p0 <= x.effective_to)
LEFT JOIN billed AS b ON w.customer_id = b.customer_id
LEFT JOIN at_rest AS r ON w.customer_id = r.customer_id
WHERE
    COALESCE(m.operating_capacity_kva > 0, TRUE)
    AND w.is_under_other = 0
    AND r.customer_id IS NULL
    AND NOT COALESCE(m.usage_class = 'ev_charging' AND $p0 <= x.ev_basic_exempt_until, FALSE)
    AND (w.has_mode = 0 OR (COALESCE(b.basic_yuan, 0) = 0 AND b.billed_kwh > 0))
