/*---
name: residential_profile
zh: 居民客户的经营迹象
en: What speaks of a business at a residential customer
note: >-
  Mature residential customers with a metered settlement point that has tiers: the smallest such point, the energy of twelve periods
  (customer_year; null without any), whether their name holds a business word. What TC021 tests.
tables: [customer, metering_point, tariff_tier, bill]
columns:
  customer_id: string
  point_id: string
  voltage_v: int
  contract_capacity_kva: decimal(18,4)
  billed_kwh: decimal(18,2)
  mean_kwh: decimal(18,6)
  variation: decimal(18,6)
  is_named: bool
---*/
WITH tested AS (
    SELECT
        m.customer_id,
        m.voltage_v,
        m.contract_capacity_kva,
        MIN(p.point_id) AS point_id
    FROM mature_customer AS m
    INNER JOIN tiered_point AS p ON m.customer_id = p.customer_id
    WHERE m.usage_class = 'residential' AND p.is_metered
    GROUP BY m.customer_id, m.voltage_v, m.contract_capacity_kva
)

SELECT
    t.customer_id,
    t.point_id,
    t.voltage_v,
    t.contract_capacity_kva,
    y.billed_kwh,
    y.mean_kwh,
    y.variation,
    CAST(n.customer_id IS NOT NULL AS BOOLEAN) AS is_named
FROM tested AS t
LEFT JOIN customer_year AS y ON t.customer_id = y.customer_id
LEFT JOIN business_name AS n ON t.customer_id = n.customer_id
