/*---
name: bill_plain_price
zh: 简易复算的计费要素
en: Price of an interval with one or two editions
note: >-
  Contract, sections 0, 2, 6 and 7: what a bill without special features needs besides its reading, per kind of plain point and period
  of the run. price_no is a number without gaps from these two (macro dated_number), so that bills find their row without looking for
  it; all of them have one, number 0 stands for bills of no kind. is_held: one edition holds for the whole interval, or two do, and
  the short way suffices; the rest is null without it. The prices are those of the last edition; of two, the first one's stand in
  bill_plain_first_price. Prices of bands are rounded as the setting says; flat_price without time of use: the one rate. is_priced: no
  price that a bill can need is missing. is_simple: one rate, one edition. Tiers: up to three of bill_tier_limit, limit_*_kwh being
  those of a customer with no more persons than the tier is made for who was not connected in that year.
columns:
  price_no: int
  is_held: bool
  is_simple: bool
  org_id: string
  tariff_code: string
  period: date
  cycle_months: int
  is_time_of_use: bool
  effective_from: date
  first_effective_from: date
  first_days: int
  first_day: date
  last_day: date
  days: int
  kwh_places: int
  tou_price_places: int
  tier_first_year: string
  tip_price: decimal(10,6)
  peak_price: decimal(10,6)
  flat_price: decimal(10,6)
  valley_price: decimal(10,6)
  deep_valley_price: decimal(10,6)
  is_priced: bool
  tiers: int
  is_use_asked: bool
  month_no: int
  upper_1_kwh: decimal(14,2)
  extra_1_kwh: decimal(14,2)
  household_1: int
  is_yearly_1: bool
  limit_1_kwh: decimal(14,2)
  price_1: decimal(10,6)
  upper_2_kwh: decimal(14,2)
  extra_2_kwh: decimal(14,2)
  household_2: int
  is_yearly_2: bool
  limit_2_kwh: decimal(14,2)
  price_2: decimal(10,6)
  upper_3_kwh: decimal(14,2)
  extra_3_kwh: decimal(14,2)
  household_3: int
  is_yearly_3: bool
  limit_3_kwh: decimal(14,2)
  price_3: decimal(10,6)
---*/
-- e: the edition of the first day; n: the one that follows it at once within the interval
WITH held AS (
    SELECT
        k.kind_no,
        s.period,
        s.first_day,
        s.last_day,
        s.kwh_places,
        s.tou_price_places,
        s.tier_first_year,
        s.energy_line_basis,
        CASE WHEN n.tariff_code IS NULL THEN e.effective_from ELSE n.effective_from END AS effective_from,
        CASE WHEN n.tariff_code IS NOT NULL THEN e.effective_from END AS first_effective_from,
        CASE WHEN n.tariff_code IS NOT NULL THEN DATE_DIFF('day', s.first_day, e.until_on) + 1 END AS first_days
    FROM bill_plain_kind AS k
    INNER JOIN bill_setting AS s
        ON k.org_id = s.org_id AND k.cycle_months = s.cycle_months AND k.reading_day = s.reading_day
    INNER JOIN bill_edition AS e
        ON k.tariff_code = e.tariff_code AND s.first_day >= e.from_on AND s.first_day <= e.until_on
    LEFT JOIN bill_edition AS n
        ON k.tariff_code = n.tariff_code AND s.last_day > e.until_on AND e.until_on + 1 = n.from_on
    WHERE s.last_day <= e.until_on OR s.last_day <= n.until_on
),

-- editions whose lines are priced by component
composed AS (
    SELECT
        c.tariff_code,
        c.effective_from
    FROM tariff_component AS c
    GROUP BY c.tariff_code, c.effective_from
),

-- lines by component, more than three tiers and tiers without a price take the long way
short AS (
    SELECT
        h.kind_no,
        h.period,
        h.first_day,
        h.last_day,
        h.kwh_places,
        h.tou_price_places,
        h.tier_first_year,
        h.effective_from,
        h.first_effective_from,
        h.first_days,
        t.tip_price,
        t.peak_price,
        t.energy_price,
        t.valley_price,
        t.deep_valley_price
    FROM held AS h
    INNER JOIN bill_plain_kind AS k ON h.kind_no = k.kind_no
    INNER JOIN tariff AS t ON k.tariff_code = t.tariff_code AND h.effective_from = t.effective_from
    LEFT JOIN bill_tier_ladder AS l ON k.tariff_code = l.tariff_code AND h.period = l.period
    LEFT JOIN composed AS c ON k.tariff_code = c.tariff_code AND h.effective_from = c.effective_from
    LEFT JOIN composed AS d ON k.tariff_code = d.tariff_code AND h.first_effective_from = d.effective_from
    WHERE
        COALESCE(l.tiers, 0) <= 3
        AND (l.tiers IS NULL OR l.price_1 IS NOT NULL)
        AND (l.tiers IS NULL OR l.tiers < 2 OR l.price_2 IS NOT NULL)
        AND (l.tiers IS NULL OR l.tiers < 3 OR l.price_3 IS NOT NULL)
        AND (h.energy_line_basis = 'price' OR (c.tariff_code IS NULL AND d.tariff_code IS NULL))
),

