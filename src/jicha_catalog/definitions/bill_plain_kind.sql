/*---
name: bill_plain_kind
zh: 普通计量点的计费类别
en: What plain points are priced by
note: >-
  Contract, sections 0, 2 and 6: organisation, tariff code, cycle, reading day and whether by time of use of the plain points of
  bill_point, under one number (from 1). least_household: the smallest household beyond which a tier of the tariff may grow.
columns:
  kind_no: int
  org_id: string
  tariff_code: string
  cycle_months: int
  reading_day: int
  is_time_of_use: bool
  least_household: int
---*/
WITH used AS (
    SELECT
        p.org_id,
        p.tariff_code,
        p.cycle_months,
        p.reading_day,
        p.is_time_of_use
    FROM bill_point AS p
    WHERE p.is_plain AND p.tariff_code IS NOT NULL AND p.org_id IS NOT NULL
    GROUP BY p.org_id, p.tariff_code, p.cycle_months, p.reading_day, p.is_time_of_use
),

housed AS (
    SELECT
        t.tariff_code,
        MIN(t.base_household) AS least_household
    FROM tariff_tier AS t
    GROUP BY t.tariff_code
)

SELECT
    CAST(
        ROW_NUMBER() OVER (
            ORDER BY u.org_id, u.tariff_code, u.cycle_months, u.reading_day, u.is_time_of_use
        ) AS INTEGER
    ) AS kind_no,
    u.org_id,
    u.tariff_code,
    u.cycle_months,
    u.reading_day,
    u.is_time_of_use,
    CAST(h.least_household AS INTEGER) AS least_household
FROM used AS u
LEFT JOIN housed AS h ON u.tariff_code = h.tariff_code
