/*---
name: bill_plain_price
zh: 简易复算的计费要素
en: Price of an interval with one or two editions
note: >-
  Contract, sections 0, 2 and 6: what a bill without special features needs besides its reading, per organisation, tariff code, period,
  cycle, reading day and whether by time of use; only where one edition holds for the whole interval, or two do. price_no: a number of
  the row. The prices are those of the last edition; of two, the first one's stand in bill_plain_first_price. Prices of bands are rounded
  as the setting says; flat_price without time of use: the one rate. is_priced: no price that a bill can need is
  missing.
columns:
  price_no: int
  org_id: string
  tariff_code: string
  period: date
  cycle_months: int
  reading_day: int
  is_time_of_use: bool
  effective_from: date
  first_effective_from: date
  first_days: int
  first_day: date
  last_day: date
  kwh_places: int
  tou_price_places: int
  tier_first_year: string
  tip_price: decimal(10,6)
  peak_price: decimal(10,6)
  flat_price: decimal(10,6)
  valley_price: decimal(10,6)
  deep_valley_price: decimal(10,6)
  is_priced: bool
---*/
WITH used AS (
    SELECT
        p.org_id,
        p.tariff_code,
        p.cycle_months,
        p.reading_day,
        p.is_time_of_use
    FROM bill_point AS p
    WHERE p.is_plain AND p.tariff_code IS NOT NULL
    GROUP BY p.org_id, p.tariff_code, p.cycle_months, p.reading_day, p.is_time_of_use
),

-- e: the edition of the first day; n: the one that follows it at once within the interval
held AS (
    SELECT
        u.org_id,
        u.tariff_code,
        s.period,
        u.cycle_months,
        u.reading_day,
        u.is_time_of_use,
        s.first_day,
        s.last_day,
        s.kwh_places,
        s.tou_price_places,
        s.tier_first_year,
        s.energy_line_basis,
        CASE WHEN n.tariff_code IS NULL THEN e.effective_from ELSE n.effective_from END AS effective_from,
        CASE WHEN n.tariff_code IS NOT NULL THEN e.effective_from END AS first_effective_from,
        CASE WHEN n.tariff_code IS NOT NULL THEN DATE_DIFF('day', s.first_day, e.until_on) + 1 END AS first_days
    FROM used AS u
    INNER JOIN bill_setting AS s
        ON u.org_id = s.org_id AND u.cycle_months = s.cycle_months AND u.reading_day = s.reading_day
    INNER JOIN bill_edition AS e
        ON u.tariff_code = e.tariff_code AND s.first_day >= e.from_on AND s.first_day <= e.until_on
    LEFT JOIN bill_edition AS n
        ON u.tariff_code = n.tariff_code AND s.last_day > e.until_on AND e.until_on + 1 = n.from_on
    WHERE s.last_day <= e.until_on OR s.last_day <= n.until_on
),

-- editions whose lines are priced by component
composed AS (
    SELECT
        c.tariff_code,
        c.effective_from
    FROM tariff_component AS c
    GROUP BY c.tariff_code, c.effective_from
)

SELECT
    CAST(
        ROW_NUMBER() OVER (
            ORDER BY h.org_id, h.tariff_code, h.period, h.cycle_months, h.reading_day, h.is_time_of_use
        ) AS INTEGER
    ) AS price_no,
    h.org_id,
    h.tariff_code,
    h.period,
    h.cycle_months,
    h.reading_day,
    h.is_time_of_use,
    h.effective_from,
    h.first_effective_from,
    CAST(h.first_days AS INTEGER) AS first_days,
    h.first_day,
    h.last_day,
    h.kwh_places,
    h.tou_price_places,
    h.tier_first_year,
    CAST(band_price(t.tip_price, h.is_time_of_use, h.tou_price_places) AS DECIMAL(10, 6)) AS tip_price,
    CAST(band_price(t.peak_price, h.is_time_of_use, h.tou_price_places) AS DECIMAL(10, 6)) AS peak_price,
    CAST(band_price(t.energy_price, h.is_time_of_use, h.tou_price_places) AS DECIMAL(10, 6)) AS flat_price,
    CAST(band_price(t.valley_price, h.is_time_of_use, h.tou_price_places) AS DECIMAL(10, 6)) AS valley_price,
    CAST(band_price(t.deep_valley_price, h.is_time_of_use, h.tou_price_places) AS DECIMAL(10, 6)) AS deep_valley_price,
    CAST(
        t.energy_price IS NOT NULL
        AND (
            NOT h.is_time_of_use
            OR (
                t.tip_price IS NOT NULL AND t.peak_price IS NOT NULL AND t.valley_price IS NOT NULL
                AND t.deep_valley_price IS NOT NULL
            )
        ) AS BOOLEAN
    ) AS is_priced
FROM held AS h
INNER JOIN tariff AS t ON h.tariff_code = t.tariff_code AND h.effective_from = t.effective_from
LEFT JOIN bill_tier_ladder AS l ON h.tariff_code = l.tariff_code AND h.period = l.period
LEFT JOIN composed AS c ON h.tariff_code = c.tariff_code AND h.effective_from = c.effective_from
LEFT JOIN composed AS d ON h.tariff_code = d.tariff_code AND h.first_effective_from = d.effective_from
WHERE
    -- lines by component and more than three tiers take the long way
    COALESCE(l.tiers, 0) <= 3
    AND (h.energy_line_basis = 'price' OR (c.tariff_code IS NULL AND d.tariff_code IS NULL))
