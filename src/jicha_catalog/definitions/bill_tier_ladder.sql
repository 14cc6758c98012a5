/*---
name: bill_tier_ladder
zh: 三档以内的阶梯
en: Up to three tiers side by side
note: >-
  Contract, section 7: per tariff code and period the first three tiers of bill_tier_limit in one row, for bill_plain. tiers: how many
  there are; a tariff with more than three takes the long way.
columns:
  tariff_code: string
  period: date
  use_year: int
  month_no: int
  tiers: int
  is_cycle_yearly: bool
  upper_1_kwh: decimal(14,2)
  extra_1_kwh: decimal(14,2)
  household_1: int
  is_yearly_1: bool
  price_1: decimal(10,6)
  upper_2_kwh: decimal(14,2)
  extra_2_kwh: decimal(14,2)
  household_2: int
  is_yearly_2: bool
  price_2: decimal(10,6)
  upper_3_kwh: decimal(14,2)
  extra_3_kwh: decimal(14,2)
  household_3: int
  is_yearly_3: bool
  price_3: decimal(10,6)
---*/
WITH ranked AS (
    SELECT
        t.tariff_code,
        t.period,
        t.tiers,
        t.is_cycle_yearly,
        t.upper_kwh,
        t.extra_person_kwh,
        t.base_household,
        t.is_yearly,
        t.price_add,
        ROW_NUMBER() OVER (PARTITION BY t.tariff_code, t.period ORDER BY t.tier) AS place
    FROM bill_tier_limit AS t
)

SELECT
    r.tariff_code,
    r.period,
    CAST(YEAR(r.period) AS INTEGER) AS use_year,
    CAST(MONTH(r.period) AS INTEGER) AS month_no,
    r.tiers,
    r.is_cycle_yearly,
    CAST(MAX(CASE WHEN r.place = 1 THEN r.upper_kwh END) AS DECIMAL(14, 2)) AS upper_1_kwh,
    CAST(MAX(CASE WHEN r.place = 1 THEN r.extra_person_kwh END) AS DECIMAL(14, 2)) AS extra_1_kwh,
    CAST(MAX(CASE WHEN r.place = 1 THEN r.base_household END) AS INTEGER) AS household_1,
    CAST(MAX(CASE WHEN r.place = 1 AND r.is_yearly THEN 1 ELSE 0 END) = 1 AS BOOLEAN) AS is_yearly_1,
    CAST(MAX(CASE WHEN r.place = 1 THEN r.price_add END) AS DECIMAL(10, 6)) AS price_1,
    CAST(MAX(CASE WHEN r.place = 2 THEN r.upper_kwh END) AS DECIMAL(14, 2)) AS upper_2_kwh,
    CAST(MAX(CASE WHEN r.place = 2 THEN r.extra_person_kwh END) AS DECIMAL(14, 2)) AS extra_2_kwh,
    CAST(MAX(CASE WHEN r.place = 2 THEN r.base_household END) AS INTEGER) AS household_2,
    CAST(MAX(CASE WHEN r.place = 2 AND r.is_yearly THEN 1 ELSE 0 END) = 1 AS BOOLEAN) AS is_yearly_2,
    CAST(MAX(CASE WHEN r.place = 2 THEN r.price_add END) AS DECIMAL(10, 6)) AS price_2,
    CAST(MAX(CASE WHEN r.place = 3 THEN r.upper_kwh END) AS DECIMAL(14, 2)) AS upper_3_kwh,
    CAST(MAX(CASE WHEN r.place = 3 THEN r.extra_person_kwh END) AS DECIMAL(14, 2)) AS extra_3_kwh,
    CAST(MAX(CASE WHEN r.place = 3 THEN r.base_household END) AS INTEGER) AS household_3,
    CAST(MAX(CASE WHEN r.place = 3 AND r.is_yearly THEN 1 ELSE 0 END) = 1 AS BOOLEAN) AS is_yearly_3,
    CAST(MAX(CASE WHEN r.place = 3 THEN r.price_add END) AS DECIMAL(10, 6)) AS price_3
FROM ranked AS r
GROUP BY r.tariff_code, r.period, r.tiers, r.is_cycle_yearly
