/*---
name: bill_case_charge
zh: 逐段复算账单的电量与电度电费
en: Energy and energy charge of a bill on the long way
note: >-
  Contract, sections 3 to 6: the bills of bill_case whose quantity is known, with what bill_case_energy says of their point and period
  and what their tiers need.
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
  tier_used_before_kwh: decimal(14,2)
  tier_first_year: string
---*/
SELECT
    s.bill_id,
    e.point_id,
    e.period,
    f.tariff_code,
    e.own_kwh AS metered_kwh,
    e.loss_kwh,
    e.billed_kwh,
    e.tip_kwh,
    e.peak_kwh,
    e.flat_kwh,
    e.valley_kwh,
    e.deep_valley_kwh,
    e.reactive_kvarh,
    e.energy_yuan,
    e.missing AS reason,
    s.tier_used_before_kwh,
    x.tier_first_year
FROM bill_case_energy AS e
INNER JOIN bill_status AS s ON e.point_id = s.point_id AND e.period = s.period AND s.is_regular
INNER JOIN bill_case_setting AS x ON e.point_id = x.point_id AND e.period = x.period
INNER JOIN bill_file_segment AS f ON e.point_id = f.point_id AND e.period = f.period AND f.file_no = 1
