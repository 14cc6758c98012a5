/*---
name: bill_tier_limit
zh: 阶梯分档
en: Tier in force for a period
note: >-
  Contract, section 7: per tariff code and period the tiers of the edition that began last on or before the period. below_kwh is the
  limit of the tier before (of the last one with a limit; null for the first tier); is_yearly: any tier of the edition counts by year.
columns:
  tariff_code: string
  period: date
  tier: int
  below_kwh: decimal(14,2)
  upper_kwh: decimal(14,2)
  below_extra_kwh: decimal(14,2)
  extra_person_kwh: decimal(14,2)
  below_base_household: int
  base_household: int
  below_is_yearly: bool
  is_yearly: bool
  price_add: decimal(10,6)
  is_cycle_yearly: bool
  tiers: int
---*/
WITH edition AS (
    SELECT
        t.tariff_code,
        b.period,
        MAX(t.effective_from) AS effective_from
    FROM tariff_tier AS t
    INNER JOIN bill_period AS b ON t.effective_from <= b.period
    GROUP BY t.tariff_code, b.period
),

tier AS (
    SELECT
        e.tariff_code,
        e.period,
        t.tier,
        t.upper_kwh,
        COALESCE(t.extra_person_kwh, 0) AS extra_person_kwh,
        t.base_household,
        COALESCE(t.cycle = 'year', FALSE) AS is_yearly,
        t.price_add,
        MAX(CASE WHEN t.cycle = 'year' THEN 1 ELSE 0 END) OVER (PARTITION BY e.tariff_code, e.period) AS yearly,
        COUNT(*) OVER (PARTITION BY e.tariff_code, e.period) AS tiers
    FROM edition AS e
    INNER JOIN tariff_tier AS t ON e.tariff_code = t.tariff_code AND e.effective_from = t.effective_from
),

-- a tier without a limit leaves the next one to begin where the last limit was
below AS (
    SELECT
        t.tariff_code,
        t.period,
        t.tier,
        MAX(p.tier) AS below_tier
    FROM tier AS t
    INNER JOIN tier AS p ON t.tariff_code = p.tariff_code AND t.period = p.period AND t.tier > p.tier
    WHERE p.upper_kwh IS NOT NULL
    GROUP BY t.tariff_code, t.period, t.tier
)

SELECT
    t.tariff_code,
    t.period,
    CAST(t.tier AS INTEGER) AS tier,
    p.upper_kwh AS below_kwh,
    t.upper_kwh,
    CAST(p.extra_person_kwh AS DECIMAL(14, 2)) AS below_extra_kwh,
    CAST(t.extra_person_kwh AS DECIMAL(14, 2)) AS extra_person_kwh,
    CAST(p.base_household AS INTEGER) AS below_base_household,
    CAST(t.base_household AS INTEGER) AS base_household,
    CAST(COALESCE(p.is_yearly, FALSE) AS BOOLEAN) AS below_is_yearly,
    t.is_yearly,
    t.price_add,
    CAST(t.yearly = 1 AS BOOLEAN) AS is_cycle_yearly,
    CAST(t.tiers AS INTEGER) AS tiers
FROM tier AS t
LEFT JOIN below AS b ON t.tariff_code = b.tariff_code AND t.period = b.period AND t.tier = b.tier
LEFT JOIN tier AS p ON b.tariff_code = p.tariff_code AND b.period = p.period AND b.below_tier = p.tier
