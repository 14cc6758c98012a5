/*---
name: bill_energy
zh: 账单电量与电度电费
en: Energy and energy charge of a bill
note: >-
  Contract, sections 3 to 6: the bills whose quantity was looked for, the short way or the long way. A reason other than
  price_missing: the quantity is not known; on the long way such bills have no row here (bill_quantity_reason).
stored: false
columns:
  bill_id: string
  point_id: string
  period: date
  tariff_code: string
  metered_kwh: decimal(14,2)
  loss_kwh: decimal(14,2)
  billed_kwh: decimal(14,2)
  tip_kwh: decimal(14,2)
  peak_kwh: decimal(14,2)
  flat_kwh: decimal(14,2)
  valley_kwh: decimal(14,2)
  deep_valley_kwh: decimal(14,2)
  reactive_kvarh: decimal(14,2)
  energy_yuan: decimal(18,2)
  reason: string
  is_plain: bool
  tier_used_before_kwh: decimal(14,2)
  tier_first_year: string
---*/
SELECT
    p.bill_id,
    p.point_id,
    p.period,
    p.tariff_code,
    p.metered_kwh,
    CAST(0 AS DECIMAL(14, 2)) AS loss_kwh,
    p.billed_kwh,
    CAST(CASE WHEN p.is_time_of_use THEN p.tip_kwh END AS DECIMAL(14, 2)) AS tip_kwh,
    CAST(CASE WHEN p.is_time_of_use THEN p.peak_kwh END AS DECIMAL(14, 2)) AS peak_kwh,
    CAST(CASE WHEN p.is_time_of_use THEN p.flat_kwh END AS DECIMAL(14, 2)) AS flat_kwh,
    CAST(CASE WHEN p.is_time_of_use THEN p.valley_kwh END AS DECIMAL(14, 2)) AS valley_kwh,
    CAST(CASE WHEN p.is_time_of_use THEN p.deep_valley_kwh END AS DECIMAL(14, 2)) AS deep_valley_kwh,
    p.reactive_kvarh,
    p.energy_yuan,
    p.reason,
    CAST(TRUE AS BOOLEAN) AS is_plain,
    p.tier_used_before_kwh,
    p.tier_first_year
FROM bill_plain AS p
UNION ALL
SELECT
    c.bill_id,
    c.point_id,
    c.period,
    c.tariff_code,
    c.metered_kwh,
    c.loss_kwh,
    c.billed_kwh,
    c.tip_kwh,
    c.peak_kwh,
    c.flat_kwh,
    c.valley_kwh,
    c.deep_valley_kwh,
    c.reactive_kvarh,
    c.energy_yuan,
    c.reason,
    CAST(FALSE AS BOOLEAN) AS is_plain,
    c.tier_used_before_kwh,
    c.tier_first_year
FROM bill_case_charge AS c
