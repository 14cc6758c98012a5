/*---
name: mature_customer
zh: 成熟客户
en: Mature customer
note: >-
  Active at the screening date, opened at least two months ago (an unknown opening day counts as long ago) and not closed
  before it. With the columns that most rules need; capacities are exact decimals.
tables: [customer]
columns:
  customer_id: string
  org_id: string
  usage_class: string
  voltage_v: int
  contract_capacity_kva: decimal(18,4)
  operating_capacity_kva: decimal(18,4)
  direct_motor_kva: decimal(18,4)
---*/
SELECT
    c.customer_id,
    c.org_id,
    c.usage_class,
    CAST(c.voltage_v AS INTEGER) AS voltage_v,
    CAST(kva(c.contract_capacity_kva) AS DECIMAL(18, 4)) AS contract_capacity_kva,
    CAST(kva(c.operating_capacity_kva) AS DECIMAL(18, 4)) AS operating_capacity_kva,
    CAST(COALESCE(kva(c.direct_motor_kva), 0) AS DECIMAL(18, 4)) AS direct_motor_kva
FROM customer AS c
WHERE is_mature(c.status, c.opened_on, c.closed_on, $as_of)
