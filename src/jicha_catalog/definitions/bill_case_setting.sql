/*---
name: bill_case_setting
zh: 逐段复算的计费设置
en: Settings of a bill on the long way
note: Contract, section 0. Those in force on the first day of the interval.
columns:
  case_no: int
  kwh_places: int
  loss_places: int
  allocation_places: int
  loss_form_factor: decimal(18,4)
  loss_assumed_pf: decimal(18,4)
  loss_band: string
  agency_extra_share: decimal(6,4)
  tou_price_places: int
  tier_first_year: string
  basic_day_basis: string
  suspended_charge_share: decimal(6,4)
  suspended_charge_months: int
  ev_basic_exempt_until: date
  demand_over_ratio: decimal(6,4)
  demand_over_multiple: decimal(6,4)
  demand_over_base: string
  demand_over_start: string
  energy_line_basis: string
---*/
SELECT
    c.case_no,
    CAST(x.kwh_places AS INTEGER) AS kwh_places,
    CAST(x.loss_places AS INTEGER) AS loss_places,
    CAST(x.allocation_places AS INTEGER) AS allocation_places,
    CAST(x.loss_form_factor AS DECIMAL(18, 4)) AS loss_form_factor,
    CAST(x.loss_assumed_pf AS DECIMAL(18, 4)) AS loss_assumed_pf,
    x.loss_band,
    CAST(x.agency_extra_share AS DECIMAL(6, 4)) AS agency_extra_share,
    CAST(x.tou_price_places AS INTEGER) AS tou_price_places,
    x.tier_first_year,
    x.basic_day_basis,
    CAST(x.suspended_charge_share AS DECIMAL(6, 4)) AS suspended_charge_share,
    CAST(x.suspended_charge_months AS INTEGER) AS suspended_charge_months,
    x.ev_basic_exempt_until,
    CAST(x.demand_over_ratio AS DECIMAL(6, 4)) AS demand_over_ratio,
    CAST(x.demand_over_multiple AS DECIMAL(6, 4)) AS demand_over_multiple,
    x.demand_over_base,
    x.demand_over_start,
    x.energy_line_basis
FROM bill_case AS c
INNER JOIN catalog_billing_setting AS x
    ON
        c.org_id = x.org_id
        AND c.first_day >= x.effective_from
        AND (x.effective_to IS NULL OR c.first_day <= x.effective_to)
