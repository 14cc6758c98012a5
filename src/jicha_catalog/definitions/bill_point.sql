/*---
name: bill_point
zh: 计费计量点
en: Point that is billed
note: >-
  Contract, section 2: settlement points of known customers with what their bills need of the customer. reading_day 1 means calendar
  months. is_plain: no feature of sections 3 to 9 that reaches beyond the point's own reading, price and tiers.
columns:
  point_id: string
  customer_id: string
  org_id: string
  cycle_months: int
  reading_day: int
  opened_on: date
  closed_on: date
  tariff_code: string
  is_time_of_use: bool
  multiplier: decimal(18,4)
  household_size: int
  household_size_from: date
  household_size_until: date
  parent_point_id: string
  loss_method: string
  loss_value: decimal(18,4)
  line_loss_pct: decimal(18,4)
  transformer_id: string
  demand_group: string
  pf_group: string
  market_mode: string
  is_plain: bool
---*/
SELECT
    p.point_id,
    p.customer_id,
    c.org_id,
    CAST(GREATEST(COALESCE(p.reading_cycle_months, 1), 1) AS INTEGER) AS cycle_months,
    CAST(CASE WHEN c.reading_day BETWEEN 2 AND 28 THEN c.reading_day ELSE 1 END AS INTEGER) AS reading_day,
    c.opened_on,
    c.closed_on,
    p.tariff_code,
    CAST(COALESCE(p.is_time_of_use, FALSE) AS BOOLEAN) AS is_time_of_use,
    CAST(exact4(p.multiplier) AS DECIMAL(18, 4)) AS multiplier,
    CAST(c.household_size AS INTEGER) AS household_size,
    c.household_size_from,
    c.household_size_until,
    p.parent_point_id,
    p.loss_method,
    CAST(exact4(p.loss_value) AS DECIMAL(18, 4)) AS loss_value,
    CAST(exact4(p.line_loss_pct) AS DECIMAL(18, 4)) AS line_loss_pct,
    p.transformer_id,
    p.demand_group,
    p.pf_group,
    c.market_mode,
    CAST(i.customer_id IS NULL AS BOOLEAN) AS is_plain
FROM metering_point AS p
INNER JOIN customer AS c ON p.customer_id = c.customer_id
LEFT JOIN bill_involved AS i ON p.customer_id = i.customer_id
WHERE p.purpose = 'settlement'