priced AS (
    SELECT
        dated_number(k.kind_no, b.period, $p0, $recompute_months) AS price_no,
        s.kind_no IS NOT NULL AS is_held,
        k.org_id,
        k.tariff_code,
        b.period,
        k.cycle_months,
        k.is_time_of_use,
        s.effective_from,
        s.first_effective_from,
        s.first_days,
        s.first_day,
        s.last_day,
        s.kwh_places,
        s.tou_price_places,
        s.tier_first_year,
        CAST(band_price(s.tip_price, k.is_time_of_use, s.tou_price_places) AS DECIMAL(10, 6)) AS tip_price,
        CAST(band_price(s.peak_price, k.is_time_of_use, s.tou_price_places) AS DECIMAL(10, 6)) AS peak_price,
        CAST(band_price(s.energy_price, k.is_time_of_use, s.tou_price_places) AS DECIMAL(10, 6)) AS flat_price,
        CAST(band_price(s.valley_price, k.is_time_of_use, s.tou_price_places) AS DECIMAL(10, 6)) AS valley_price,
        CAST(
            band_price(s.deep_valley_price, k.is_time_of_use, s.tou_price_places) AS DECIMAL(10, 6)
        ) AS deep_valley_price,
        s.energy_price IS NOT NULL
        AND (
            NOT k.is_time_of_use
            OR (
                s.tip_price IS NOT NULL AND s.peak_price IS NOT NULL AND s.valley_price IS NOT NULL
                AND s.deep_valley_price IS NOT NULL
            )
        ) AS is_priced
    FROM bill_plain_kind AS k
    CROSS JOIN bill_period AS b
    LEFT JOIN short AS s ON k.kind_no = s.kind_no AND b.period = s.period
    UNION ALL
    SELECT
        0 AS price_no,
        FALSE AS is_held,
        NULL AS org_id,
        NULL AS tariff_code,
        CAST(NULL AS DATE) AS period,
        NULL AS cycle_months,
        NULL AS is_time_of_use,
        CAST(NULL AS DATE) AS effective_from,
        CAST(NULL AS DATE) AS first_effective_from,
        NULL AS first_days,
        CAST(NULL AS DATE) AS first_day,
        CAST(NULL AS DATE) AS last_day,
        NULL AS kwh_places,
        NULL AS tou_price_places,
        NULL AS tier_first_year,
        NULL AS tip_price,
        NULL AS peak_price,
        NULL AS flat_price,
        NULL AS valley_price,
        NULL AS deep_valley_price,
        FALSE AS is_priced
)

SELECT
    CAST(p.price_no AS INTEGER) AS price_no,
    CAST(p.is_held AS BOOLEAN) AS is_held,
    CAST(
        p.is_held AND p.is_priced AND NOT p.is_time_of_use AND p.first_effective_from IS NULL AS BOOLEAN
    ) AS is_simple,
    p.org_id,
    p.tariff_code,
    p.period,
    p.cycle_months,
    p.is_time_of_use,
    p.effective_from,
    p.first_effective_from,
    CAST(p.first_days AS INTEGER) AS first_days,
    p.first_day,
    p.last_day,
    CAST(DATE_DIFF('day', p.first_day, p.last_day) + 1 AS INTEGER) AS days,
    p.kwh_places,
    p.tou_price_places,
    p.tier_first_year,
    p.tip_price,
    p.peak_price,
    p.flat_price,
    p.valley_price,
    p.deep_valley_price,
    CAST(p.is_priced AS BOOLEAN) AS is_priced,
    l.tiers,
    CAST(COALESCE(l.is_cycle_yearly AND l.month_no > 1, FALSE) AS BOOLEAN) AS is_use_asked,
    l.month_no,
    l.upper_1_kwh,
    l.extra_1_kwh,
    l.household_1,
    l.is_yearly_1,
    CAST(
        tier_limit(
            l.upper_1_kwh, l.extra_1_kwh, l.household_1, l.is_yearly_1, NULL, NULL, NULL, CAST(NULL AS DATE), p.period,
            p.cycle_months, p.tier_first_year
        ) AS DECIMAL(14, 2)
    ) AS limit_1_kwh,
    l.price_1,
    l.upper_2_kwh,
    l.extra_2_kwh,
    l.household_2,
    l.is_yearly_2,
    CAST(
        tier_limit(
            l.upper_2_kwh, l.extra_2_kwh, l.household_2, l.is_yearly_2, NULL, NULL, NULL, CAST(NULL AS DATE), p.period,
            p.cycle_months, p.tier_first_year
        ) AS DECIMAL(14, 2)
    ) AS limit_2_kwh,
    l.price_2,
    l.upper_3_kwh,
    l.extra_3_kwh,
    l.household_3,
    l.is_yearly_3,
    CAST(
        tier_limit(
            l.upper_3_kwh, l.extra_3_kwh, l.household_3, l.is_yearly_3, NULL, NULL, NULL, CAST(NULL AS DATE), p.period,
            p.cycle_months, p.tier_first_year
        ) AS DECIMAL(14, 2)
    ) AS limit_3_kwh,
    l.price_3
FROM priced AS p
LEFT JOIN bill_tier_ladder AS l ON p.tariff_code = l.tariff_code AND p.period = l.period
