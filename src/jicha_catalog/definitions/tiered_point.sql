/*---
name: tiered_point
zh: 执行阶梯电价的计量点
en: Settlement point with tiers
note: Settlement points (S) whose tariff code has tiers.
tables: [metering_point, customer, tariff_tier]
columns:
  customer_id: string
  point_id: string
  tariff_code: string
  is_metered: bool
---*/
SELECT
    s.customer_id,
    s.point_id,
    s.tariff_code,
    s.is_metered
FROM settlement_point AS s
WHERE
    EXISTS (
        SELECT t.tier
        FROM tariff_tier AS t
        WHERE t.tariff_code = s.tariff_code
    )
