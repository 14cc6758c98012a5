/*---
name: bill_plain_price
zh: 单一版本电价的计费要素
en: Price of an interval with one edition
note: >-
  Contract, sections 0, 2 and 6: what a bill without special features needs besides its reading, per organisation, tariff code, period,
  cycle and reading day; only where one edition holds for the whole interval. Band prices are rounded as the setting says.
columns:
  org_id: string
  tariff_code: string
  period: date
  cycle_months: int
  reading_day: int
  first_day: date
  last_day: date
  kwh_places: int
  tier_first_year: string
  energy_price: decimal(10,6)
  tip_price: decimal(10,6)
  peak_price: decimal(10,6)
  flat_price: decimal(10,6)
  valley_price: decimal(10,6)
  deep_valley_price: decimal(10,6)
---*/
WITH used AS (
    SELECT
        p.org_id,
        p.tariff_code,
        p.cycle_months,
        p.reading_day
    FROM bill_point AS p
    WHERE p.is_plain AND p.tariff_code IS NOT NULL
    GROUP BY p.org_id, p.tariff_code, p.cycle_months, p.reading_day
)

SELECT
    u.org_id,
    u.tariff_code,
    s.period,
    u.cycle_months,
    u.reading_day,
    s.first_day,
    s.last_day,
    s.kwh_places,
    s.tier_first_year,
    t.energy_price,
    CAST(round_places(t.tip_price, s.tou_price_places) AS DECIMAL(10, 6)) AS tip_price,
    CAST(round_places(t.peak_price, s.tou_price_places) AS DECIMAL(10, 6)) AS peak_price,
    CAST(round_places(t.energy_price, s.tou_price_places) AS DECIMAL(10, 6)) AS flat_price,
    CAST(round_places(t.valley_price, s.tou_price_places) AS DECIMAL(10, 6)) AS valley_price,
    CAST(round_places(t.deep_valley_price, s.tou_price_places) AS DECIMAL(10, 6)) AS deep_valley_price
FROM used AS u
INNER JOIN bill_setting AS s
    ON u.org_id = s.org_id AND u.cycle_months = s.cycle_months AND u.reading_day = s.reading_day
INNER JOIN bill_edition AS e ON u.tariff_code = e.tariff_code AND s.first_day >= e.from_on AND s.last_day <= e.until_on
INNER JOIN tariff AS t ON e.tariff_code = t.tariff_code AND e.effective_from = t.effective_from
LEFT JOIN bill_tier_ladder AS l ON u.tariff_code = l.tariff_code AND s.period = l.period
WHERE
    -- lines by component and more than three tiers take the long way
    COALESCE(l.tiers, 0) <= 3
    AND (
        s.energy_line_basis = 'price'
        OR NOT EXISTS (
            SELECT 1 AS one
            FROM tariff_component AS c
            WHERE c.tariff_code = e.tariff_code AND c.effective_from = e.effective_from
        )
    )
