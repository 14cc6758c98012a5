/*---
name: bill_case_charge
zh: 逐段复算账单的电量与电度电费
en: Energy and energy charge of a bill on the long way
note: >-
  Contract, sections 3 to 6: the bills of bill_case whose quantity is known. Same columns as bill_plain and bill_energy.
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
    s.bill_id,
    s.customer_id,
    s.point_id,
    s.period,
    c.days,
    f.tariff_code,
    e.own_kwh AS metered_kwh,
    e.loss_kwh,
    s.adjusted_kwh,
    e.billed_kwh,
    e.tip_kwh,
    e.peak_kwh,
    e.flat_kwh,
    e.valley_kwh,
    e.deep_valley_kwh,
    e.reactive_kvarh,
    e.energy_yuan,
    e.missing AS reason,
    h.adjusted_yuan,
    h.other_yuan,
    h.billed_energy_yuan,
    h.billed_tier_yuan,
    h.billed_basic_yuan,
    h.billed_pf_yuan,
    h.billed_total_yuan,
    h.tier_used_before_kwh,
    h.opened_on,
    h.household_size,
    h.household_size_from,
    h.household_size_until,
    h.cycle_months,
    x.tier_first_year
FROM bill_status AS s
INNER JOIN bill_head AS h ON s.bill_id = h.bill_id
INNER JOIN bill_case_setting AS x ON s.point_id = x.point_id AND s.period = x.period
INNER JOIN bill_case_energy AS e ON s.point_id = e.point_id AND s.period = e.period
INNER JOIN bill_case AS c ON s.point_id = c.point_id AND s.period = c.period
INNER JOIN bill_file_segment AS f ON s.point_id = f.point_id AND s.period = f.period AND f.file_no = 1
WHERE s.is_regular
