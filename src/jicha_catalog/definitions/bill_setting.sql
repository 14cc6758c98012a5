/*---
name: bill_setting
zh: 计费设置
en: Settings of a bill
note: >-
  Contract, section 0: per organisation, period, reading cycle and reading day the uncut interval of the bill and the settings in
  force on its first day; an interval that is cut at the opening asks for the settings of its own first day elsewhere.
columns:
  org_id: string
  period: date
  cycle_months: int
  reading_day: int
  first_day: date
  last_day: date
  kwh_places: int
  tou_price_places: int
  tier_first_year: string
  energy_line_basis: string
---*/
WITH kind AS (
    SELECT
        p.org_id,
        p.cycle_months,
        p.reading_day
    FROM bill_point AS p
    GROUP BY p.org_id, p.cycle_months, p.reading_day
),

spanned AS (
    SELECT
        k.org_id,
        b.period,
        k.cycle_months,
        k.reading_day,
        interval_first(b.period, k.cycle_months, k.reading_day) AS first_day,
        interval_last(b.period, k.reading_day) AS last_day
    FROM kind AS k
    CROSS JOIN bill_period AS b
)

SELECT
    s.org_id,
    s.period,
    s.cycle_months,
    s.reading_day,
    CAST(s.first_day AS DATE) AS first_day,
    CAST(s.last_day AS DATE) AS last_day,
    CAST(x.kwh_places AS INTEGER) AS kwh_places,
    CAST(x.tou_price_places AS INTEGER) AS tou_price_places,
    x.tier_first_year,
    x.energy_line_basis
FROM spanned AS s
INNER JOIN catalog_billing_setting AS x
    ON
        s.org_id = x.org_id AND s.first_day >= x.effective_from
        AND (x.effective_to IS NULL OR s.first_day <= x.effective_to)
