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
  customer_id: string
  point_id: string
  period: date
  days: int
  tariff_code: string
  metered_kwh: decimal(14,2)
  loss_kwh: decimal(14,2)
  adjusted_kwh: decimal(14,2)
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
  adjusted_yuan: decimal(18,2)
  other_yuan: decimal(18,2)
  billed_energy_yuan: decimal(18,2)
  billed_tier_yuan: decimal(18,2)
  billed_basic_yuan: decimal(18,2)
  billed_pf_yuan: decimal(18,2)
  billed_total_yuan: decimal(18,2)
  tier_used_before_kwh: decimal(14,2)
  opened_on: date
  household_size: int
  household_size_from: date
  household_size_until: date
  cycle_months: int
  tier_first_year: string
---*/
SELECT
    p.bill_id,
    p.customer_id,
    p.point_id,
    p.period,
    p.days,
    p.tariff_code,
    p.metered_kwh,
    p.loss_kwh,
    p.adjusted_kwh,
    p.billed_kwh,
    p.tip_kwh,
    p.peak_kwh,
    p.flat_kwh,
    p.valley_kwh,
    p.deep_valley_kwh,
    p.reactive_kvarh,
    p.energy_yuan,
    p.reason,
    CAST(TRUE AS BOOLEAN) AS is_plain,
    p.adjusted_yuan,
    p.other_yuan,
    p.billed_energy_yuan,
    p.billed_tier_yuan,
    p.billed_basic_yuan,
    p.billed_pf_yuan,
    p.billed_total_yuan,
    p.tier_used_before_kwh,
    p.opened_on,
    p.household_size,
    p.household_size_from,
    p.household_size_until,
    p.cycle_months,
    p.tier_first_year
FROM bill_plain AS p
UNION ALL
SELECT
    c.bill_id,
    c.customer_id,
    c.point_id,
    c.period,
    c.days,
    c.tariff_code,
    c.metered_kwh,
    c.loss_kwh,
    c.adjusted_kwh,
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
    c.adjusted_yuan,
    c.other_yuan,
    c.billed_energy_yuan,
    c.billed_tier_yuan,
    c.billed_basic_yuan,
    c.billed_pf_yuan,
    c.billed_total_yuan,
    c.tier_used_before_kwh,
    c.opened_on,
    c.household_size,
    c.household_size_from,
    c.household_size_until,
    c.cycle_months,
    c.tier_first_year
FROM bill_case_charge AS c
