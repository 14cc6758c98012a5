/*---
name: tier_band
zh: 阶梯分档
en: Tiers in force
note: >-
  Per tariff code the tiers of the edition in force on the first day of P0 (the latest before it): from lower_kwh to upper_kwh
  (null: no end) within the cycle, for a base household.
tables: [tariff_tier]
columns:
  tariff_code: string
  tier: int
  is_yearly: bool
  lower_kwh: decimal(14,2)
  upper_kwh: decimal(14,2)
  price_add: decimal(10,6)
  extra_person_kwh: decimal(14,2)
  base_household: int
---*/
WITH edition AS (
    SELECT
        t.tariff_code,
        MAX(t.effective_from) AS effective_from
    FROM tariff_tier AS t
    WHERE t.effective_from <= $p0
    GROUP BY t.tariff_code
)

SELECT
    t.tariff_code,
    CAST(t.tier AS INTEGER) AS tier,
    CAST(COALESCE(t.cycle = 'year', FALSE) AS BOOLEAN) AS is_yearly,
    CAST(
        COALESCE(LAG(t.upper_kwh) OVER (PARTITION BY t.tariff_code ORDER BY t.tier), 0) AS DECIMAL(14, 2)
    ) AS lower_kwh,
    t.upper_kwh,
    t.price_add,
    t.extra_person_kwh,
    CAST(t.base_household AS INTEGER) AS base_household
FROM tariff_tier AS t
INNER JOIN edition AS e ON t.tariff_code = e.tariff_code AND t.effective_from = e.effective_from
