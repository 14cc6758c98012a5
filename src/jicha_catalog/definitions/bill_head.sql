/*---
name: bill_head
zh: 待复算账单
en: Bill to be recomputed
note: >-
  Contract, sections 1 and 2: the bills of the periods to be recomputed with what the file of their point says. is_plain: the short
  way (bill_plain) suffices, with the days and settings here; file_customer_id: whose the point is, null where the point or that customer is not known; else the bill goes through bill_case. is_odd: bill_odd names
  the point and period; no others have several bills.
tables: [bill]
stored: false
columns:
  bill_id: string
  customer_id: string
  point_id: string
  period: date
  org_id: string
  tariff_code: string
  is_time_of_use: bool
  multiplier: decimal(18,4)
  days: int
  kwh_places: int
  tier_first_year: string
  price_no: int
  adjusted_kwh: decimal(14,2)
  adjusted_yuan: decimal(18,2)
  other_yuan: decimal(18,2)
  tier_used_before_kwh: decimal(14,2)
  household_size: int
  household_size_from: date
  household_size_until: date
  opened_on: date
  cycle_months: int
  kind: string
  file_customer_id: string
  billed_energy_yuan: decimal(18,2)
  billed_tier_yuan: decimal(18,2)
  billed_basic_yuan: decimal(18,2)
  billed_pf_yuan: decimal(18,2)
  billed_total_yuan: decimal(18,2)
  is_odd: bool
  is_plain: bool
---*/
SELECT
    b.bill_id,
    b.customer_id,
    b.point_id,
    b.period,
    p.org_id,
    p.tariff_code,
    p.is_time_of_use,
    p.multiplier,
    CAST(DATE_DIFF('day', e.first_day, e.last_day) + 1 AS INTEGER) AS days,
    e.kwh_places,
    e.tier_first_year,
    e.price_no,
    b.adjusted_kwh,
    b.adjusted_yuan,
    b.other_yuan,
    b.tier_used_before_kwh,
    p.household_size,
    p.household_size_from,
    p.household_size_until,
    p.opened_on,
    p.cycle_months,
    b.kind,
    p.customer_id AS file_customer_id,
    b.energy_yuan AS billed_energy_yuan,
    b.tier_yuan AS billed_tier_yuan,
    b.basic_yuan AS billed_basic_yuan,
    b.pf_yuan AS billed_pf_yuan,
    b.total_yuan AS billed_total_yuan,
    CAST(o.point_id IS NOT NULL AS BOOLEAN) AS is_odd,
    CAST(
        COALESCE(
            p.is_plain
            AND p.customer_id = b.customer_id -- of another customer: is it known?
            AND (b.kind IS NULL OR b.kind IN ('normal', 'part'))
            AND e.first_day IS NOT NULL
            AND (p.opened_on IS NULL OR p.opened_on <= e.first_day)
            AND (p.closed_on IS NULL OR p.closed_on >= e.last_day)
            AND o.point_id IS NULL,
            FALSE
        ) AS BOOLEAN
    ) AS is_plain
FROM bill AS b
LEFT JOIN bill_point AS p ON b.point_id = p.point_id
LEFT JOIN bill_plain_price AS e
    ON
        p.org_id = e.org_id AND p.tariff_code = e.tariff_code AND b.period = e.period
        AND p.cycle_months = e.cycle_months AND p.reading_day = e.reading_day AND p.is_time_of_use = e.is_time_of_use
LEFT JOIN bill_odd AS o ON b.point_id = o.point_id AND b.period = o.period
WHERE b.period <= $p0 AND b.period >= months_later($p0, 1 - $recompute_months)
